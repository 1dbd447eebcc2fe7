"""What the examination finds out, as values; ``verdicts.py`` judges them."""

from __future__ import annotations

from typing import Literal

import attrs

__all__ = ["Check", "HostFacts", "LocalFacts", "State", "TokenFacts", "WhoAmI"]

State = Literal["ok", "warn", "fail"]


@attrs.frozen(kw_only=True)
class Check:
    """The verdict about one thing.

    Attributes:
        name: What was looked at.
        state: ``"fail"`` keeps calls from working; ``"warn"`` may, or is worth knowing.
        text: What was found.
        fix: What to do about it; empty where nothing need be done.
    """

    name: str
    state: State
    text: str
    fix: str = ""


@attrs.frozen(kw_only=True)
class WhoAmI:
    """What the Hub said of a token.

    Attributes:
        status: The HTTP status, or None where nothing came.
        name: Whose the token is.
        role: ``"read"``, ``"write"`` or ``"fineGrained"``.
        permissions: Those of a fine-grained token, wherever they hold.
        error: Why nothing came.
    """

    status: int | None = None
    name: str | None = None
    role: str | None = None
    permissions: tuple[str, ...] = ()
    error: str | None = None


@attrs.frozen(kw_only=True)
class TokenFacts:
    """A token as far as it may be shown.

    Attributes:
        source: The variable or file it came from; None where there is none.
        problem: Why it cannot be sent.
        prefix: Whether it begins as Hugging Face's do.
        needed: Whether the next call needs one of Hugging Face.
        withheld: Whether the environment forbids sending it unasked.
        looked: Where it was looked for.
        whoami: What the Hub said of it, where it was asked.
    """

    source: str | None = None
    problem: str | None = None
    prefix: bool = True
    needed: bool = True
    withheld: bool = False
    looked: tuple[str, ...] = ()
    whoami: WhoAmI | None = None


@attrs.frozen(kw_only=True)
class HostFacts:
    """How far the way to a server led.

    Attributes:
        name: Host, and the port where it is not the scheme's own.
        scheme: ``"http"`` or ``"https"``.
        proxy: The proxy between, without its login; the first steps are those to it.
        step: The step that was reached: ``"dns"``, ``"tcp"``, ``"tls"``, ``"http"``, ``"done"``.
        error: What went wrong at that step; None while it is under way.
        addresses: What the name stands for.
        tls: The version of TLS.
        status: The HTTP status of a reply.
        told: The server's clock, in seconds since 1970, and ours at the same time.
        seconds: How long all steps took.
    """

    name: str
    scheme: str = "https"
    proxy: str | None = None
    step: str = "dns"
    error: str | None = None
    addresses: tuple[str, ...] = ()
    tls: str | None = None
    status: int | None = None
    told: tuple[float, float] | None = None
    seconds: float = 0.0


@attrs.frozen(kw_only=True)
class LocalFacts:
    """What there is of the embedded model.

    Attributes:
        engine: The version of xllamacpp, or None.
        engine_error: Why there is none.
        engine_possible: Whether one could be installed on this machine.
        weights: The path of the weights, or None.
        weights_size: Their bytes.
        weights_error: Why there are none.
        wanted: Whether the next call goes there.
    """

    engine: str | None = None
    engine_error: str | None = None
    engine_possible: bool = True
    weights: str | None = None
    weights_size: int = 0
    weights_error: str | None = None
    wanted: bool = False

    @property
    def ready(self) -> bool:
        """Whether it can be asked."""
        return self.engine is not None and self.weights is not None
