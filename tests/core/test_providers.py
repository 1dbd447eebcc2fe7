"""Providers as files of data: what is known of them, and that a new one is one new file."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import providers_page
from hfi._core import providers
from hfi._core.configuration.config import resolve
from hfi._core.configuration.urls import parse_url
from hfi._core.configuration.world import World
from hfi._core.hub.model_reader import read_model
from hfi._core.providers import all_providers, find_provider, nearest_provider, provider_names
from hfi._core.providers.way import HERE, Mark, Way, fill
from hfi._core.routing import chat_route
from hfi._core.tasks.arguments import TaskCall
from hfi._core.tasks.catalogue import all_tasks, task_of
from hfi._core.tasks.making import perform
from hfi._core.tasks.plan import plan_task
from hfi.types.media import Image
from playing import play, reply, requests_of, sleeps_of

HF = "hf_" + "a" * 20
KEY = "acme-" + "a" * 20
SOURCE = Path(providers.__file__).resolve().parents[3]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "providers.md"
# A provider that nobody has heard of: the example of the documentation, in one file.
ACME = re.search(
    rf"{re.escape(providers_page.EXAMPLE)}\n\n```python\n(.*?)^```",
    PAGE.read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The file of a made-up provider on the path of the package, and nothing else."""
    assert ACME is not None
    (tmp_path / "acme_two.py").write_text(ACME[1], encoding="utf-8")
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield "acme-two"
    sys.modules.pop("hfi._core.providers.acme_two", None)
    vars(providers).pop("acme_two", None)


def served_by(name: str) -> Any:
    mapping = {name: {"status": "live", "providerId": "acme/brush", "task": "text-to-image"}}
    return read_model({"id": "org/painter", "inferenceProviderMapping": mapping})


def drawn(**options: Any) -> TaskCall:
    return TaskCall.of(task_of("text_to_image"), {"prompt": "a cat"}, options)


def test_a_new_provider_is_one_new_file(acme: str) -> None:
    config = resolve(World(), model="org/painter", token=HF)
    plan = plan_task(drawn(seed=3, width=8, height=4), config, served_by(acme))
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd")
    answers = [
        reply(b'{"id": "j1", "state": "soon"}'),
        reply(b'{"id": "j1", "state": "there", "output": "https://cdn.example.com/x.png"}'),
        reply(png),
    ]
    image, steps = play(perform(plan), lambda _: answers.pop(0))
    first, asked, fetched = requests_of(steps)
    assert first.url == "https://router.huggingface.co/acme-two/draw/acme/brush"
    assert json.loads(first.content or b"") == {
        "wish": {"text": "a cat"},
        "luck": 3,
        "size": "8x4",
    }
    assert asked.url == "https://router.huggingface.co/acme-two/draw/jobs/j1"
    assert fetched.credential is None
    assert len(sleeps_of(steps)) == 1
    assert isinstance(image, Image)
    assert (image.provider, image.model, image.seed) == ("acme-two", "org/painter", 3)


def test_a_new_provider_is_known_everywhere(acme: str) -> None:
    assert acme in provider_names()
    assert nearest_provider("acme-too") == acme
    own = resolve(World(), model="org/painter", token=KEY, provider=acme)
    route = chat_route(own)
    assert route.url == "https://api.acme.example/chat"
    assert route.credential is not None
    assert route.credential.scheme == "Acme"
    plan = plan_task(drawn(), own, served_by(acme))
    assert plan.first().request.url == "https://api.acme.example/draw/acme/brush"


def test_without_its_file_it_is_unknown() -> None:
    assert find_provider("acme-two") is None
    assert "acme-two" not in provider_names()


@pytest.mark.parametrize(
    "name", [None, "", "way", "__init__", "../x", "x.y", "Groq", "fal_ai", "a--b", "os", "-a"]
)
def test_no_other_module_is_taken_for_a_provider(name: str | None) -> None:
    assert find_provider(name) is None


def test_a_provider_s_file_that_cannot_be_imported_is_not_hidden(acme: str, tmp_path: Path) -> None:
    (tmp_path / "acme_two.py").write_text("import no_such_module", encoding="utf-8")
    importlib.invalidate_caches()
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        find_provider(acme)


def test_every_module_is_a_provider() -> None:
    assert len(provider_names()) >= 19
    assert [each.name for each in all_providers()] == list(provider_names())


