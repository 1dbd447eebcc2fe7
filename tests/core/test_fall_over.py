"""Falling over: which errors another provider can cure, and the way along several."""

from __future__ import annotations

from typing import Any

import pytest

from hfi import errors
from hfi._core.configuration.config import ClientConfig, resolve
from hfi._core.configuration.world import World
from hfi._core.fall_over import OTHER_TASKS, Cure, Tour, cure
from hfi._core.generation.routes import text_provider_route
from hfi._core.routing import chat_route
from hfi.types.meta import CallMeta
from hfi.types.settings import Timeout
from hfi.types.waiting import Waiting

TOKEN = {"HF_TOKEN": "hf_of_the_test"}


def line(kind: str) -> errors.APIConnectionError:
    error = errors.APIConnectionError("the line")
    error.kind = kind
    return error


def late(phase: str) -> errors.APITimeoutError:
    error = errors.APITimeoutError("late")
    error.phase = phase
    return error


def make(*providers: str, environ: dict[str, str] | None = None, **options: Any) -> ClientConfig:
    world = World(environ=TOKEN if environ is None else environ)
    return resolve(world, model="org/model", provider=list(providers), **options)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (line("reset"), Cure.ANYBODY),
        (line("protocol"), Cure.ANYBODY),
        (line("refused"), Cure.ELSEWHERE),
        (line("dns"), Cure.ELSEWHERE),
        (line("tls"), Cure.ELSEWHERE),
        (late("first_token"), Cure.ANYBODY),
        (late("between_tokens"), Cure.ANYBODY),
        (late("connect"), Cure.ELSEWHERE),
        (late("total"), Cure.NOBODY),
        (errors.PoolTimeoutError("busy"), Cure.NOBODY),
        (errors.StreamInterruptedError("cut"), Cure.ANYBODY),
        (errors.ModelNotFoundError("no", status_code=404), Cure.ANYBODY),
        (errors.ModelNotSupportedError("no"), Cure.ANYBODY),
        (errors.BadRequestError("no", code="model_not_supported"), Cure.ANYBODY),
        (errors.BadRequestError("Model not supported by provider x"), Cure.ANYBODY),
        (errors.BadRequestError("temperature must be below 2"), Cure.NOBODY),
        (errors.ContextLengthError("too long"), Cure.NOBODY),
        (errors.RequestTooLargeError("too large"), Cure.NOBODY),
        (errors.AuthenticationError("wrong token"), Cure.NOBODY),
        (errors.PermissionDeniedError("no"), Cure.NOBODY),
        (errors.GatedModelError("ask"), Cure.NOBODY),
        (errors.PaymentRequiredError("no credits"), Cure.ANYBODY),
        (errors.RateLimitError("slow down"), Cure.ANYBODY),
        (errors.QuotaExceededError("spent"), Cure.ANYBODY),
        (errors.ModelLoadingError("loading"), Cure.ANYBODY),
        (errors.ServerError("broken", status_code=500), Cure.ANYBODY),
        (errors.ResponseError("a page"), Cure.ANYBODY),
        (errors.LimitExceededError("too deep"), Cure.NOBODY),
        (errors.GenerationError("broke off"), Cure.NOBODY),
        (errors.ConfigurationError("options"), Cure.NOBODY),
        (errors.TemplateError("roles"), Cure.NOBODY),
    ],
)
def test_who_may_do_better(error: errors.HFIError, expected: Cure) -> None:
    assert cure(error) is expected


def test_images_have_rules_of_their_own() -> None:
    assert cure(errors.BadRequestError("no"), OTHER_TASKS) is Cure.ANYBODY
    assert cure(errors.ServerError("no"), OTHER_TASKS) is Cure.NOBODY


