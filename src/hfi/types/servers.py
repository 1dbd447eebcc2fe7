"""What a server of one's own tells of itself, and what it makes of texts besides answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import attrs

from hfi.types.meta import CallMeta
from hfi.types.raw import short

__all__ = ["RankedText", "ServerHealth", "ServerInfo", "TextToken", "Tokens"]


@attrs.frozen(kw_only=True)
class ServerHealth:
    """Whether a server is ready; true if it is.

    Attributes:
        ok: Whether it answers calls now.
        status: Its own word, such as ``"ok"`` or ``"Loading model"``, or None.
        url: Where it was asked.
        meta: How the call went.
    """

    __module__ = "hfi"

    ok: bool
    status: str | None = None
    url: str = ""
    meta: CallMeta = attrs.field(factory=CallMeta, eq=False, repr=False)

    def __bool__(self) -> bool:
        return self.ok


@attrs.frozen(kw_only=True)
class ServerInfo:
    """What a server is.

    Attributes:
        kind: ``"tgi"``, ``"tei"``, ``"vllm"``, ``"llama.cpp"``, ``"ollama"``, ``"lm-studio"``,
            ``"openai"`` for others with OpenAI's routes, or ``"unknown"``.
        url: Its address, without the path of an API.
        model: The model it serves, as it calls it.
        version: Its own version.
        context_length: The most tokens of prompt and answer together, or of a text to embed.
        max_batch: The most texts that one request for embeddings may have.
        max_concurrent: The most requests it works on or queues.
        methods: Which of the client's methods it can answer, as far as it tells.
        raw: The JSON that it told this by.
        meta: How the call went.
    """

    __module__ = "hfi"

    kind: str
    url: str
    model: str | None = None
    version: str | None = None
    context_length: int | None = None
    max_batch: int | None = None
    max_concurrent: int | None = None
    methods: tuple[str, ...] = ()
    raw: Mapping[str, Any] = attrs.field(factory=dict, eq=False, repr=False)
    meta: CallMeta = attrs.field(factory=CallMeta, eq=False, repr=False)


@attrs.frozen(kw_only=True)
class TextToken:
    """One token of a text.

    Attributes:
        id: Its number in the model's vocabulary.
        text: What it stands for; None where the server does not tell. Part of a character is a
            replacement character.
        start: Where it begins in the text, as the server counts; None for a special one.
        stop: Where it ends.
        special: Whether it stands for none of the text; None where the server does not tell.
    """

    __module__ = "hfi"

    id: int
    text: str | None = None
    start: int | None = None
    stop: int | None = None
    special: bool | None = None


@attrs.frozen(slots=False, repr=False)
class Tokens(Sequence[TextToken]):
    """The tokens of a text in order; its length is how many there are.

    Attributes:
        items: The tokens.
        max_length: The most tokens that the server takes, where it tells.
        raw: The JSON as the server sent it.
        meta: How the call went.
    """

    __module__ = "hfi"

    items: tuple[TextToken, ...]
    max_length: int | None = attrs.field(default=None, kw_only=True)
    raw: Any = attrs.field(default=None, kw_only=True, eq=False)
    meta: CallMeta = attrs.field(factory=CallMeta, kw_only=True, eq=False)

    @property
    def ids(self) -> tuple[int, ...]:
        """Their numbers in the model's vocabulary."""
        return tuple(token.id for token in self.items)

    def __repr__(self) -> str:
        return f"<Tokens {len(self)}: {short(self.ids)}>"

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[TextToken]:
        return iter(self.items)

    @overload
    def __getitem__(self, index: int) -> TextToken: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[TextToken, ...]: ...
    def __getitem__(self, index: int | slice) -> TextToken | tuple[TextToken, ...]:
        return self.items[index]


@attrs.frozen(kw_only=True)
class RankedText:
    """One text, ranked by how well it answers a query.

    Attributes:
        index: Its place in the list that was given.
        score: How well it fits, by the model's own measure; TEI gives 0 to 1 unless ``raw_scores``
            is asked for, vLLM mostly 0 to 1, llama.cpp the bare logit.
        text: The text.
    """

    __module__ = "hfi"

    index: int
    score: float
    text: str = attrs.field(repr=short)
