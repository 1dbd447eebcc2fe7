"""What the environment says, as one value, so that it is read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hfi._core.configuration.hosts import HUB
from hfi._core.configuration.tokens import FoundToken, find_token, found_secret, login_credential
from hfi._core.configuration.urls import is_url, safe_url, split_login

if TYPE_CHECKING:
    from hfi._core.configuration.world import World

__all__ = ["Surroundings", "survey"]

_TRUE = frozenset({"1", "on", "yes", "true"})


@attrs.frozen(kw_only=True)
class Surroundings:
    """The facts of the environment; nothing here is checked before it is used.

    Attributes:
        base_url: ``HFI_BASE_URL`` without its login.
        base_token: ``HFI_TOKEN``, which belongs to ``HFI_BASE_URL`` alone.
        model: ``HFI_MODEL``, where it is no URL.
        model_url: ``HFI_MODEL`` without its login, where it is a URL.
        login: The login that stood in either URL.
        provider: ``HFI_PROVIDER``, one name or several with commas.
        local_model: ``HFI_LOCAL_MODEL``.
        hub_url: ``HF_ENDPOINT``, or the Hub.
        offline: The name of the variable that forbids Hugging Face's hosts, or None.
        implicit_disabled: Whether ``HF_HUB_DISABLE_IMPLICIT_TOKEN`` is set.
        token: The Hugging Face token that was found.
    """

    base_url: str | None = attrs.field(default=None, repr=safe_url)
    base_token: FoundToken | None = None
    model: str | None = None
    model_url: str | None = attrs.field(default=None, repr=safe_url)
    login: FoundToken | None = None
    provider: str | None = None
    local_model: str | None = None
    hub_url: str = attrs.field(default=HUB, repr=safe_url)
    offline: str | None = None
    implicit_disabled: bool = False
    token: FoundToken | None = None


def survey(world: World, *, ask_secrets: bool = True) -> Surroundings:
    """Reads every variable and file that hfi goes by; an empty variable counts as unset."""

    def variable(name: str) -> str | None:
        return world.environ.get(name, "").strip() or None

    def is_set(name: str) -> bool:
        return (variable(name) or "").lower() in _TRUE

    model = variable("HFI_MODEL")
    base_url, base_login = split_login(variable("HFI_BASE_URL") or "")
    model_url, model_login = split_login(model if model and is_url(model) else "")
    login = base_login if base_url else model_login
    source = "HFI_BASE_URL" if base_url else "HFI_MODEL"
    return Surroundings(
        base_url=base_url or None,
        base_token=found_secret(world.environ.get("HFI_TOKEN"), "HFI_TOKEN"),
        model=None if model_url else model,
        model_url=model_url or None,
        login=_login(login, source),
        provider=variable("HFI_PROVIDER"),
        local_model=variable("HFI_LOCAL_MODEL"),
        hub_url=(variable("HF_ENDPOINT") or HUB).rstrip("/"),
        offline=next((v for v in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE") if is_set(v)), None),
        implicit_disabled=is_set("HF_HUB_DISABLE_IMPLICIT_TOKEN"),
        token=find_token(world, ask_secrets=ask_secrets),
    )


def _login(login: str | None, source: str) -> FoundToken | None:
    if not login:
        return None
    credential = login_credential(login, source)
    return FoundToken(value=str(credential.value), source=source, scheme=credential.scheme)
