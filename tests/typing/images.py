"""What a type checker makes of the tasks that make images; checked, never run."""

from __future__ import annotations

import sys
from pathlib import Path

from hfi import AsyncClient, CallMeta, Client, Image

if sys.version_info >= (3, 11):
    from typing import assert_type
else:
    from typing_extensions import assert_type


def sync(client: Client, count: int | None) -> None:
    assert_type(client.text_to_image("a cat"), Image)
    assert_type(client.text_to_image("a cat", n=None), Image)
    assert_type(client.text_to_image("a cat", n=2), list[Image])
    assert_type(client.text_to_image("a cat", n=count), Image | list[Image])
    assert_type(client.image_to_image("cat.png", prompt="blue", target_size=(64, 64)), Image)
    assert_type(client.image_text_to_image(prompt="a cat"), Image)
    image = client.text_to_image("a cat", aspect_ratio="16:9", seed=1, provider=["fal-ai"])
    assert_type(image.bytes, bytes)
    assert_type(image.width, int | None)
    assert_type(image.meta, CallMeta)
    assert_type(image.save("cat"), Path)


async def unsync(client: AsyncClient, count: int | None) -> None:
    assert_type(await client.text_to_image("a cat"), Image)
    assert_type(await client.text_to_image("a cat", n=2), list[Image])
    assert_type(await client.text_to_image("a cat", n=count), Image | list[Image])


def refused(client: Client) -> None:
    client.text_to_image("a cat", size=3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.image_to_image(b"", steps=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.text_to_image("a cat", width="3")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
