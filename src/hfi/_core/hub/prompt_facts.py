"""What a prompt needs of a model: from its metadata, and from its files where that is silent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs

from hfi._core.configuration.urls import quote_id
from hfi._core.hub.hub import hub_request
from hfi._core.hub.model_reader import read_context_length, read_special_tokens, read_templates
from hfi._core.incoming.decode import untyped
from hfi.errors import (
    AuthenticationError,
    ModelNotFoundError,
    PermissionDeniedError,
    ResponseError,
)
from hfi.types.models import PromptFacts

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.flows import Flow
    from hfi._core.request import Response
    from hfi.types.models import ModelInfo

__all__ = ["find_prompt_facts"]

_JINJA = "chat_template.jinja"
_TOKENIZER = "tokenizer_config.json"
_TOKENS = "special_tokens_map.json"
_NAMED = "additional_chat_templates/"
# For templates of processors: the older file, then the newer.
_PROCESSOR = ("chat_template.json", "processor_config.json")


@attrs.define
class _Search:
    """What was found so far."""

    config: ClientConfig
    info: ModelInfo
    revision: str
    templates: dict[str, str]
    tokens: dict[str, str]
    context_length: int | None
    source: str | None
    notes: list[str] = attrs.field(factory=list)

    def may_have(self, file: str) -> bool:
        """Whether the repository may have the file; an old Hub or a mirror may list none."""
        return not self.info.files or file in self.info.files

    def named_files(self) -> list[str]:
        """The files of named templates that are not known yet."""
        named = [f for f in self.info.files if f.startswith(_NAMED) and f.endswith(".jinja")]
        return [file for file in named if _template_name(file) not in self.templates]


def find_prompt_facts(
    config: ClientConfig, info: ModelInfo, revision: str | None = None
) -> Flow[PromptFacts]:
    """Gives what a prompt needs; asks for files only where the metadata leaves something open.

    ``chat_template.jinja`` comes before the templates in ``tokenizer_config.json``, as in
    transformers.

    Args:
        config: The configuration of the call.
        info: The model's metadata.
        revision: The revision meant; the commit that the metadata names where None.

    Raises:
        GatedModelError: The files alone can tell, and access to them must be asked for.
        ModelNotFoundError: The same, and the token may not see them.
    """
    search = _Search(
        config=config,
        info=info,
        revision=revision or info.sha or "main",
        templates=dict(info.chat_templates),
        tokens=dict(info.special_tokens),
        context_length=info.context_length,
        source=info.template_source,
    )
    if not search.templates:
        yield from _read_jinja(search)
    if not search.templates or not search.tokens:
        # Where the metadata holds an extract of this file, a template that it lacks is hardly
        # there; so a gated model without one is no error.
        parsed = bool(info.config.get("tokenizer_config"))
        yield from _read_tokenizer(search, needed=not search.templates and not parsed)
    if not search.templates:
        yield from _read_processor(search)
    yield from _read_named(search)
    return PromptFacts(
        model=info.id,
        templates=search.templates,
        special_tokens=search.tokens,
        model_type=info.model_type,
        author=info.author,
        eos_token=search.tokens.get("eos_token"),
        context_length=search.context_length,
        source=search.source,
        notes=tuple(search.notes),
    )


def _read_jinja(search: _Search) -> Flow[None]:
    parsed = bool(search.info.config.get("tokenizer_config"))
    text = yield from _file(search, _JINJA, needed=_JINJA in search.info.files or not parsed)
    if text:
        search.templates["default"] = text.decode("utf-8", "replace")
        search.source = _JINJA


def _read_tokenizer(search: _Search, *, needed: bool) -> Flow[None]:
    settings = yield from _json_file(search, _TOKENIZER, needed=needed)
    if not search.templates and (templates := read_templates(settings.get("chat_template"))):
        search.templates, search.source = templates, _TOKENIZER
    search.tokens = {**read_special_tokens(settings), **search.tokens}
    if search.context_length is None:
        search.context_length = read_context_length({}, {}, settings)
    if not search.tokens:
        older = yield from _json_file(search, _TOKENS, needed=False)
        search.tokens = read_special_tokens(older)


def _read_processor(search: _Search) -> Flow[None]:
    for file in _PROCESSOR:
        # Few models have these, so an unlisted one is not asked for.
        if file in search.info.files:
            settings = yield from _json_file(search, file, needed=False)
            if templates := read_templates(settings.get("chat_template")):
                search.templates, search.source = templates, file
                return


def _read_named(search: _Search) -> Flow[None]:
    # Those of a GGUF file are whole in themselves.
    if search.source == "gguf.chat_template":
        return
    for file in search.named_files():
        text = yield from _file(search, file, needed=False)
        if text:
            search.templates[_template_name(file)] = text.decode("utf-8", "replace")
            search.source = search.source or file


def _template_name(file: str) -> str:
    return file.removeprefix(_NAMED).removesuffix(".jinja")


def _json_file(search: _Search, file: str, *, needed: bool) -> Flow[Mapping[str, Any]]:
    content = yield from _file(search, file, needed=needed)
    if not content:
        return {}
    try:
        value = untyped(content)
    except ResponseError:
        value = None
    if not isinstance(value, dict):
        search.notes.append(f"{file} of {search.info.id} holds no JSON object.")
        return {}
    return value


def _file(search: _Search, file: str, *, needed: bool) -> Flow[bytes]:
    """Gives the bytes of a file; none where it is absent, or out of bounds and not needed."""
    if not search.may_have(file):
        return b""
    info = search.info
    revision = quote(search.revision, safe="")
    path = f"/{quote_id(info.id)}/resolve/{revision}/{quote(file, safe='/')}"
    try:
        response: Response = yield hub_request(search.config, path, model=info.id)
    except ModelNotFoundError as error:
        # The Hub says 401 for what a token may not see, 404 for a file that is not there.
        if error.status_code == 401 and needed:
            raise
        if error.status_code != 401:
            return b""
    except (PermissionDeniedError, AuthenticationError):
        if needed:
            raise
    else:
        return response.content
    search.notes.append(f"{file} of {info.id} may not be read with this token.")
    return b""
