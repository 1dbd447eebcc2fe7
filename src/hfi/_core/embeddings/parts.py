"""Long lists of texts: in which parts they are sent, and how what comes is put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

import attrs

from hfi.errors import (
    BadRequestError,
    ContextLengthError,
    HFIError,
    RequestTooLargeError,
    ResponseError,
)
from hfi.types.embeddings import Embeddings
from hfi.types.meta import CallMeta
from hfi.types.usage import Usage

__all__ = [
    "AT_ONCE",
    "OPENAI",
    "TEI",
    "PartLimits",
    "Parts",
    "call_meta",
    "joined",
    "smaller",
    "split",
]

AT_ONCE = 8
"""Requests of one call under way at the same time; more queue at the server, and are not faster."""

_FEWEST = 64  # texts for which a request is worth its own cost


Part = TypeVar("Part", bound=Sequence[Any])


@attrs.frozen(kw_only=True)
class PartLimits:
    """What one request may hold.

    Attributes:
        texts: How many.
        bytes: How long, all texts together in UTF-8.
    """

    texts: int
    bytes: int


OPENAI = PartLimits(texts=2048, bytes=1_000_000)
"""OpenAI's own limits are 2,048 texts and 300,000 tokens; a megabyte of prose has fewer of them."""

TEI = PartLimits(texts=32, bytes=1_500_000)
"""TEI's defaults, where ``/info`` cannot be asked: 32 texts, bodies of 2 MB. Hugging Face's own
provider runs it."""

_MOST_TEXTS = re.compile(r"maximum allowed batch size\D{0,3}(\d{1,9})")


