"""hfi in a real kernel: answers that grow, interrupts, ``%%chat``, waits and errors."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from hfi.testing import FakeServer, Reply, faults
from kernels import Kernel, Output
from markup import Page

SLOWLY = Reply("**Rain** on Monday,\n\nand sun on the days after it." * 2, token_delay=0.05)
# So long that a kernel on a busy machine is interrupted before its end.
LONG = Reply("**Rain** on Monday, " + "and on the days after, " * 40 + "and sun.", token_delay=0.05)
HOSTILE = Reply("<script>alert(1)</script> and ![x](https://evil.org/a.png)", token_delay=0.15)
DISPLAYS = {
    "sync": "stream = Client(base_url={url!r}).chat('Hi', stream=True)\nstream.display()",
    "async": (
        "stream = await AsyncClient(base_url={url!r}).chat('Hi', stream=True)\n"
        "await stream.display()"
    ),
}
colours = pytest.mark.parametrize("cell", DISPLAYS.values(), ids=DISPLAYS)


def wait_until_closed(server: FakeServer) -> None:
    """Fail unless the server's connections end soon."""
    end = time.monotonic() + 5
    while server.open_connections and time.monotonic() < end:
        time.sleep(0.01)
    assert server.open_connections == 0


def texts(output: Output) -> list[str]:
    return [Page(data["text/html"]).text for data in output.updates]


@colours
def test_an_answer_grows_in_place_and_ends_whole(kernel: Kernel, cell: str) -> None:
    with FakeServer(SLOWLY) as server:
        output = kernel.run(cell.format(url=server.url))
    assert output.status == "ok"
    grown = texts(output)
    assert len(set(grown)) >= 3
    seconds = output.times[-1] - output.times[0]
    assert len(output.updates) <= seconds * 10 + 3  # the first, the last, and one that was late
    assert grown[-1].startswith("Rain on Monday,\nand sun on the days after it.")
    assert "tokens/s · stop" in grown[-1]
    assert "strong" in Page(output.html).tags
    # The answer is the cell's value too, and is not shown twice for that.
    assert len(output.shown) == 1
    assert kernel.run("_").shown[0]["text/html"] == output.html


def test_the_last_words_before_a_silence_are_seen(kernel: Kernel) -> None:
    burst = ["One ", "two ", "three."]
    with FakeServer(
        Reply(pieces=burst), faults=faults.Break(inside=b"stop", how="stall")
    ) as server:
        cell = (
            f"stream = Client(base_url={server.url!r}, timeout=0.5, max_retries=0)"
            ".chat('Hi', stream=True)\nstream.display()"
        )
        output = kernel.run(cell)
    assert "One two three." in texts(output)[-2]
    assert texts(output)[-1].endswith("broken off")


@colours
def test_an_interrupt_leaves_what_had_arrived_and_closes(kernel: Kernel, cell: str) -> None:
    with FakeServer(LONG) as server:
        output = kernel.run(cell.format(url=server.url), interrupt_after=4)
        wait_until_closed(server)
    assert output.status == "error"
    (line,) = output.traceback
    assert "interrupted" in line
    page = Page(output.html)
    assert page.text.startswith("Rain on")
    assert page.text.endswith("interrupted")
    assert "sun" not in page.text
    said = kernel.run("print(stream.closed, stream.completion, repr(stream.partial.text[:7]))").text
    assert said.split() == ["True", "None", "'**Rain*'"]


@colours
def test_a_stream_that_breaks_off_leaves_what_had_arrived(kernel: Kernel, cell: str) -> None:
    cut = faults.Break(after=700)
    with FakeServer(SLOWLY, faults=cut) as server:
        output = kernel.run(cell.format(url=server.url))
    assert output.status == "error"
    assert output.traceback[0].startswith("StreamInterruptedError")
    assert Page(output.html).text.endswith("broken off")
    assert Page(output.html).text.startswith("Rain")


