"""Messages of a chat, as users write them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import attrs

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict

__all__ = [
    "AudioPart",
    "ImagePart",
    "ImageURLPart",
    "InputAudio",
    "Message",
    "MessageLike",
    "MessagesLike",
    "Part",
    "TextPart",
]


class TextPart(TypedDict):
    """Text inside a list of content parts; a plain string there means the same."""

    type: Literal["text"]
    text: str


class ImageURL(TypedDict):
    """The wire form of an image: an http(s) or data URL. ``detail`` is OpenAI's."""

    url: Any
    detail: NotRequired[str]


class ImageURLPart(TypedDict):
    """An image in the wire form; nothing is read from disk for a string given here."""

    type: Literal["image_url"]
    image_url: ImageURL | str


class ImagePart(TypedDict):
    """An image as URL, data URL, path, bytes, PIL image or binary file object.

    A string without http:, https: or data: in front is the path of a file, which is read and
    sent: pass no parts on that a stranger wrote.
    """

    type: Literal["image"]
    image: Any


class InputAudio(TypedDict):
    """Base64 text, or bytes, and what they are: "wav", "mp3" ..."""

    data: Any
    format: NotRequired[str]


class AudioPart(TypedDict):
    """Sound as base64 with its format, or as path object, bytes or binary file object."""

    type: Literal["input_audio"]
    input_audio: InputAudio | Any


class SupportsToDict(Protocol):
    """A value that knows its wire form, such as the message or a tool call of a reply."""

    def to_dict(self) -> Mapping[str, Any]:
        """Gives the wire form."""
        ...


class SupportsMessage(Protocol):
    """A whole reply: its ``message`` is what is sent back."""

    @property
    def message(self) -> Any:
        """The message of the first choice."""
        ...


Part: TypeAlias = TextPart | ImageURLPart | ImagePart | AudioPart | Mapping[str, Any]


@attrs.frozen
class Message:
    """One turn of a chat.

    Attributes:
        role: "system", "user", "assistant", "tool", or what else the model knows.
        content: Text, or a list of parts: strings, part dicts, images as path object, bytes or
            PIL image. None only beside ``tool_calls``. A tool's result may be any JSON value.
        name: Who speaks, or the tool that was called; few servers read it.
        tool_calls: Calls an assistant made, as ``ToolCall`` values or dicts.
        tool_call_id: Which call a "tool" message answers.
        reasoning: What an assistant thought; whether it is sent back depends on the server.
    """

    role: str
    content: Any = None
    name: str | None = attrs.field(default=None, kw_only=True)
    tool_calls: Sequence[Mapping[str, Any] | SupportsToDict] | None = attrs.field(
        default=None, kw_only=True
    )
    tool_call_id: str | None = attrs.field(default=None, kw_only=True)
    reasoning: str | None = attrs.field(default=None, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Gives the fields that are set, as a dict; ``content`` always."""
        fields = {
            "role": self.role,
            "content": self.content,
            "name": self.name,
            "tool_calls": self.tool_calls,
            "tool_call_id": self.tool_call_id,
            "reasoning": self.reasoning,
        }
        return {k: v for k, v in fields.items() if v is not None or k == "content"}


MessageLike: TypeAlias = Message | Mapping[str, Any] | SupportsToDict | SupportsMessage
MessagesLike: TypeAlias = str | Sequence[MessageLike]
