"""Bodies that were compressed, inflated piece by piece under a bound on what comes out.

Nothing is inflated before somebody asks for it: of a body that grows a thousandfold at most one
piece is in memory.
"""

from __future__ import annotations

import zlib
from typing import Any

from hfi.errors import LimitExceededError, ResponseError
from hfi.types.hints import NO_API

__all__ = ["PIECE_SIZE", "Inflater", "inflater_for"]

PIECE_SIZE = 1 << 20  # bytes that one call gives at most
GZIP_MAGIC = b"\x1f\x8b"


def inflater_for(content_encoding: str | None, *, limit: int | None = None) -> Inflater | None:
    """The inflater for a Content-Encoding header, or None where the body is as it is.

    Args:
        content_encoding: The header's value.
        limit: Bytes that may come out in all, or None.

    Raises:
        ResponseError: An encoding that was not asked for and cannot be undone.
    """
    codings = [part.strip().lower() for part in (content_encoding or "").split(",")]
    codings = [coding for coding in codings if coding not in ("", "identity")]
    if not codings:
        return None
    if len(codings) == 1 and codings[0] in ("gzip", "x-gzip", "deflate"):
        return Inflater(gzip=codings[0] != "deflate", limit=limit)
    raise ResponseError(
        f"The reply is encoded as {', '.join(codings)[:60]!r}, which was not asked for.",
        hint="This is the server's fault, or that of a proxy before it.",
    )


class Inflater:
    """Undoes ``gzip`` (several members too) or ``deflate`` (with and without its zlib wrapping).

    ``feed`` gives at most ``PIECE_SIZE`` bytes; while ``pending``, call it again with ``b""``.
    """

    def __init__(self, *, gzip: bool, limit: int | None = None) -> None:
        self._gzip = gzip
        self._limit = limit
        self._sofar = 0
        self._input = b""
        self._more = False
        self._begun = False
        self._over = False
        self._stage: Any = None

    @property
    def pending(self) -> bool:
        """Whether more comes out without further input."""
        return self._more

    def feed(self, data: bytes) -> bytes:
        """The next piece.

        Raises:
            ResponseError: The data is not what its encoding says.
            LimitExceededError: More came out than the limit allows.
        """
        self._input = self._input + data if self._input else data
        self._more = True
        out = b""
        while self._more and not out:
            out = self._inflate()
        self._sofar += len(out)
        if self._limit is not None and self._sofar > self._limit:
            raise LimitExceededError(
                f"The reply is larger than {self._limit} bytes once it is inflated.", hint=NO_API
            )
        return out

    def close(self) -> None:
        """Says that the input ended.

        Raises:
            ResponseError: It ended in the middle.
        """
        if self._input if self._stage is None else not self._stage.eof:
            raise ResponseError("The reply's compressed body ends in the middle.", hint=NO_API)

    def _inflate(self) -> bytes:
        stage = self._stage
        if stage is None or stage.eof:
            stage = self._stage = self._next_stage()
        if stage is None:
            return b""
        try:
            out: bytes = stage.decompress(self._input, PIECE_SIZE)
        except zlib.error as error:
            raise ResponseError(
                f"The reply's compressed body is broken: {error}.", hint=NO_API
            ) from error
        self._input = stage.unused_data if stage.eof else stage.unconsumed_tail
        # A full piece may leave some bytes inside zlib although all input was taken.
        self._more = bool(self._input) or (not stage.eof and len(out) == PIECE_SIZE)
        return out

    def _next_stage(self) -> Any:
        """What undoes the next member, told from its first two bytes; none without a next one."""
        head = self._input[:2]
        if self._begun and not (self._gzip and GZIP_MAGIC.startswith(head)):
            self._over = True
        if self._over:
            self._input = head = b""  # padding after the last member, whatever comes in it
        if len(head) < 2:
            self._more = False
            return None
        self._begun = True
        # 31: gzip framing; 15: zlib framing; -15: the bare deflate that some servers send.
        wrapped = head[0] & 0x0F == 8 and int.from_bytes(head, "big") % 31 == 0
        return zlib.decompressobj(31 if self._gzip else 15 if wrapped else -15)
