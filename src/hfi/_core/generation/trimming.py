"""Leaving out the oldest turns of a chat that is too long, and no more of them than needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.configuration.urls import join_path
from hfi._core.incoming.decode import untyped
from hfi._core.outgoing.json_body import encode
from hfi._core.request import Request
from hfi.errors import APIStatusError, ResponseError

if TYPE_CHECKING:
    from hfi._core.flows import Flow
    from hfi._core.generation.servers import Server
    from hfi._core.request import Credential, Response
    from hfi.errors import ContextLengthError

__all__ = ["Shortage", "TokenCounter", "Turns", "find_cut", "shortage_of"]

Messages = Sequence[Mapping[str, Any]]


@attrs.frozen(kw_only=True)
class Shortage:
    """By how much a prompt is too long, in tokens.

    Attributes:
        prompt: Tokens of the prompt.
        limit: Tokens of prompt and answer together.
        room: Tokens to be left for the answer.
    """

    prompt: int
    limit: int
    room: int

    @property
    def excess(self) -> int:
        """Tokens of the prompt that must go."""
        return max(self.prompt + self.room - self.limit, 1)


def shortage_of(
    error: ContextLengthError, options: Mapping[str, Any], server: Server | None
) -> Shortage | None:
    """Reads a refusal; None where neither it nor the server names the numbers."""
    limit = error.max_tokens or (server.context_length if server is not None else None)
    if error.prompt_tokens is None or limit is None:
        return None
    # A server may take a prompt that leaves room for one token; that would be no answer.
    room = options.get("max_completion_tokens") or options.get("max_tokens") or 1
    return Shortage(prompt=error.prompt_tokens, limit=limit, room=room)


class Turns:
    """The messages of a chat, parted into what may go and what stays.

    What stays: system messages, the last user turn, and the last of what follows it. What may go,
    oldest first: each user turn before the last with all that answers it, then the earlier tool
    calls after the last user turn, each with its results.
    """

    def __init__(self, messages: Messages) -> None:
        """Parts the messages."""
        self._messages = messages
        self.groups = _groups(messages)

    def without(self, count: int) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
        """Gives the messages that stay and those that go, without the ``count`` oldest groups."""
        gone = {index for group in self.groups[:count] for index in group}
        kept = [message for index, message in enumerate(self._messages) if index not in gone]
        return kept, [self._messages[index] for index in sorted(gone)]

    def estimated(self, shortage: Shortage) -> int:
        """How many groups must go, if all characters weigh the same."""
        sizes = [_size(message) for message in self._messages]
        per_token = max(sum(sizes), 1) / max(shortage.prompt, 1)
        freed = 0.0
        for count, group in enumerate(self.groups, 1):
            freed += sum(sizes[index] for index in group)
            if freed >= shortage.excess * per_token:
                return count
        return len(self.groups)


def _groups(messages: Messages) -> list[list[int]]:
    users = [i for i, message in enumerate(messages) if message.get("role") == "user"]
    last = users[-1] if users else len(messages)
    groups: list[list[int]] = []
    for index in range(last):
        role = messages[index].get("role")
        if role in ("system", "developer"):
            continue
        if role == "user" or not groups:
            groups.append([])
        groups[-1].append(index)
    calls: list[list[int]] = []
    for index in range(last + 1, len(messages)):
        role = messages[index].get("role")
        if role in ("system", "developer"):
            continue
        if role != "tool" or not calls:
            calls.append([])
        calls[-1].append(index)
    return groups + calls[:-1]


def _size(message: Mapping[str, Any]) -> int:
    return len(_text_of(message)) + 8


def _text_of(message: Mapping[str, Any]) -> str:
    """The text of a message, what it calls included; an image weighs nothing that is known."""
    content = message.get("content")
    texts = [content] if isinstance(content, str) else []
    if isinstance(content, list):
        texts += [part["text"] for part in content if isinstance(part.get("text"), str)]
    for call in message.get("tool_calls") or ():
        texts.append(encode(call).decode())
    return "\n".join(texts)


@attrs.frozen(kw_only=True)
class TokenCounter:
    """Counts the tokens of a text by a server's own tokenizer."""

    server: Server
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    credential: Credential | None = None

    def count(self, text: str) -> Flow[int | None]:
        """Gives the number of tokens; None where the server does not say."""
        kind = self.server.kind
        if kind.tokenize is None:
            return None
        request = Request(
            url=join_path(self.server.root, kind.tokenize),
            headers={"content-type": "application/json", **self.headers},
            content=encode({kind.tokenize_field: text, "add_special": True}),
            credential=self.credential,
        )
        try:
            response: Response = yield request
            value = untyped(response.content)
        except (APIStatusError, ResponseError):
            return None
        tokens = value.get("tokens") if isinstance(value, dict) else value
        return len(tokens) if isinstance(tokens, list) else None


def find_cut(
    turns: Turns,
    shortage: Shortage,
    counter: TokenCounter | None,
    render: Callable[[Messages], str] | None,
) -> Flow[int]:
    """Gives how many of the oldest groups must go; all of them if that may not be enough.

    Args:
        turns: The messages.
        shortage: By how much they are too long.
        counter: Counts tokens, where the server can.
        render: Gives the prompt of what is left, where it is made here.
    """
    if counter is None:
        return turns.estimated(shortage)
    low, high = 1, len(turns.groups)
    while low < high:
        middle = (low + high) // 2
        kept, gone = turns.without(middle)
        text = render(kept) if render is not None else "\n".join(map(_text_of, gone))
        tokens = yield from counter.count(text)
        if tokens is None:
            return turns.estimated(shortage)
        if render is not None:
            fits = tokens + shortage.room <= shortage.limit
        else:
            fits = tokens >= shortage.excess
        low, high = (low, middle) if fits else (middle + 1, high)
    return low
