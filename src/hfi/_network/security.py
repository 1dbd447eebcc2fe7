"""TLS settings: one SSL context for each way of verifying, made when https is first needed."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path

import httpcore

from hfi.errors import ConfigurationError

__all__ = ["Verify", "ssl_context_for"]

Verify = bool | str | os.PathLike[str] | ssl.SSLContext


def ssl_context_for(verify: Verify) -> ssl.SSLContext:
    """The SSL context for a ``verify=`` argument; reads files, so it may block.

    Raises:
        ConfigurationError: There is no CA bundle at that path, or it cannot be read.
    """
    if isinstance(verify, ssl.SSLContext):
        return verify
    if verify is True:
        # The variables of OpenSSL, as httpx follows them.
        path = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
        return _context(path) if path else _default()
    return _context(None if verify is False else os.fspath(verify))


@lru_cache(maxsize=1)
def _default() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


@lru_cache(maxsize=16)
def _context(path: str | None) -> ssl.SSLContext:
    if path is None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    try:
        if Path(path).is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        raise ConfigurationError(
            f"No CA certificates could be read from {path!r}: {error}.",
            hint="Check verify=, SSL_CERT_FILE and SSL_CERT_DIR.",
        ) from error
