"""What is told about calls, as texts and values."""

from __future__ import annotations

import json
import pickle
import re
import shlex
import time
from types import MappingProxyType
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.explain import shown_headers
from hfi._core.failures.redact import shown_url
from hfi._core.observe import spans
from hfi._core.observe.curl import MAX_BODY, curl_line
from hfi._core.observe.hooks import Hooks, seen_request, seen_response
from hfi._core.observe.lines import asked_for_debug, failure_line, reply_line, wait_line
from hfi._core.observe.masking import Masked, masked, masked_options
from hfi._core.request import Credential, Request
from hfi.errors import (
    APIConnectionError,
    ConfigurationError,
    GenerationError,
    ModelLoadingError,
    RateLimitError,
)
from hfi.types.chat import AssistantMessage, ChatCompletion, Choice
from hfi.types.meta import CallMeta
from hfi.types.text import TextGeneration
from hfi.types.usage import Usage
from hfi.types.waiting import Waiting

SECRET = "hf_Th1sIsS0SecretThatNobodySees"
URL = "https://router.huggingface.co/v1/chat/completions"


def chat(**fields: Any) -> Request:
    body = {"messages": [{"role": "user", "content": "Hi"}], "model": "org/m"}
    usual: dict[str, Any] = {
        "url": URL,
        "headers": {"content-type": "application/json"},
        "content": json.dumps(body).encode(),
        "credential": Credential(value=SECRET, source="HF_TOKEN"),
        "task": "chat",
        "model": "org/m",
    }
    return Request(**{**usual, **fields})


# -- curl ------------------------------------------------------------------------------------------


def test_a_request_as_curl() -> None:
    assert curl_line(chat()) == (
        f"curl -X POST {URL} -H 'content-type: application/json' "
        '-H "authorization: Bearer $HF_TOKEN" --data-raw '
        """'{"messages": [{"role": "user", "content": "Hi"}], "model": "org/m"}'"""
    )
    assert curl_line(Request(method="GET", url="http://h/info")) == "curl -X GET http://h/info"


@pytest.mark.parametrize(
    "name", ["x-api-key", "authorization", "cookie", "x-goog-api-key", "x-auth", "my-secret"]
)
def test_headers_that_look_secret_are_variables(name: str) -> None:
    line = curl_line(chat(headers={name: "pr1vate"}, credential=None))
    assert "pr1vate" not in line
    assert f'"{name}: ${name.upper().replace("-", "_")}"' in line


def test_a_header_with_a_token_in_it_is_a_variable_whatever_its_name() -> None:
    request = chat(headers={"x-forward": f"Bearer {SECRET}", "x-plain": "a 'b'"})
    headers, names = shown_headers(request)
    assert headers["x-forward"] == "$X_FORWARD"
    assert names == {"x-forward", "authorization"}
    assert shlex.split(curl_line(request))[7] == "x-plain: a 'b'"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pw@h:8/v1", "https://h:8/v1"),
        ("https://h/v1?a=1&api-version=2024-10-21", None),
        ("https://h/v1?key=AIza1&n=2", "https://h/v1?key=***&n=2"),
        ("https://h/v1?x=" + SECRET, "https://h/v1?x=***"),
        ("https://h/i.png?X-Amz-Signature=0a&X-Amz-Date=1", None),
        ("https://h/i.png?Expires=1&opaque=" + "a1" * 20, "https://h/i.png?Expires=1&opaque=***"),
        (f"https://h/{SECRET}/v1", "https://h/hf_***/v1"),
        ("https://h/v1?key=&flag#part", "https://h/v1?key=&flag"),
        ("https://h/a\x1b[31m", "https://h/a%1B[31m"),
        ("https://[h/v1?key=1", "***"),
    ],
)
def test_secrets_in_a_url(url: str, shown: str | None) -> None:
    if "Amz" in url:
        shown = "https://h/i.png?X-Amz-Signature=***&X-Amz-Date=1"
    assert shown_url(url) == (url if shown is None else shown)


