"""Which server, which provider, which model: explicit beats environment across all three."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from hfi._core.configuration.tokens import is_hugging_face_token
from hfi._core.configuration.urls import parse_url, safe_url
from hfi._core.embedded import MODEL_ALIAS, is_default_model
from hfi._core.providers import POLICIES
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from hfi._core.configuration.surroundings import Surroundings
    from hfi._core.request import Credential

__all__ = [
    "Asked",
    "Choice",
    "choose",
    "is_local_model",
    "is_weights",
    "provider_names",
    "split_suffix",
]

_AUTO = ("auto",)
_PROVIDER_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


@attrs.frozen(kw_only=True)
class Asked:
    """What the caller said about where a call goes; None is "not said".

    Attributes:
        model: The model, where it is no URL.
        model_url: The model, where it is one, without its login.
        base_url: The base URL, without its login.
        login: The login that stood in either URL.
        providers: The provider or providers.
        token: The token.
        authorization: The credential of the user's own ``Authorization`` header.
    """

    model: str | None = None
    model_url: str | None = attrs.field(default=None, repr=safe_url)
    base_url: str | None = attrs.field(default=None, repr=safe_url)
    login: Credential | None = attrs.field(default=None, repr=False)
    providers: tuple[str, ...] | None = None
    token: Credential | bool | None = attrs.field(default=None, repr=False)
    authorization: Credential | None = attrs.field(default=None, repr=False)

    @property
    def key(self) -> Credential | None:
        """The credential that was given, or None where one is to be found or none is sent."""
        if self.authorization is not None:
            return self.authorization
        return None if isinstance(self.token, bool) else self.token


@attrs.frozen(kw_only=True)
class Choice:
    """Where calls go, and which model they name."""

    providers: tuple[str, ...] = _AUTO
    base_url: str | None = attrs.field(default=None, repr=safe_url)
    base_url_from: str | None = None
    model: str | None = None
    local_model: str | None = None


def provider_names(value: object, *, name: str) -> tuple[str, ...]:
    """Reads a provider argument: one name, or several to fall over along.

    A name that hfi does not know is let through: a newer Hub may.

    Raises:
        ConfigurationError: It is no name or sequence of names, or "local" is not the last.
    """
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, Sequence) or isinstance(given, (bytes, bytearray)):
        raise ConfigurationError(
            f"{name} must be a name or a sequence of names, not {type(value).__name__}."
        )
    names = [item.strip().lower() if isinstance(item, str) else "" for item in given]
    for item, read in zip(given, names, strict=True):
        if not read or not _PROVIDER_NAME.issuperset(read) or not read[0].isalnum():
            raise ConfigurationError(
                f"{name}: {item!r} is not the name of a provider.",
                hint='Write "auto", "local", a name such as "groq", or a list of names.',
            )
    if not names:
        raise ConfigurationError(f"{name} is an empty sequence.", hint='Write "auto".')
    if "local" in names[:-1]:
        raise ConfigurationError(
            f'{name}: "local" may stand alone or last, since the embedded model does not fail over.'
        )
    return tuple(dict.fromkeys(names))


def split_suffix(model: str) -> tuple[str, str | None]:
    """A model's id and its routing suffix: what stands after the last ":" after the last "/"."""
    head, slash, tail = model.rpartition("/")
    name, colon, suffix = tail.rpartition(":")
    if not colon:
        return model, None
    return f"{head}{slash}{name}", suffix


def is_local_model(model: str) -> bool:
    """Whether the embedded server can be asked for ``model``: its default's name, or weights."""
    return is_default_model(model) or is_weights(model)


def is_weights(model: str) -> bool:
    """Whether ``model`` is nothing the Hub could know: the embedded default's alias, or a path."""
    return (
        model.casefold() == MODEL_ALIAS
        or model.lower().endswith(".gguf")
        or model.startswith(("/", "./", "../", "~"))
        or "\\" in model
    )


def choose(
    asked: Asked, found: Surroundings, aliases: Mapping[str, str], *, fresh: frozenset[str]
) -> Choice:
    """Makes the choices from what was said, what was found, and the user's aliases.

    Args:
        asked: What the caller said, on the client and for this call.
        found: What the environment says.
        aliases: The user's short names for models.
        fresh: The arguments that were given just now.

    Raises:
        ConfigurationError: Two things of the same rank contradict each other.
    """
    model = _unalias(asked.model, aliases)
    providers, base_url, source = _where(asked, found, model)
    env_model = _unalias(found.model, aliases)
    if base_url is not None:
        base_url = parse_url(base_url, name=source or "base_url").text
        if model is None and source in ("HFI_BASE_URL", "HFI_MODEL"):
            # The environment's model belongs to the environment's server, not to an explicit one.
            model = env_model
        _check_one_credential(asked, found, source)
        return Choice(base_url=base_url, base_url_from=source, model=model)
    local = _local_model(model, env_model, found)
    if providers == ("local",):
        if model is not None and not is_local_model(model) and "model" in fresh:
            raise ConfigurationError(
                f'provider="local" is the embedded model; it has no {model!r}.',
                hint=f'Leave model= out, or give "{MODEL_ALIAS}" or the path of a .gguf file.',
            )
        return Choice(providers=providers, local_model=local)
    model = _routed_model(asked, model, env_model, providers)
    _check_own_key(asked, providers)
    return Choice(providers=providers, model=model, local_model=local)


