"""URLs: which are good, what is built from them, and that no login or key is shown."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.configuration.hosts import (
    is_hugging_face,
    is_hugging_face_host,
    is_loopback,
    is_router,
    same_origin,
)
from hfi._core.configuration.urls import (
    basic_login,
    is_url,
    join_path,
    openai_url,
    parse_url,
    quote_id,
    safe_url,
    split_login,
    with_query,
)
from hfi.errors import ConfigurationError

CHAT_URLS = [
    ("http://localhost:8080", "http://localhost:8080/v1/chat/completions"),
    ("http://localhost:8080/", "http://localhost:8080/v1/chat/completions"),
    ("http://localhost:8080/v1", "http://localhost:8080/v1/chat/completions"),
    ("http://localhost:8080/v1//", "http://localhost:8080/v1/chat/completions"),
    ("http://h/v1/chat/completions", "http://h/v1/chat/completions"),
    ("http://h/v1/chat/completions/", "http://h/v1/chat/completions"),
    ("http://h/own/chat/completions?k=1", "http://h/own/chat/completions?k=1"),
    ("http://h/api/model", "http://h/api/model/v1/chat/completions"),
    ("http://h/v1?api-version=2", "http://h/v1/chat/completions?api-version=2"),
    ("http://h?a=1&b=2", "http://h/v1/chat/completions?a=1&b=2"),
    ("https://api.groq.com/openai/v1", "https://api.groq.com/openai/v1/chat/completions"),
    ("https://h/api/v3", "https://h/api/v3/chat/completions"),
    ("https://api.z.ai/api/paas/v4", "https://api.z.ai/api/paas/v4/chat/completions"),
    ("https://h/v1beta/openai/", "https://h/v1beta/openai/chat/completions"),
    ("https://api.novita.ai/v3/openai", "https://api.novita.ai/v3/openai/chat/completions"),
    ("https://h/openai", "https://h/openai/v1/chat/completions"),
    (
        "https://x.openai.azure.com/openai/deployments/my-gpt?api-version=2024-10-21",
        "https://x.openai.azure.com/openai/deployments/my-gpt/chat/completions"
        "?api-version=2024-10-21",
    ),
    ("https://h/models/v1-large", "https://h/models/v1-large/v1/chat/completions"),
    ("HTTP://LocalHost:80/V1", "http://localhost/V1/chat/completions"),
    ("https://h:443", "https://h/v1/chat/completions"),
    ("https://h:80", "https://h:80/v1/chat/completions"),
    ("http://[::1]:8080", "http://[::1]:8080/v1/chat/completions"),
    ("https://b\u00fccher.example/v1", "https://b\u00fccher.example/v1/chat/completions"),
    ("  http://h/v1\n", "http://h/v1/chat/completions"),
    ("http://h/v1#part", "http://h/v1/chat/completions"),
]


@pytest.mark.parametrize(("base", "expected"), CHAT_URLS)
def test_chat_url(base: str, expected: str) -> None:
    assert openai_url(base) == expected


@pytest.mark.parametrize("base", [base for base, _ in CHAT_URLS])
def test_a_chat_url_is_its_own_base(base: str) -> None:
    assert openai_url(openai_url(base)) == openai_url(base)


def test_other_routes_of_the_same_base() -> None:
    for base in ("http://h", "http://h/v1", "http://h/v1/chat/completions"):
        assert openai_url(base, "/models") == "http://h/v1/models"
    assert openai_url("http://h/v1?k=1", "/embeddings") == "http://h/v1/embeddings?k=1"


def test_chat_urls_agree_with_the_recorded_client(fixtures_dir: Path) -> None:
    file = fixtures_dir / "requests" / "huggingface_hub" / "endpoint--conversational.json"
    seen = 0
    for record in json.loads(file.read_text(encoding="utf-8"))["records"]:
        base, sent = record["call"]["base_url"], record["requests"]
        if base and sent:
            assert openai_url(base) == sent[0]["url"], record["id"]
            seen += 1
    assert seen > 5


segments = st.text("abcv123-_.~%", min_size=1, max_size=8).filter(lambda s: s not in (".", ".."))
queries = st.dictionaries(st.text("abc-", min_size=1, max_size=5), st.text(max_size=8), max_size=3)
hosts = st.sampled_from(["h", "a.b.c", "127.0.0.1", "[::1]", "x-y.example"])


@settings(deadline=None, max_examples=150)
@given(
    scheme=st.sampled_from(["http", "https", "HTTP"]),
    host=hosts,
    port=st.one_of(st.none(), st.integers(1, 65535)),
    path=st.lists(segments, max_size=4),
    slashes=st.integers(0, 2),
    query=queries,
)
def test_building_keeps_origin_and_query(
    scheme: str, host: str, port: int | None, path: list[str], slashes: int, query: dict[str, str]
) -> None:
    base = f"{scheme}://{host}" + (f":{port}" if port else "")
    base = with_query(base + "".join(f"/{s}" for s in path) + "/" * slashes, query)
    built = urlsplit(openai_url(base))
    assert same_origin(base, built.geturl())
    assert built.path.endswith("/chat/completions")
    assert built.path.startswith("".join(f"/{s}" for s in path))
    assert dict(parse_qsl(built.query, keep_blank_values=True)) == query
    assert openai_url(built.geturl()) == built.geturl()
    # What is compared here must be what the transport connects to.
    sent = httpx.URL(built.geturl())
    assert (sent.scheme, sent.host) == (scheme.lower(), host.strip("[]"))
    assert sent.port == (None if port == {"http": 80, "https": 443}[sent.scheme] else port)


@settings(deadline=None, max_examples=300)
@given(
    text=st.text(max_size=40) | st.text("htps:/@[]?#.a1\\% ", max_size=30).map("http://".__add__)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        url = parse_url(text, name="base_url")
    except ConfigurationError as error:
        assert "base_url" in str(error)  # noqa: PT017
        return
    assert url.scheme in ("http", "https")
    assert url.host
    assert parse_url(url.text, name="base_url") == url
    if url.host.isascii():
        assert httpx.URL(url.text).host == url.host


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("localhost:8080", 'Did you mean "http://localhost:8080"?'),
        ("127.0.0.1:8080/v1", 'Did you mean "http://127.0.0.1:8080"?'),
        ("example.com/v1", 'Did you mean "https://example.com"?'),
        ("ftp://h", "Only http and https"),
        ("unix:///run/server.sock", "Only http and https"),
        ("/run/server.sock", "Only http and https"),
        ("http://", "no good host"),
        ("http:///v1", "no good host"),
        ("http://h:0", "no good host"),
        ("http://h:99999", "no good host"),
        ("http://h:port", "no good host"),
        ("http://[::1", "no good host"),
        ("http://[v1.x]", "no good host"),
        ("http://a..b", "no good host"),
        ("http://" + "a" * 64, "no good host"),
        ("http://h/{model}", "character"),
        ("http://h\\@evil.com", "character"),
        ("http://h/a b", "character"),
        ("http://h\t.evil.com", "character"),
        ("http://h/\ud800", "character"),
        ("", "empty"),
        ("  ", "empty"),
    ],
)
def test_a_bad_url_says_what_to_write(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_url(text, name="base_url")
    assert words in str(caught.value)


@pytest.mark.parametrize("value", [None, 1, b"http://h", ["http://h"]])
def test_a_url_is_text(value: object) -> None:
    with pytest.raises(ConfigurationError, match="must be a URL"):
        parse_url(value, name="base_url")


@pytest.mark.parametrize(
    "text",
    [
        "me:hunter2@host/v1",
        "ftp://me:hunter2@host/v1",
        "http://h:x/v1?key=hunter2",
        "http://me:hunter2@ho st/",
        "http://a b/?hunter2#hunter2",
    ],
)
def test_a_refused_url_shows_no_secret(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_url(text, name="base_url")
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in safe_url(text)


def test_login() -> None:
    assert split_login("https://u:p%40@h:1/a@b?c@d") == ("https://h:1/a@b?c@d", "u:p%40")
    assert split_login("https://a@b@h/") == ("https://h/", "a@b")
    assert split_login("https://h/a@b") == ("https://h/a@b", None)
    assert split_login("no url@x") == ("no url@x", None)
    assert basic_login("u:p%40") == b"u:p@"
    assert basic_login("u") == b"u:"


def test_a_login_that_is_no_text() -> None:
    with pytest.raises(ConfigurationError, match="login") as caught:
        basic_login("u:secret\udcff")  # as the environment gives a byte that is not UTF-8
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_is_url() -> None:
    assert is_url("http://h")
    assert is_url(" HTTPS://h")
    assert not is_url("httpx/model")
    assert not is_url("org/name")


def test_query() -> None:
    assert with_query("http://h/", {}) == "http://h/"
    assert with_query("http://h/", {"a": None}) == "http://h/"
    query = {"a": "x y", "b": True, "c": [1, None, "&"], "d": 2.5}
    assert with_query("http://h/", query) == "http://h/?a=x+y&b=true&c=1&c=%26&d=2.5"
    assert with_query("http://h/?a=1&b=%2f&a=2", {"a": 3}) == "http://h/?b=%2f&a=3"


def test_paths() -> None:
    assert join_path("https://h/prefix/?k=1", "/api/x") == "https://h/prefix/api/x?k=1"
    assert quote_id("org/a b#c") == "org/a%20b%23c"
    for bad in ("../../api", "org/", "/x", "org/./x", ""):
        with pytest.raises(ConfigurationError):
            quote_id(bad)


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://huggingface.co", True),
        ("https://router.huggingface.co/v1", True),
        ("https://huggingface.co:443/x", True),
        ("https://HUGGINGFACE.CO./x", True),  # the same name, written with the DNS root
        ("https://router.HuggingFace.co", True),
        ("http://huggingface.co", False),
        ("http://router.huggingface.co", False),
        ("http://huggingface.co:443", False),
        ("https://huggingface.co:8443", False),
        ("https://huggingface.co:80", False),
        ("https://huggingface.co.evil.com", False),
        ("https://evilhuggingface.co", False),
        ("https://evil.com/huggingface.co", False),
        ("https://evil.com?huggingface.co", False),
        ("https://evil.com#@huggingface.co", False),
        ("https://huggingface.com", False),
        ("https://huggingface.c", False),
        ("https://co", False),
        ("https://huggingface.co.localhost", False),
        ("https://router-huggingface.co", False),
        ("https://hub-ci.huggingface.co", False),
        ("https://a.router.huggingface.co", False),
        ("https://user.hf.space", False),
        ("https://x.us-east-1.aws.endpoints.huggingface.cloud", False),
        ("https://hugg\u0456ngface.co", False),
        ("https://127.0.0.1", False),
    ],
)
def test_trusted_hosts(url: str, trusted: bool) -> None:
    assert is_hugging_face(url) is trusted
    if not trusted:
        assert not is_router(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://huggingface.co@evil.com",
        "https://huggingface.co:443@evil.com",
        "https://huggingface.co%2f@evil.com",
        "https://huggingface.co\\@evil.com",
        "https://huggingface.co\u3002",
        "https://\uff48uggingface.co",
        "https://huggingface.co\n.evil.com",
        "https://huggingface.co,evil.com",
    ],
)
def test_tricks_with_the_authority_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        is_hugging_face(url)


def test_other_hosts() -> None:
    for host in ("localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"):
        assert is_loopback(host), host
    assert is_loopback("::ffff:127.0.0.1")
    for host in ("localhost.evil.com", "127.0.0.1.evil.com", "10.0.0.1", "0.0.0.0", "::", "h"):
        assert not is_loopback(host), host
    assert is_hugging_face_host("x.endpoints.huggingface.cloud")
    assert is_hugging_face_host("user.hf.space")
    assert not is_hugging_face_host("huggingface.co.evil.com")
    assert same_origin("https://h", "https://H:443/x")
    assert same_origin("https://b\u00fccher.example", "https://b\u00fccher.example/x")
    assert not same_origin("https://h", "http://h")
    assert not same_origin("https://h", "https://h:8443")
