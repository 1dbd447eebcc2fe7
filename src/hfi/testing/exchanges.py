"""Recorded exchanges as values, and the file that keeps them: readable, and without secrets."""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import attrs
import httpcore

from hfi._core.failures.redact import redact, redact_headers, shown_url
from hfi.errors import ConfigurationError

__all__ = ["FAILURES", "Exchange", "Piece", "read_tape", "write_tape"]

FORMAT = 1
# How a line may fail on a tape; anything else there is a mistake.
FAILURES: Mapping[str, type[Exception]] = {
    failure.__name__: failure
    for failure in (
        httpcore.ConnectError,
        httpcore.ConnectTimeout,
        httpcore.LocalProtocolError,
        httpcore.PoolTimeout,
        httpcore.ProxyError,
        httpcore.ReadError,
        httpcore.ReadTimeout,
        httpcore.RemoteProtocolError,
        httpcore.WriteError,
        httpcore.WriteTimeout,
    )
}
# A string so long and without a blank is a picture or a sound. What looks like a key in there is
# chance, and masking it would break the picture.
LONGEST_WORD = 2048
# They tell of one connection, or of a body as it was on the wire.
LEFT_OUT = frozenset(
    {"connection", "content-length", "host", "idempotency-key", "keep-alive", "transfer-encoding"}
)


@attrs.frozen
class Piece:
    """Bytes that came at once, and the seconds that were waited for them."""

    data: bytes = attrs.field(repr=False)
    after: float = 0.0


@attrs.frozen(kw_only=True)
class Exchange:
    """A request and what came of it.

    Attributes:
        method, url: Of the request; the URL's query is masked where it may hold a secret.
        body: Of the request.
        headers: Of the request, names in lower case.
        status: Of the reply; None where there was none.
        reply_headers: Of the reply, in their order.
        pieces: The reply's body, as it came.
        failure: How the line failed, a name of httpcore's, instead of a reply or within its body.
    """

    method: str
    url: str
    body: bytes = attrs.field(default=b"", repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    status: int | None = None
    reply_headers: Sequence[tuple[str, str]] = ()
    pieces: Sequence[Piece] = attrs.field(default=(), repr=False)
    failure: str | None = None

    @property
    def target(self) -> str:
        """The path and the query: the host is whatever the client of the replay is made for."""
        parts = urlsplit(self.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def without(self, secrets: Iterable[str]) -> Exchange:
        """The same without these values, and without whatever looks like a secret."""
        secrets = tuple(filter(None, secrets))
        headers = redact_headers(self.headers, secrets)
        replied = [(n, redact_headers({n: v}, secrets)[n.lower()]) for n, v in self.reply_headers]
        kept = LEFT_OUT | {"content-encoding"}
        return attrs.evolve(
            self,
            url=redact(shown_url(self.url), secrets),
            body=_bare_bytes(self.body, secrets),
            headers={name: value for name, value in headers.items() if name not in LEFT_OUT},
            reply_headers=[(n, v) for n, v in replied if n.lower() not in kept],
            pieces=_bare_pieces(self.pieces, secrets),
        )


def write_tape(exchanges: Sequence[Exchange]) -> str:
    """The text of a file that holds these exchanges."""
    rows = [_row(exchange) for exchange in exchanges]
    return json.dumps({"format": FORMAT, "exchanges": rows}, indent=2, ensure_ascii=False) + "\n"


def read_tape(text: str) -> list[Exchange]:
    """The exchanges that a file holds.

    Raises:
        ConfigurationError: It is no such file, or one of a newer version of hfi.
    """
    try:
        tape = json.loads(text)
        if tape["format"] != FORMAT:
            raise ConfigurationError(
                f"The recording has the format {tape['format']!r}, and hfi reads {FORMAT}.",
                hint="Update hfi, or record it again.",
            )
        return [_exchange(row) for row in tape["exchanges"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(
            f"This is no recording of hfi's: {error!r}.", hint="Record it again."
        ) from error


def _row(exchange: Exchange) -> dict[str, Any]:
    request = {
        "method": exchange.method,
        "url": exchange.url,
        "headers": dict(exchange.headers),
        **_body(exchange.body),
    }
    if exchange.status is None:
        return {"request": request, "failure": exchange.failure}
    reply: dict[str, Any] = {
        "status": exchange.status,
        "headers": [f"{name}: {value}" for name, value in exchange.reply_headers],
    }
    if len(exchange.pieces) == 1 and exchange.failure is None:
        reply.update(_body(exchange.pieces[0].data))
    elif exchange.pieces:
        reply["pieces"] = [{"after": p.after, **_body(p.data, False)} for p in exchange.pieces]
    return {"request": request, "reply": reply} | (
        {} if exchange.failure is None else {"failure": exchange.failure}
    )


def _exchange(row: Mapping[str, Any]) -> Exchange:
    request, reply = row["request"], row.get("reply") or {}
    if "pieces" in reply:
        pieces = [Piece(_bytes(piece), float(piece["after"])) for piece in reply["pieces"]]
    else:
        whole = _bytes(reply)
        pieces = [Piece(whole)] if whole else []
    return Exchange(
        method=request["method"],
        url=request["url"],
        body=_bytes(request),
        headers=request["headers"],
        status=reply["status"] if reply else None,
        reply_headers=[_field(line) for line in reply.get("headers", ())],
        pieces=pieces,
        failure=row.get("failure"),
    )


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.strip()


def _body(data: bytes, may_be_json: bool = True) -> dict[str, Any]:
    """A body in the form that is easiest to read: JSON, text, or base64."""
    if not data:
        return {}
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": b2a_base64(data, newline=False).decode("ascii")}
    if may_be_json and text[:1] in ("{", "["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return {"text": text}
        # What is no plain JSON (a name twice, NaN) is kept to the letter.
        if _compact(value) in (text, _compact(json.loads(_compact(value)))) and "NaN" not in text:
            return {"json": value}
    return {"text": text}


def _bytes(row: Mapping[str, Any]) -> bytes:
    if "json" in row:
        return _compact(row["json"]).encode("utf-8", "surrogatepass")
    if "text" in row:
        return str(row["text"]).encode("utf-8", "surrogatepass")
    return a2b_base64(row["base64"]) if "base64" in row else b""


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _bare_bytes(data: bytes, secrets: tuple[str, ...]) -> bytes:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data
    return _bare_text(text, secrets).encode("utf-8")


def _bare_pieces(pieces: Sequence[Piece], secrets: tuple[str, ...]) -> Sequence[Piece]:
    # A secret may lie across two pieces; where there is one, they become one.
    whole = b"".join(piece.data for piece in pieces)
    bare = _bare_bytes(whole, secrets)
    return pieces if bare == whole else [Piece(bare, sum(piece.after for piece in pieces))]


def _bare_text(text: str, secrets: tuple[str, ...]) -> str:
    try:
        value = json.loads(text) if text[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        value = None
    if value is not None:
        bare = _bare_value(value, secrets)
        return text if bare == value else _compact(bare)
    return redact(text, secrets)


def _bare_value(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        if len(value) > LONGEST_WORD and not any(char.isspace() for char in value[:LONGEST_WORD]):
            for secret in secrets:
                value = value.replace(secret, "***")
            return value
        return redact(value, secrets)
    if isinstance(value, list):
        return [_bare_value(each, secrets) for each in value]
    if isinstance(value, dict):
        return {name: _bare_value(each, secrets) for name, each in value.items()}
    return value
