"""Which redirects are followed, and what goes along."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.line.redirects import MAX_REDIRECTS, redirected
from hfi._core.request import Credential, Request
from hfi.errors import LimitExceededError, ResponseError

TOKEN = Credential(value="hf_secret", source="argument")
HEADERS = {"x-a": "1", "authorization": "Basic x", "cookie": "c", "x-hf-bill-to": "org"}


def request(url: str = "https://host.example/a/b?q=1", method: str = "GET") -> Request:
    return Request(url=url, method=method, headers=HEADERS, credential=TOKEN, content=b"body")


def follow(status: int, location: str, *, method: str = "GET", url: str | None = None) -> Request:
    first = request(url, method) if url else request(method=method)
    target = redirected(first, status, {"location": location})
    assert target is not None
    return target


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_get_and_head_follow(status: int, method: str) -> None:
    target = follow(status, "/c", method=method)
    assert (target.method, target.url) == (method, "https://host.example/c")
    assert (target.credential, target.headers) == (TOKEN, HEADERS)


@pytest.mark.parametrize(
    ("status", "followed"), [(301, False), (302, False), (303, False), (307, True), (308, True)]
)
def test_a_post_follows_where_it_stays_one(status: int, followed: bool) -> None:
    target = redirected(request(method="POST"), status, {"location": "/c"})
    assert (target is not None) == followed
    if target is not None:
        assert (target.method, target.content) == ("POST", b"body")


@pytest.mark.parametrize("status", [200, 204, 300, 304, 305, 306, 400])
def test_other_statuses_are_no_redirects(status: int) -> None:
    assert redirected(request(), status, {"location": "/c"}) is None


def test_without_a_location_there_is_nothing_to_follow() -> None:
    assert redirected(request(), 302, {}) is None
    assert redirected(request(), 302, {"location": ""}) is None


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("c", "https://host.example/a/c"),
        ("?x=2", "https://host.example/a/b?x=2"),
        ("//host.example/d", "https://host.example/d"),
        ("https://HOST.example:443/d#part", "https://host.example:443/d"),
        ("https://host.example", "https://host.example/"),
        # A name before the host is dropped, whatever it looks like.
        ("https://evil.example\\@host.example/", "https://host.example/"),
    ],
)
def test_the_same_origin_keeps_the_credential(location: str, url: str) -> None:
    target = follow(307, location)
    assert target.url == url
    assert target.credential is TOKEN


@pytest.mark.parametrize(
    "location",
    [
        "https://other.example/d",
        "https://sub.host.example/d",
        "https://host.example.evil.example/d",
        "https://host.example:8443/d",
        "https://host.example@evil.example/d",
        "//evil.example/d",
    ],
)
def test_another_origin_gets_no_credential(location: str) -> None:
    target = follow(307, location, method="POST")
    assert target.credential is None
    assert target.headers == {"x-a": "1"}
    assert target.content == b"body"
    assert "@" not in target.url.split("/")[2]


def test_http_to_https_is_another_origin() -> None:
    target = follow(308, "https://host.example/d", url="http://host.example/a")
    assert target.credential is None


def test_https_never_leads_to_http() -> None:
    for location in ("http://host.example/d", "http://other.example"):
        with pytest.raises(ResponseError, match="https to http"):
            redirected(request(), 307, {"location": location})


@pytest.mark.parametrize(
    "location", ["ftp://host/a", "file:///etc/passwd", "javascript:1", "http://[::1/a"]
)
def test_what_is_no_http_url(location: str) -> None:
    with pytest.raises(ResponseError):
        redirected(request(), 302, {"location": location})


def test_control_characters() -> None:
    with pytest.raises(ResponseError, match="control"):
        redirected(request(), 302, {"location": "/a\r\nX: 1"})


def test_an_ipv6_host_keeps_its_brackets() -> None:
    assert follow(302, "https://[::1]:8443/x").url == "https://[::1]:8443/x"


def test_a_circle_ends() -> None:
    first = request()
    assert redirected(first, 302, {"location": "/c"}, hops=MAX_REDIRECTS - 1) is not None
    with pytest.raises(LimitExceededError):
        redirected(first, 302, {"location": "/c"}, hops=MAX_REDIRECTS)


@settings(max_examples=200, deadline=None)
@given(location=st.text(max_size=60))
def test_any_location_is_followed_or_refused(location: str) -> None:
    try:
        target = redirected(request(), 307, {"location": location})
    except ResponseError:
        return
    if target is not None and target.credential is not None:
        assert target.url.startswith("https://host.example")
