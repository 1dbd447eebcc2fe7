"""Tasks about a table."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from hfi._async.tasks import AsyncTaskMethods
from hfi._core.outgoing.options import lists_options
from hfi.types.task_options import (
    TableQuestionAnsweringArguments,
    TabularArguments,
)

if TYPE_CHECKING:
    from hfi.types.answers import TableAnswer
    from hfi.types.results import Results

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncTableTaskMethods"]


class AsyncTableTaskMethods(AsyncTaskMethods):
    """Answers found in tables, and classes and numbers for their rows."""

    @lists_options(TableQuestionAnsweringArguments)
    async def table_question_answering(
        self, table: Any, query: str, **options: Unpack[TableQuestionAnsweringArguments]
    ) -> TableAnswer:
        """Finds the answer to a question in a table.

        Args:
            table: Columns by name, a list of rows as mappings, or a pandas DataFrame. Its fields
                are sent as texts, since models read them.
            query: What to ask.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: TableAnswer = await self._perform(
            "table_question_answering", {"table": table, "query": query}, options
        )
        return found

    @lists_options(TabularArguments)
    async def tabular_classification(
        self, table: Any, **options: Unpack[TabularArguments]
    ) -> Results[str | float]:
        """Tells the class of each row: its name, or its number where the model has no names.

        Args:
            table: Columns by name, a list of rows as mappings, or a pandas DataFrame.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[str | float] = await self._perform(
            "tabular_classification", {"table": table}, options
        )
        return found

    @lists_options(TabularArguments)
    async def tabular_regression(
        self, table: Any, **options: Unpack[TabularArguments]
    ) -> Results[float]:
        """Tells a number for each row; NaN where the server has none.

        Args:
            table: Columns by name, a list of rows as mappings, or a pandas DataFrame.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[float] = await self._perform("tabular_regression", {"table": table}, options)
        return found
