"""Tokens: where they are found, what is refused, and that none is ever shown."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.configuration.config import resolve
from hfi._core.configuration.tokens import (
    FoundToken,
    authorization_credential,
    clean_token,
    find_token,
    found_secret,
    is_hugging_face_token,
    login_credential,
    token_argument,
    token_path,
)
from hfi._core.configuration.world import World
from hfi._core.request import Credential
from hfi.errors import ConfigurationError

SECRET = "hf_abcSECRETdef"


def world(
    environ: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    secrets: Callable[[], str | None] = lambda: None,
) -> World:
    return World(
        environ=environ or {}, read_text=(files or {}).get, home="/home/u", secrets=secrets
    )


DEFAULT_FILE = "/home/u/.cache/huggingface/token"


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({}, DEFAULT_FILE),
        ({"HF_HOME": "", "HF_TOKEN_PATH": " "}, DEFAULT_FILE),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/huggingface/token"),
        ({"HF_HOME": "/hf", "XDG_CACHE_HOME": "/xdg"}, "/hf/token"),
        ({"HF_HOME": "~/hf"}, "/home/u/hf/token"),
        ({"HF_HOME": "~"}, "/home/u/token"),
        ({"HF_HOME": "$BASE/hf", "BASE": "/b"}, "/b/hf/token"),
        ({"HF_HOME": "${BASE}/hf", "BASE": "/b"}, "/b/hf/token"),
        ({"HF_HOME": "$NOBODY/hf"}, "$NOBODY/hf/token"),
        ({"HF_TOKEN_PATH": "~/t", "HF_HOME": "/hf"}, "/home/u/t"),
    ],
)
def test_token_path(environ: Mapping[str, str], path: str) -> None:
    assert token_path(world(environ)) == path


def found(
    environ: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    secrets: Callable[[], str | None] = lambda: None,
) -> tuple[str, str] | None:
    token = find_token(world(environ, files, secrets), ask_secrets=True)
    return None if token is None else (token.value, token.source)


def test_order_of_discovery() -> None:
    environ = {"HF_TOKEN": "hf_1", "HUGGING_FACE_HUB_TOKEN": "hf_2"}
    files = {DEFAULT_FILE: "hf_3"}

    def secrets() -> str:
        return "hf_4"

    assert found(environ, files, secrets) == ("hf_1", "HF_TOKEN")
    environ["HF_TOKEN"] = " \n"
    assert found(environ, files, secrets) == ("hf_2", "HUGGING_FACE_HUB_TOKEN")
    environ["HUGGING_FACE_HUB_TOKEN"] = ""
    assert found(environ, files, secrets) == ("hf_3", "token file")
    files[DEFAULT_FILE] = "\r\n"
    assert found(environ, files, secrets) == ("hf_4", "Colab secret HF_TOKEN")
    assert found(environ, files, lambda: "") is None
    assert found() is None


def test_the_notebook_is_asked_last_and_only_where_a_token_may_be_needed() -> None:
    asked: list[int] = []

    def secrets() -> str:
        asked.append(1)
        return "hf_4"

    resolve(world({"HF_TOKEN": "hf_1"}, secrets=secrets))
    for token in (False, "hf_x", lambda: "hf_x"):
        resolve(world(secrets=secrets), token=token)
    assert not asked
    resolve(world(secrets=secrets))
    resolve(world(secrets=secrets), token=True)
    assert len(asked) == 2


@pytest.mark.parametrize("text", ["hf_x", " hf_x", "hf_x\r\n", "\n\thf_x \n", "\ufeffhf_x\n"])
def test_blanks_and_line_ends_are_stripped(text: str) -> None:
    assert clean_token(text) == "hf_x"
    assert found({"HF_TOKEN": text}) == ("hf_x", "HF_TOKEN")
    assert token_argument(text) == Credential(value="hf_x", source="argument")


BAD_TOKENS = [
    f"{SECRET}\r\nX-Evil: 1",
    f"{SECRET}\n{SECRET}",
    f"{SECRET} {SECRET}",
    f"{SECRET}\x00",
    f"{SECRET}\x7f",
    f"{SECRET}\u2028x",
    f"{SECRET}\u20ac",
    f"{SECRET}\xe9",
    f"{SECRET}\ud800",
    f'"{SECRET}"',
    f"'{SECRET}'",
    f"Bearer {SECRET}",
]


@pytest.mark.parametrize("bad", BAD_TOKENS)
def test_a_bad_token_is_refused_and_not_shown(bad: str) -> None:
    for read in (
        clean_token,
        token_argument,
        lambda value: resolve(World(), token=value),
    ):
        with pytest.raises(ConfigurationError) as caught:
            read(bad)
        check_hidden(caught.value)


def check_hidden(error: BaseException) -> None:
    """Neither the message nor the locals of our own frames show the token."""
    shown = "".join(traceback.TracebackException.from_exception(error).format())
    assert SECRET not in shown
    stack = traceback.TracebackException(
        type(error), error, error.__traceback__, capture_locals=True
    )
    ours = [frame for frame in stack.stack if "/hfi/" in frame.filename.replace("\\", "/")]
    assert ours
    assert not any(SECRET in text for frame in ours for text in (frame.locals or {}).values())
    assert SECRET not in str(error)
    assert error.__context__ is None


@pytest.mark.parametrize("value", ["", "  ", 1, b"hf_x", ["hf_x"], 1.5])
def test_what_is_no_token(value: object) -> None:
    with pytest.raises(ConfigurationError, match="token="):
        token_argument(value)


def test_a_callable_is_a_plain_one() -> None:
    async def token() -> str:
        return "hf_x"

    with pytest.raises(ConfigurationError, match="plain function"):
        token_argument(token)


def test_none_and_bools_stay() -> None:
    assert token_argument(None) is None
    assert token_argument(True) is True
    assert token_argument(False) is False


def test_a_bad_found_token_is_an_error_only_when_used() -> None:
    token = found_secret(f"{SECRET} x", "HF_TOKEN")
    assert token is not None
    assert token.value == ""
    with pytest.raises(ConfigurationError, match=r"\(HF_TOKEN\) holds") as caught:
        token.credential()
    check_hidden(caught.value)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=20))
def test_a_token_that_passes_makes_one_header_line(text: str) -> None:
    try:
        token = clean_token(text)
    except ConfigurationError:
        return
    assert token
    assert all("!" <= char <= "~" for char in token)
    assert token in text


def test_reprs_hide_tokens() -> None:
    token = found_secret(SECRET, "HF_TOKEN")
    assert SECRET not in repr(token)
    assert SECRET not in repr(token_argument(SECRET))
    assert SECRET not in repr(authorization_credential(f"Bearer {SECRET}"))
    assert SECRET not in repr(authorization_credential(SECRET))
    assert SECRET not in repr(World(environ={"HF_TOKEN": SECRET}))


def test_found_tokens_are_not_pickled() -> None:
    token = FoundToken(value=SECRET, source="HF_TOKEN")
    assert copy.copy(token) is token
    assert copy.deepcopy([token])[0] is token
    data = pickle.dumps(token)
    assert SECRET.encode() not in data
    with pytest.raises(ConfigurationError, match="did not travel"):
        pickle.loads(data).credential()


def test_authorization_headers() -> None:
    bearer = authorization_credential(" Bearer  abc ")
    assert (bearer.scheme, bearer.value, bearer.source) == ("Bearer", "abc", "headers")
    signed = authorization_credential("AWS4-HMAC-SHA256 Credential=a, Signature=b")
    assert (signed.scheme, signed.value) == ("AWS4-HMAC-SHA256", "Credential=a, Signature=b")
    bare = authorization_credential("abc")
    assert (bare.scheme, bare.value) == ("", "abc")


def test_logins() -> None:
    login = login_credential("Aladdin:open%20sesame", "base_url")
    assert (login.scheme, login.value) == ("Basic", "QWxhZGRpbjpvcGVuIHNlc2FtZQ==")


def test_whose_a_token_is() -> None:
    assert is_hugging_face_token(Credential(value="hf_x", source="argument"))
    assert is_hugging_face_token(Credential(value=lambda: "x", source="argument"))
    assert not is_hugging_face_token(Credential(value="gsk_x", source="argument"))
    assert not is_hugging_face_token(Credential(value="hf_x", source="base_url", scheme="Basic"))
