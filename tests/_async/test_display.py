"""``stream.display()`` where there is no notebook: the text is printed as it comes."""

from __future__ import annotations

import pytest

from hfi import AsyncClient, StreamInterruptedError
from hfi.testing import FakeServer, Reply, faults


async def test_the_text_is_printed_and_the_answer_given(capsys: pytest.CaptureFixture[str]) -> None:
    reply = Reply("One two", reasoning="Hm.")
    with FakeServer(reply) as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Hi", stream=True)
            completion = await stream.display()
    assert capsys.readouterr().out == "One two\n"
    assert completion is stream.completion
    assert completion.text == stream.partial.text == "One two"


async def test_so_is_a_generated_text(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeServer("One two") as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.text_generation("Hi", stream=True)
            generation = await stream.display()
    assert generation.text == "One two"
    assert capsys.readouterr().out == "One two\n"


async def test_what_was_read_before_is_part_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeServer("One two three") as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Hi", stream=True)
            async for chunk in stream:
                if chunk.text:
                    break
            assert stream.completion is None
            whole = await stream.display()
            assert whole.text == "One two three"
            again = await stream.display()
            assert again is whole
    assert capsys.readouterr().out == " two three\n\n"


async def test_an_error_closes_the_stream(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeServer("One two three", faults=faults.Break(events=3)) as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Hi", stream=True)
            with pytest.raises(StreamInterruptedError) as caught:
                await stream.display()
            assert stream.closed
            assert caught.value.partial.text == stream.partial.text == "One two"
    assert capsys.readouterr().out == "One two\n"
