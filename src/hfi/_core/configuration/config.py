"""One client's configuration: what was asked, completed from what was found, settled once.

What the caller said (``Asked``) and what the environment says (``Surroundings``) are kept beside
the settled values, so that a call's own options are settled by the same rules without any I/O.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

import attrs

from hfi._core.configuration import choices
from hfi._core.configuration.arguments import READERS, merged_headers, unknown_option
from hfi._core.configuration.choices import Asked
from hfi._core.configuration.surroundings import Surroundings, survey
from hfi._core.configuration.tokens import login_credential, token_argument
from hfi._core.configuration.urls import is_url, parse_url, safe_url, split_login
from hfi._core.configuration.world import World
from hfi._core.request import Credential
from hfi.errors import ConfigurationError
from hfi.types.settings import Timeout

if sys.version_info >= (3, 11):
    from typing import TypedDict, Unpack
else:
    from typing_extensions import TypedDict, Unpack

__all__ = ["DEFAULT_MAX_RETRIES", "DEFAULT_MAX_WAIT", "ClientConfig", "resolve"]

DEFAULT_MAX_RETRIES = 2

DEFAULT_MAX_WAIT = 120.0
"""Seconds. Serverless models load within a minute or two; endpoints that scale from zero may take
longer, which is for their users to allow."""


class PathLike(Protocol):
    """A path object, for weights of the embedded model."""

    def __fspath__(self) -> str: ...


class ConfigOptions(TypedDict, total=False):
    """The arguments of a client that configuration settles."""

    model: str | PathLike | None
    token: str | Callable[[], str] | bool | None
    provider: str | Sequence[str] | None
    base_url: str | None
    bill_to: str | None
    timeout: float | Timeout | None
    max_retries: int
    max_wait: float | None
    on_wait: Callable[..., object] | None
    headers: Mapping[str, str | None] | None
    aliases: Mapping[str, str | Sequence[str]] | None


def _shown_names(mapping: Mapping[str, str]) -> str:
    # Values may be keys; names are enough to recognise a header by.
    return "{" + ", ".join(sorted(mapping)) + "}"


@attrs.frozen(kw_only=True)
class ClientConfig:
    """Everything that routing needs, settled; made by ``resolve``, changed by ``evolve``.

    Pickling keeps what was given explicitly, an explicit token included, and leaves secrets that
    were found in the environment behind: call ``rebase`` in the other process.

    Attributes:
        asked: What the caller gave.
        found: What the environment says.
        model: The model to name, or None: the server's own, the embedded one or the task's default.
        providers: Names to try in order; ``("auto",)`` leaves it to the router.
        base_url: The server to call, without its login, or None.
        base_url_from: ``"base_url"``, ``"model"``, ``"HFI_BASE_URL"`` or ``"HFI_MODEL"``.
        bill_to: The organisation that pays for routed calls.
        timeout: Time limits of a call.
        max_retries: Further attempts after a passing failure.
        max_wait: Seconds to wait for a loading model; None waits as long as ``timeout`` allows.
        on_wait: Called before each wait, and when the waiting is over.
        headers: Headers for inference requests, names in lower case, no ``authorization``.
        aliases: The user's short names for models.
        local_model: The weights for the embedded server, or None for its default.
    """

    asked: Asked
    found: Surroundings
    model: str | None = None
    providers: tuple[str, ...] = ("auto",)
    base_url: str | None = attrs.field(default=None, repr=safe_url)
    base_url_from: str | None = None
    bill_to: str | None = None
    timeout: Timeout = attrs.field(factory=Timeout)
    max_retries: int = DEFAULT_MAX_RETRIES
    max_wait: float | None = DEFAULT_MAX_WAIT
    on_wait: Callable[..., object] | None = attrs.field(default=None, repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=_shown_names)
    aliases: Mapping[str, str] = attrs.field(factory=dict)
    local_model: str | None = None

    @property
    def token(self) -> Credential | bool | None:
        """The ``token=`` argument, wrapped."""
        return self.asked.token

    @property
    def authorization(self) -> Credential | None:
        """The credential of the user's own ``Authorization`` header, which wins over ``token``."""
        return self.asked.authorization

    @property
    def is_local(self) -> bool:
        """Whether the next call goes to the embedded model."""
        return self.providers[0] == "local"

    @property
    def hub_url(self) -> str:
        """The Hub's address, without a slash at its end."""
        return self.found.hub_url

    @property
    def offline(self) -> bool:
        """Whether the environment forbids the hosts of Hugging Face and of providers."""
        return self.found.offline is not None

    @property
    def explicit_url(self) -> bool:
        """Whether the caller, not the environment, named the server to call."""
        return self.base_url_from in ("base_url", "model")

    def evolve(self, **changes: object) -> ClientConfig:
        """The configuration with some of ``ConfigOptions`` changed, settled by the same rules.

        None is a value here: no limit for ``timeout`` and ``max_wait``, "not given" for the
        others. ``headers`` and ``aliases`` are added to those there are; a header that is None is
        taken away. ``provider="auto"`` sets ``HFI_PROVIDER`` aside.

        Raises:
            ConfigurationError: As ``resolve``.
        """
        return _settled(self, changes) if changes else self

    def rebase(self, world: World) -> ClientConfig:
        """The same arguments in another environment, such as that of the process they came to."""
        found = survey(world, ask_secrets=_may_need_secret(self.token))
        return _settled(attrs.evolve(self, found=found), {})

    def summary(self) -> str:
        """The settled choices in a few words, without secrets."""
        parts = [f"model={self.model!r}"] if self.model else []
        if self.base_url:
            parts.append(f"base_url={safe_url(self.base_url)}")
        else:
            one = self.providers[0] if len(self.providers) == 1 else list(self.providers)
            parts.append(f"provider={one!r}")
        return " ".join(parts)


