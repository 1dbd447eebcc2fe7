from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.failures.redact import (
    clean,
    redact,
    redact_headers,
    redact_json,
    redact_urls,
    secrets_of,
)
from hfi._core.request import Credential, Request


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("token hf_AbCdEfGhIjKlMnOp is bad", "AbCdEf"),
        ("%22hf_AbCdEfGhIjKlMnOp%22", "AbCdEf"),
        ("hf_oauth_eyJhbGciOi.abc-def.ghi", "ghi"),
        ("Incorrect API key provided: sk-abcd1234", "abcd1234"),
        ("Incorrect API key provided: sk-ab***yz.", "yz"),
        ("Authorization: Bearer abc", "abc"),
        ('{"authorization": "bearer  xyz/123=="}', "xyz"),
        ("Basic dXNlcjpwYXNz", "dXNl"),
        ("https://user:pass@host/x", "pass"),
        ("https://h/?api_key=abc12345&x=1", "abc12345"),
        ("X-Amz-Signature=0a1b2c3d4e5f", "0a1b2c"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.c2ln here", "c2ln"),
        ("Key 0a1b2c3d-0000-1111-2222-0a1b2c3d4e5f:0123456789abcdef0123", "0123456789abcdef"),
        ("gsk_abcdefghijklmnop1234", "mnop"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, hidden: str) -> None:
    masked = redact(text)
    assert hidden not in masked
    assert "***" in masked


@pytest.mark.parametrize(
    "text",
    [
        "Token limit reached",
        "Bearer token missing",
        "Bearer authentication is required",
        "Basic authentication required",
        "invalid token: expired",
        "max_tokens=5000 is above 4096",
        "unexpected token: 150000",
        "shelf life of a task-force in a risk-averse disk-image",
        "The model `gpt-4` does not exist (parameter=input_tokens, value=2049)",
        "see https://huggingface.co/settings/tokens",
        "request 0a1b2c3d-0000-1111-2222-0a1b2c3d4e5f failed",
    ],
)
def test_prose_stays(text: str) -> None:
    assert redact(text) == text


def test_the_credential_itself() -> None:
    request = Request(url="http://h", credential=Credential(value=" plain words ", source="x"))
    assert secrets_of(request) == ("plain words",)
    assert redact("my plain words here", secrets_of(request)) == "my *** here"
    assert secrets_of(None) == ()
    assert secrets_of(Request(url="http://h")) == ()
    short = Request(url="http://h", credential=Credential(value="x", source="x"))
    assert secrets_of(short) == ()
    asked = Request(url="http://h", credential=Credential(value=lambda: "s", source="x"))
    assert secrets_of(asked) == ()


def test_headers() -> None:
    headers = redact_headers({"Set-Cookie": "a=1", "X-A": "Bearer q1", "Authorization": "x"})
    assert headers == {"set-cookie": "***", "x-a": "Bearer ***", "authorization": "***"}


def test_json() -> None:
    body = {"Api-Key": "x", "a": ["Bearer q1", 1, None, {"hf_AbCdEfGh": 2.5}], "n": True}
    assert redact_json(body) == {
        "Api-Key": "***",
        "a": ["Bearer ***", 1, None, {"hf_***": 2.5}],
        "n": True,
    }
    assert len(redact_json("a" * 1_000_000)) == 65_536
    deep: object = "x"
    for _ in range(100):
        deep = [deep]
    assert repr(redact_json(deep)).count("[") == 32


def test_urls_are_cut_to_their_hosts() -> None:
    text = "via http://me:pw@proxy:3128/a?b=c, then https://[::1]:80#x and ftp://h?q"
    assert redact_urls(text) == "via http://proxy:3128 then https://[::1]:80 and ftp://h"


def test_clean() -> None:
    assert clean("a\r\n\tb\x1b[0m\u202e\ud800\u2029c", 50) == "a b [0m c"
    assert clean("abcdef", 5) == "ab..."
    assert clean("\U0001f468\u200d\U0001f469 \u0645\u06cc\u200c\u062e", 50).count("\u200d") == 1


@settings(deadline=None, max_examples=200)
@given(
    st.text(max_size=80),
    st.text(st.characters(exclude_characters="*"), min_size=4, max_size=20),
)
def test_nothing_of_a_secret_is_left(text: str, secret: str) -> None:
    assert secret not in redact(text + secret + text, (secret,))


@pytest.mark.parametrize(
    "unit",
    ["hf_", "sk-", "eyJ", "token:", "api_key=", "Bearer ", "Basic a", "://", "http://a", "a@", " "],
)
def test_no_worse_than_linear(unit: str) -> None:
    text = unit * (400_000 // len(unit))
    began = time.perf_counter()
    redact(text)
    redact_urls(text)
    assert time.perf_counter() - began < 5
