"""A text put together from its pieces, and the chunks that a stream gives of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.generation.stops import StopCutter
from hfi._core.incoming.accumulate import finish_word
from hfi.types.text import TextChunk, TextDetails, TextGeneration, Token

if TYPE_CHECKING:
    from hfi._core.generation.events import Piece
    from hfi.types.meta import CallMeta
    from hfi.types.usage import Usage

__all__ = ["TextAnswer", "TextReading"]


@attrs.frozen(kw_only=True)
class TextReading:
    """What a call's options mean for the reading of its reply.

    Attributes:
        stops: The stop sequences, which are cut from the text.
        prefix: What is put before the text: the prompt, where the full text was asked for.
        keep_tokens: Whether a stream's tokens are kept for the whole text.
    """

    stops: Sequence[str] = ()
    prefix: str = attrs.field(default="", repr=False)
    keep_tokens: bool = False


class TextAnswer:
    """Collects the pieces of a text.

    Attributes:
        started: Whether any text or token has come.
        finished: Whether the server has said that the text is over.
    """

    def __init__(self, reading: TextReading) -> None:
        """Begins an empty text."""
        self.started = False
        self.finished = False
        self._reading = reading
        self._cutter = StopCutter(reading.stops)
        self._prefix = reading.prefix
        self._pieces: list[str] = []
        self._tokens: list[Token] = []
        self._top_tokens: list[tuple[Token, ...]] = []
        self._finish: str | None = None
        self._details: TextDetails | None = None
        self._usage: Usage | None = None
        self._model: str | None = None
        self._parts: list[str] = []  # as they came, before any cut

    def add(self, piece: Piece, source: Any = None) -> TextChunk:
        """Keeps what a piece adds, and gives the chunk to hand out for it."""
        text = piece.text
        if piece.whole is not None:
            text += self._missing(piece)
        self._parts.append(text)
        if text or piece.tokens:
            self.started = True
        shown = self._cutter.feed(text)
        if piece.ends:
            self.finished = self.started = True
            shown += self._cutter.flush()
        shown = self._prefixed(shown)
        self._pieces.append(shown)
        self._keep(piece)
        return TextChunk(
            text=shown,
            token=piece.tokens[0] if piece.tokens else None,
            top_tokens=piece.top_tokens[0] if piece.top_tokens else None,
            index=piece.index,
            finish_reason=self._reason(piece.finish_reason),
            generated_text=piece.whole,
            details=piece.details,
            usage=piece.usage,
            source=source,
        )

    def flush(self) -> TextChunk | None:
        """Ends the text: gives what was held of it, or None."""
        held = self._cutter.flush()
        if not held:
            return None
        self._pieces.append(held)
        return TextChunk(text=held)

    def generation(
        self, *, provider: str | None, meta: CallMeta, source: Any = None
    ) -> TextGeneration:
        """Gives the text as far as it came."""
        return TextGeneration(
            text="".join(self._pieces),
            finish_reason=self._reason(self._finish),
            details=self._whole_details(),
            model=self._model,
            usage=self._usage,
            provider=provider,
            meta=meta,
            source=source,
        )

    def _prefixed(self, shown: str) -> str:
        prefix, self._prefix = self._prefix, ""
        return prefix + shown

    def _missing(self, piece: Piece) -> str:
        """Gives what the whole text has beyond its pieces: all of it, if it came alone."""
        whole, seen = piece.whole or "", "".join(self._parts) + piece.text
        if whole.startswith(seen):
            return whole[len(seen) :]
        # The tokens were decoded one by one, the whole text at once: what was shown stands.
        return ""

    def _keep(self, piece: Piece) -> None:
        if self._reading.keep_tokens:
            self._tokens.extend(piece.tokens)
            self._top_tokens.extend(piece.top_tokens or ())
        self._finish = piece.finish_reason or self._finish
        self._details = piece.details or self._details
        self._usage = piece.usage or self._usage
        self._model = self._model or piece.model

    def _reason(self, word: str | None) -> str | None:
        reason = finish_word(word) if word is not None else None
        return "stop" if reason is None and self._cutter.cut and self.finished else reason

    def _whole_details(self) -> TextDetails | None:
        details = self._details
        if not self._tokens and not self._top_tokens:
            return details
        details = details or TextDetails()
        return attrs.evolve(
            details,
            tokens=details.tokens or tuple(self._tokens),
            top_tokens=details.top_tokens or tuple(self._top_tokens) or None,
        )
