"""Embeddings read out of replies, in whatever form servers give them.

TEI and Hugging Face give lists of numbers, for token vectors nested three deep; OpenAI's shape is
``{"data": [{"index", "embedding"}]}``, with numbers or base64; Ollama's and Vertex's own routes put
the rows in a field of another name.
"""

from __future__ import annotations

import base64
import json
import math
import sys
from array import array
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import attrs

from hfi._core.incoming.decode import read
from hfi.errors import ResponseError
from hfi.types.embeddings import Embedding, Embeddings
from hfi.types.usage import Usage

__all__ = ["completed", "read_embedding", "read_embeddings"]

Value = TypeVar("Value")

_FIELDS = ("data", "embeddings", "embedding", "predictions")
_MAX_DEPTH = 4  # texts, one level too many, tokens, numbers


def read_embedding(body: Any) -> Embedding:
    """Reads the embedding of one text.

    Raises:
        ResponseError: There is not exactly one.
    """
    found = read_embeddings(body, texts=1)
    row = found[0]
    return Embedding(
        row._values,
        dimensions=found.dimensions,
        per_token=row.per_token,
        model=found.model,
        usage=found.usage,
        raw=found.raw[0] if found.raw else None,
    )


def read_embeddings(body: Any, *, texts: int) -> Embeddings:
    """Reads the embeddings of ``texts`` texts, in their order.

    A text with several vectors keeps them all: a model that pools nothing gives one for each token.

    Raises:
        ResponseError: There are more or fewer, or what stands there are no rows of one length.
    """
    beside = _beside(body) if isinstance(body, dict) else None
    rows = [_vectors(row, body) for row in _rows(body, texts)]
    widths = {len(vector) for row in rows for vector in row}
    if len(widths) != 1 or widths == {0}:
        sizes = " and ".join(map(str, sorted(widths)))
        raise _odd(f"The reply holds vectors of {sizes or 'no'} numbers", body)
    values = array("f")
    for row in rows:
        for vector in row:
            values.extend(vector)
    counts = tuple(map(len, rows))
    model = beside.get("model") if beside else None
    return Embeddings(
        values,
        dimensions=widths.pop(),
        counts=counts if set(counts) != {1} else None,
        model=model if isinstance(model, str) and model else None,
        usage=_usage(beside) if beside else None,
        raw=(beside,) if beside is not None else (),
    )


def completed(value: Value, model: str | None) -> Value:
    """What a reply with vectors did not say, of its headers and of what the server told before."""
    if not isinstance(value, (Embedding, Embeddings)):
        return value
    changes: dict[str, Any] = {}
    if value.model is None:
        told = value.raw[0] if isinstance(value.raw, tuple) and value.raw else value.raw
        named = told.get("model") if isinstance(told, dict) else None
        changes["model"] = named if isinstance(named, str) and named else model
    counted = value.meta.headers.get("x-compute-tokens", "")
    if value.usage is None and counted.isdecimal():  # TEI, beside a body that is rows alone
        changes["usage"] = Usage(prompt_tokens=int(counted[:18]), total_tokens=int(counted[:18]))
    return attrs.evolve(value, **changes) if changes else value


def _beside(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in _FIELDS}


def _usage(beside: Mapping[str, Any]) -> Usage | None:
    told = beside.get("usage")
    if not isinstance(told, dict):
        return None
    usage = read(Usage, told)
    object.__setattr__(usage, "_source", beside)  # for ``usage.raw``
    return usage


def _rows(body: Any, texts: int) -> list[Any]:
    """What the reply says of each text: numbers, base64, or vectors."""
    found: Any = body
    if isinstance(body, dict):
        found = next((body[name] for name in _FIELDS if body.get(name)), None)
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list) or not found:
        raise _odd("The reply holds no embeddings", body)
    if any(isinstance(item, dict) for item in found):
        found = _by_index(found, body)
    elif not isinstance(found[0], list) and not _is_base64(found, texts):
        found = [found]
    # One level too many around the texts, or around the vectors of a single one.
    while texts > 1 == len(found) and _depth(found) > 2:
        found = found[0]
    if texts == 1 < len(found) and _depth(found) == 2:
        found = [found]
    if len(found) != texts:
        raise _odd(f"The reply holds {len(found)} rows for {texts} texts", body)
    rows: list[Any] = found
    return rows


def _is_base64(items: Sequence[Any], texts: int) -> bool:
    """Whether each item is a row; else they are the numbers of one, perhaps as text."""
    return len(items) == texts and all(isinstance(item, str) for item in items)


def _by_index(items: Sequence[Any], body: Any) -> list[Any]:
    """The rows of OpenAI's ``data``, which may come in any order."""
    if not all(isinstance(item, dict) and "embedding" in item for item in items):
        raise _odd("The reply holds no embeddings", body)
    places = [item.get("index") for item in items]
    if all(type(place) is int for place in places):
        items = sorted(items, key=lambda item: int(item["index"]))
    return [item["embedding"] for item in items]


def _vectors(row: Any, body: Any) -> list[array[float]]:
    if isinstance(row, str):
        return [_from_base64(row, body)]
    while isinstance(row, list) and len(row) == 1 and _depth(row) > 1:
        row = row[0]
    if isinstance(row, str):
        return [_from_base64(row, body)]
    if not isinstance(row, list) or not row or _depth(row) > 2:
        raise _odd("The reply holds rows that are no vectors", body)
    if isinstance(row[0], list):
        return [_numbers(vector, body) for vector in row]
    return [_numbers(row, body)]


def _depth(value: Any) -> int:
    depth = 0
    while isinstance(value, list) and value and depth <= _MAX_DEPTH:
        value, depth = value[0], depth + 1
    return depth


def _numbers(vector: Any, body: Any) -> array[float]:
    try:
        return array("f", vector)
    except (TypeError, OverflowError):
        pass
    try:
        # Rust writes NaN as null; a number as text is a slip that loses nothing.
        return array("f", [math.nan if item is None else float(item) for item in vector])
    except (TypeError, ValueError, OverflowError):
        raise _odd("The reply holds vectors that are not of numbers", body) from None


def _from_base64(text: str, body: Any) -> array[float]:
    """32-bit floats, the lowest byte first."""
    values = array("f")
    try:
        values.frombytes(base64.b64decode(text, validate=True))
    except ValueError:
        raise _odd("The reply holds base64 that is not of 32-bit floats", body) from None
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _odd(what: str, body: Any) -> ResponseError:
    return ResponseError(
        f"{what}.",
        hint="Is this a model for embeddings? .body holds the beginning of the reply.",
        body=json.dumps(body)[:500],
    )
