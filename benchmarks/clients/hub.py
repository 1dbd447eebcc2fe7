"""huggingface_hub's inference clients."""

from __future__ import annotations

from huggingface_hub import AsyncInferenceClient, InferenceClient

from benchmarks.clients import MESSAGES

IMPORT = "import huggingface_hub; huggingface_hub.InferenceClient"
MAKE = "import huggingface_hub; huggingface_hub.InferenceClient()"
FIRST = (
    "import huggingface_hub; huggingface_hub.InferenceClient(base_url='{url}', api_key='k')"
    ".chat_completion([{{'role': 'user', 'content': 'Hi'}}])"
)


class Sync:
    """``InferenceClient``."""

    def __init__(self, base_url: str) -> None:
        self._client = InferenceClient(base_url=base_url, api_key="k")

    def call(self) -> str:
        completion = self._client.chat_completion(MESSAGES, model="m")
        return str(completion.choices[0].message.content)

    def stream(self) -> int:
        return sum(1 for _ in self._client.chat_completion(MESSAGES, model="m", stream=True))

    def close(self) -> None:
        pass


class Async:
    """``AsyncInferenceClient``."""

    def __init__(self, base_url: str) -> None:
        self._client = AsyncInferenceClient(base_url=base_url, api_key="k")

    async def call(self) -> str:
        completion = await self._client.chat_completion(MESSAGES, model="m")
        return str(completion.choices[0].message.content)

    async def stream(self) -> int:
        count = 0
        async for _ in await self._client.chat_completion(MESSAGES, model="m", stream=True):
            count += 1
        return count

    async def hold(self) -> object:
        stream = await self._client.chat_completion(MESSAGES, model="m", stream=True)
        await stream.__anext__()
        return stream

    async def close(self) -> None:
        await self._client.close()
