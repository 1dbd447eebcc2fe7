"""What this machine says of itself: variables, files, packages."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from typing import TYPE_CHECKING

from hfi._core.configuration.credentials import base_url_credential, hub_credential
from hfi._core.configuration.hosts import ROUTER, is_hugging_face
from hfi._core.configuration.tokens import is_hugging_face_token, token_path
from hfi._core.configuration.urls import join_path, openai_url, parse_url, safe_url, with_query
from hfi._core.line.proxies import check_proxy, proxy_for
from hfi.cli.doctor.facts import Check, LocalFacts, TokenFacts, WhoAmI
from hfi.cli.doctor.probes import Target
from hfi.errors import ConfigurationError, LocalServerError, MissingExtraError

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.configuration.world import World
    from hfi._core.request import Credential
    from hfi._core.routing import Route

__all__ = ["certificates", "hub_token", "local", "proxies", "targets", "token"]

_HUB_PROBE = {"limit": "1"}


def proxies() -> tuple[dict[str, str], str | None]:
    """The proxies of the environment without their logins, and what is wrong with them."""
    found, problem = {}, None
    for name, url in _proxies().items():
        if name not in ("http", "https", "all"):
            continue
        found[name] = safe_url(url).strip("'")
        try:
            whole = check_proxy(url)
        except ConfigurationError as error:
            problem = f"that for {name}: {error.message}"
            continue
        if whole.startswith("socks") and importlib.util.find_spec("socksio") is None:
            problem = "a SOCKS proxy needs the package socksio (`pip install 'httpx[socks]'`)"
    if exceptions := _proxies().get("no"):
        found["no"] = exceptions
    return found, problem


def _proxies() -> dict[str, str]:
    from urllib.request import getproxies

    return getproxies()


def certificates(world: World) -> Check:
    """Which certificates are trusted, and whether they can be read."""
    from hfi._network.security import ssl_context_for

    named = next((n for n in ("SSL_CERT_FILE", "SSL_CERT_DIR") if world.environ.get(n)), None)
    try:
        ssl_context_for(True)
    except ConfigurationError as error:
        fix = "Correct it, or unset it."
        return Check(name="certificates", state="fail", text=error.message, fix=fix)
    where = f"those of {named} ({world.environ[named]})" if named else "certifi's list"
    return Check(name="certificates", state="ok", text=where)


def targets(config: ClientConfig, route: Route | None) -> list[Target]:
    """The servers that the next call asks."""
    if config.is_local or (config.offline and config.base_url is None):
        return []
    if config.base_url is not None:
        try:
            credential, _ = base_url_credential(config, config.base_url)
        except ConfigurationError:  # said with the provider
            credential = None
        return [_target(openai_url(config.base_url, "/models"), credential)]
    hub = with_query(join_path(config.hub_url, "/api/models"), _HUB_PROBE)
    # Providers' own APIs have no page that all of them answer; that something answers is enough.
    other = parse_url(route.url, name="url").origin if route is not None else ROUTER
    inference = f"{ROUTER}/v1/models" if other == ROUTER else other
    return [_target(hub), _target(inference)]


def _target(url: str, credential: Credential | None = None) -> Target:
    parts = parse_url(url, name="url")
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = None if parts.port == usual else parts.port
    try:
        proxy = proxy_for(parts.scheme, parts.host, port, _proxies())
    except ConfigurationError:  # said with the proxies
        proxy = None
    return Target(url=url, credential=credential, proxy=proxy)


def hub_token(config: ClientConfig) -> Credential | None:
    """The token that the Hub may be asked about, where there is one."""
    if config.offline or config.is_local or not is_hugging_face(config.hub_url):
        return None
    try:
        found = hub_credential(config, config.hub_url)
    except ConfigurationError:  # a bad one, which is said
        return None
    return found if found is not None and is_hugging_face_token(found) else None


def token(config: ClientConfig, world: World, whoami: WhoAmI | None) -> TokenFacts:
    """What may be said of the token."""
    needed = not config.is_local and (config.base_url is None or is_hugging_face(config.base_url))
    looked = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", token_path(world))
    found = config.found.token
    if found is None:
        return TokenFacts(needed=needed, looked=looked)
    source = token_path(world) if found.source == "token file" else found.source
    return TokenFacts(
        source=source,
        problem=found.problem,
        prefix=found.problem is not None or is_hugging_face_token(found.credential()),
        needed=needed,
        withheld=config.found.implicit_disabled,
        whoami=whoami,
    )


def local(config: ClientConfig) -> LocalFacts:
    """What there is of the embedded model; nothing is downloaded or started to find out."""
    import os

    from hfi.local import find_weights
    from hfi.local.engine import require_engine

    engine = error = None
    possible = True
    try:
        require_engine()
        engine = _version("xllamacpp")
    except MissingExtraError as missing:
        error, possible = missing.message, "no wheel" not in missing.message
    weights = weights_error = None
    size = 0
    try:
        found = find_weights(config.local_model, environ={**os.environ, "HF_HUB_OFFLINE": "1"})
        weights, size = str(found.path), found.path.stat().st_size
    except (LocalServerError, OSError) as missing:
        weights_error = getattr(missing, "message", None) or str(missing)
    return LocalFacts(
        engine=engine,
        engine_error=error,
        engine_possible=possible,
        weights=weights,
        weights_size=size,
        weights_error=weights_error,
        wanted=config.is_local,
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:  # put there by other means
        return "of an unknown version"
