"""Sorting and checking options, and showing them in signatures."""

from __future__ import annotations

import inspect
import time
from typing import Any

import pytest

from hfi._core.outgoing.options import check_names, lists_options, split_options
from hfi.errors import ConfigurationError
from hfi.types.options import (
    CHAT_DEFAULTS,
    OPTION_DOCS,
    CallOptions,
    ChatArguments,
    ChatOptions,
    ChatShape,
    ClientOptions,
    TextArguments,
)
from hfi.types.settings import Timeout


def wire(**options: Any) -> dict[str, Any]:
    return split_options(options, ChatOptions)[0]


def test_options_are_sorted_by_who_reads_them() -> None:
    wire, call = split_options(
        {"temperature": 0.5, "max_retries": 3, "seed": 1, "provider": "groq"}, ChatOptions
    )
    assert wire == {"temperature": 0.5, "seed": 1}
    assert call == {"max_retries": 3, "provider": "groq"}


def test_the_order_of_the_call_is_kept() -> None:
    assert list(wire(seed=1, max_tokens=2, temperature=0)) == ["seed", "max_tokens", "temperature"]


def test_none_is_absent_but_where_it_means_no_limit() -> None:
    options = dict.fromkeys(ChatOptions.__annotations__)
    assert split_options(options, ChatOptions) == ({}, {"timeout": None, "max_wait": None})
    assert split_options({"timeout": Timeout()}, ChatOptions)[1] == {"timeout": Timeout()}


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("temprature", "temperature"),
        ("Temperature", "temperature"),
        ("max_new_tokens", "max_tokens"),
        ("stop_sequences", "stop"),
        ("api_key", "token"),
        ("steam", "stream"),
        ("retries", "max_retries"),
    ],
)
def test_an_unknown_name_tells_the_nearest(name: str, near: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        split_options({name: 1}, ChatOptions, arguments=["stream", "tools"])
    assert f"no option {name!r}" in caught.value.message
    assert f"Did you mean {near!r}?" in str(caught.value)
    assert "extra_body" in str(caught.value)


def test_a_name_like_none_is_answered_without_a_guess() -> None:
    with pytest.raises(ConfigurationError) as caught:
        wire(zzzzzzzz=None)
    assert "Did you mean" not in str(caught.value)


def test_an_option_of_the_client_is_told_apart() -> None:
    with pytest.raises(ConfigurationError, match=r"with_options\(proxy="):
        wire(proxy="http://localhost:1")


def test_check_names() -> None:
    check_names(["proxy", "model"], ClientOptions)
    with pytest.raises(ConfigurationError, match="Did you mean 'base_url'"):
        check_names({"base_uri": 1}, ClientOptions)


class Whole:
    """As NumPy's integers: an index, and no int."""

    def __index__(self) -> int:
        return 7

    def __float__(self) -> float:
        return 7.0


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("max_tokens", 0, 0),
        ("max_tokens", Whole(), 7),
        ("temperature", 0, 0),
        ("temperature", Whole(), 7.0),
        ("temperature", 100.0, 100.0),
        ("top_p", 1, 1),
        ("top_k", -1, -1),
        ("seed", -1, -1),
        ("seed", 2**64 - 1, 2**64 - 1),
        ("stop", "END", ["END"]),
        ("stop", ("a", "b"), ["a", "b"]),
        ("frequency_penalty", -2.5, -2.5),
        ("logit_bias", {50256: -100}, {"50256": -100}),
        ("logit_bias", [1, 2.5], [1, 2.5]),
        ("top_logprobs", -1, -1),
        ("tool_choice", {"type": "function"}, {"type": "function"}),
        ("chat_template_kwargs", {"x": None}, {"x": None}),
    ],
)
def test_values_that_a_server_may_take(name: str, value: Any, sent: Any) -> None:
    assert wire(**{name: value}) == {name: sent}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", -1),
        ("max_tokens", 1.5),
        ("max_tokens", True),
        ("max_tokens", "12"),
        ("max_completion_tokens", -5),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("temperature", -0.1),
        ("temperature", True),
        ("temperature", "warm"),
        ("top_p", 1.1),
        ("top_p", -0.1),
        ("top_k", -2),
        ("top_k", 0.5),
        ("min_p", 2),
        ("frequency_penalty", float("nan")),
        ("presence_penalty", "1"),
        ("repetition_penalty", 0),
        ("seed", 1.0),
        ("seed", False),
        ("stop", b"END"),
        ("stop", ["a", 1]),
        ("stop", 3),
        ("n", 0),
        ("logit_bias", "x"),
        ("logit_bias", {1: "x"}),
        ("logit_bias", [float("nan")]),
        ("logprobs", 1),
        ("top_logprobs", True),
        ("stream_options", True),
        ("tool_choice", 3),
        ("parallel_tool_calls", "no"),
        ("tool_prompt", 1),
        ("reasoning_effort", 3),
        ("chat_template_kwargs", []),
        ("user", 17),
    ],
)
def test_values_that_no_server_could_take(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}.* must be ") as caught:
        wire(**{name: value})
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("protocol", "grpc"),
        ("fit", "cut"),
        ("resume", -1),
        ("repair", 1),
        ("continue_final_message", "yes"),
        ("extra_body", [("a", 1)]),
        ("model", 3),
    ],
)
def test_arguments_that_shape_the_request_are_checked(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} must be "):
        split_options({name: value}, ChatArguments)


