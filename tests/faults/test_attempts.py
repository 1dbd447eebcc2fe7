"""What several attempts have in common: times, facts, errors, and who may end them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from hfi import ChatStream, Client, ResponseError, ServerError, StreamInterruptedError
from hfi.testing import FakeServer, Reply, faults

pytestmark = pytest.mark.usefixtures("each_engine")


def test_the_times_span_all_attempts() -> None:
    """The end of an attempt that failed is not the end of the call."""
    once = [faults.Status(503, headers={"retry-after-ms": "150"})]
    with FakeServer("fine", faults=once) as server, Client(base_url=server.url) as client:
        meta = client.chat("x").meta
        assert meta.attempts == 2
        assert meta.total is not None
        assert meta.total >= 0.15


def test_a_stream_s_facts_are_those_of_the_attempt_that_answered() -> None:
    once = [faults.InStreamError("vllm")]
    with FakeServer("fine", faults=once) as server, Client(base_url=server.url) as client:
        stream = client.chat("x", stream=True)
        completion = stream.collect()
        assert completion.text == "fine"
        assert completion.meta.attempts == stream.meta.attempts == 2
        assert isinstance(completion.meta.earlier[0], ServerError)
        assert completion.meta.total is not None
        assert completion.meta.first_token is not None
        assert completion.meta.first_token <= completion.meta.total


def test_no_retry_where_none_is_allowed() -> None:
    with FakeServer("x", faults=faults.Break(events=0)) as server:
        client = Client(base_url=server.url, max_retries=0)
        with client, pytest.raises(StreamInterruptedError):
            client.chat("x", stream=True).collect()
        assert len(server.calls) == 1


def test_a_stream_closed_between_two_attempts_stays_closed() -> None:
    opened: list[ChatStream] = []

    def close(_: Any) -> None:
        opened[0].close()

    once = [faults.Break(events=0)]
    with FakeServer("fine", faults=once) as server, Client(base_url=server.url) as client:
        opened.append(client.chat("x", stream=True, on_wait=close))
        with pytest.raises(StreamInterruptedError, match="closed") as caught:
            next(opened[0])
        assert len(caught.value.earlier) == 1
        with pytest.raises(StreamInterruptedError):
            next(opened[0])
        end = time.monotonic() + 2
        while server.open_connections and time.monotonic() < end:
            time.sleep(0.005)
        assert server.open_connections == 0


def test_an_error_is_told_again_without_another_attempt() -> None:
    with FakeServer("x", faults=faults.Break(events=0)) as server:
        with Client(base_url=server.url, max_retries=1) as client:
            stream = client.chat("x", stream=True)
            for _ in range(3):
                with pytest.raises(StreamInterruptedError):
                    next(stream)
        assert len(server.calls) == 2


def test_what_came_before_a_bad_event_is_kept() -> None:
    reply = Reply("one two three", reasoning="Hm.")
    with FakeServer(reply, faults=faults.Body(b"{oops}", events=3)) as server:
        with Client(base_url=server.url) as client:
            stream = client.chat("x", stream=True)
            with pytest.raises(ResponseError) as caught:
                stream.collect()
        assert (caught.value.partial.text, caught.value.partial.reasoning) == ("one", "Hm.")