def ways() -> list[Any]:
    return [
        pytest.param(each.name, task, way, id=f"{each.name}-{task}")
        for each in all_providers()
        for task, way in each.ways.items()
    ]


@pytest.mark.parametrize(("name", "task", "way"), ways())
def test_ways(name: str, task: str, way: Way) -> None:
    provider = find_provider(name)
    assert provider is not None
    known = {each.name: each for each in all_tasks()}
    assert task in known
    for each in (way, *way.special.values()):
        assert each.path.startswith("/")
        for header in each.headers:
            assert header == header.lower()
        if name != "hf-inference":
            base = parse_url(each.base or provider.base or "", name=name)
            assert (base.scheme, base.path) == ("https", "")
        # What it takes are the task's inputs, each with a place.
        assert each.takes.keys() <= set(known[task].inputs)
        for template in each.takes.values():
            assert fill(template, {HERE: "x"}) != template
        if each.queue is not None:
            assert "{id}" in each.queue.path
            assert 0 < each.queue.interval <= each.queue.longest
            assert each.queue.done
            assert all(word == word.lower() for word in each.queue.done | each.queue.failed)


# What either official client can do; with "+" what only JavaScript's can.
OFFICIAL = {
    "deepinfra": "feature-extraction automatic-speech-recognition text-to-speech +text-to-image",
    "fal-ai": "text-to-image image-to-image text-to-video image-to-video text-to-speech"
    " automatic-speech-recognition image-segmentation +audio-to-audio +text-to-audio"
    " +image-text-to-image +image-text-to-video",
    "hf-inference": "text-to-image image-to-image text-to-speech automatic-speech-recognition"
    " feature-extraction sentence-similarity audio-classification audio-to-audio"
    " document-question-answering fill-mask image-classification image-segmentation image-to-text"
    " object-detection question-answering summarization table-question-answering"
    " tabular-classification text-classification token-classification translation"
    " visual-question-answering zero-shot-classification zero-shot-image-classification"
    " +tabular-regression +text-to-audio",
    "novita": "text-to-video +image-text-to-video",
    "nscale": "text-to-image",
    "replicate": "text-to-image image-to-image text-to-video automatic-speech-recognition"
    " text-to-speech",
    "scaleway": "feature-extraction",
    "together": "feature-extraction text-to-image image-to-image text-to-video image-to-video"
    " text-to-speech +automatic-speech-recognition",
    "wavespeed": "text-to-image image-to-image text-to-video image-to-video +image-text-to-image"
    " +image-text-to-video",
    "zai-org": "text-to-image +image-to-text",
}


def test_every_cell_of_the_official_clients_is_there() -> None:
    ours = {each.name: set(each.ways) for each in all_providers() if each.ways}
    assert ours == {name: set(cells.replace("+", "").split()) for name, cells in OFFICIAL.items()}


def test_the_page_says_what_the_data_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert providers_page.put_into(page) == page, "run scripts/providers --write"


def test_the_page_names_every_attribute_of_a_way() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("| attribute |")[2].partition("## Where")[0]
    assert [field.name for field in attrs.fields(Way) if f"`{field.name}`" not in table] == []


def test_templates() -> None:
    other = Mark("other")
    template = {"a": [HERE, {"b": other}], "c": "as it is", "d": (1, HERE)}
    filled = fill(template, {HERE: {"x": 1}, other: None})
    assert filled == {"a": [{"x": 1}, {"b": None}], "c": "as it is", "d": [1, {"x": 1}]}


def test_a_client_imports_neither_providers_nor_tasks() -> None:
    text = (
        "import sys, hfi._async.client, hfi._sync.client\n"
        "rooms = ('hfi._core.providers.', 'hfi._core.tasks')\n"
        "print(*[name for name in sys.modules if name.startswith(rooms)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(SOURCE), "PATH": ""},
    )
    assert done.stdout.strip() == ""


def test_only_the_provider_that_is_called_is_imported() -> None:
    text = (
        "import sys\n"
        "from hfi._core.providers import find_provider\n"
        "find_provider('groq')\n"
        "print(*[n for n in sys.modules if n.startswith('hfi._core.providers.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(SOURCE), "PATH": ""},
    )
    assert set(done.stdout.split()) == {"hfi._core.providers.way", "hfi._core.providers.groq"}
