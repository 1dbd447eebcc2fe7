"""A picture from an image model; the async client."""

import asyncio

from hfi import AsyncClient


async def main() -> None:
    async with AsyncClient() as client:
        image = await client.run(
            "A beautiful landscape.", model="black-forest-labs/FLUX.1-schnell", aspect_ratio="16:9"
        )
    print(image.save("landscape"))


asyncio.run(main())