def test_a_body_is_the_same_one_in_the_shell() -> None:
    content = json.dumps(
        {"text": "it's $HOME, \x7f\u202e\U000e0001 é 猫", "lines": "a\nb"},
        ensure_ascii=False,
        indent=1,
    )
    line = curl_line(chat(content=content.encode()))
    assert line.isprintable()
    assert json.loads(shlex.split(line)[-1]) == json.loads(content)


def test_a_long_body_is_cut_and_a_secret_at_the_cut_is_whole() -> None:
    for before in range(MAX_BODY - 40, MAX_BODY + 2):
        content = b"x" * before + b" " + SECRET.encode() + b" " + b"y" * 200_000
        shown = shlex.split(curl_line(chat(content=content)))[-1]
        assert shown.endswith(f"...<{len(content)} bytes in all>")
        assert len(shown) < MAX_BODY + 40
        assert SECRET[:6] not in shown


def test_a_body_that_is_no_text_is_left_out() -> None:
    assert curl_line(chat(content=b"\xff\xd8\xff" * 10)).endswith("'<30 bytes>'")
    assert curl_line(chat(content=b"RIFF\0\0")).endswith("'<6 bytes>'")
    cut_inside = ("é" * 20_000).encode()[:-1]
    assert "bytes in all" in curl_line(chat(content=b"a" + cut_inside))


def test_a_token_that_is_no_known_kind_is_masked_in_the_body() -> None:
    request = chat(
        credential=Credential(value="plainword", source="argument"), content=b'{"a": "plainword"}'
    )
    assert "plainword" not in curl_line(request)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300), st.text(max_size=60))
def test_any_body_and_url_gives_one_printable_line(content: bytes, path: str) -> None:
    line = curl_line(chat(content=content, url=f"https://h/{path}"))
    assert line.isprintable()
    assert shlex.split(line)[0] == "curl"


def test_masking_is_linear() -> None:
    start = time.perf_counter()
    shown_url("https://h/" + "a/" * 50_000 + "?" + "a=" * 50_000)
    curl_line(chat(content=b"token=" * 100_000))
    assert time.perf_counter() - start < 2


# -- other lines -----------------------------------------------------------------------------------


def test_a_reply_s_line() -> None:
    headers = {"x-request-id": "abc\x1b[1m"}
    line = reply_line(chat(), 200, headers, seconds=0.8123, attempt=2)
    assert line == f"200 in 0.812 s, attempt 2, request id abc [1m: POST {URL}"
    assert "request id" not in reply_line(chat(), 200, {}, seconds=0.1, attempt=1)


def test_a_failure_s_line() -> None:
    error = RateLimitError("Slow down.", status_code=429)
    assert failure_line(chat(), error) == f"RateLimitError 429 after 1 attempt: POST {URL}"
    error.earlier = (APIConnectionError("no"),)
    assert "after 2 attempts" in failure_line(chat(), error)


def test_the_lines_of_waits() -> None:
    error = RateLimitError(f"Slow\ndown {SECRET}", status_code=429)
    retry = wait_line(Waiting(reason="retry", seconds=0.51234, error=error), attempt=1)
    assert retry == (
        "Attempt 1 failed; trying again in 0.512 s. RateLimitError 429: Slow down hf_***"
    )
    cold = ModelLoadingError("loading", status_code=503)
    assert (
        wait_line(Waiting(reason="loading", seconds=5, waited=10, limit=120, error=cold))
        == "The model is loading; asking again in 5 s (waited 10 s of 120 s)."
    )
    assert wait_line(Waiting(reason="queue", seconds=1, waited=3)) == (
        "The job is not done; asking again in 1 s (waited 3 s)."
    )


@pytest.mark.parametrize(
    ("value", "on"), [("1", True), ("YES", True), (" true ", True), ("0", False), ("", False)]
)
def test_hf_debug(value: str, on: bool) -> None:
    assert asked_for_debug({"HF_DEBUG": value}) is on
    assert not asked_for_debug({})


