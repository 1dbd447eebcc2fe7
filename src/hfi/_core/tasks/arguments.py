"""The arguments of a task's method, sorted and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.observe.masking import masked_options
from hfi._core.outgoing.media_input import MediaInput
from hfi._core.outgoing.option_values import checked
from hfi._core.outgoing.options import check_names
from hfi.errors import ConfigurationError
from hfi.types.options import CallOptions

if TYPE_CHECKING:
    from hfi._core.tasks.task import Task

__all__ = ["TaskCall"]

# What any task takes besides its options and what changes the client's configuration.
_SHAPE = ("model", "extra_body", "extra_headers", "extra_query")
# Options for which None is a value, "no limit", and not the same as leaving them out.
_NONE_IS_A_VALUE = frozenset({"max_wait", "timeout"})


@attrs.frozen(kw_only=True)
class TaskCall:
    """One call of a task's method.

    Attributes:
        task: Which.
        inputs: What it is given, by our names; those that were left out are not in it.
        options: What is sent besides, by our names.
        model, extra_body, extra_headers, extra_query: As the user gave them.
        client_options: What the call changes in the client's configuration.
    """

    task: Task
    inputs: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    options: Mapping[str, Any] = attrs.field(factory=dict)
    model: str | None = None
    extra_body: Mapping[str, Any] | None = None
    extra_headers: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    extra_query: Mapping[str, Any] | None = None
    client_options: Mapping[str, Any] = attrs.field(factory=dict, repr=False)

    @classmethod
    def of(cls, task: Task, inputs: Mapping[str, Any], arguments: Mapping[str, Any]) -> TaskCall:
        """Sorts a call's arguments.

        Args:
            task: The task.
            inputs: By our names; media as ``MediaInput``.
            arguments: All other arguments of the method. One that is None counts as absent, but
                for ``timeout`` and ``max_wait``: None is "no limit".

        Raises:
            ConfigurationError: A name is unknown, or a value can be right for no server.
        """
        masked_options(arguments)
        check_names(arguments, task.arguments, arguments=task.inputs)
        sent: dict[str, Any] = {}
        own: dict[str, Any] = {}
        shape: dict[str, Any] = {}
        for name, value in arguments.items():
            if value is None and name not in _NONE_IS_A_VALUE:
                continue
            if name in _SHAPE:
                shape[name] = checked(name, value)
            elif name in CallOptions.__annotations__:
                own[name] = checked(name, value)
            else:
                sent[name] = task.checks.get(name, checked)(name, value)
        given = {name: task.input(name, inputs.get(name)) for name in task.inputs}
        given = {name: value for name, value in given.items() if value is not None}
        if not given and not sent.get(task.text_field):
            raise ConfigurationError(
                f"{task.method} needs {' or '.join((*task.inputs, task.text_field))}."
            )
        return cls(
            task=task,
            inputs=given,
            options=task.prepare(sent) if task.prepare else sent,
            client_options=own,
            **shape,
        )

    @property
    def changes(self) -> Mapping[str, Any]:
        """What the call changes in the client's configuration."""
        if self.model is None:
            return self.client_options
        return {**self.client_options, "model": self.model}

    @property
    def has_media(self) -> bool:
        """Whether it is given any."""
        return any(isinstance(value, MediaInput) for value in self.inputs.values())

    @property
    def prompt(self) -> str:
        """What is asked for in words, where the task has a prompt."""
        name = self.task.text_field
        text = self.inputs.get(name, self.options.get(name))
        return text if isinstance(text, str) else ""
