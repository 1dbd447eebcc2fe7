"""Embeddings: texts as rows of numbers, kept as 32-bit floats."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from math import sqrt
from operator import mul
from typing import Any, overload

import attrs

from hfi.errors import ConfigurationError, MissingExtraError
from hfi.types.meta import CallMeta
from hfi.types.usage import Usage

__all__ = ["Embedding", "Embeddings"]


def _floats(values: Iterable[float]) -> memoryview:
    if isinstance(values, memoryview) and values.format == "f":
        return values.toreadonly()
    return memoryview(array("f", values)).toreadonly()


def _dot(left: list[float], right: list[float]) -> float:
    return float(sum(map(mul, left, right)))


@attrs.frozen(eq=False, repr=False)
class _Numbers:
    """What a text's row and a table of rows have in common: numbers, a shape, facts."""

    # Of the format "f", 4 bytes a number; a row shares those of the table that it is of.
    _values: Any = attrs.field(converter=_floats)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many numbers there are, in each direction."""
        return (len(self._values),)

    def numpy(self) -> Any:
        """A NumPy array of one's own: float32, of the same ``shape``.

        Raises:
            MissingExtraError: NumPy is not installed.
            ConfigurationError: The texts have different numbers of token vectors.
        """
        return self.__array__(copy=True)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """For ``numpy.asarray``, which copies nothing: that array cannot be written to."""
        try:
            import numpy  # noqa: PLC0415 - optional
        except ImportError as error:
            raise MissingExtraError(
                "NumPy is not installed.", hint="Install it: pip install numpy."
            ) from error
        view = numpy.frombuffer(self._values, dtype=numpy.float32).reshape(self.shape)
        found = view if dtype is None else view.astype(dtype, copy=False)
        return found.copy() if copy and found is view else found

    def __reduce__(self) -> tuple[Any, ...]:
        # A memoryview does not pickle.
        fields = {name: getattr(self, name) for name in _names(type(self))}
        return _restore, (type(self), self._values.tobytes(), fields)


def _names(cls: Any) -> list[str]:
    return [f.name for f in attrs.fields(cls) if f.init and f.name != "_values"]


def _restore(cls: type[_Numbers], data: bytes, fields: Mapping[str, Any]) -> _Numbers:
    values = memoryview(data).cast("f") if data else array("f")
    return cls(values, **fields)


@attrs.frozen(eq=False, repr=False)
class Embedding(_Numbers, Sequence[float]):
    """One text as numbers: a sequence of floats.

    A model that pools nothing gives a vector for each token. Such a row keeps them all: its
    ``shape`` is then (tokens, dimensions), ``.tokens`` are its vectors, and as a sequence it gives
    their numbers one vector after another.

    Attributes:
        dimensions: How many numbers a vector has.
        per_token: Whether it holds a vector for each token.
        model: The model's id, as the server calls it where it does.
        provider: Who computed it; None for a server of your own.
        usage: The tokens counted, where the server did.
        meta: How the call went.
        raw: What the server sent beside the vectors, or None.
    """

    __module__ = "hfi"

    dimensions: int = attrs.field(kw_only=True)
    per_token: bool = attrs.field(default=False, kw_only=True)
    model: str | None = attrs.field(default=None, kw_only=True)
    provider: str | None = attrs.field(default=None, kw_only=True)
    usage: Usage | None = attrs.field(default=None, kw_only=True)
    meta: CallMeta = attrs.field(factory=CallMeta, kw_only=True)
    raw: Mapping[str, Any] | None = attrs.field(default=None, kw_only=True)

    @property
    def shape(self) -> tuple[int, ...]:
        """(dimensions,), or (tokens, dimensions) where nothing was pooled."""
        if not self.per_token:
            return super().shape
        return (len(self._values) // max(self.dimensions, 1), self.dimensions)

    @property
    def tokens(self) -> Embeddings:
        """The vectors of its tokens as rows; the one row of a model that pools."""
        return Embeddings(self._values, dimensions=self.dimensions, model=self.model)

    def __repr__(self) -> str:
        return f"<Embedding {_shown(self)}>"

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[float]: ...
    def __getitem__(self, index: int | slice) -> float | Sequence[float]:
        return self.tolist()[index] if isinstance(index, slice) else float(self._values[index])

    def __iter__(self) -> Iterator[float]:
        return iter(self._values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Embedding):
            return self.shape == other.shape and bool(self._values == other._values)
        if not isinstance(other, (list, tuple)):
            return NotImplemented
        try:
            return bool(self._values == array("f", other))  # as 32 bits hold them
        except (TypeError, OverflowError):
            return False

    def __hash__(self) -> int:
        return hash((self.shape, self._values.tobytes()))

    def tolist(self) -> list[float]:
        """The numbers as Python's."""
        numbers: list[float] = self._values.tolist()
        return numbers

    def similarity(self, other: Embedding) -> float:
        """The cosine of the angle to another: 1 for the same direction; 0 if either is all zero.

        Raises:
            ConfigurationError: They are of different shapes, or of tokens.
        """
        if self.per_token or self.shape != other.shape:
            raise ConfigurationError(
                f"Embeddings of the shapes {self.shape} and {other.shape} cannot be compared.",
                hint="Compare vectors of one model that pools its tokens.",
            )
        mine, theirs = self.tolist(), other.tolist()
        length = sqrt(_dot(mine, mine)) * sqrt(_dot(theirs, theirs))
        return _dot(mine, theirs) / length if length else 0.0


