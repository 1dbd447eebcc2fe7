"""JSON schemas from the classes people describe data with."""

from __future__ import annotations

import dataclasses
import enum
import re
import sys
from typing import Any, Literal, Optional

import attrs
import msgspec
import pytest

from hfi._core.outgoing.schemas import json_schema_of, schema_name
from hfi.errors import ConfigurationError

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict


@dataclasses.dataclass
class DataclassPerson:
    name: str
    age: Optional[int] = None  # noqa: UP045 - the older spelling must work too


@attrs.frozen
class AttrsPerson:
    name: str
    age: int | None = None


class StructPerson(msgspec.Struct):
    name: str
    age: int | None = None


class DictPerson(TypedDict):
    name: str
    age: NotRequired[int | None]


PEOPLE = [DataclassPerson, AttrsPerson, StructPerson, DictPerson]


@pytest.mark.parametrize("cls", PEOPLE)
def test_classes_of_every_kind_give_the_same_closed_schema(cls: type) -> None:
    found = json_schema_of(cls)
    assert found["name"] == cls.__name__
    assert found["strict"] is True
    schema = found["schema"]
    assert schema["type"] == "object"
    assert schema["properties"] == {
        "name": {"type": "string"},
        "age": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    }
    assert list(schema["properties"]) == ["name", "age"]
    assert schema["required"] == ["name", "age"]
    assert schema["additionalProperties"] is False
    assert "$ref" not in schema
    assert "$defs" not in schema


def test_pydantic_models() -> None:
    pydantic = pytest.importorskip("pydantic")
    inner = pydantic.create_model("Inner", x=(int, ...))
    model = pydantic.create_model(
        "Person", name=(str, ...), age=(int | None, None), inner=(inner, ...)
    )
    found = json_schema_of(model)
    assert found["name"] == "Person"
    assert found["strict"] is True
    schema = found["schema"]
    assert schema["required"] == ["name", "age", "inner"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Inner"]["additionalProperties"] is False
    assert model.model_json_schema()["required"] == ["name", "inner"]


class Ducklike:
    """As a pydantic model, without pydantic."""

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return {
            "$ref": "#/$defs/Duck",
            "$defs": {
                "Duck": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Duck"}}},
                "Unused": {"type": "string"},
            },
        }


def test_the_root_stands_at_the_root_and_what_is_unused_goes() -> None:
    schema = json_schema_of(Ducklike)["schema"]
    assert schema["type"] == "object"
    assert list(schema["$defs"]) == ["Duck"]
    assert schema["$defs"]["Duck"]["required"] == ["next"]


class Zoo(TypedDict):
    keeper: list[DictPerson]
    animal: str


def test_typed_dicts_keep_the_order_of_their_fields() -> None:
    schema = json_schema_of(Zoo)["schema"]
    assert list(schema["properties"]) == schema["required"] == ["keeper", "animal"]
    assert list(schema["$defs"]["DictPerson"]["properties"]) == ["name", "age"]


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Item:
    colour: Colour
    kind: Literal["a", "b"]
    tags: list[str] = dataclasses.field(default_factory=list)
    parts: list[Item] = dataclasses.field(default_factory=list)
    size: tuple[int, int] = (1, 2)


def test_nested_and_recursive_classes() -> None:
    found = json_schema_of(Item)
    assert found["strict"] is True
    schema = found["schema"]
    assert set(schema["$defs"]) == {"Colour", "Item"}
    assert schema["properties"]["parts"] == {"type": "array", "items": {"$ref": "#/$defs/Item"}}
    assert schema["$defs"]["Item"]["additionalProperties"] is False
    assert "default" not in str(schema)


@dataclasses.dataclass
class Free:
    scores: dict[str, int]
    age: int = 0


@dataclasses.dataclass
class Untyped:
    anything: Any
    age: int = 0


@pytest.mark.parametrize("cls", [Free, Untyped])
def test_what_cannot_be_strict_is_left_open(cls: type) -> None:
    found = json_schema_of(cls)
    assert "strict" not in found
    assert "additionalProperties" not in found["schema"]
    assert len(found["schema"]["required"]) == 1
    assert found["schema"]["properties"]["age"]["default"] == 0


class Default(msgspec.Struct):
    default: int
    items: int = 3


def test_fields_that_are_named_as_keywords() -> None:
    schema = json_schema_of(Default)["schema"]
    assert schema["properties"] == {"default": {"type": "integer"}, "items": {"type": "integer"}}


class Plain:
    pass


@dataclasses.dataclass
class Holds:
    plain: Plain


@dataclasses.dataclass
class Unknown:
    field: Nowhere  # noqa: F821 - on purpose


@pytest.mark.parametrize("cls", [Plain, Holds, Unknown, int, list[int], Colour])
def test_what_gives_no_schema_is_named(cls: Any) -> None:
    with pytest.raises(ConfigurationError, match="response_format: ") as caught:
        json_schema_of(cls)
    assert "a dataclass, an attrs class" in str(caught.value)


@pytest.mark.parametrize("name", ["Box[int]", "Zürich", "x" * 100, "[]", ""])
def test_names_are_such_as_openai_takes(name: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", schema_name(name))
