"""The options of tasks about texts, tables and pictures: named, documented and checked."""

from __future__ import annotations

import inspect
import json
import math
from pathlib import Path
from typing import Any

import pytest

from hfi._core.outgoing.option_values import checked
from hfi._core.outgoing.options import check_names, lists_options
from hfi.errors import ConfigurationError
from hfi.types import task_options
from hfi.types.task_options import (
    OPTION_DOCS,
    TabularArguments,
    TaskShape,
    TokenClassificationArguments,
)

ARGUMENTS = {
    name.removesuffix("Arguments"): value
    for name, value in vars(task_options).items()
    if name.endswith("Arguments")
}
# Some values that servers take, one that can be right for none.
VALUES: dict[str, tuple[list[Any], Any]] = {
    "aggregation_strategy": (["none", "simple", "first", "average", "max"], "best"),
    "align_to_words": ([True, False], 1),
    "candidate_labels": ([["a", "b"]], None),
    "clean_up_tokenization_spaces": ([True], "yes"),
    "doc_stride": ([0, 16], -1),
    "function_to_apply": (["sigmoid", "softmax", "none"], "relu"),
    "generate_parameters": ([{"max_length": 20}], [20]),
    "generation_parameters": ([{"do_sample": False}], "greedy"),
    "handle_impossible_answer": ([False], 0),
    "hypothesis_template": (["This is {}."], 3),
    "ignore_labels": ([["O"]], 3),
    "lang": (["en"], 1),
    "mask_threshold": ([0.5, 0], "half"),
    "max_answer_len": ([15], 0),
    "max_new_tokens": ([20], 0),
    "max_question_len": ([64], 0),
    "max_seq_len": ([384], 1.5),
    "multi_label": ([True], "both"),
    "overlap_mask_area_threshold": ([0.8], 2),
    "padding": (["do_not_pad", "longest", "max_length"], True),
    "sequential": ([True], "yes"),
    "src_lang": (["de_DE"], 1),
    "stride": ([0, 2], -1),
    "subtask": (["instance", "panoptic", "semantic"], "all"),
    "targets": ([["cat", "dog"]], 7),
    "tgt_lang": (["en_XX"], 1),
    "threshold": ([0.9, 0], math.nan),
    "top_k": ([1, 5], 1.5),
    "truncation": ([True, "only_first", "do_not_truncate"], "hard"),
    "word_boxes": ([["us", [0, 0, 10, 10.5]]], "us"),
}


def schema_of(task: str, fixtures_dir: Path) -> Any:
    name = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in task)[1:]
    file = fixtures_dir / "schemas" / "tasks" / f"{name}--input.json"
    return json.loads(file.read_text())


def own_names(arguments: type) -> set[str]:
    return set(arguments.__annotations__) - set(TaskShape.__annotations__)


@pytest.mark.parametrize("task", sorted(set(ARGUMENTS) - {"Tabular"}))
def test_every_parameter_of_the_schema_is_an_option(task: str, fixtures_dir: Path) -> None:
    schema = schema_of(task, fixtures_dir)
    parameters = schema["$defs"][f"{task}Parameters"]["properties"]
    assert own_names(ARGUMENTS[task]) == set(parameters)
    for name, told in parameters.items():
        for value in told.get("enum", []):
            assert checked(name, value) == value
        for choice in told.get("oneOf", []):
            assert checked(name, choice["const"]) == choice["const"]


def test_tables_have_no_options() -> None:
    assert own_names(TabularArguments) == set()


def test_every_option_is_tried_and_told() -> None:
    names = set().union(*map(own_names, ARGUMENTS.values()))
    assert set(VALUES) == names == set(OPTION_DOCS)
    assert all(len(line) < 100 and line.endswith(".") for line in OPTION_DOCS.values())


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str) -> None:
    right, wrong = VALUES[name]
    for value in right:
        assert checked(name, value) == value
    if wrong is not None:
        with pytest.raises(ConfigurationError, match=name):
            checked(name, wrong)


def test_one_word_is_a_list_of_one() -> None:
    assert checked("targets", "cat") == ["cat"]
    assert checked("ignore_labels", ("O", "MISC")) == ["O", "MISC"]


def test_a_misspelt_option_tells_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="aggregation_strategy"):
        check_names(["agregation_strategy"], TokenClassificationArguments)


def test_help_lists_them_with_their_own_words() -> None:
    @lists_options(TokenClassificationArguments)
    def token_classification(text: str, **options: Any) -> None:
        """Finds names in a text."""

    names = list(inspect.signature(token_classification).parameters)
    assert names[0] == "text"
    assert set(names[1:]) == set(TokenClassificationArguments.__annotations__)
    documentation = token_classification.__doc__ or ""
    for name in own_names(TokenClassificationArguments):
        assert f"{name}: {OPTION_DOCS[name]}" in documentation
    assert "timeout: " in documentation