def _unalias(model: str | None, aliases: Mapping[str, str]) -> str | None:
    if model is None or not aliases:
        return model
    if model in aliases:
        return aliases[model]
    name, suffix = split_suffix(model)
    return f"{aliases[name]}:{suffix}" if suffix and name in aliases else model


def _where(
    asked: Asked, found: Surroundings, model: str | None
) -> tuple[tuple[str, ...], str | None, str | None]:
    """Providers, base URL, and where that came from."""
    if asked.base_url and asked.model_url:
        raise ConfigurationError(
            "model is a URL, and base_url is given too.", hint="Give the server's URL once."
        )
    named = asked.providers if asked.providers not in (None, _AUTO) else None
    if asked.base_url or asked.model_url:
        source = "base_url" if asked.base_url else "model"
        if named:
            raise ConfigurationError(
                f"{source} names a server, and provider={_shown(named)} names another place.",
                hint="Give one of them; with_options(base_url=None) takes a URL away.",
            )
        return _AUTO, asked.base_url or asked.model_url, source
    if named:
        return named, None, None
    env_url = found.base_url or (found.model_url if asked.model is None else None)
    env_named = _env_providers(asked, found, model)
    if env_url:
        _check_environment(asked, found, env_named)
        return _AUTO, env_url, "HFI_BASE_URL" if found.base_url else "HFI_MODEL"
    return env_named or _AUTO, None, None


def _env_providers(asked: Asked, found: Surroundings, model: str | None) -> tuple[str, ...] | None:
    """``HFI_PROVIDER``, unless something explicit sets it aside."""
    if found.provider is None or asked.providers is not None:
        return None
    if model is not None and split_suffix(model)[1] and not is_local_model(model):
        return None  # an explicit ":groq" is an explicit provider
    named = [name for name in found.provider.split(",") if name.strip()]
    names = provider_names(named, name="HFI_PROVIDER")
    if names == ("local",) and model is not None and not is_local_model(model):
        return None  # an explicit model that the embedded server does not have
    return None if names == _AUTO else names


def _check_environment(
    asked: Asked, found: Surroundings, env_named: tuple[str, ...] | None
) -> None:
    if found.base_url and found.model_url and asked.model is None:
        pair = "HFI_BASE_URL and HFI_MODEL both name a server"
    elif env_named:
        pair = "HFI_PROVIDER names a provider, and HFI_BASE_URL or HFI_MODEL a server"
    else:
        return
    raise ConfigurationError(f"{pair}.", hint="Unset one of the variables.")


def _check_one_credential(asked: Asked, found: Surroundings, source: str | None) -> None:
    explicit = source in ("base_url", "model")
    if explicit and asked.login is not None and asked.token not in (None, False):
        raise ConfigurationError(
            f"{source} holds a user name and password, and token= is given too.",
            hint="A request carries one of them; leave the other out.",
        )
    if not explicit and found.login is not None and found.base_token is not None:
        raise ConfigurationError(
            f"{source} holds a user name and password, and HFI_TOKEN is set too.",
            hint="A request carries one of them; unset the other.",
        )


def _local_model(model: str | None, env_model: str | None, found: Surroundings) -> str | None:
    for candidate in (model, env_model):
        if candidate is not None and is_local_model(candidate):
            return candidate
    return found.local_model


def _routed_model(
    asked: Asked, model: str | None, env_model: str | None, providers: tuple[str, ...]
) -> str | None:
    """The model for the router or a provider, its suffix not in conflict with ``providers``."""
    explicit = model is not None
    model = model if explicit else env_model
    if model is None:
        return None
    name, suffix = split_suffix(model)
    if suffix is None:
        return model
    if not suffix or not name or name.endswith("/"):
        raise ConfigurationError(f"{model!r} is not the id of a model.", hint='Write "org/name".')
    if providers == _AUTO or is_local_model(model):
        return model
    if explicit:
        raise ConfigurationError(
            f"The model {model!r} names a provider or policy after the colon, and"
            f" provider={_shown(providers)} is given too.",
            hint="Give one of them.",
        )
    if asked.providers is not None:
        return name  # the explicit provider sets the environment's aside
    raise ConfigurationError(
        f"HFI_MODEL is {model!r} and HFI_PROVIDER is {_shown(providers)}: two choices of provider.",
        hint="Unset HFI_PROVIDER, or leave out what follows the colon.",
    )


def _check_own_key(asked: Asked, providers: tuple[str, ...]) -> None:
    """A provider's own key must not be shown to the next provider."""
    if asked.key is None or is_hugging_face_token(asked.key):
        return
    remote = [name for name in providers if name not in ("local", *POLICIES)]
    if len(remote) > 1:
        raise ConfigurationError(
            f"The token is a provider's own key, but provider={_shown(providers)} would send it to"
            " several.",
            hint="Give one provider, or a Hugging Face token (hf_...).",
        )


def _shown(providers: tuple[str, ...]) -> str:
    return repr(providers[0]) if len(providers) == 1 else repr(list(providers))
