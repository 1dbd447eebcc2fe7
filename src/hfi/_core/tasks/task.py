"""A task as data: what it takes, what is read of the reply.

To add a task, write a row, put it into ``TASKS`` of its family's module, and enter its method in
``catalogue.FAMILIES``::

    TASKS = (
        Task(
            name="summarization",
            method="summarization",
            inputs=("text",),
            arguments=SummarizationArguments,
            read=read_summary,
        ),
    )

How each provider is asked stands in the provider's own file (``providers/way.py`` tells how); that
of hf-inference is the way of Inference Endpoints too. The public method is one line in a mixin::

    return await self._perform("summarization", {"text": text}, options)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.outgoing.media_input import MediaInput
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from hfi._core.providers.way import Way

__all__ = ["Made", "Task", "checked_text"]


@attrs.frozen(kw_only=True)
class Made:
    """A picture, a sound or a film that a provider made, for a task's ``read``.

    Attributes:
        data: The file.
        content_type: What it is, found from the bytes.
        url: Where the provider keeps it; None where it came by itself.
        body: The provider's JSON around it, decoded; None where the reply was the file.
        seed: The provider's word on it, else what was sent.
        model, provider: Who made it.
        prompt: What was asked for.
    """

    data: bytes = attrs.field(repr=False)
    content_type: str
    url: str | None = None
    body: Any = attrs.field(default=None, repr=False)
    seed: int | None = None
    model: str | None = None
    provider: str | None = None
    prompt: str = ""


@attrs.frozen(kw_only=True)
class Task:
    """One task.

    Attributes:
        name: As the Hub spells it, such as ``"text-classification"``.
        method: The client's method.
        inputs: What it is given, in order; the first is the method's first argument. Each value is
            JSON, or a ``MediaInput``.
        arguments: The TypedDict of all other arguments of the method: options by the Hub's names,
            and what any call takes.
        read: What is made of the reply: of decoded JSON, or of a ``Made`` where the task ``gives``
            media. It raises ``ResponseError`` for anything else. What it returns gets ``model``,
            ``provider``, ``meta`` and ``inputs``, those of them that it has.
        media: Which inputs are media: ``"image"``, ``"audio"`` or ``"video"``, by name.
        optional: Inputs that may be left out.
        gives: ``"image"``, ``"audio"`` or ``"video"`` where it makes one; None where it gives JSON.
        also: Other tasks of the Hub whose models do this one too.
        checks: Its own checks of inputs and options, by name, in place of the common ones.
        prepare: Turns the checked options into those that are sent; may take some out.
        openai: The way of servers with OpenAI's API, below a base URL that ends in ``/v1``.
        keeps: The input that the value keeps as ``inputs``, for what is drawn; None keeps none.
        text_field: The input, or the option, that is its prompt; for ``Made.prompt``.
    """

    name: str
    method: str
    inputs: tuple[str, ...]
    arguments: type
    read: Callable[[Any], Any]
    media: Mapping[str, str] = attrs.field(factory=dict)
    optional: frozenset[str] = frozenset()
    gives: str | None = None
    also: frozenset[str] = frozenset()
    checks: Mapping[str, Callable[[str, Any], Any]] = attrs.field(factory=dict)
    prepare: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    openai: Way | None = None
    keeps: str | None = None
    text_field: str = "prompt"

    def input(self, name: str, value: Any) -> Any:
        """An input, checked.

        Raises:
            ConfigurationError: It can be right for no server.
        """
        if value is None:
            if name in self.optional:
                return None
            raise ConfigurationError(f"{self.method} needs {name}.")
        if name in self.media:
            if isinstance(value, MediaInput):
                return value
            raise ConfigurationError(f"{name} must be media that were read.")
        check = self.checks.get(name)
        return value if check is None else check(name, value)


def checked_text(name: str, value: Any) -> str:
    """A text; for ``Task.checks``.

    Raises:
        ConfigurationError: It is none.
    """
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be a string, not {type(value).__name__}.")
    return value
