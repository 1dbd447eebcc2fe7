"""Whole replies into values: ``parse.chat_completion(response, request)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi._core.incoming.body import is_event_stream
from hfi._core.incoming.completion import masked, read_completion
from hfi._core.incoming.streams import ChatStreamParser
from hfi.errors import ResponseError

if TYPE_CHECKING:
    from hfi._core.request import Request, Response
    from hfi.types.chat import ChatCompletion

__all__ = ["chat_completion"]


def chat_completion(
    response: Response, request: Request | None = None, *, thinking: bool = False, echo: str = ""
) -> ChatCompletion:
    """Reads a chat's reply.

    A server may stream although it was not asked to: such a reply is put together.

    Args:
        response: The reply, read to its end.
        request: What it answers.
        thinking: The prompt ended with ``<think>``, so the text begins inside.
        echo: What the server repeats before the answer, to be left out of it.

    Raises:
        APIStatusError: The body is an error, although the status is 200.
        ResponseError: It is no chat completion.
        LimitExceededError: It is nested too deeply.
        StreamError: It is a stream that broke off.
    """
    if not is_event_stream(response.content, response.headers, ended=True):
        try:
            return read_completion(
                response.content,
                request,
                headers=response.headers,
                status_code=response.status_code,
                thinking=thinking,
                echo=echo,
            )
        except ResponseError as error:
            raise masked(error, request) from None
    parser = ChatStreamParser(
        request,
        headers=response.headers,
        status_code=response.status_code,
        thinking=thinking,
        echo=echo,
    )
    parser.feed(response.content)
    parser.close()
    if parser.error is not None:
        raise parser.error
    return parser.completion()