def test_messages_tell_the_range() -> None:
    with pytest.raises(ConfigurationError, match=r"from 0 to 1, not 1\.5"):
        wire(top_p=1.5)
    with pytest.raises(ConfigurationError, match="a whole number of at least 0, not -3"):
        wire(max_tokens=-3)


def test_a_long_wrong_value_is_shortened() -> None:
    with pytest.raises(ConfigurationError) as caught:
        wire(user=["x" * 1000])
    assert len(str(caught.value)) < 150


def method() -> Any:
    @lists_options(ChatArguments, CHAT_DEFAULTS)
    async def chat(self: Any, messages: str, *, stream: bool = False, **options: Any) -> None:
        """Chats.

        Args:
            messages: What was said.
        """

    return chat


def test_a_signature_lists_every_option() -> None:
    signature = inspect.signature(method())
    listed = list(signature.parameters)
    assert listed[:4] == ["self", "messages", "stream", "model"]
    assert listed[-len(CallOptions.__annotations__) :] == list(CallOptions.__annotations__)
    assert set(listed[3:]) == set(ChatArguments.__annotations__)
    temperature = signature.parameters["temperature"]
    assert temperature.kind is temperature.KEYWORD_ONLY
    assert temperature.default is None
    assert temperature.annotation == "float | None"
    assert signature.parameters["fit"].default == "error"
    # None is a value of theirs, so it cannot be shown as the default.
    assert signature.parameters["timeout"].default is ...
    assert signature.parameters["max_wait"].default is ...


def test_the_signature_of_a_bound_method() -> None:
    class Client:
        @lists_options(CallOptions)
        def ask(self, prompt: str, **options: Any) -> None: ...

    signature = inspect.signature(Client().ask)
    assert list(signature.parameters) == ["prompt", *CallOptions.__annotations__]
    assert Client.ask.__doc__ is None


def test_help_tells_what_options_mean() -> None:
    text = inspect.getdoc(method()) or ""
    assert text.startswith("Chats.\n\nArgs:\n    messages: What was said.\n\nOptions:\n    model: ")
    assert f"\n    temperature: {OPTION_DOCS['temperature']}\n" in text


def test_an_async_method_stays_one() -> None:
    assert inspect.iscoroutinefunction(method())


def test_an_argument_of_the_method_s_own_is_not_listed_twice() -> None:
    @lists_options(ChatOptions)
    def chat(self: Any, *, seed: int = 3, **options: Any) -> None: ...

    assert inspect.signature(chat).parameters["seed"].default == 3


def test_listing_costs_little() -> None:
    def fresh() -> Any:
        def chat(self: Any, messages: str, **options: Any) -> None:
            """Chats."""

        return chat

    decorate = lists_options(ChatArguments, CHAT_DEFAULTS)
    decorate(fresh())
    best = float("inf")
    for _ in range(20):
        made = fresh()
        start = time.perf_counter()
        decorate(made)
        best = min(best, time.perf_counter() - start)
    assert best < 0.001


def test_every_option_is_documented_in_one_line() -> None:
    assert set(OPTION_DOCS) >= {*ChatArguments.__annotations__, *TextArguments.__annotations__}
    for name, text in OPTION_DOCS.items():
        assert text.endswith("."), name
        assert len(f"{name}: {text}") <= 110, name


def test_the_parts_of_the_arguments_do_not_overlap() -> None:
    shape, options = set(ChatShape.__annotations__), set(ChatOptions.__annotations__)
    assert not shape & options
    assert shape | options == set(ChatArguments.__annotations__)
    assert set(CHAT_DEFAULTS) < shape
