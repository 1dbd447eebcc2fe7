"""A whole reply of text generation, from its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hfi._core.failures.failure import error_from_body, find_error
from hfi._core.generation.events import read_value
from hfi._core.incoming.completion import not_json
from hfi._core.incoming.decode import untyped
from hfi.errors import ResponseError

if TYPE_CHECKING:
    from hfi._core.generation.events import Piece
    from hfi._core.request import Request

__all__ = ["whole_piece"]


def whole_piece(
    body: bytes, request: Request | None, *, headers: Mapping[str, str], status_code: int
) -> Piece:
    """Reads a body as the one piece of a text.

    Raises:
        APIStatusError: The body is an error, whatever the status says.
        ResponseError: It is no JSON, or nothing of a text.
        LimitExceededError: It is nested too deeply.
    """
    try:
        value = untyped(body)
    except ResponseError as error:
        if type(error) is not ResponseError:
            raise
        raise not_json(body, request, headers.get("content-type", "")) from None
    told = find_error(value)
    if told is not None:
        raise error_from_body(told, status_code=status_code, headers=headers, request=request)
    return read_value(value, body)
