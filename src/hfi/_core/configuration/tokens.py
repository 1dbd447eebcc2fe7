"""Tokens: given or found, cleaned, and wrapped before anything can show them.

A token lives in a ``Credential`` or a ``FoundToken``, whose reprs hide it. Functions that hold one
as plain text delete it before they raise, since tools that print tracebacks print locals too.
"""

from __future__ import annotations

import base64
import inspect
import re
from typing import TYPE_CHECKING, Any, cast

import attrs

from hfi._core.configuration.urls import basic_login
from hfi._core.request import Credential
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hfi._core.configuration.world import World

__all__ = [
    "FoundToken",
    "authorization_credential",
    "clean_token",
    "find_token",
    "found_secret",
    "is_hugging_face_token",
    "login_credential",
    "token_argument",
    "token_path",
]

_HF_PREFIX = "hf_"
_VARIABLE = re.compile(r"\$(?:(\w+)|\{([^}]*)\})", re.ASCII)


def _examined(value: object) -> tuple[str, str | None]:
    """The token without the blanks around it, and what is wrong with it; never raises."""
    if not isinstance(value, str):
        return "", f"is not a string but of type {type(value).__name__}"
    text = value.strip().strip("\ufeff\u200b").strip()
    if not text:
        return "", "is empty"
    if text[0] in "\"'" or text[-1] in "\"'":
        return "", "is in quotation marks, which are not part of a token"
    if text.lower().startswith("bearer "):
        return "", 'begins with "Bearer", which hfi adds itself'
    # Headers are lines of visible ASCII; a line break would begin a header of its own.
    if not text.isascii() or not text.isprintable() or " " in text:
        return "", "holds a blank, a line break, a control character or one that is not ASCII"
    return text, None


def clean_token(value: object, *, name: str = "token") -> str:
    """The token in ``value``, without the blanks and line ends around it.

    For what a token callable gave, too: nothing else checks that.

    Raises:
        ConfigurationError: It cannot be sent in a header; the message does not show it.
    """
    text, problem = _examined(value)
    if problem is None:
        return text
    del value, text
    raise ConfigurationError(
        f"{name} {problem}.", hint="Check for a bad copy, or a file with more than the token in it."
    )


def token_argument(value: Any) -> Credential | bool | None:
    """Reads a ``token=`` argument: a token or a callable is wrapped, a bool or None stays.

    Raises:
        ConfigurationError: It is none of these, or a token that cannot be sent.
    """
    if value is None or isinstance(value, (bool, Credential)):
        return value
    if callable(value):
        if inspect.iscoroutinefunction(value):
            raise ConfigurationError("token= must be a plain function, not a coroutine function.")
        return Credential(value=cast("Callable[[], str]", value), source="argument")
    text, problem = _examined(value)
    if problem is None:
        return Credential(value=text, source="argument")
    del value, text
    raise ConfigurationError(
        f"token= {problem}.",
        hint="Give a token, a callable that gives one, True (send the found one wherever the "
        "client points), False (send none), or None (find one).",
    )


def authorization_credential(header: str) -> Credential:
    """The credential of an ``Authorization`` header that the user gave: scheme and the rest.

    One without a blank has no scheme; the whole is the value, since a scheme is shown.
    """
    scheme, blank, value = header.strip().partition(" ")
    if not blank:
        scheme, value = "", scheme
    return Credential(value=value.strip(), scheme=scheme, source="headers")


def login_credential(login: str, source: str) -> Credential:
    """The HTTP Basic credential of a URL's ``user:password``."""
    value = base64.b64encode(basic_login(login)).decode()
    return Credential(value=value, scheme="Basic", source=source)


def is_hugging_face_token(credential: Credential) -> bool:
    """Whether it is Hugging Face's, rather than a provider's own key.

    Both official clients decide by the prefix. A callable is taken for one that gives a Hugging
    Face token, as it is asked only when the request is about to leave.
    """
    if credential.scheme.lower() != "bearer":
        return False
    return not isinstance(credential.value, str) or credential.value.startswith(_HF_PREFIX)


@attrs.frozen(kw_only=True)
class FoundToken:
    """A secret of the environment: it is not pickled, and a bad one is an error only when used.

    Attributes:
        value: The token; empty where there is a problem.
        source: The variable or file it came from.
        problem: What is wrong with it.
        scheme: ``"Bearer"``, or ``"Basic"`` for the login of a URL.
    """

    value: str = attrs.field(default="", repr=False)
    source: str
    problem: str | None = None
    scheme: str = "Bearer"

    def credential(self) -> Credential:
        """The token, to be sent.

        Raises:
            ConfigurationError: There is a problem with it.
        """
        if self.problem is not None:
            raise ConfigurationError(
                f"The token found ({self.source}) {self.problem}.", hint="Correct it, or unset it."
            )
        return Credential(value=self.value, source=self.source, scheme=self.scheme)

    def __copy__(self) -> FoundToken:
        return self

    def __deepcopy__(self, memo: Mapping[int, Any]) -> FoundToken:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process or machine has an environment of its own; this one's secret stays here.
        return _left_behind, (self.source,)


def _left_behind(source: str) -> FoundToken:
    return FoundToken(source=source, problem="was found by another process and did not travel")


def found_secret(value: str | None, source: str) -> FoundToken | None:
    """A token that stands in the environment; empty counts as unset."""
    if value is None or not value.strip():
        return None
    text, problem = _examined(value)
    return FoundToken(value=text, source=source, problem=problem)


def find_token(world: World, *, ask_secrets: bool) -> FoundToken | None:
    """The Hugging Face token of the environment, in the order of ``huggingface_hub``.

    ``HF_TOKEN``, ``HUGGING_FACE_HUB_TOKEN``, the token file, and, with ``ask_secrets``, the
    notebook's secret (which may open a dialog). Its OIDC exchange and its refreshing of OAuth
    tokens are not done.
    """
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if (found := found_secret(world.environ.get(name), name)) is not None:
            return found
    read = world.read_text
    if (found := found_secret(read(token_path(world)), "token file")) is not None:
        return found
    if not ask_secrets:
        return None
    return found_secret(world.secrets(), "Colab secret HF_TOKEN")


def token_path(world: World) -> str:
    """Where ``hf auth login`` leaves the token."""
    named = _variable(world, "HF_TOKEN_PATH")
    if named:
        return _expanded(world, named)
    home = _variable(world, "HF_HOME")
    if not home:
        home = (_variable(world, "XDG_CACHE_HOME") or "~/.cache") + "/huggingface"
    return _expanded(world, home) + "/token"


def _variable(world: World, name: str) -> str:
    return world.environ.get(name, "").strip()


def _expanded(world: World, path: str) -> str:
    """``~`` and ``$NAME`` in a path, as ``huggingface_hub`` expands them; unknown names stay."""
    if path == "~" or path.startswith(("~/", "~\\")):
        path = world.home + path[1:]
    return _VARIABLE.sub(lambda m: world.environ.get(m[1] or m[2], m[0]), path)
