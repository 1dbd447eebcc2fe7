"""The reading of the world: variables, token files, and files that a call names."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hfi._core.configuration.world import World
from hfi._core.outgoing.sources import read_stream
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["read_files", "read_proxies", "read_text", "read_world", "user_agent"]

# A token file is some forty bytes; whoever points HF_TOKEN_PATH at a disk image gets no token.
_LARGEST = 65_536


def read_world() -> World:
    """The environment as it is now, for ``hfi._core.configuration.config.resolve``."""
    return World(environ=dict(os.environ), read_text=read_text, home=_home(), secrets=_colab_secret)


def _home() -> str:
    try:
        return str(Path.home())
    except RuntimeError:  # no HOME, and a user the system does not know
        return "~"


def read_proxies() -> dict[str, str]:
    """The proxies of the environment, by scheme, and ``no`` for the hosts that need none."""
    names = (name[-6:].lower() for name in os.environ)
    # Where no variable is set only Windows and macOS have something to add, from their settings.
    if sys.platform not in ("win32", "darwin") and "_proxy" not in names:
        return {}
    from urllib.request import getproxies  # noqa: PLC0415 - imports half the standard library

    return getproxies()


def read_text(path: str) -> str | None:
    """The text of a small file; None where it is absent, unreadable, too large or no text."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError):  # ValueError: a null byte in the path
        return None
    if len(data) > _LARGEST:
        return None
    # PowerShell's redirection writes UTF-16; editors on Windows write a byte order mark.
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


@functools.cache
def _colab_secret() -> str | None:
    """The notebook's secret ``HF_TOKEN``; asked once per process, since asking opens a dialog."""
    # google.colab is imported in every Colab notebook, and importing it elsewhere breaks things.
    if "google.colab" not in sys.modules or os.environ.get("VERTEX_PRODUCT") == "COLAB_ENTERPRISE":
        return None
    try:
        secret = importlib.import_module("google.colab.userdata").get("HF_TOKEN")
    except Exception:  # not there, not granted, no front end to ask: all mean "no token"
        return None
    return secret if isinstance(secret, str) else None


def read_files(paths: Iterable[str]) -> dict[str, bytes]:
    """The bytes of the files that a call names, by the names given there.

    Raises:
        ConfigurationError: One cannot be read, or is too large to be sent.
    """
    return {path: _read_file(path) for path in paths}


def _read_file(path: str) -> bytes:
    try:
        # Unbuffered: a file is read in one piece, at its size, into its own bytes.
        with Path(path).expanduser().open("rb", buffering=0) as file:
            return read_stream(file, repr(path))
    except ConfigurationError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"The file {path!r} cannot be read: {reason}.",
            hint="Give a path that can be read, or a URL that begins with http:// or https://.",
        ) from error


def user_agent() -> str:
    """``hfi/VERSION python/VERSION``; nothing else about the machine is told."""
    # The version stands in the package, which is imported before any of its modules.
    version = sys.modules["hfi"].__version__
    major, minor, micro = sys.version_info[:3]
    return f"hfi/{version} python/{major}.{minor}.{micro}"