# -- hooks -----------------------------------------------------------------------------------------


def test_what_hooks_see() -> None:
    request = chat(url="https://h/v1?api_key=abc", headers={"x-api-key": "k3y", "x-note": "plain"})
    seen = seen_request(request)
    assert (seen.url, seen.headers) == (
        "https://h/v1?api_key=***",
        {"x-api-key": "***", "x-note": "plain"},
    )
    assert seen.content == request.content
    assert (seen.task, seen.model) == ("chat", "org/m")
    for text in (repr(seen), str(attrs.asdict(seen)), pickle.dumps(seen).decode("latin-1")):
        assert SECRET not in text
        assert "k3y" not in text
    assert seen.credential is not None
    assert (seen.credential.source, seen.credential.value) == ("HF_TOKEN", "***")
    assert request.credential == Credential(value=SECRET, source="HF_TOKEN")
    assert seen_request(chat(credential=None)).credential is None


def test_a_callable_token_is_not_handed_to_hooks() -> None:
    request = chat(credential=Credential(value=lambda: SECRET, source="argument"))
    seen = seen_request(request)
    assert seen.credential is not None
    assert seen.credential.value == "***"


def test_what_hooks_see_of_a_reply() -> None:
    headers = {"set-cookie": "a=b", "x-echo": f"Bearer {SECRET}", "x-request-id": "1"}
    seen = seen_response(chat(), 200, headers)
    assert (seen.status_code, seen.url) == (200, URL)
    assert seen.headers == {"set-cookie": "***", "x-echo": "Bearer ***", "x-request-id": "1"}


async def _waits(_: object) -> None: ...


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reqest": []}, "reqest"),
        ({"request": print}, "list of functions"),
        ({"request": ["print"]}, "list of functions"),
        ({"response": [_waits]}, "plain functions"),
        ([print], "mapping"),
    ],
)
def test_hooks_that_cannot_be(given: object, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Hooks.of(given)  # type: ignore[arg-type]


def test_hooks_are_read() -> None:
    assert Hooks.of(None) == Hooks()
    assert Hooks.of({"request": [print], "response": (repr, str)}) == Hooks(
        request=(print,), response=(repr, str)
    )


# -- masking ---------------------------------------------------------------------------------------


def test_a_masked_string_is_the_same_string() -> None:
    value = masked(SECRET)
    assert value == SECRET
    assert f"{value}" == SECRET
    assert repr(value) == f"{value!r}" == "'***'"
    assert SECRET not in f"{[value]} { ({'a': value}) }"
    assert pickle.loads(pickle.dumps(value)) == SECRET
    assert repr(Masked("http://me:pw@h:8/x?k=v")) == "'http://h:8/x'"
    assert masked(None) is None
    assert repr(masked({"x-key": "abc", "n": 1})) == "{'x-key': '***', 'n': 1}"


def test_options_are_masked_in_place() -> None:
    options = {
        "token": SECRET,
        "headers": {"x-key": SECRET, "x-none": None},
        "extra_query": MappingProxyType({"key": SECRET}),
        "model": "org/m",
        "base_url": "http://me:pw@h",
        "temperature": 1,
    }
    same = dict(options)
    masked_options(options)
    assert options == same
    assert SECRET not in repr(options)
    assert "pw" not in repr(options)
    assert "'org/m'" in repr(options)
    masked_options(MappingProxyType({"token": "x"}))


# -- spans -----------------------------------------------------------------------------------------


def asking(**body: object) -> spans.Attributes:
    return spans.request_attributes(chat(content=json.dumps(body).encode()))


def test_the_name_of_a_span() -> None:
    assert spans.span_name(chat()) == "chat org/m"
    assert spans.span_name(chat(model=None)) == "chat"
    assert spans.span_name(chat(task="text-generation")) == "text_completion org/m"
    assert spans.span_name(chat(task="text-to-image")) == "generate_content org/m"
    for task in (None, "download"):
        assert spans.span_name(chat(task=task)) is None


def test_what_samplers_go_by() -> None:
    assert spans.begin_attributes(chat()) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "huggingface",
        "gen_ai.system": "huggingface",
        "gen_ai.request.model": "org/m",
        "server.address": "router.huggingface.co",
        "server.port": 443,
    }
    other = spans.begin_attributes(chat(url="http://[::1]:8080/x", provider="groq", model=None))
    assert (other["server.address"], other["server.port"]) == ("::1", 8080)
    assert other["gen_ai.provider.name"] == "groq"
    assert "gen_ai.request.model" not in other


