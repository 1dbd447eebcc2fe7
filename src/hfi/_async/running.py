"""``run``: looks a model up, and does what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfi._core.origin import RunCall, image_prompt, kind_of, needs_look_up
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from hfi._async.run import AsyncRunMethods
    from hfi._async.stream import AsyncChatStream
    from hfi.types.chat import ChatCompletion
    from hfi.types.media import Image
    from hfi.types.message import MessagesLike

__all__ = ["run"]


async def run(
    client: AsyncRunMethods, messages: MessagesLike | None, stream: bool, options: Any
) -> ChatCompletion | AsyncChatStream | Image | list[Image]:
    """``run``."""
    call = RunCall.of(options)
    client = client._relative(call.relative) if call.relative else client
    if await makes_images(client, call):
        prompt = image_prompt(messages, call.prompt)
        picture: Image | list[Image]
        picture = await client.text_to_image(prompt, **call.image_options())
        return picture
    messages = call.prompt if messages is None else messages
    if messages is None:
        raise ConfigurationError("There is nothing to answer.", hint="Give messages.")
    answer: ChatCompletion | AsyncChatStream
    answer = await client.chat(messages, stream=stream, **call.text_options())
    return answer


async def makes_images(client: AsyncRunMethods, call: RunCall) -> bool:
    """Whether the model is for images."""
    config = client._call_config(call.changes)
    if not needs_look_up(config):
        return call.shows_something
    return kind_of(await client._model_info(config)) == "image"
