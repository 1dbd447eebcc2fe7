"""openai's clients."""

from __future__ import annotations

from typing import Any

from openai import AsyncOpenAI, OpenAI

from benchmarks.clients import MESSAGES

IMPORT = "import openai"
MAKE = "import openai; openai.OpenAI(api_key='k')"
FIRST = (
    "import openai; openai.OpenAI(base_url='{url}', api_key='k').chat.completions.create("
    "model='m', messages=[{{'role': 'user', 'content': 'Hi'}}])"
)
CALL: Any = {"model": "m", "messages": MESSAGES}


class Sync:
    """``OpenAI``."""

    def __init__(self, base_url: str) -> None:
        self._client = OpenAI(base_url=base_url, api_key="k", max_retries=0)

    def call(self) -> str:
        completion = self._client.chat.completions.create(**CALL)
        return str(completion.choices[0].message.content)

    def stream(self) -> int:
        return sum(1 for _ in self._client.chat.completions.create(**CALL, stream=True))

    def close(self) -> None:
        self._client.close()


class Async:
    """``AsyncOpenAI``."""

    def __init__(self, base_url: str) -> None:
        self._client = AsyncOpenAI(base_url=base_url, api_key="k", max_retries=0)

    async def call(self) -> str:
        completion = await self._client.chat.completions.create(**CALL)
        return str(completion.choices[0].message.content)

    async def stream(self) -> int:
        count = 0
        async for _ in await self._client.chat.completions.create(**CALL, stream=True):
            count += 1
        return count

    async def hold(self) -> object:
        stream = await self._client.chat.completions.create(**CALL, stream=True)
        await stream.__anext__()
        return stream

    async def close(self) -> None:
        await self._client.close()
