"""Which credential goes where: given ones where the client points, found ones to their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi._core.configuration.hosts import is_hugging_face, is_loopback
from hfi._core.configuration.tokens import is_hugging_face_token
from hfi._core.configuration.urls import parse_url
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.request import Credential

__all__ = [
    "base_url_credential",
    "hub_credential",
    "is_own_key",
    "no_token",
    "none_found",
    "plain_http_warnings",
    "provider_key",
]


def base_url_credential(
    config: ClientConfig, base: str
) -> tuple[Credential | None, tuple[str, ...]]:
    """What goes with a request to a server that was named; a found token only to Hugging Face."""
    asked, found = config.asked, config.found
    from_environment = not config.explicit_url
    credential: Credential | None = None
    if asked.key is not None:
        credential = asked.key
    elif asked.token is True:
        credential = _found_credential(config)
        if credential is None:
            raise none_found()
    elif not from_environment and asked.login is not None:
        credential = asked.login
    elif from_environment and found.login is not None:
        credential = found.login.credential()
    elif asked.token is False:
        return None, ()
    elif from_environment and found.base_token is not None:
        credential = found.base_token.credential()
    elif is_hugging_face(base) and not found.implicit_disabled:
        return _found_credential(config), ()
    return credential, plain_http_warnings(credential, base)


def plain_http_warnings(credential: Credential | None, base: str) -> tuple[str, ...]:
    url = parse_url(base, name="base_url")
    if credential is None or url.scheme == "https" or is_loopback(url.host):
        return ()
    return (
        f"The token goes to {url.origin} over plain http, where anyone on the way can read it;"
        " use https.",
    )


def provider_key(config: ClientConfig) -> Credential | None:
    """The credential for the router or a provider, before it is known which of them."""
    if config.asked.key is not None:
        return config.asked.key
    if config.token is False or (config.token is None and config.found.implicit_disabled):
        return None
    return _found_credential(config)


def is_own_key(config: ClientConfig, key: Credential | None) -> bool:
    """Whether ``key`` is a provider's; a token that was merely found never leaves Hugging Face."""
    given = config.asked.key is not None or config.token is True
    return given and key is not None and not is_hugging_face_token(key)


def hub_credential(config: ClientConfig, hub: str) -> Credential | None:
    """A Hugging Face token for the Hub.

    A key that was given for another server or provider is none of the Hub's business, and a token
    that was merely found is none of a mirror's.
    """
    trusted = is_hugging_face(hub)
    token = config.token
    if token is False:
        return None
    if token is True:
        return _found_credential(config)
    if token is not None and isinstance(token.value, str) and is_hugging_face_token(token):
        return token if trusted or config.base_url is None else None
    if token is not None and not isinstance(token.value, str) and config.base_url is None:
        return token
    if trusted and not config.found.implicit_disabled:
        return _found_credential(config)
    return None


def _found_credential(config: ClientConfig) -> Credential | None:
    token = config.found.token
    return None if token is None else token.credential()


def no_token(config: ClientConfig, host: str) -> ConfigurationError:
    if config.token is False:
        what = "token=False was given"
    elif config.found.implicit_disabled and config.found.token is not None:
        what = "HF_HUB_DISABLE_IMPLICIT_TOKEN keeps the one that was found from being sent"
    elif config.found.base_token is not None:
        what = "none was found (HFI_TOKEN belongs to HFI_BASE_URL alone)"
    else:
        what = "none was found"
    return ConfigurationError(
        f"{host} needs a Hugging Face token, and {what}.",
        hint='Set HF_TOKEN (https://huggingface.co/settings/tokens), or log in with "hf auth'
        ' login", or use provider="local", the embedded model that needs no account.',
    )


def none_found() -> ConfigurationError:
    return ConfigurationError(
        "token=True sends the token of the environment, and none was found.",
        hint='Set HF_TOKEN, or log in with "hf auth login".',
    )