def split(texts: Sequence[str], limits: PartLimits) -> list[range]:
    """The rows of each request, in order: as many as ``limits`` allow, but at least one.

    A long list is shared evenly among the requests that run at once, so that none takes longer
    than a reply may.
    """
    parts: list[range] = []
    start = size = 0
    even = max(-(-len(texts) // AT_ONCE), _FEWEST)
    most = max(min(limits.texts, even), 1)
    for row, text in enumerate(texts):
        length = len(text.encode("utf-8", "surrogatepass"))
        full = row - start >= most or size + length > limits.bytes
        if full and row > start:
            parts.append(range(start, row))
            start, size = row, 0
        size += length
    if start < len(texts):
        parts.append(range(start, len(texts)))
    return parts


def told_most(error: HFIError) -> int | None:
    """How many texts a request may have, by the refusal of one that had more."""
    # TEI answers 413 to that; what stands before it may make 400 or 422 of it.
    sized = isinstance(error, (BadRequestError, RequestTooLargeError))
    told = _MOST_TEXTS.search(error.message) if sized else None
    return int(told[1]) if told else None


def smaller(rows: range, error: HFIError) -> list[range]:
    """The rows of a request that was refused for its size, in smaller parts; none if it was not.

    What is only said to be too large or too long is halved, down to the text that is so by itself:
    servers count the tokens of a text, of all of them, or both.
    """
    most = told_most(error)
    if most is None and not isinstance(error, (RequestTooLargeError, ContextLengthError)):
        return []
    if not most or most >= len(rows):
        most = (len(rows) + 1) // 2
    return cut(rows, most) if most < len(rows) else []


def cut(rows: range, most: int) -> list[range]:
    """Rows in parts of ``most`` at most."""
    return [rows[start : start + most] for start in range(0, len(rows), most)]


class Parts(Generic[Part]):
    """What has come of a long list so far.

    Once a part has failed no further one is begun; those under way are waited for, so that nothing
    that was computed is lost. Threads that share one take turns.
    """

    def __init__(
        self,
        count: int,
        join: Callable[[Sequence[Part]], Part],
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        """Begins with nothing.

        Args:
            count: How many rows there will be.
            join: Makes one value of the parts, given in order.
            progress: Told, after each part, how many rows have come, and of how many.
        """
        self._count = count
        self._join = join
        self._progress = progress
        self._came: dict[int, Part] = {}
        self._done = 0
        self._failed: list[tuple[range, HFIError]] = []
        self._most: int | None = None

    def begin(self, rows: range) -> list[range]:
        """The requests to make for some rows: none once a part has failed.

        They are several where the server has refused as many at once before.
        """
        if self._failed:
            return []
        return cut(rows, self._most or len(rows))

    def add(self, rows: range, part: Part) -> None:
        """Takes what came for some rows."""
        self._came[rows.start] = part
        self._done += len(rows)
        if self._progress is not None:
            self._progress(self._done, self._count)

    def refused(self, rows: range, error: HFIError) -> list[range]:
        """Takes the error of a part; gives the smaller parts to try, where it was too large."""
        again, most = smaller(rows, error), told_most(error)
        if not again:
            self._failed.append((rows, error))
        elif most:
            self._most = min(most, self._most or most)
        return again

    def result(self) -> Part:
        """All rows as one value.

        Raises:
            HFIError: The first error; its ``.partial`` holds what came, by row.
            ResponseError: The parts do not fit together.
        """
        ordered = sorted(self._came.items())
        if self._failed:
            raise self._first_error(ordered)
        try:
            return self._join([part for _, part in ordered])
        except ResponseError as error:
            error.partial = _by_row(ordered)
            raise

    def _first_error(self, ordered: Iterable[tuple[int, Part]]) -> HFIError:
        rows, error = min(self._failed, key=lambda failed: failed[0].start)
        came = _by_row(ordered)
        error.partial = came
        if self._count > len(rows):
            where = f"row {rows[0]}" if len(rows) == 1 else f"rows {rows[0]} to {rows[-1]}"
            note = f"It was for {where} of {self._count}; .partial holds {len(came)} by row."
            error.hint = f"{error.hint} {note}" if error.hint else note
        return error


def _by_row(ordered: Iterable[tuple[int, Sequence[Any]]]) -> dict[int, Any]:
    return {start + row: found for start, part in ordered for row, found in enumerate(part)}


def joined(parts: Sequence[Embeddings]) -> Embeddings:
    """Puts the embeddings of parts together, and the facts of their calls.

    Raises:
        ResponseError: They have vectors of different lengths.
    """
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Embeddings((), dimensions=0)
    widths = sorted({part.dimensions for part in parts})
    if len(widths) > 1:
        raise ResponseError(
            f"The server gave vectors of {' and '.join(map(str, widths))} numbers for one list.",
            hint="Name one provider, so that one model answers all of it.",
        )
    first = parts[0]
    per_token = any(part.counts is not None for part in parts)
    counts = (count for part in parts for count in part.counts or (1,) * len(part))
    return Embeddings(
        memoryview(b"".join(part._values for part in parts)).cast("f"),
        dimensions=first.dimensions,
        counts=tuple(counts) if per_token else None,
        model=first.model,
        provider=first.provider,
        usage=_usage([part.usage for part in parts]),
        meta=call_meta([part.meta for part in parts]),
        raw=tuple(raw for part in parts for raw in part.raw),
    )


def _usage(told: Sequence[Usage | None]) -> Usage | None:
    """The sums; None where a part did not count."""
    known = [usage for usage in told if usage is not None]
    if len(known) < len(told):
        return None
    sums: dict[str, Any] = {}
    for name in ("prompt_tokens", "total_tokens"):
        counts = [getattr(usage, name) for usage in known]
        sums[name] = None if None in counts else sum(counts)
    return Usage(**sums)


def call_meta(metas: Sequence[CallMeta]) -> CallMeta:
    """The facts of the calls for parts as those of one call; they were made at the same time."""
    if not metas:
        return CallMeta(attempts=0)
    totals = [meta.total for meta in metas if meta.total is not None]
    return attrs.evolve(
        metas[-1],
        attempts=sum(meta.attempts for meta in metas),
        earlier=tuple(error for meta in metas for error in meta.earlier),
        total=max(totals) if totals else None,
    )
