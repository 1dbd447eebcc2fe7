"""Tokens of a text, as each kind of server is asked for them and tells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hfi._core.incoming.decode import untyped
from hfi._core.servers.asking import unable, unserved
from hfi.errors import APIStatusError, ConfigurationError, ResponseError
from hfi.types.servers import TextToken, Tokens

if TYPE_CHECKING:
    from hfi._core.flows import Flow
    from hfi._core.generation.servers import Server
    from hfi._core.request import Response
    from hfi._core.servers.asking import Target

__all__ = ["ask_tokens", "checked_tokens", "read_tokens"]


def checked_tokens(text: Any, add_special_tokens: Any) -> bool:
    """Checks the arguments of ``tokenize``, and gives the second.

    Raises:
        ConfigurationError: They can be right for no server.
    """
    if not isinstance(text, str):
        raise ConfigurationError(f"text must be a string, not {type(text).__name__}.")
    if not isinstance(add_special_tokens, bool):
        raise ConfigurationError(
            f"add_special_tokens must be True or False, not {add_special_tokens!r}."
        )
    return add_special_tokens


def ask_tokens(
    target: Target, server: Server, text: str, *, model: str | None, add_special_tokens: bool
) -> Flow[Tokens]:
    """Asks a server to cut a text into tokens; ``model`` is for those that have several.

    Raises:
        ModelNotSupportedError: It has no route for that.
        ConfigurationError: It adds special tokens whether asked or not.
        ResponseError: What came are no tokens.
    """
    error, path = unable(server, "tokenize"), server.kind.tokenize
    if error is not None or path is None:
        raise error or ConfigurationError(f"hfi knows no tokenizer of {server.kind.name}.")
    if server.kind.name == "tgi" and not add_special_tokens:
        raise ConfigurationError(
            "TGI's tokenizer adds special tokens always.",
            hint="Leave out those whose .special is True.",
        )
    body = {
        server.kind.tokenize_field: text,
        **_beside(server, model or server.model, add_special_tokens),
    }
    try:
        response: Response = yield target.post(path, body, "tokenize")
    except APIStatusError as refusal:
        raise unserved(server, "tokenize", refusal) from refusal
    return read_tokens(untyped(response.content))


def _beside(server: Server, model: str | None, special: bool) -> dict[str, Any]:
    """What stands in the request beside the text."""
    if server.kind.name == "tei":
        return {"add_special_tokens": special}
    if server.kind.name == "vllm":
        named = {"model": model} if model else {}
        return {**named, "add_special_tokens": special, "return_token_strs": True}
    if server.kind.name == "llama.cpp":  # its own default is to add none
        return {"add_special": special, "with_pieces": True}
    return {}


def read_tokens(body: Any) -> Tokens:
    """Reads a reply with the tokens of one text.

    Raises:
        ResponseError: There are none in it.
    """
    found = body.get("tokens") if isinstance(body, dict) else body
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
        found = found[0]  # TEI takes many texts at once
    if not isinstance(found, list):
        raise _odd(body)
    texts: Sequence[Any] = ()
    longest = None
    if isinstance(body, dict):
        told = body.get("token_strs")
        texts = told if isinstance(told, list) else ()
        longest = _whole(body.get("max_model_len"))
    items = tuple(
        _token(item, texts[place] if place < len(texts) else None, body)
        for place, item in enumerate(found)
    )
    return Tokens(items, max_length=longest, raw=body)


def _token(item: Any, text: Any, body: Any) -> TextToken:
    if not isinstance(item, dict):
        number = _whole(item)
        if number is None:
            raise _odd(body)
        return TextToken(id=number, text=_text(text))
    number = _whole(item.get("id"))
    if number is None:
        raise _odd(body)
    start, stop, special = _whole(item.get("start")), _whole(item.get("stop")), item.get("special")
    if not isinstance(special, bool):
        # TGI: a token that stands for none of the text was added.
        special = start == stop if start is not None else None
    piece = item["piece"] if "piece" in item else item.get("text")
    return TextToken(id=number, text=_text(piece), start=start, stop=stop, special=special)


def _text(piece: Any) -> str | None:
    """A piece of text; llama.cpp gives the bytes of one that is no text by itself."""
    if isinstance(piece, str):
        return piece
    if isinstance(piece, list) and all(type(b) is int and 0 <= b < 256 for b in piece):
        return bytes(piece).decode("utf-8", "replace")
    return None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _odd(body: Any) -> ResponseError:
    import json  # noqa: PLC0415 - for the error alone

    return ResponseError(
        "The reply holds no tokens.",
        hint=".body holds its beginning.",
        body=json.dumps(body)[:500],
    )
