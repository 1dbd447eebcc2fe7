"""Python functions as JSON schemas."""

# ruff: noqa: UP007, UP045 - both spellings of a union are read

from __future__ import annotations

import enum
from typing import Any, Literal, Optional, Union

import pytest

from hfi._core.prompts.tools import function_schema, tool_schemas
from hfi.errors import ConfigurationError


class Unit(enum.Enum):
    CELSIUS = "celsius"
    KELVIN = "kelvin"


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"


class Empty(enum.Enum):
    pass


class Bytes(enum.Enum):
    ONE = b"1"


def weather(place: str, unit: Unit = Unit.CELSIUS, days: int | None = None) -> dict[str, float]:
    """Tells the weather
    of a place.

    Args:
        place: The city and state,
            e.g. Paris, France
        unit: Of the temperature
        days: How many (choices: [1, 3, " 7 "])

    Returns:
        Temperatures by hour.

    Raises:
        ValueError: There is no such place.
    """
    raise NotImplementedError


def test_a_whole_function():
    assert function_schema(weather) == {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Tells the weather\nof a place.",
            "parameters": {
                "type": "object",
                "properties": {
                    "place": {
                        "type": "string",
                        "description": "The city and state, e.g. Paris, France",
                    },
                    "unit": {
                        "type": "string",
                        "enum": ["celsius", "kelvin"],
                        "description": "Of the temperature",
                    },
                    "days": {
                        "type": "integer",
                        "nullable": True,
                        "enum": [1, 3, "7"],
                        "description": "How many",
                    },
                },
                "required": ["place"],
            },
            "return": {
                "type": "object",
                "additionalProperties": {"type": "number"},
                "description": "Temperatures by hour.",
            },
        },
    }


def schema_of(hint: Any) -> Any:
    def tool(x):  # type: ignore[no-untyped-def]
        """Does.

        Args:
            x: What.
        """

    tool.__annotations__ = {"x": hint}
    schema = function_schema(tool)["function"]["parameters"]["properties"]["x"]
    assert schema.pop("description") == "What."
    return schema


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (type(None), {"type": "null"}),
        (Any, {}),
        (list, {"type": "array"}),
        (tuple, {"type": "array"}),
        (dict, {"type": "object"}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (dict[str, float], {"type": "object", "additionalProperties": {"type": "number"}}),
        (
            tuple[int, str],
            {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]},
        ),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["a", 1], {"type": ["string", "integer"], "enum": ["a", 1]}),
        (Mixed, {"type": ["integer", "string"], "enum": [1, "two"]}),
        (Union[int, str], {"type": ["integer", "string"]}),
        (int | str | None, {"type": ["integer", "string"], "nullable": True}),
        (Union[list, tuple], {"type": "array"}),
        (
            Union[list[int], str],
            {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "string"}]},
        ),
        (Optional[int], {"type": "integer", "nullable": True}),
    ],
)
def test_hints(hint: Any, expected: dict[str, Any]):
    assert schema_of(hint) == expected


@pytest.mark.parametrize(
    "hint", [object, set, tuple[int], tuple[int, ...], Empty, Bytes, Literal[b"x"], set[int]]
)
def test_hints_json_cannot_express(hint: Any):
    with pytest.raises(ConfigurationError):
        schema_of(hint)


def test_images_are_told_by_name():
    image = pytest.importorskip("PIL.Image")
    assert schema_of(image.Image) == {"type": "image"}


class Service:
    def act(self, x: int) -> object:
        """Acts.

        Args:
            x: On what.
        """

    @classmethod
    def make(cls, x: int) -> None:
        """Makes.

        Args:
            x: What.
        """


def test_methods_leave_their_receiver_out():
    for method in (Service.act, Service().act, Service.make):
        parameters = function_schema(method)["function"]["parameters"]
        assert list(parameters["properties"]) == ["x"]
        assert parameters["required"] == ["x"]


def test_a_return_hint_that_cannot_be_expressed_is_left_out():
    assert "return" not in function_schema(Service.act)["function"]


def no_docstring(x: int) -> None:
    pass


def no_hint(x):  # type: ignore[no-untyped-def]
    """Does.

    Args:
        x: What.
    """


def no_entry(x: int) -> None:
    """Does.

    Args:
        y: What.
    """


def bad_choices(x: int) -> None:
    """Does.

    Args:
        x: What (choices: [one)
    """


def bad_name(x: "Nowhere") -> None:  # type: ignore[name-defined]  # noqa: F821, UP037
    """Does.

    Args:
        x: What.
    """


@pytest.mark.parametrize("function", [no_docstring, no_hint, no_entry, bad_choices, bad_name])
def test_what_is_missing_is_named(function: Any):
    with pytest.raises(ConfigurationError, match=r"tool|choices"):
        function_schema(function)


def test_entries_end_where_the_next_begins():
    def tool(x: int, y: int, z: int) -> None:
        """Does.

        Args:
            x: One: two
                note: deeper, so still x

            y:
                on the next line
            z: last
        """

    properties = function_schema(tool)["function"]["parameters"]["properties"]
    assert [entry["description"] for entry in properties.values()] == [
        "One: two note: deeper, so still x",
        "on the next line",
        "last",
    ]


def test_tools_are_schemas_or_functions():
    schema = {"type": "function", "function": {"name": "x"}}
    assert tool_schemas(None) is None
    assert tool_schemas([schema, weather]) == [schema, function_schema(weather)]
    with pytest.raises(ConfigurationError, match="A tool is 'int'"):
        tool_schemas([3])