def test_what_a_chat_asks_for() -> None:
    assert asking(
        messages=[{"role": "user", "content": "private"}],
        max_tokens=20,
        temperature=0,
        top_p=0.5,
        top_k=4,
        frequency_penalty=1,
        presence_penalty=-1,
        seed=7,
        n=2,
        stop="END",
        response_format={"type": "json_schema"},
    ) == {
        "gen_ai.output.type": "json",
        "gen_ai.request.max_tokens": 20,
        "gen_ai.request.temperature": 0.0,
        "gen_ai.request.top_p": 0.5,
        "gen_ai.request.top_k": 4,
        "gen_ai.request.frequency_penalty": 1.0,
        "gen_ai.request.presence_penalty": -1.0,
        "gen_ai.request.seed": 7,
        "gen_ai.request.choice.count": 2,
        "gen_ai.request.stop_sequences": ["END"],
    }


def test_what_a_text_asks_for() -> None:
    content = b'{"inputs": "private", "parameters": {"max_new_tokens": 5, "temperature": 0.5}}'
    request = chat(task="text-generation", content=content, stream=True)
    assert spans.request_attributes(request) == {
        "gen_ai.output.type": "text",
        "gen_ai.request.max_tokens": 5,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.stream": True,
    }
    image = chat(task="text-to-image", content=b'{"inputs": "private", "seed": 3}')
    assert spans.request_attributes(image) == {"gen_ai.output.type": "image"}


@pytest.mark.parametrize(
    ("task", "made"),
    [
        ("image-to-image", {"gen_ai.output.type": "image"}),
        ("text-to-speech", {"gen_ai.output.type": "speech"}),
        ("image-to-video", {}),
    ],
)
def test_what_a_call_for_media_asks_for(task: str, made: dict[str, str]) -> None:
    asked = chat(task=task, content=b'{"inputs": "private", "seed": 3}')
    assert spans.request_attributes(asked) == made
    assert spans.begin_attributes(asked)["gen_ai.operation.name"] == "generate_content"
    assert spans.span_name(chat(task="summarization")) is None


def test_what_is_of_the_wrong_kind_is_left_out() -> None:
    odd = asking(
        max_tokens="20", temperature=None, seed=1 << 70, n=True, stop=[1], response_format="json"
    )
    assert odd == {"gen_ai.output.type": "text"}
    for content in (None, b"", b"[]", b"{", b"\xff", b"[" * 100_000):
        assert spans.request_attributes(chat(content=content)) == {"gen_ai.output.type": "text"}


def test_what_a_whole_chat_says() -> None:
    content = json.dumps(
        {
            "id": "c1",
            "model": "org/m-2",
            "choices": [{"message": {"content": "private"}, "finish_reason": "stop"}],
            "usage": {
                "prompt_tokens": 3,
                "completion_tokens": 4,
                "prompt_tokens_details": {"cached_tokens": 2},
                "completion_tokens_details": {"reasoning_tokens": 1},
            },
        }
    ).encode()
    assert spans.reply_attributes(chat(), content, {}) == {
        "gen_ai.response.id": "c1",
        "gen_ai.response.model": "org/m-2",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 4,
        "gen_ai.usage.cache_read.input_tokens": 2,
        "gen_ai.usage.reasoning.output_tokens": 1,
    }


