"""``run``: the spellings of the provider class that hfi began as, and what a model is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import attrs

from hfi._core.outgoing.messages import wire_messages
from hfi.errors import ConfigurationError, ModelNotSupportedError
from hfi.types.options import CallOptions, ChatArguments, ImageArguments, ImageOptions

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi.types.message import MessagesLike
    from hfi.types.models import ModelInfo

__all__ = ["Kind", "RunCall", "image_prompt", "kind_of", "needs_look_up"]

Kind = Literal["text", "image"]

# The origin's word for a thing, and ours.
_SPELLINGS: Mapping[str, str] = {
    "api_base": "base_url",
    "api_key": "token",
    "extra_data": "extra_body",
}
_KINDS: Mapping[str, Kind] = {
    "text-generation": "text",
    "image-text-to-text": "text",
    "text2text-generation": "text",
    "conversational": "text",
    "text-to-image": "image",
}
# What only one kind of model has a use for; the other kind goes without.
_OF_TEXT = frozenset(ChatArguments.__annotations__) - {*ImageArguments.__annotations__, "n"}
_OF_IMAGES = frozenset({*ImageOptions.__annotations__, "aspect_ratio"}) - {
    *ChatArguments.__annotations__
}
_RELATIVE = ("base_url", "proxy")
_ACTIONS = (None, "next", "continue")


@attrs.frozen(kw_only=True)
class RunCall:
    """The arguments of ``run`` in this library's spelling.

    Attributes:
        options: What the task's method takes.
        relative: What is asked of another client: ``proxy`` and ``base_url``, where given.
        prompt: What an image is made of in place of the messages.
    """

    options: Mapping[str, Any] = attrs.field(repr=False)
    relative: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    prompt: str | None = attrs.field(default=None, repr=False)

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> RunCall:
        """Turns the origin's spellings into ours; what is None counts as absent.

        Raises:
            ConfigurationError: Both spellings of one thing were given, or an unknown ``action``.
        """
        given = {k: v for k, v in arguments.items() if v is not None or k == "timeout"}
        for theirs, ours in _SPELLINGS.items():
            if theirs not in given:
                continue
            if ours in given:
                raise ConfigurationError(
                    f"Both {theirs} and {ours} were given.", hint="They mean the same: give one."
                )
            given[ours] = given.pop(theirs)
        _continue(given)
        relative = {name: given.pop(name) for name in _RELATIVE if name in given}
        return cls(options=given, relative=relative, prompt=given.pop("prompt", None))

    @property
    def changes(self) -> dict[str, Any]:
        """What the call changes in the client's configuration."""
        shared = {*CallOptions.__annotations__, "model"}
        return {name: value for name, value in self.options.items() if name in shared}

    @property
    def shows_something(self) -> bool:
        """Whether an argument was given that only images have a use for."""
        return self.prompt is not None or not _OF_IMAGES.isdisjoint(self.options)

    def text_options(self) -> dict[str, Any]:
        """What ``chat`` gets; what only images have a use for is left out."""
        return {name: value for name, value in self.options.items() if name not in _OF_IMAGES}

    def image_options(self) -> dict[str, Any]:
        """What ``text_to_image`` gets; what only text has a use for is left out."""
        return {name: value for name, value in self.options.items() if name not in _OF_TEXT}


def _continue(given: dict[str, Any]) -> None:
    """Replaces the origin's ``action``."""
    action = given.pop("action", None)
    if action not in _ACTIONS:
        raise ConfigurationError(
            f"There is no action {action!r}.",
            hint="'continue' goes on from a half-written answer; leave it out otherwise.",
        )
    if action == "continue":
        if given.get("continue_final_message") is False:
            raise ConfigurationError(
                'Both action="continue" and continue_final_message=False were given.'
            )
        given["continue_final_message"] = True


def needs_look_up(config: ClientConfig) -> bool:
    """Whether the Hub must say what a model is for: where it is neither the embedded one nor a
    server's own.
    """
    return config.base_url is None and not config.is_local and config.model is not None


def kind_of(info: ModelInfo) -> Kind:
    """What a model is for: text or images.

    Raises:
        ModelNotSupportedError: It is for something else, or the Hub does not say.
    """
    kind = _KINDS.get(info.pipeline_tag or "")
    if kind is None and info.is_chat:
        kind = "text"
    if kind is not None:
        return kind
    what = f"is for {info.pipeline_tag}" if info.pipeline_tag else "has no pipeline tag"
    raise ModelNotSupportedError(
        f"run() makes text or images, and {info.id} {what}.",
        hint="client.models(task='text-generation') or client.models(task='text-to-image') "
        "lists models that it can run.",
    )


def image_prompt(messages: MessagesLike | None, prompt: str | None) -> str:
    """The prompt of an image: the given one, or the text of the last run of user messages.

    Raises:
        ConfigurationError: There is neither.
    """
    if prompt is not None:
        return prompt
    texts: list[str] = []
    for message in reversed(wire_messages(messages) if messages else []):
        if message.get("role") != "user":
            break
        texts.insert(0, _text(message.get("content")))
    joined = "\n".join(text for text in texts if text)
    if not joined:
        raise ConfigurationError(
            "There is nothing to make an image of.",
            hint="Give prompt=..., or messages that end with a user's text.",
        )
    return joined


def _text(content: str | Sequence[Mapping[str, Any]] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(part["text"] for part in content if part.get("type") == "text")
