"""A request as it goes on the line: addresses and headers as httpx would send them."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfi._core.line.outgoing import Address, plain_address, wire_headers

PLAIN = [
    "http://127.0.0.1:8080/v1/chat/completions",
    "https://router.huggingface.co/v1/chat/completions",
    "https://Example.COM",
    "https://example.com:443/a",
    "http://example.com:80/a?b=c&d=%20e",
    "http://my_service:9000//double/",
    "http://localhost/with;params=1,2/@user/(a)!$&'"[:-1],
    "https://example.com?x=1",
    "https://xn--bcher-kva.example/x",
]
NOT_PLAIN = [
    "http://[::1]:8080/v1",
    "https://bücher.example/",
    "https://example.com/a/../b",
    "https://example.com/ü",
    "https://example.com/a%zz",
    "https://example.com/a b",
    "https://1.2.3.999/",
    "https://example.com:99999/",
    "https://user:password@example.com/",
    "https://example.com/#part",
    "ftp://example.com/",
    "/only/a/path",
]


def httpx_address(url: str) -> Address:
    parsed = httpx.URL(url)
    return Address(parsed.raw_scheme, parsed.raw_host, parsed.port, parsed.raw_path)


@pytest.mark.parametrize("url", PLAIN)
def test_a_plain_address_is_what_httpx_makes_of_it(url: str) -> None:
    assert plain_address(url) == httpx_address(url)


@pytest.mark.parametrize("url", NOT_PLAIN)
def test_anything_else_is_left_to_httpx(url: str) -> None:
    assert plain_address(url) is None


HOST = st.from_regex(r"[A-Za-z0-9_-]{1,8}(\.[A-Za-z0-9_-]{1,8}){0,3}", fullmatch=True)
REST = st.text("abcZ019._~!$&'()*+,;=:@-/?#%[]{}|^`\"<> ü", max_size=20)


@given(st.sampled_from(["http", "https"]), HOST, st.none() | st.integers(0, 70000), REST)
def test_no_address_differs_from_httpx(scheme: str, host: str, port: int | None, rest: str) -> None:
    url = f"{scheme}://{host}{'' if port is None else f':{port}'}/{rest}"
    address = plain_address(url)
    if address is not None:
        assert address == httpx_address(url)


def test_origin_and_host_header() -> None:
    named = Address(b"https", b"example.com", None, b"/")
    assert named.origin == (b"https", b"example.com", 443)
    assert named.netloc == b"example.com"
    numbered = Address(b"http", b"::1", 8080, b"/")
    assert numbered.origin == (b"http", b"::1", 8080)
    assert numbered.netloc == b"[::1]:8080"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("content", [None, b"", b"abc"])
def test_headers_are_those_of_httpx(method: str, content: bytes | None) -> None:
    url, given_headers = "http://example.com:8080/a", {"accept": "*/*", "x-name": "value"}
    ours = wire_headers(given_headers, httpx_address(url), method, content)
    theirs = httpx.Request(method, url, headers=given_headers, content=content).headers
    assert ours[0][0] == b"Host"
    assert httpx.Headers(ours) == theirs


def test_a_host_of_one_s_own_and_letters_beyond_ascii() -> None:
    address = httpx_address("http://example.com/")
    fields = wire_headers({"host": "other", "x-name": "é"}, address, "GET", None)
    assert fields == [(b"host", b"other"), (b"x-name", "é".encode())]