def test_what_other_servers_say() -> None:
    tgi = (
        b'[{"generated_text": "x", "details": {"finish_reason": "length", "generated_tokens": 9}}]'
    )
    assert spans.reply_attributes(chat(), tgi, {}) == {
        "gen_ai.response.finish_reasons": ["length"],
        "gen_ai.usage.output_tokens": 9,
    }
    llama = b'{"content": "x", "stop_type": "eos", "tokens_evaluated": 2, "tokens_predicted": 5}'
    assert spans.reply_attributes(chat(), llama, {}) == {
        "gen_ai.response.finish_reasons": ["eos"],
        "gen_ai.usage.input_tokens": 2,
        "gen_ai.usage.output_tokens": 5,
    }
    for odd in (
        b"",
        b"\x89PNG",
        b"[]",
        b"3",
        b'{"choices": [3, null], "usage": []}',
        b"[" * 99_999,
    ):
        assert spans.reply_attributes(chat(), odd, {}) == {}


def test_an_error_in_a_reply_with_a_good_status() -> None:
    content = b'{"error": {"message": "private prompt is bad", "code": 429}}'
    found = spans.reply_attributes(chat(), content, {})
    assert found["error.type"] == "RateLimitError"
    assert "private" not in str(found)


def test_what_streamed_answers_say() -> None:
    answer = ChatCompletion(
        id="c2",
        model="m",
        choices=(Choice(message=AssistantMessage(content="private"), finish_reason="length"),),
        usage=Usage(prompt_tokens=1, completion_tokens=2),
        provider="groq",
    )
    assert spans.answer_attributes(answer) == {
        "gen_ai.response.id": "c2",
        "gen_ai.response.model": "m",
        "gen_ai.response.finish_reasons": ["length"],
        "gen_ai.usage.input_tokens": 1,
        "gen_ai.usage.output_tokens": 2,
        "gen_ai.provider.name": "groq",
        "gen_ai.system": "groq",
    }
    text = TextGeneration(text="private", finish_reason="stop")
    assert spans.answer_attributes(text) == {"gen_ai.response.finish_reasons": ["stop"]}


def test_the_facts_of_a_call() -> None:
    meta = CallMeta(
        attempts=3, status_code=200, headers={"x-inference-provider": "nebius"}, first_token=0.25
    )
    assert spans.fact_attributes(meta) == {
        "gen_ai.provider.name": "nebius",
        "gen_ai.system": "nebius",
        "http.response.status_code": 200,
        "http.request.resend_count": 2,
        "gen_ai.response.time_to_first_chunk": 0.25,
    }
    assert spans.fact_attributes(CallMeta()) == {}


def test_an_error_is_named_and_not_quoted() -> None:
    error = RateLimitError("private", status_code=429, provider="groq")
    error.earlier = (APIConnectionError("private"),)
    assert spans.error_attributes(error) == {
        "error.type": "RateLimitError",
        "http.response.status_code": 429,
        "gen_ai.provider.name": "groq",
        "gen_ai.system": "groq",
        "http.request.resend_count": 1,
    }
    assert spans.error_attributes(KeyboardInterrupt()) == {"error.type": "KeyboardInterrupt"}
    assert spans.error_attributes(GenerationError("private")) == {"error.type": "GenerationError"}


def test_the_names_are_those_of_the_conventions() -> None:
    """Read from the package that lists them, where it is installed."""
    listed = pytest.importorskip("opentelemetry.semconv._incubating.attributes.gen_ai_attributes")
    known = {value for name, value in vars(listed).items() if name.startswith("GEN_AI_")}
    with open(spans.__file__, encoding="utf-8") as file:  # noqa: PTH123
        used = set(re.findall(r'"(gen_ai\.[a-z_.]+)"', file.read()))
    assert used
    assert not used - known