def test_no_html_of_the_answer_reaches_the_page(kernel: Kernel) -> None:
    with FakeServer(HOSTILE) as server:
        output = kernel.run(DISPLAYS["sync"].format(url=server.url))
    for data in output.updates:
        assert not {"script", "img"} & set(Page(data["text/html"]).tags)


def test_a_text_grows_too(kernel: Kernel) -> None:
    with FakeServer(SLOWLY) as server:
        cell = f"Client(base_url={server.url!r}).text_generation('Hi', stream=True).display()"
        output = kernel.run(cell)
    assert len(set(texts(output))) >= 3
    assert texts(output)[-1].startswith("**Rain** on Monday,\n\nand sun")


def test_reasoning_is_open_while_it_is_all_there_is(kernel: Kernel) -> None:
    reply = Reply("So: yes.", reasoning="Let me *think*.", token_delay=0.3)
    with FakeServer(reply) as server:
        output = kernel.run(DISPLAYS["sync"].format(url=server.url))
    folds = [Page(data["text/html"]).all("details") for data in output.updates]
    assert next("open" in fold[0] for fold in folds if fold)
    assert "open" not in folds[-1][0]


def test_an_error_is_its_message_and_the_next_step(kernel: Kernel) -> None:
    cell = "def ask():\n    Client(base_url='http://127.0.0.1:1', max_retries=0).chat('Hi')\nask()"
    output = kernel.run(cell)
    assert output.status == "error"
    assert output.traceback[0].startswith("APIConnectionError: ")
    assert len(output.traceback) <= 6
    assert output.traceback[-2:] == [
        "Cell line 3: ask()",
        f"Cell line 2: {cell.split(chr(10))[1].strip()}",
    ]
    caught = kernel.run("try:\n    ask()\nexcept Exception as e:\n    error = e\nerror")
    assert Page(caught.html).text.startswith("APIConnectionError")


# -- %%chat ----------------------------------------------------------------------------------------


@pytest.fixture
def magic(kernel: Kernel) -> Iterator[Kernel]:
    kernel.run("%load_ext hfi")
    yield kernel
    kernel.run("%unload_ext hfi")


def test_a_conversation_goes_on_from_cell_to_cell(magic: Kernel) -> None:
    with FakeServer(["One.", "Two.", "Three."]) as server:
        first = magic.run(
            f"%%chat --base-url {server.url} --system 'Be brief.' -t 0\nCount, don't add."
        )
        magic.run("%%chat\nGo on.\n\nAnd on.")
        magic.run("%%chat --new\nAgain.")
        bodies = [request.json for request in server.calls]
    assert (first.status, Page(first.html).text[:4]) == ("ok", "One.")
    assert bodies[0]["temperature"] == 0
    said = [[(turn["role"], turn["content"]) for turn in body["messages"]] for body in bodies]
    system, asked = ("system", "Be brief."), ("user", "Count, don't add.")
    assert said[0] == [system, asked]
    assert said[1] == [system, asked, ("assistant", "One."), ("user", "Go on.\n\nAnd on.")]
    assert said[2] == [("user", "Again.")]
    assert magic.run("_.text").shown[0]["text/plain"] == "'Three.'"
    assert "1 turn so far" in magic.run("%chat").text


def test_an_interrupted_answer_stays_in_the_conversation(magic: Kernel) -> None:
    with FakeServer([LONG, "Fine."]) as server:
        output = magic.run(f"%%chat --base-url {server.url}\nHi", interrupt_after=4)
        magic.run("%%chat\nThanks.")
        (_, kept, _) = server.calls[1].json["messages"]
    assert output.status == "error"
    assert kept["role"] == "assistant"
    assert kept["content"].startswith("**Rain**")


def test_a_failed_turn_is_forgotten(magic: Kernel) -> None:
    with FakeServer("Fine.", faults=[faults.Status(400)]) as server:
        output = magic.run(f"%%chat --base-url {server.url}\nHi")
        magic.run("%%chat\nHi again")
        assert [turn["content"] for turn in server.calls[1].json["messages"]] == ["Hi again"]
    assert output.traceback[0].startswith("BadRequestError")


