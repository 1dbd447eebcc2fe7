"""Lists of models: the filters as the Hub spells them, and its pages."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hfi._core.configuration.config import resolve
from hfi._core.configuration.world import World
from hfi._core.flows import Flow
from hfi._core.hub.model_list import ModelPages, model_query, next_query
from hfi._core.request import Request, Response
from hfi.errors import (
    APIConnectionError,
    APITimeoutError,
    BadRequestError,
    ConfigurationError,
    HFIError,
    PoolTimeoutError,
    RateLimitError,
    ResponseError,
    ServerError,
)

CONFIG = resolve(World(environ={"HF_TOKEN": "hf_x"}))


def page(*ids: str, link: str = "") -> Response:
    body = json.dumps([{"id": each} for each in ids]).encode()
    return Response(status_code=200, content=body, headers={"link": link} if link else {})


def run(flow: Flow[Any], *replies: Response | HFIError) -> tuple[Any, list[Request]]:
    """Runs a flow on canned replies, and gives its result and its requests."""
    sent: list[Request] = []
    left = iter(replies)
    step = None
    try:
        step = next(flow)
        while True:
            assert isinstance(step, Request)
            sent.append(step)
            reply = next(left)
            step = flow.throw(reply) if isinstance(reply, HFIError) else flow.send(reply)
    except StopIteration as end:
        return end.value, sent


def pages(**filters: Any) -> ModelPages:
    return ModelPages(CONFIG, model_query(filters))  # type: ignore[arg-type]


def query_of(request: Request) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.url).query)


def test_every_filter_is_spelled_as_the_hub_spells_it() -> None:
    query = model_query(
        {
            "task": "text-to-image",
            "search": ["flux", "dev"],
            "author": "org",
            "provider": ("fal-ai", "together"),
            "warm": True,
            "gated": False,
            "library": "diffusers",
            "filter": "license:mit",
            "num_parameters": "min:6B",
            "sort": "trending",
            "limit": 7,
        }
    ).query
    (_, [request]) = run(pages(task="text-to-image", gated=False).following(), page())
    assert query_of(request)["gated"] == ["false"]
    expand = query["expand[]"]
    assert "inferenceProviderMapping" in expand
    assert "config" not in expand
    assert {name: value for name, value in query.items() if name != "expand[]"} == {
        "pipeline_tag": "text-to-image",
        "search": ["flux", "dev"],
        "author": "org",
        "inference_provider": ["fal-ai", "together"],
        "inference": "warm",
        "gated": False,
        "filter": ["license:mit", "diffusers"],
        "num_parameters": "min:6B",
        "sort": "trendingScore",
        "limit": 7,
    }


def test_chat_is_a_tag_and_not_a_pipeline_tag() -> None:
    for name in ("chat", "conversational"):
        query = model_query({"task": name}).query
        assert query["filter"] == ["conversational"]
        assert "pipeline_tag" not in query


@pytest.mark.parametrize(
    "filters",
    [
        {"limit": 0},
        {"limit": True},
        {"limit": 2.5},
        {"sort": "size"},
        {"task": ""},
        {"author": 3},
        {"search": ["a", 3]},
        {"warm": "yes"},
        {"gated": 1},
    ],
)
def test_a_wrong_value_is_told_before_any_request(filters: Any) -> None:
    with pytest.raises(ConfigurationError):
        model_query(filters)


def test_pages_follow_the_link_and_the_limit_cuts() -> None:
    link = '<https://huggingface.co/api/models?limit=3&cursor=eyJ%3D&filter=a&filter=b>; rel="next"'
    walk = pages(limit=5)
    first, [request] = run(walk.following(), page("a/1", "a/2", "a/3", link=link))
    assert [model.id for model in first] == ["a/1", "a/2", "a/3"]
    assert query_of(request)["limit"] == ["5"]
    assert request.credential is not None
    second, [request] = run(walk.following(), page("a/4", "a/5", "a/6", link=link))
    assert [model.id for model in second] == ["a/4", "a/5"]
    assert query_of(request) == {"limit": ["3"], "cursor": ["eyJ="], "filter": ["a", "b"]}
    assert run(walk.following()) == ((), [])
    assert (walk.source, walk.reason) == ("hub", None)


def test_an_empty_page_in_the_middle_does_not_end_the_list() -> None:
    walk = pages()
    link = "</api/models?cursor=2>; rel=next"
    models, sent = run(walk.following(), page(link=link), page("a/1"))
    assert ([model.id for model in models], len(sent)) == (["a/1"], 2)


def test_a_link_to_the_same_page_ends_the_list() -> None:
    walk = pages()
    link = "</api/models?cursor=2>; rel=next"
    run(walk.following(), page("a/1", link=link))
    run(walk.following(), page("a/2", link=link))
    assert run(walk.following()) == ((), [])


def test_only_the_query_of_a_link_is_followed() -> None:
    walk = pages()
    run(walk.following(), page("a/1", link='<https://evil.example/steal?x=1>; rel="next"'))
    _, [request] = run(walk.following(), page())
    assert request.url == "https://huggingface.co/api/models?x=1"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("", None),
        ('<https://h/api/models?c=1>; rel="prev"', None),
        ('<https://h/p?c=0>; rel="prev", <https://h/p?c=2>; rel="next"', {"c": ["2"]}),
        ('<https://h/p?c=a,b>; title="x, rel=no"; rel="last next"', {"c": ["a,b"]}),
        ("<https://h/p?c=2>;rel=next", {"c": ["2"]}),
        ("<https://h/p?c=2>; REL=Next", {"c": ["2"]}),
        ("<https://h/p>; rel=next", None),
        ("<<<;;rel=next", None),
        ("<http://[>; rel=next", None),
        ("<http://[/?c=2#x?y>; rel=next", {"c": ["2"]}),
        ("https://h/p?c=2; rel=next", None),
    ],
)
def test_next_query(link: str, expected: Any) -> None:
    assert next_query({"link": link} if link else {}) == expected


def test_cold_models_alone_are_picked_here() -> None:
    body = json.dumps([{"id": "a/1", "inference": "warm"}, {"id": "a/2"}]).encode()
    models, _ = run(pages(warm=False).following(), Response(status_code=200, content=body))
    assert [model.id for model in models] == ["a/2"]


def test_entries_that_are_no_models_are_skipped() -> None:
    body = b'[null, 3, {}, {"id": null}, {"modelId": "a/old"}, {"id": "a/1"}]'
    models, _ = run(pages().following(), Response(status_code=200, content=body))
    assert [model.id for model in models] == ["a/old", "a/1"]


@pytest.mark.parametrize("body", [b"{}", b"null", b"<html>"])
def test_what_is_no_list_is_a_response_error(body: bytes) -> None:
    with pytest.raises(ResponseError):
        run(pages().following(), Response(status_code=200, content=body))


@pytest.mark.parametrize(
    "error",
    [
        APIConnectionError("no route."),
        APITimeoutError("too slow."),
        ServerError("broken.", status_code=502),
    ],
)
def test_the_built_in_list_stands_in_and_says_so(error: HFIError) -> None:
    walk = pages(task="text-to-image", sort="likes", warm=True, limit=1)
    models, _ = run(walk.following(), error)
    assert [model.id for model in models] == ["black-forest-labs/FLUX.1-dev"]
    assert walk.source == "built-in"
    assert walk.reason is not None
    assert error.message in walk.reason
    assert "Not applied to it: sort, warm" in walk.reason
    assert run(walk.following()) == ((), [])


@pytest.mark.parametrize(
    "error",
    [
        BadRequestError("no.", status_code=400),
        RateLimitError("wait.", status_code=429),
        PoolTimeoutError("busy."),
    ],
)
def test_a_refusal_is_not_papered_over(error: HFIError) -> None:
    with pytest.raises(type(error)):
        run(pages().following(), error)


def test_a_hub_lost_after_the_first_page_is_an_error() -> None:
    walk = pages()
    run(walk.following(), page("a/1", link="</api/models?cursor=2>; rel=next"))
    with pytest.raises(APIConnectionError):
        run(walk.following(), APIConnectionError("gone."))


def test_offline_the_list_stands_in_without_a_request() -> None:
    config = resolve(World(environ={"HF_HUB_OFFLINE": "1"}))
    walk = ModelPages(config, model_query({"task": "text-to-image"}))
    models, sent = run(walk.following())
    assert (len(models), sent, walk.source) == (2, [], "built-in")
    assert "HF_HUB_OFFLINE" in str(walk.reason)
