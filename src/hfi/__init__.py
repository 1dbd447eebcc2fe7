"""Hugging Face inference for Python: ``Client().chat("Hello")``, ``AsyncClient`` for services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfi.errors import *  # noqa: F403 - the whole tree is public, and its module lists it

if TYPE_CHECKING:
    from hfi._async.client import AsyncClient
    from hfi._async.stream import AsyncChatStream, AsyncTextStream
    from hfi._render import render_chat_template
    from hfi._sync.client import Client
    from hfi._sync.stream import ChatStream, TextStream
    from hfi.types.answers import Answer, TableAnswer, VisualAnswer
    from hfi.types.audio import Transcription, TranscriptionChunk
    from hfi.types.chat import ChatChunk, ChatCompletion
    from hfi.types.classes import Classification
    from hfi.types.embeddings import Embedding, Embeddings
    from hfi.types.explanation import Explanation
    from hfi.types.media import Audio, AudioPart, Image, Images, Video
    from hfi.types.message import Message
    from hfi.types.meta import CallMeta
    from hfi.types.models import ModelInfo, ModelList, ProviderMapping
    from hfi.types.providers import ModelProvider, ProviderList
    from hfi.types.results import Results
    from hfi.types.servers import RankedText, ServerHealth, ServerInfo, TextToken, Tokens
    from hfi.types.settings import Limits, Timeout
    from hfi.types.text import TextChunk, TextDetails, TextGeneration, Token
    from hfi.types.vision import Box, Detection, Segment
    from hfi.types.waiting import Waiting
    from hfi.types.words import Entity, FillMask
    from hfi.types.written import ImageText, Summary, Translation

__version__ = "0.1.0"

# Where the rest of the public names live. Importing hfi imports none of it, so that a program
# pays only for what it uses.
_HOMES = {
    "Answer": "hfi.types.answers",
    "AsyncChatStream": "hfi._async.stream",
    "AsyncClient": "hfi._async.client",
    "AsyncTextStream": "hfi._async.stream",
    "Audio": "hfi.types.media",
    "AudioPart": "hfi.types.media",
    "Box": "hfi.types.vision",
    "CallMeta": "hfi.types.meta",
    "ChatChunk": "hfi.types.chat",
    "ChatCompletion": "hfi.types.chat",
    "ChatStream": "hfi._sync.stream",
    "Classification": "hfi.types.classes",
    "Client": "hfi._sync.client",
    "Detection": "hfi.types.vision",
    "Embedding": "hfi.types.embeddings",
    "Embeddings": "hfi.types.embeddings",
    "Entity": "hfi.types.words",
    "Explanation": "hfi.types.explanation",
    "FillMask": "hfi.types.words",
    "Image": "hfi.types.media",
    "ImageText": "hfi.types.written",
    "Images": "hfi.types.media",
    "Limits": "hfi.types.settings",
    "Message": "hfi.types.message",
    "ModelInfo": "hfi.types.models",
    "ModelList": "hfi.types.models",
    "ModelProvider": "hfi.types.providers",
    "ProviderList": "hfi.types.providers",
    "ProviderMapping": "hfi.types.models",
    "RankedText": "hfi.types.servers",
    "Results": "hfi.types.results",
    "Segment": "hfi.types.vision",
    "ServerHealth": "hfi.types.servers",
    "ServerInfo": "hfi.types.servers",
    "Summary": "hfi.types.written",
    "TableAnswer": "hfi.types.answers",
    "TextChunk": "hfi.types.text",
    "TextDetails": "hfi.types.text",
    "TextGeneration": "hfi.types.text",
    "TextStream": "hfi._sync.stream",
    "TextToken": "hfi.types.servers",
    "Timeout": "hfi.types.settings",
    "Token": "hfi.types.text",
    "Tokens": "hfi.types.servers",
    "Transcription": "hfi.types.audio",
    "TranscriptionChunk": "hfi.types.audio",
    "Translation": "hfi.types.written",
    "Video": "hfi.types.media",
    "VisualAnswer": "hfi.types.answers",
    "Waiting": "hfi.types.waiting",
    "load_ipython_extension": "hfi.notebook",  # %load_ext hfi
    "render_chat_template": "hfi._render",
    "unload_ipython_extension": "hfi.notebook",
}

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "Answer",
    "AsyncChatStream",
    "AsyncClient",
    "AsyncTextStream",
    "Audio",
    "AudioPart",
    "AuthenticationError",
    "BadRequestError",
    "Box",
    "CallMeta",
    "ChatChunk",
    "ChatCompletion",
    "ChatStream",
    "Classification",
    "Client",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "ContextLengthError",
    "Detection",
    "Embedding",
    "Embeddings",
    "Entity",
    "Explanation",
    "FillMask",
    "GatedModelError",
    "GenerationError",
    "HFIError",
    "Image",
    "ImageText",
    "Images",
    "LimitExceededError",
    "Limits",
    "LocalServerError",
    "Message",
    "MissingExtraError",
    "ModelInfo",
    "ModelList",
    "ModelLoadingError",
    "ModelNotFoundError",
    "ModelNotSupportedError",
    "ModelProvider",
    "OfflineError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "PoolTimeoutError",
    "ProviderList",
    "ProviderMapping",
    "QuotaExceededError",
    "RankedText",
    "RateLimitError",
    "RequestTooLargeError",
    "ResponseError",
    "Results",
    "Segment",
    "ServerError",
    "ServerHealth",
    "ServerInfo",
    "StreamError",
    "StreamInterruptedError",
    "StreamStalledError",
    "Summary",
    "TableAnswer",
    "TemplateError",
    "TextChunk",
    "TextDetails",
    "TextGeneration",
    "TextStream",
    "TextToken",
    "Timeout",
    "Token",
    "Tokens",
    "Transcription",
    "TranscriptionChunk",
    "Translation",
    "Video",
    "VisualAnswer",
    "Waiting",
    "render_chat_template",
]


def __getattr__(name: str) -> Any:
    import importlib  # noqa: PLC0415 - not needed by who only catches errors

    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'hfi' has no attribute {name!r}") from None
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