def test_a_client_of_ones_own(magic: Kernel) -> None:
    with FakeServer("Fine.") as server:
        magic.run(f"mine = Client(base_url={server.url!r}, token='mine')")
        output = magic.run("%%chat --client mine --max-tokens 5\nHi")
        assert server.calls[0].headers["authorization"] == "Bearer mine"
        assert server.calls[0].json["max_tokens"] == 5
    assert output.status == "ok"
    assert "'nobody' is no variable" in magic.run("%%chat --client nobody\nHi").text


def test_chat_in_a_line(magic: Kernel) -> None:
    with FakeServer("Fine.") as server:
        output = magic.run(f"%chat --base-url {server.url} How are you")
        assert server.calls[0].json["messages"][-1]["content"] == "How are you"
    assert output.status == "ok"


@pytest.mark.parametrize("line", ["--moddel x", "--temperature warm", "don't"])
def test_what_is_wrong_with_the_options_is_said(magic: Kernel, line: str) -> None:
    output = magic.run(f"%%chat {line}\nHi")
    assert output.text.startswith("UsageError: ")
    assert "%" in output.text


def test_the_options_are_told(magic: Kernel) -> None:
    told = magic.run("%chat --help").text
    for option in ("--model", "--system", "--local", "--new", "--temperature"):
        assert option in told


def test_lists_of_images_are_a_grid(magic: Kernel) -> None:
    magic.run(
        "from hfi import Image\none = Image(bytes=b'GIF89a', content_type='image/gif', seed=7)"
    )
    page = Page(magic.run("[one, one]").html)
    assert len(page.all("img")) == 2
    assert page.text.count("seed 7") == 2
    assert "text/html" not in magic.run("[one, 1]").shown[0]
    assert "text/html" not in magic.run("[]").shown[0]


# -- waits -----------------------------------------------------------------------------------------


def test_a_wait_is_a_bar_that_goes_away(kernel: Kernel) -> None:
    loading = faults.Status(503, body={"error": "loading", "estimated_time": 1.0})
    with FakeServer("Fine.", faults=[loading]) as server:
        output = kernel.run(f"print(Client(base_url={server.url!r}).chat('Hi'))")
    assert output.text == "Fine.\n"
    (bar,) = output.shown
    assert "application/vnd.jupyter.widget-view+json" in bar


def test_on_wait_goes_before_the_bar(kernel: Kernel) -> None:
    loading = faults.Status(503, body={"error": "loading", "estimated_time": 1.0})
    with FakeServer("Fine.", faults=[loading]) as server:
        cell = (
            f"print(Client(base_url={server.url!r}, on_wait=lambda w: print(w.reason)).chat('Hi'))"
        )
        output = kernel.run(cell)
    assert output.text.split() == ["loading", "loading", "Fine."]
    assert output.shown == []


PAINTER = """\
import time
import httpx

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415478da63f8cfc0f01f0005010181f5b9c8b60000000049454e44ae426082")

def paint(request):
    time.sleep(0.05)
    return httpx.Response(200 if request.method == "POST" else 404, content=PNG)

painter = Client(base_url="http://images.test", transport=httpx.MockTransport(paint))
"""


def test_what_is_being_made_has_a_bar(kernel: Kernel) -> None:
    kernel.run(PAINTER)
    bar, picture, caption = kernel.run("painter.text_to_image('A cat', seed=7)").shown
    assert "application/vnd.jupyter.widget-view+json" in bar
    assert "image/png" in picture
    assert Page(caption["text/html"]).text.startswith("A cat · seed 7")
    quiet = kernel.run("painter.text_to_image('A cat', on_wait=lambda waiting: None)")
    assert len(quiet.shown) == 2


def test_images_of_one_call_are_a_grid(kernel: Kernel) -> None:
    kernel.run(PAINTER)
    output = kernel.run("painter.text_to_image('A cat', n=3, seed=7)")
    page = Page(output.html)
    assert len(page.all("img")) == 3
    assert "seed 9" in page.text
