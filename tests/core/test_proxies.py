"""Which proxy: as httpx decides, but that this machine is asked directly."""

from __future__ import annotations

import os

import httpx
import pytest

from hfi._core.line.proxies import check_proxy, proxy_for
from hfi.errors import ConfigurationError

URLS = [
    "http://example.com/",
    "https://example.com/",
    "https://example.com:8443/",
    "http://www.example.com/",
    "https://wwwexample.com/",
    "http://example.org/",
    "https://10.1.2.3/",
    "http://10.0.0.0:81/",
    "http://[fd00::1]/",
]
PROXIES = [
    {"http": "http://p:1"},
    {"https": "http://p:2"},
    {"all": "http://p:3"},
    {"http": "http://p:1", "all": "socks5://p:3"},
    {"https": "p:2"},
]
EXEMPT = [
    *("", "example.com", ".example.com", "example.com:8443", "*", "foo, example.com", "10.1.2.3"),
    *("10.0.0.0/8", "fd00::1", "http://example.com", "all://example.com:8443", "EXAMPLE.com"),
    "https://*.example.com",
]


@pytest.mark.parametrize("proxies", PROXIES)
@pytest.mark.parametrize("exempt", EXEMPT)
def test_it_decides_as_httpx(
    monkeypatch: pytest.MonkeyPatch, proxies: dict[str, str], exempt: str
) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    chosen: list[str] = []

    class Client(httpx.Client):
        def _init_proxy_transport(self, proxy: httpx.Proxy, **_: object) -> httpx.BaseTransport:
            url = str(proxy.url).rstrip("/")

            def note(_: httpx.Request) -> httpx.Response:
                chosen.append(url)
                return httpx.Response(200)

            return httpx.MockTransport(note)

        def _init_transport(self, **_: object) -> httpx.BaseTransport:  # type: ignore[override]
            def note(_: httpx.Request) -> httpx.Response:
                chosen.append("")
                return httpx.Response(200)

            return httpx.MockTransport(note)

    for name, value in proxies.items():
        monkeypatch.setenv(f"{name}_proxy", value)
    monkeypatch.setenv("no_proxy", exempt)
    with Client() as client:
        for url in URLS:
            client.get(url)
    decided = []
    for text in URLS:
        url = httpx.URL(text)
        decided.append(proxy_for(url.scheme, url.host, url.port, {**proxies, "no": exempt}) or "")
    assert decided == chosen


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "a.localhost"])
def test_this_machine_is_asked_directly(host: str) -> None:
    assert proxy_for("http", host, 8080, {"all": "http://p:1"}) is None


def test_what_is_no_proxy_is_refused_without_showing_it() -> None:
    for bad in ("ftp://u:word@h", "http://", "http://u:word@h:port", "http://u:word@h\r\n", ""):
        with pytest.raises(ConfigurationError) as caught:
            check_proxy(bad)
        assert "word" not in str(caught.value)
    assert check_proxy("host:3128") == "http://host:3128"
    assert check_proxy("socks5h://host:1080") == "socks5h://host:1080"
