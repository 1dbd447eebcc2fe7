"""Types of text generation; checked by mypy and basedpyright, not run."""

from __future__ import annotations

import sys

from hfi import AsyncClient, AsyncTextStream, Client, TextChunk, TextGeneration, TextStream

if sys.version_info >= (3, 11):
    from typing import assert_type
else:
    from typing_extensions import assert_type


def blocking(client: Client, flag: bool) -> None:
    assert_type(client.text_generation("Once"), TextGeneration)
    assert_type(client.text_generation("Once", stream=False), TextGeneration)
    assert_type(client.text_generation("Once", stream=True), TextStream)
    assert_type(client.text_generation("Once", stream=flag), TextGeneration | TextStream)
    for chunk in client.text_generation("Once", stream=True, max_new_tokens=5, stop="."):
        assert_type(chunk, TextChunk)
    assert_type(client.text_generation("Once", stream=True).collect(), TextGeneration)
    assert_type(client.format_prompt("Hello", model="org/m"), str)
    client.text_generation("Once", grammar={"type": "regex", "value": "a+"}, timeout=None)
    client.text_generation("Once", max_tokens=5)  # type: ignore[call-overload]
    client.text_generation("Once", details="yes")  # type: ignore[call-overload]


async def waiting(client: AsyncClient) -> None:
    assert_type(await client.text_generation("Once"), TextGeneration)
    stream = await client.text_generation("Once", stream=True)
    assert_type(stream, AsyncTextStream)
    async for chunk in stream:
        assert_type(chunk, TextChunk)
    assert_type(await stream.collect(), TextGeneration)
    assert_type(await client.format_prompt("Hello"), str)
