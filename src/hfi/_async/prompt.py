"""Prompts, as they would be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfi._async.base import AsyncBase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi.types.message import MessagesLike

__all__ = ["AsyncPromptMethods"]


class AsyncPromptMethods(AsyncBase):
    """``format_prompt``."""

    async def format_prompt(
        self,
        messages: MessagesLike,
        *,
        model: str | None = None,
        system: str | None = None,
        tools: Sequence[Any] | None = None,
        documents: Sequence[Any] | None = None,
        add_generation_prompt: bool | None = None,
        continue_final_message: bool | str = False,
        repair: bool = True,
        **variables: Any,
    ) -> str:
        """Gives the prompt that chat over text generation would send for these messages.

        The template is the model's own, from the Hub; a llama.cpp server that was named, or the
        embedded one, tells its template itself. A model without one gets its family's form.

        Args:
            messages: As for ``chat``.
            model: The model, where the client names none.
            system: A system message to put first.
            tools: As for ``chat``; a template may have a form for them.
            documents: Dicts, with a title and a text by custom.
            add_generation_prompt: Open an answer at the end. None: unless a message is continued.
            continue_final_message: Leave the last message open; True for its content, or the name
                of a field such as ``"reasoning_content"``.
            repair: Whether messages are changed to suit the template. False gives exactly what
                transformers' ``apply_chat_template`` gives.
            **variables: Variables for the template, such as ``enable_thinking``; and
                ``chat_template``, the name of one of several, or a text to use instead.

        Raises:
            ConfigurationError: The arguments do not fit together.
            TemplateError: The template refused the messages, or failed.
            ModelNotFoundError: There is no such model, or the token may not see it.
        """
        room = await self._room("prompting")
        text: str = await room.format_prompt(
            self,
            messages,
            model=model,
            system=system,
            tools=tools,
            documents=documents,
            add_generation_prompt=add_generation_prompt,
            continue_final_message=continue_final_message,
            repair=repair,
            variables=variables,
        )
        return text
