"""Streams of a real llama.cpp server that break off and are taken up again, in both colours."""

from __future__ import annotations

import contextlib
import json
import threading
from typing import Any

import httpx
import pytest

from hfi import AsyncClient, Client, errors
from hfi.local import LocalServer
from rawserver import Peer, RawServer

pytestmark = pytest.mark.live

QUESTION = "Write a short poem about spring."
PROMPT = "Spring is the season of"


class Breaker(RawServer):
    """Stands before a server; cuts the streams it passes on after so many events of each."""

    def __init__(self, url: str, key: str) -> None:
        self.cuts: list[int] = []
        self.bodies: list[dict[str, Any]] = []
        self._url, self._key = url, key
        super().__init__(self._pass_on)

    def __enter__(self) -> Breaker:
        return self

    def turn_to(self, url: str, key: str) -> None:
        """Passes on to another server from now on."""
        self._url, self._key = url, key

    def _pass_on(self, peer: Peer) -> None:
        # What becomes of the server behind it shows to the client as a closed connection.
        with contextlib.suppress(httpx.HTTPError), httpx.Client(timeout=60, verify=False) as line:
            self._converse(peer, line)

    def _converse(self, peer: Peer, line: httpx.Client) -> None:
        while peer.read_request():
            # llama.cpp closes kept connections now and then; a request lost so would spend a cut.
            headers = {
                "authorization": f"Bearer {self._key}",
                "content-type": "application/json",
                "connection": "close",
            }
            streamed = b'"stream":true' in peer.body
            if not streamed:
                reply = line.request(
                    peer.method, self._url + peer.target, content=peer.body, headers=headers
                )
                peer.reply(reply.content, status=f"{reply.status_code} x")
                continue
            self.bodies.append(json.loads(peer.body))
            left = self.cuts.pop(0) if self.cuts else -1
            with line.stream(
                "POST", self._url + peer.target, content=peer.body, headers=headers
            ) as reply:
                peer.start_stream()
                for event in reply.iter_lines():
                    if not event:
                        continue
                    if left == 0:
                        return
                    peer.chunk(event.encode() + b"\n\n")
                    left -= 1
            peer.send(b"0\r\n\r\n")


@pytest.fixture
def breaker(live_server: LocalServer) -> Any:
    with Breaker(live_server.url, live_server.api_key) as server:
        yield server


@pytest.mark.parametrize("protocol", ["chat-completions", "text-generation"])
def test_a_chat_is_that_of_an_uninterrupted_run(breaker: Breaker, protocol: Any) -> None:
    options: dict[str, Any] = {"protocol": protocol, "temperature": 0, "max_tokens": 20}
    with Client(base_url=breaker.url, token=False) as client:
        whole = client.chat(QUESTION, stream=True, **options).collect()
        for cuts in ([2], [9], [10], [5, 6], [12, 3, 2]):
            breaker.cuts = list(cuts)
            stream = client.chat(QUESTION, stream=True, resume=3, **options)
            shown = "".join(map(str, stream))
            assert stream.completion is not None
            assert shown == stream.completion.text == whole.text, cuts
            assert stream.completion.finish_reason == whole.finish_reason
            assert stream.completion.meta.resumes == len(cuts)


async def test_a_text_is_that_of_an_uninterrupted_run(breaker: Breaker) -> None:
    options: dict[str, Any] = {"temperature": 0, "max_new_tokens": 16, "stream": True}
    async with AsyncClient(base_url=breaker.url, token=False) as client:
        whole = await (await client.text_generation(PROMPT, **options)).collect()
        for cut in (1, 4, 9):
            breaker.cuts = [cut]
            stream = await client.text_generation(PROMPT, resume=1, **options)
            text = await stream.collect()
            assert text.text == whole.text
            assert text.meta.resumes == 1


def test_a_trailing_blank_is_made_once(breaker: Breaker) -> None:
    said = [
        {"role": "user", "content": "Count to five in words, with commas."},
        {"role": "assistant", "content": "One, two,\n"},
    ]
    options: dict[str, Any] = {"temperature": 0, "max_tokens": 8, "continue_final_message": True}
    with Client(base_url=breaker.url, token=False) as client:
        whole = client.chat(said, stream=True, **options).collect()
        for cut in range(2, 7):
            breaker.cuts = [cut]
            again = client.chat(said, stream=True, resume=1, **options).collect()
            assert again.text == whole.text, cut


def test_a_server_that_is_killed_and_started_again(live_server: LocalServer) -> None:
    servers = [LocalServer(live_server.weights).start()]

    def replace() -> None:
        servers[0].stop()
        servers.append(LocalServer(live_server.weights).start())
        between.turn_to(servers[1].url, servers[1].api_key)

    try:
        with (
            Breaker(servers[0].url, servers[0].api_key) as between,
            Client(base_url=between.url, token=False) as client,
        ):
            options: dict[str, Any] = {"temperature": 0, "max_tokens": 20}
            whole = client.chat(QUESTION, stream=True, **options).collect()
            between.cuts = [6]
            stream = client.chat(QUESTION, stream=True, resume=3, **options)
            shown = str(next(stream))
            restart = threading.Thread(target=replace)
            restart.start()
            shown += "".join(map(str, stream))
            restart.join(60)
            assert shown == whole.text
            assert stream.meta.resumes >= 1
    finally:
        for server in servers:
            server.stop()


def test_without_it_the_break_is_told(breaker: Breaker) -> None:
    breaker.cuts = [6]
    with Client(base_url=breaker.url, token=False) as client:
        stream = client.chat(QUESTION, stream=True, max_tokens=20)
        with pytest.raises(errors.StreamInterruptedError) as caught:
            stream.collect()
    assert caught.value.partial.text