def _may_need_secret(token: Credential | bool | None) -> bool:
    return token is None or token is True


def resolve(world: World, **arguments: Unpack[ConfigOptions]) -> ClientConfig:
    """Settles a client's arguments: explicit over environment over default.

    Raises:
        ConfigurationError: An argument is unknown or wrong, or some do not fit together. A
            missing token is not an error before a call needs one.
    """
    token = token_argument(arguments.pop("token", None))
    found = survey(world, ask_secrets=_may_need_secret(token))
    # "auto" is the client's default, so nobody can tell whether it was given.
    if arguments.get("provider") == "auto":
        del arguments["provider"]
    blank = ClientConfig(asked=Asked(token=token), found=found)
    changes = cast("dict[str, Any]", arguments)
    changes["token"] = token
    return _settled(blank, changes)


def _settled(config: ClientConfig, changes: dict[str, Any]) -> ClientConfig:
    """``config`` with ``changes`` read into it, and the choices made anew.

    What may hold a secret is taken out of ``changes``, so that no frame shows it in an error.
    """
    fresh = frozenset(changes)
    token = token_argument(changes.pop("token")) if "token" in changes else config.token
    headers, authorization = merged_headers(
        config.headers, config.authorization, changes.pop("headers", None)
    )
    unknown = [name for name in changes if name not in READERS and name not in _TARGET]
    if unknown:
        raise unknown_option(unknown[0], ConfigOptions.__annotations__)
    settings = {name: READERS[name](changes[name]) for name in READERS if name in changes}
    if "aliases" in settings:
        settings["aliases"] = {**config.aliases, **settings["aliases"]}
    aliases = settings.get("aliases", config.aliases)
    asked = attrs.evolve(_asked(config.asked, changes), token=token, authorization=authorization)
    choice = choices.choose(asked, config.found, aliases, fresh=fresh)
    return attrs.evolve(
        config,
        asked=asked,
        model=choice.model,
        providers=choice.providers,
        base_url=choice.base_url,
        base_url_from=choice.base_url_from,
        local_model=choice.local_model,
        headers=headers,
        **settings,
    )


_TARGET = ("model", "provider", "base_url")


def _asked(before: Asked, changes: dict[str, Any]) -> Asked:
    """What was asked before, with the changes to where a call goes."""
    after = before
    if "base_url" in changes and (changes["base_url"] is not None or after.base_url):
        url, login = _given_url(changes.pop("base_url"), "base_url")
        after = attrs.evolve(after, base_url=url, login=login)
    if isinstance(changes.get("model"), str) and is_url(changes["model"]):
        url, login = _given_url(changes.pop("model"), "model")
        after = attrs.evolve(after, model=None, model_url=url, login=login)
    elif "model" in changes:
        model = _given_model(changes["model"])
        after = attrs.evolve(after, model=model)
        # A server named by the client's ``model=URL`` stays when a call names a model on it.
        if model is None and after.model_url:
            after = attrs.evolve(after, model_url=None, login=None)
    if "provider" in changes:
        providers = changes["provider"]
        names = None if providers is None else choices.provider_names(providers, name="provider")
        after = attrs.evolve(after, providers=names)
    return after


def _given_model(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        # A path object: weights for the embedded model.
        value = getattr(value, "__fspath__", lambda: value)()
    if not isinstance(value, str):
        raise ConfigurationError(f"model must be a string, not {type(value).__name__}.")
    if not value.strip():
        raise ConfigurationError("model is empty.", hint="Name a model, or leave it out.")
    if "://" in value:
        shown = safe_url(value)
        del value
        raise ConfigurationError(
            f"model is an address that is neither http nor https: {shown}.",
            hint='Write "org/name", or the URL of a server.',
        )
    return value.strip()


def _given_url(value: object, name: str) -> tuple[str | None, Credential | None]:
    if value is None:
        return None, None
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be a URL in a string, not {type(value).__name__}.")
    url, login = split_login(value.strip())
    del value
    credential = login_credential(login, name) if login else None
    del login
    return parse_url(url, name=name).text, credential
