"""The last steps from a request to what is sent, and the first from what came back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import attrs

from hfi._core.configuration.tokens import clean_token
from hfi._core.failures.retry import idempotency_headers
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hfi._core.request import Credential, Request

__all__ = ["bare_url", "cleaned", "header_fields", "needs_token", "outgoing_headers"]

# RFC 9110, 5.1 and 5.5. Checked here since the libraries below repeat a bad value in their errors.
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")


def needs_token(request: Request) -> bool:
    """Whether a credential goes along; an Authorization header of the user's own wins."""
    return request.credential is not None and "authorization" not in request.headers


def cleaned(credential: Credential) -> Credential:
    """The credential with its token as it can be sent.

    Raises:
        ConfigurationError: It is none that can be sent; the message does not show it.
    """
    return attrs.evolve(credential, value=clean_token(credential.value))


def outgoing_headers(
    request: Request, *, user_agent: str, credential: Credential | None
) -> dict[str, str]:
    """All headers but those that HTTP itself needs.

    A reply that is read whole may come compressed, a stream not: some servers hold its events
    back until a block is full.

    Raises:
        ConfigurationError: A header that HTTP does not allow; the message does not show its value.
    """
    key = request.idempotency_key
    headers = {
        **(idempotency_headers(key) if key is not None else {}),
        "accept": "*/*",
        "accept-encoding": "identity" if request.stream else "gzip",
        "user-agent": user_agent,
        **request.headers,
    }
    # All of them at once, which is quicker; one by one only to find the one that is wrong.
    good = "" not in headers and _is_sendable("".join(headers), "".join(headers.values()))
    if not good:
        bad = [name for name, value in headers.items() if not _is_sendable(name, value)]
        del headers  # so that no variable of a traceback shows the values
        raise ConfigurationError(
            f"The header {bad[0][:80]!r} has a character that no header may hold.",
            hint="A line break at the end of a value read from a file is a frequent cause.",
        )
    if credential is not None:
        headers["authorization"] = f"{credential.scheme} {credential.value}".lstrip()
    return headers


def _is_sendable(name: str, value: str) -> bool:
    return bool(NAME.fullmatch(name) and VALUE.fullmatch(value))


def header_fields(raw: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """A reply's headers by their names in lower case; repeated ones are joined by a comma."""
    fields: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def bare_url(url: str) -> str:
    """A URL without user name, password, query and fragment."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