@attrs.frozen(eq=False, repr=False)
class Embeddings(_Numbers, Sequence[Embedding]):
    """Texts as rows of numbers, in the order of the texts.

    The rows share one block of memory, 4 bytes a number.

    Attributes:
        dimensions: How many numbers a vector has; 0 where there is no text.
        counts: For models that pool nothing, how many token vectors each text has; else None.
        model: The model's id, as the server calls it where it does.
        provider: Who computed them; None for a server of your own.
        usage: The tokens counted, all requests together, where the server did.
        meta: How the call went, all requests together.
        raw: What the server sent beside the vectors, one object a request.
    """

    __module__ = "hfi"

    dimensions: int = attrs.field(kw_only=True)
    counts: tuple[int, ...] | None = attrs.field(default=None, kw_only=True)
    model: str | None = attrs.field(default=None, kw_only=True)
    provider: str | None = attrs.field(default=None, kw_only=True)
    usage: Usage | None = attrs.field(default=None, kw_only=True)
    meta: CallMeta = attrs.field(factory=CallMeta, kw_only=True)
    raw: tuple[Mapping[str, Any], ...] = attrs.field(default=(), kw_only=True)
    _starts: tuple[int, ...] | None = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        starts = None if self.counts is None else tuple(accumulate(self.counts, initial=0))
        object.__setattr__(self, "_starts", starts)

    @property
    def shape(self) -> tuple[int, ...]:
        """(texts, dimensions), or (texts, tokens, dimensions) where nothing was pooled.

        Raises:
            ConfigurationError: The texts have different numbers of tokens.
        """
        if self.counts is None:
            return (len(self), self.dimensions)
        if len(set(self.counts)) > 1:
            raise ConfigurationError(
                "The texts have different numbers of token vectors, so there is no one shape.",
                hint="Take them one by one: [row.numpy() for row in embeddings].",
            )
        return (len(self), self.counts[0] if self.counts else 0, self.dimensions)

    def __repr__(self) -> str:
        return f"<Embeddings {_shown(self)}>"

    def __len__(self) -> int:
        if self.counts is not None:
            return len(self.counts)
        return len(self._values) // self.dimensions if self.dimensions else 0

    @overload
    def __getitem__(self, index: int) -> Embedding: ...
    @overload
    def __getitem__(self, index: slice) -> list[Embedding]: ...
    def __getitem__(self, index: int | slice) -> Embedding | list[Embedding]:
        if isinstance(index, slice):
            return [self._row(each) for each in range(*index.indices(len(self)))]
        return self._row(range(len(self))[index])

    def _row(self, index: int) -> Embedding:
        starts = self._starts
        first, last = (index, index + 1) if starts is None else (starts[index], starts[index + 1])
        return Embedding(
            self._values[first * self.dimensions : last * self.dimensions],
            dimensions=self.dimensions,
            per_token=starts is not None,
            model=self.model,
            provider=self.provider,
        )

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (list, tuple)):
            return list(self) == list(other)
        if not isinstance(other, Embeddings):
            return NotImplemented
        mine, theirs = (self.dimensions, self.counts), (other.dimensions, other.counts)
        return mine == theirs and bool(self._values == other._values)

    def __hash__(self) -> int:
        return hash((self.dimensions, self.counts, self._values.tobytes()))

    def tolist(self) -> list[list[float]]:
        """The rows as lists of Python's numbers."""
        return [row.tolist() for row in self]


def _shown(value: Embedding | Embeddings) -> str:
    ragged = isinstance(value, Embeddings) and len(set(value.counts or ())) > 1
    shape = (len(value), "tokens", value.dimensions) if ragged else value.shape
    facts = [" x ".join(map(str, shape)) + " float32"]
    named = (("model", value.model), ("provider", value.provider))
    facts += [f"{name}={text!r}" for name, text in named if text is not None]
    return ", ".join(facts)