def test_the_way_along_several_providers() -> None:
    tour = Tour(make("groq", "together"), chat_route)
    assert tour.config.providers == ("groq",)
    assert chat_route(tour.config).model == "org/model:groq"
    first = errors.ServerError("two", status_code=503)
    first.earlier = (errors.ServerError("one", status_code=503),)
    assert tour.goes_on(first, elapsed=10.0)
    assert chat_route(tour.config).model == "org/model:together"
    assert tour.is_last
    meta = tour.facts(CallMeta(attempts=2, earlier=(errors.RateLimitError("r"),), total=1.0))
    assert meta.attempts == 4
    assert [each.message for each in meta.earlier] == ["one", "two", "r"]
    assert meta.total == 11.0
    last = errors.ServerError("three")
    last.earlier = tour.earlier  # a stream's error may hold them already
    assert not tour.goes_on(last, elapsed=11.0)
    assert [each.message for each in last.earlier] == ["one", "two"]


def test_what_nobody_can_cure_ends_the_way() -> None:
    tour = Tour(make("groq", "together"), chat_route)
    assert not tour.goes_on(errors.BadRequestError("no"), elapsed=0.0)
    assert tour.config.providers == ("groq",)


def test_a_host_that_cannot_be_reached_is_not_tried_under_another_name() -> None:
    tour = Tour(make("groq", "together", "local"), chat_route)
    assert tour.goes_on(line("dns"), elapsed=0.0)
    assert tour.config.is_local
    tour = Tour(make("groq", "together"), chat_route)
    assert not tour.goes_on(line("dns"), elapsed=0.0)


def test_all_providers_share_the_time_of_the_call() -> None:
    waits: list[Waiting] = []
    tour = Tour(
        make(
            "groq",
            "together",
            "nscale",
            timeout=Timeout(total=60),
            max_wait=50.0,
            on_wait=waits.append,
        ),
        chat_route,
    )
    assert tour.config.timeout.total == 60
    assert tour.config.on_wait is not None
    waiting = Waiting(reason="loading", seconds=20.0, error=errors.ModelLoadingError("cold"))
    tour.config.on_wait(waiting)
    assert waits == [waiting]
    assert tour.goes_on(errors.ModelLoadingError("cold"), elapsed=30.0)
    assert tour.config.timeout.total == 50  # waiting for a cold model counts apart
    assert tour.config.max_wait == 30.0
    assert not tour.goes_on(errors.ServerError("no"), elapsed=90.0)


def test_without_a_token_the_embedded_model_answers() -> None:
    tour = Tour(make("groq", "together", "local", environ={}), chat_route)
    assert tour.config.is_local
    assert tour.config.model is None
    assert tour.is_last
    assert [type(each) for each in tour.earlier] == [errors.ConfigurationError] * 2
    assert all("needs a Hugging Face token" in note for note in tour.notes)
    assert tour.facts(CallMeta()).attempts == 1


def test_offline_the_embedded_model_answers() -> None:
    tour = Tour(make("groq", "local", environ={**TOKEN, "HF_HUB_OFFLINE": "1"}), chat_route)
    assert tour.config.is_local
    assert isinstance(tour.earlier[0], errors.OfflineError)


def test_nobody_can_be_asked() -> None:
    with pytest.raises(errors.ConfigurationError, match="needs a Hugging Face token") as caught:
        Tour(make("groq", "together", environ={}), chat_route)
    assert len(caught.value.earlier) == 1


def test_a_provider_without_the_route_is_passed_over() -> None:
    tour = Tour(make("groq", "together"), text_provider_route)
    assert tour.config.providers == ("together",)
    assert "groq is not asked: hfi knows no text-generation route" in tour.notes[0]


def test_the_order_is_told() -> None:
    tour = Tour(make("groq", "together", "local"), chat_route)
    assert tour.notes == (
        "Asks groq, then together, then local:"
        " the next one on an error that another provider can cure.",
    )


def test_one_provider_is_asked_as_it_stands() -> None:
    config = make("groq")
    tour = Tour(config, chat_route)
    assert tour.config is config
    assert tour.is_last
    assert tour.notes == ()
    meta = CallMeta(attempts=2)
    assert tour.facts(meta) is meta
