"""Embeddings and similarities beside the schemas of their tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hfi import Client
from hfi.types.embedding_options import FeatureExtractionOptions
from hfi.types.options import CallOptions
from servers.embedders import FakeServer

URL = "http://127.0.0.1:9"


def schema(fixtures: Path, name: str) -> Any:
    return json.loads((fixtures / "schemas" / "tasks" / f"{name}.json").read_text())


def test_every_parameter_is_an_option(fixtures_dir: Path) -> None:
    told = schema(fixtures_dir, "feature-extraction--input")["properties"].keys() - {"inputs"}
    own = FeatureExtractionOptions.__annotations__.keys() - CallOptions.__annotations__.keys()
    # The other two are TEI's and OpenAI's.
    assert own - told == {"dimensions", "encoding_format"}
    assert told <= own


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"normalize": False, "prompt_name": "query"},
        {"truncate": True, "truncation_direction": "left"},
    ],
)
@pytest.mark.parametrize("text", ["one", ["one", "two"]])
def test_requests_for_embeddings(fixtures_dir: Path, text: Any, options: Any) -> None:
    fake = FakeServer("tei")
    with Client(base_url=URL, transport=fake.transport) as client:
        client.feature_extraction(text, **options)
    (body,) = fake.bodies("/embed")
    jsonschema.validate(body, schema(fixtures_dir, "feature-extraction--input"))
    assert body == {"inputs": text, **options}


def test_requests_for_similarities(fixtures_dir: Path) -> None:
    fake = FakeServer("tei")
    with Client(base_url=URL, transport=fake.transport) as client:
        alike = client.sentence_similarity("one", ["one", "two"])
    (body,) = fake.bodies("/similarity")
    jsonschema.validate(body, schema(fixtures_dir, "sentence-similarity--input"))
    jsonschema.validate(list(alike), schema(fixtures_dir, "sentence-similarity--output"))
