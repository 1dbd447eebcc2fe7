"""The server of the benchmarks: bytes made once, and as little work per request as can be.

``/burst/N/v1`` streams N chunks in one go, ``/paced/N/v1`` one after the other with a pause
between, ``/held/N/v1`` one chunk and then nothing, ``/after/MS/v1`` answers after so many
milliseconds. What is not streamed is answered whole.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
from functools import lru_cache
from typing import Any

PAUSE = 0.001  # seconds between two chunks: long enough that each is read alone

STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)
LAST = b"data: [DONE]\n\n"
END = b"0\r\n\r\n"


def event(number: int, total: int) -> bytes:
    """One chunk of a chat, as servers send it."""
    delta = {"role": "assistant", "content": f" word{number % 100}"} if number < total - 1 else {}
    chunk = {
        "id": "chatcmpl-b5kK2hR0zZ2Wm1Pq",
        "object": "chat.completion.chunk",
        "created": 1760000000,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "delta": delta,
                "logprobs": None,
                "finish_reason": None if delta else "stop",
            }
        ],
    }
    return b"data: %b\n\n" % json.dumps(chunk, separators=(",", ":")).encode()


def framed(data: bytes) -> bytes:
    """A piece of a body in HTTP's chunked coding."""
    return b"%x\r\n%b\r\n" % (len(data), data)


@lru_cache(maxsize=16)
def events(total: int) -> list[bytes]:
    """The pieces of a streamed reply, without its head."""
    return [*(framed(event(number, total)) for number in range(total)), framed(LAST) + END]


@lru_cache(maxsize=16)
def burst(total: int) -> bytes:
    """A whole streamed reply."""
    return STREAM_HEAD + b"".join(events(total))


@lru_cache(maxsize=1)
def whole() -> bytes:
    """A reply that is not streamed."""
    message = {"role": "assistant", "content": "It is raining, and it will go on raining."}
    body = json.dumps(
        {
            "id": "chatcmpl-b5kK2hR0zZ2Wm1Pq",
            "object": "chat.completion",
            "created": 1760000000,
            "model": "m",
            "choices": [
                {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
            ],
            "usage": {"prompt_tokens": 13, "completion_tokens": 10, "total_tokens": 23},
        }
    ).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


class Connection(asyncio.Protocol):
    """One connection: requests in, replies out, one after the other."""

    def __init__(self) -> None:
        self._data = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way to answer."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers a request once it is whole."""
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        if not end:
            return
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 :].split(b"\r", 1)[0]) if at >= 0 else 0
        if len(body) < length:
            return
        self._data = b""
        _, mode, number, _ = head.split(b" ", 2)[1].split(b"/", 3)
        streams = b'"stream":true' in body.replace(b" ", b"")
        self._answer(mode.decode(), int(number), streams)

    def _answer(self, mode: str, number: int, streams: bool) -> None:
        write = self._transport.write
        if mode == "after":
            asyncio.get_running_loop().call_later(number / 1000, write, whole())
        elif not streams:
            write(whole())
        elif mode == "burst":
            write(burst(number))
        elif mode == "held":
            write(STREAM_HEAD + events(number)[0])
        else:
            write(STREAM_HEAD)
            self._next(events(number), 0)

    def _next(self, pieces: list[bytes], index: int) -> None:
        self._transport.write(pieces[index])
        if index + 1 < len(pieces):
            loop = asyncio.get_running_loop()
            loop.call_later(PAUSE, self._next, pieces, index + 1)


async def main() -> None:
    """Listens, prints its port, and serves until it is killed."""
    gc.disable()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    server = await asyncio.get_running_loop().create_server(
        Connection, "127.0.0.1", 0, backlog=4096
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
