"""The way to a server, step by step: each in a thread, all within one deadline."""

from __future__ import annotations

import socket
import ssl
import threading
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.configuration.urls import ParsedURL, parse_url, safe_url, split_login
from hfi._core.failures.retry import RetryPolicy
from hfi._core.request import Request
from hfi.cli.doctor.facts import HostFacts, WhoAmI
from hfi.errors import APIStatusError, HFIError
from hfi.types.settings import Timeout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hfi._core.request import Credential

__all__ = ["HostProbe", "Target", "WhoAmIProbe", "run_all"]

_LARGEST = 1 << 20


@attrs.frozen(kw_only=True)
class Target:
    """A server to look at.

    Attributes:
        url: What to get from it; what it says with a status is an answer too.
        credential: What to authorise with, or None.
        proxy: The URL of the proxy between, or None.
    """

    url: str
    credential: Credential | None = None
    proxy: str | None = None


class HostProbe:
    """Goes the way to a server; ``facts`` holds at any time how far it led."""

    def __init__(self, target: Target) -> None:
        url = parse_url(target.url, name="url")
        self._target = target
        self._url = url
        self._began = monotonic()
        self._step = HostFacts(
            name=url.origin.partition("://")[2],
            scheme=url.scheme,
            proxy=_shown(target.proxy) if target.proxy else None,
        )

    @property
    def facts(self) -> HostFacts:
        """How far the way led until now."""
        facts = self._step
        if facts.step == "done" or facts.error is not None:
            return facts
        return attrs.evolve(facts, seconds=monotonic() - self._began)

    def run(self, within: float) -> None:
        """Goes the way; whatever goes wrong is a fact."""
        end = monotonic() + within
        try:
            self._run(end)
        except HFIError as error:
            self._note(error=error.message)
        except OSError as error:
            self._note(error=_reason(error))
        except UnicodeError:  # a host that IDNA cannot spell
            self._note(error="it is no name that DNS could hold")

    def _note(self, **found: Any) -> None:
        seconds = monotonic() - self._began
        self._step = attrs.evolve(self._step, seconds=seconds, **found)

    def _run(self, end: float) -> None:
        first = self._url if self._target.proxy is None else _parsed_proxy(self._target.proxy)
        found = socket.getaddrinfo(first.host, first.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        self._note(step="tcp", addresses=tuple(addresses))
        with _connected(addresses, first.port, end) as sock:
            # Behind a proxy the handshake is the HTTP client's, through a tunnel.
            if self._url.scheme == "https" and self._target.proxy is None:
                self._note(step="tls")
                self._handshake(sock, end)
        self._note(step="http")
        status, headers, asked = _get(self._target.url, self._target.credential, end)
        self._note(step="done", status=status, told=_clock(headers, asked))

    def _handshake(self, sock: socket.socket, end: float) -> None:
        from hfi._network.security import ssl_context_for

        sock.settimeout(_left(end))
        with ssl_context_for(True).wrap_socket(sock, server_hostname=self._url.host) as secured:
            self._note(tls=secured.version())


class WhoAmIProbe:
    """Asks the Hub whose a token is."""

    def __init__(self, hub: str, credential: Credential) -> None:
        self._url = f"{hub}/api/whoami-v2"
        self._credential = credential
        self.facts = WhoAmI(error="the Hub did not answer in time")

    def run(self, within: float) -> None:
        """Asks; whatever goes wrong is a fact."""
        from hfi._core.incoming.decode import untyped

        request, retry = _request(self._url, self._credential), RetryPolicy(max_retries=0)
        transport = _transport()
        try:
            reply, _ = transport.send(request, timeout=_limits(within), retry=retry)
            self.facts = _who(untyped(reply.content))
        except APIStatusError as error:
            self.facts = WhoAmI(status=error.status_code, error=error.message)
        except HFIError as error:
            self.facts = WhoAmI(error=error.message)
        finally:
            transport.close()


def run_all(probes: Sequence[Any], within: float) -> None:
    """Runs all at once and returns when they are done, or when the time is over.

    A look-up of a name cannot be ended from outside; its thread is left to end by itself.
    """
    end = monotonic() + within
    threads = [threading.Thread(target=probe.run, args=(within,), daemon=True) for probe in probes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - monotonic()))


def _connected(addresses: Sequence[str], port: int, end: float) -> socket.socket:
    failure: OSError = TimeoutError("no address")
    for number, address in enumerate(addresses):
        # One address that swallows packets must not take the time of the others.
        share = _left(end) / (len(addresses) - number)
        try:
            return socket.create_connection((address, port), timeout=share)
        except OSError as error:
            failure = error
    raise failure


def _left(end: float) -> float:
    return max(0.05, end - monotonic())


def _limits(within: float) -> Timeout:
    return Timeout(connect=within, first_token=within, between_tokens=within, total=within)


def _request(url: str, credential: Credential | None) -> Request:
    return Request(method="GET", url=url, credential=credential, limit=_LARGEST)


def _transport() -> Any:
    from hfi._sync.base import connected

    return connected({})


def _get(
    url: str, credential: Credential | None, end: float
) -> tuple[int | None, Mapping[str, str], float]:
    """The status and the headers of a reply, and when it was asked for."""
    asked = time()
    transport = _transport()
    try:
        limits, retry = _limits(_left(end)), RetryPolicy(max_retries=0)
        reply = transport.open(_request(url, credential), timeout=limits, retry=retry)
        reply.close()
        return reply.status_code, reply.headers, asked
    except APIStatusError as error:
        return error.status_code, error.headers, asked
    finally:
        transport.close()


def _clock(headers: Mapping[str, str], asked: float) -> tuple[float, float] | None:
    """The server's clock and ours, halfway between question and answer."""
    try:
        told = parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    # A Date is cut to whole seconds.
    return told + 0.5, (asked + time()) / 2


def _who(body: Any) -> WhoAmI:
    fields = body if isinstance(body, dict) else {}
    auth = fields.get("auth")
    access = auth.get("accessToken") if isinstance(auth, dict) else None
    access = access if isinstance(access, dict) else {}
    name, role = fields.get("name"), access.get("role")
    return WhoAmI(
        status=200,
        name=name if isinstance(name, str) else None,
        role=role if isinstance(role, str) else None,
        permissions=tuple(_permissions(access.get("fineGrained"))),
        error=None if isinstance(name, str) else "it did not say",
    )


def _permissions(grained: Any) -> list[str]:
    """The permissions of a fine-grained token, for everything or for something."""
    if not isinstance(grained, dict):
        return []
    scoped = grained.get("scoped")
    entries = scoped if isinstance(scoped, list) else []
    lists = [grained.get("global")]
    lists += [entry.get("permissions") for entry in entries if isinstance(entry, dict)]
    return [name for names in lists if isinstance(names, list) for name in names]


def _parsed_proxy(proxy: str) -> ParsedURL:
    address = split_login(proxy)[0].partition("://")[2]
    return parse_url(f"http://{address}", name="proxy")


def _shown(proxy: str) -> str:
    return safe_url(proxy).strip("'")


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message or str(error)
    if isinstance(error, TimeoutError) and error.errno is None:
        return "nothing came in time"
    return str(error.strerror or error)
