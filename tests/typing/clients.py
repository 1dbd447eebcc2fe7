"""What a type checker makes of the clients' overloads; checked, never run."""

from __future__ import annotations

import sys

from hfi import AsyncChatStream, AsyncClient, ChatChunk, ChatCompletion, ChatStream, Client, Image

if sys.version_info >= (3, 11):
    from typing import assert_type
else:
    from typing_extensions import assert_type


def sync(client: Client, wanted: bool) -> None:
    assert_type(client.chat("Hi"), ChatCompletion)
    assert_type(client.chat("Hi", stream=False), ChatCompletion)
    assert_type(client.chat("Hi", stream=True), ChatStream)
    assert_type(client.chat("Hi", stream=wanted), ChatCompletion | ChatStream)
    assert_type(client.chat("Hi", model="a/b", system="s", max_tokens=3), ChatCompletion)
    for chunk in client.chat("Hi", stream=True):
        assert_type(chunk, ChatChunk)
        assert_type(chunk.text, str)
        assert_type(chunk.reasoning, str | None)
    with client.chat("Hi", stream=True) as stream:
        assert_type(stream, ChatStream)
        assert_type(stream.collect(), ChatCompletion)
        assert_type(stream.display(), ChatCompletion)
        assert_type(stream.partial, ChatCompletion)
        assert_type(stream.completion, ChatCompletion | None)
    with Client() as opened:
        assert_type(opened, Client)
    assert_type(client.with_options(timeout=3), Client)


async def unsync(client: AsyncClient, wanted: bool) -> None:
    assert_type(await client.chat("Hi"), ChatCompletion)
    assert_type(await client.chat("Hi", stream=False), ChatCompletion)
    assert_type(await client.chat("Hi", stream=True), AsyncChatStream)
    assert_type(await client.chat("Hi", stream=wanted), ChatCompletion | AsyncChatStream)
    stream = await client.chat("Hi", stream=True)
    async for chunk in stream:
        assert_type(chunk, ChatChunk)
    assert_type(await stream.collect(), ChatCompletion)
    assert_type(await stream.display(), ChatCompletion)
    async with AsyncClient() as opened:
        assert_type(opened, AsyncClient)
    assert_type(client.with_options(timeout=3), AsyncClient)


def refused(client: Client) -> None:
    client.chat("Hi", max_token=3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.chat("Hi", max_tokens="3")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    client.chat(3)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    client.with_options(time=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def ran(client: Client, wanted: bool) -> None:
    assert_type(client.run("Hi", model="a/b"), ChatCompletion | Image | list[Image])
    assert_type(client.run("Hi", stream=True), ChatStream | Image | list[Image])
    assert_type(client.run("Hi", stream=wanted), ChatCompletion | ChatStream | Image | list[Image])
    client.run("Hi", api_key="k", api_base="http://localhost:8080", extra_data={"a": 1})
