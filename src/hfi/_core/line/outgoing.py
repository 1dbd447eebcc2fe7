"""A request as it goes on the line: the address in its parts, every header, all in bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._core.line.deadline import CallClock

__all__ = ["Address", "Outgoing", "plain_address", "wire_headers"]

# What means the same to every parser of URLs and is sent as it is written. Anything else
# (international names, IPv6, dots to resolve, characters to encode) is for httpx's own parser.
_PLAIN = re.compile(
    r"(https?)://([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)(?::([0-9]{1,5}))?"
    r"((?:/(?!\.)(?:[A-Za-z0-9._~!$&()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*)"
    r"(\?(?:[A-Za-z0-9._~/&=+,:@-]|%[0-9A-Fa-f]{2})*)?"
)
_DEFAULT_PORTS = {b"http": 80, b"https": 443}
_HAS_BODY = frozenset({"POST", "PUT", "PATCH"})


class Address(NamedTuple):
    """Where a request goes; ``port`` is None where it is the scheme's own."""

    scheme: bytes
    host: bytes
    port: int | None
    target: bytes

    @property
    def origin(self) -> tuple[bytes, bytes, int]:
        """What connections are shared by."""
        return self.scheme, self.host, self.port or _DEFAULT_PORTS.get(self.scheme, 0)

    @property
    def netloc(self) -> bytes:
        """The value of the Host header."""
        host = b"[%b]" % self.host if b":" in self.host else self.host
        return host if self.port is None else b"%b:%d" % (host, self.port)


class Outgoing:
    """One request, complete; ``clock`` has the time limits of the call that it belongs to."""

    __slots__ = ("address", "clock", "content", "headers", "method", "url")

    def __init__(
        self,
        *,
        method: str,
        url: str,
        address: Address,
        headers: list[tuple[bytes, bytes]],
        content: bytes | None,
        clock: CallClock,
    ) -> None:
        self.method = method
        self.url = url
        self.address = address
        self.headers = headers
        self.content = content
        self.clock = clock


def plain_address(url: str) -> Address | None:
    """The address of a URL in which there is nothing to decide, else None."""
    match = _PLAIN.fullmatch(url)
    if match is None:
        return None
    scheme, host, port, path, query = match.groups()
    if host.rpartition(".")[2].isdigit() and not _is_ipv4(host):
        return None
    number = int(port) if port else None
    if number is not None and not 0 < number < 65536:
        return None
    known = scheme.encode()
    return Address(
        known,
        host.lower().encode(),
        None if number == _DEFAULT_PORTS[known] else number,
        f"{path or '/'}{query or ''}".encode(),
    )


def _is_ipv4(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and all(
        part.isdigit() and str(int(part)) == part and int(part) < 256 for part in parts
    )


def wire_headers(
    headers: Mapping[str, str], address: Address, method: str, content: bytes | None
) -> list[tuple[bytes, bytes]]:
    """The headers with those that HTTP itself needs, Host first."""
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    own = []
    if "host" not in headers:
        own.append((b"Host", address.netloc))
    if content:
        own.append((b"Content-Length", b"%d" % len(content)))
    elif method in _HAS_BODY:
        own.append((b"Content-Length", b"0"))
    return own + fields
