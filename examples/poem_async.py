"""A poem in Russian from a text model, as it is written; the async client."""

import asyncio

from hfi import AsyncClient


async def main() -> None:
    async with AsyncClient() as client:
        stream = await client.run(
            "Напиши короткое стихотворение о весне.", model="openai/gpt-oss-120b", stream=True
        )
        async for chunk in stream:
            print(chunk, end="", flush=True)
    print()


asyncio.run(main())
