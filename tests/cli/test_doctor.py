"""``hfi doctor``: verdicts from facts, and facts from servers on loopback."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from calls import CERTIFICATE, silent
from hfi._core.request import Credential
from hfi.cli.doctor import command, surroundings, verdicts
from hfi.cli.doctor.facts import HostFacts, LocalFacts, TokenFacts, WhoAmI
from hfi.cli.doctor.probes import HostProbe, Target, WhoAmIProbe, run_all
from rawserver import Handler, Peer, RawServer

if TYPE_CHECKING:
    from conftest import Run, Serve, Web

SECRET = "hf_" + "a1B2" * 8 + "c3"


# -- verdicts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        ({"looked": ("HF_TOKEN",)}, "fail", "none was found (HF_TOKEN)"),
        ({"needed": False}, "ok", "needs none"),
        ({"source": "HF_TOKEN", "problem": "is in quotation marks"}, "fail", "quotation marks"),
        ({"source": "x", "problem": "is empty", "needed": False}, "warn", "is empty"),
        ({"source": "HF_TOKEN", "withheld": True}, "fail", "IMPLICIT_TOKEN"),
        ({"source": "HF_TOKEN", "prefix": False}, "warn", "does not begin with hf_"),
        ({"source": "HF_TOKEN"}, "ok", "was not asked"),
        ({"source": "HF_TOKEN", "whoami": WhoAmI(status=401)}, "fail", "refuses"),
        (
            {"source": "HF_TOKEN", "whoami": WhoAmI(status=401), "needed": False},
            "warn",
            "refuses",
        ),
        ({"source": "HF_TOKEN", "whoami": WhoAmI(status=429)}, "warn", "status 429"),
        ({"source": "HF_TOKEN", "whoami": WhoAmI(error="no line")}, "warn", "no line"),
        (
            {"source": "HF_TOKEN", "whoami": WhoAmI(status=200, name="ada", role="read")},
            "ok",
            "it is ada's, read",
        ),
        (
            {"source": "x", "whoami": WhoAmI(status=200, name="ada", role="fineGrained")},
            "warn",
            "without the permission",
        ),
        (
            {
                "source": "x",
                "whoami": WhoAmI(
                    status=200,
                    name="ada",
                    role="fineGrained",
                    permissions=("inference.serverless.write",),
                ),
            },
            "ok",
            "ada's",
        ),
    ],
)
def test_tokens(facts: dict[str, Any], state: str, words: str) -> None:
    check = verdicts.token(TokenFacts(**facts))
    assert (check.name, check.state) == ("token", state)
    assert words in check.text
    assert check.fix or state != "fail"


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        ({"step": "done", "tls": "TLSv1.3", "seconds": 0.084}, "ok", "answers, TLSv1.3, 84 ms"),
        ({"step": "done", "scheme": "http"}, "ok", "answers, no TLS"),
        ({"step": "done", "status": 404}, "ok", "answers"),
        ({"step": "done", "status": 401}, "fail", "refuses the key"),
        ({"step": "done", "status": 503}, "warn", "status 503"),
        ({"step": "dns", "error": "Unknown"}, "fail", "name was not resolved: Unknown"),
        ({"step": "tcp", "seconds": 4.0}, "fail", "no connection: nothing came within 4 s"),
        ({"step": "tcp", "proxy": "http://p:1"}, "fail", "the proxy http://p:1: no connection"),
        ({"step": "tls", "error": "expired"}, "fail", "no TLS: expired"),
        ({"step": "http", "error": "closed"}, "fail", "no HTTP reply: closed"),
    ],
)
def test_hosts(facts: dict[str, Any], state: str, words: str) -> None:
    check = verdicts.host(HostFacts(name="example.org", **facts))
    assert (check.name, check.state) == ("example.org", state)
    assert words in check.text
    assert bool(check.fix) == (state != "ok")


@pytest.mark.parametrize(
    ("skews", "state", "words"),
    [
        ([0.4, -0.2], "ok", "agrees"),
        ([300.0], "warn", "5 minutes ahead of"),
        ([-7200.0, -7201.0], "fail", "2 hours behind"),
        ([86_400.0 * 400], "fail", "400 days ahead"),
        ([7200.0, 0.3], "ok", "agrees"),  # one server's own clock is wrong
    ],
)
def test_clocks(skews: list[float], state: str, words: str) -> None:
    hosts = [HostFacts(name="a", told=(1e9, 1e9 + skew)) for skew in skews]
    check = verdicts.clock([*hosts, HostFacts(name="b")])
    assert check.state == state
    assert words in check.text


def test_proxies_and_offline() -> None:
    assert verdicts.proxies({}, None).text == "none is set"
    found = {"https": "http://p:3128", "no": "localhost"}
    assert verdicts.proxies(found, None).text == "https: http://p:3128; not for localhost"
    assert verdicts.proxies(found, "that for https is none").state == "fail"
    assert verdicts.offline("HF_HUB_OFFLINE").state == "warn"


@pytest.mark.parametrize(
    ("facts", "state", "words", "fix"),
    [
        ({"engine": "1", "weights": "/w", "weights_size": 98_000_000}, "ok", "98 MB", ""),
        ({"engine_error": "No engine."}, "warn", "No engine.", "local install"),
        ({"engine": "1", "weights_error": "No weights."}, "warn", "No weights.", "local install"),
        ({"engine_error": "No engine.", "wanted": True}, "fail", "No engine.", "local install"),
        ({"engine_error": "No wheel.", "engine_possible": False}, "warn", "No wheel", "--base-url"),
    ],
)
def test_the_embedded_model(facts: dict[str, Any], state: str, words: str, fix: str) -> None:
    check = verdicts.local_model(LocalFacts(**facts))
    assert check.state == state
    assert words in check.text
    assert fix in check.fix


# -- facts -----------------------------------------------------------------------------------------


def says(status: str = "200 OK", body: object = None, **headers: str) -> Handler:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.reply(json.dumps(body).encode(), status, headers)

    return handler


def probed(url: str, within: float = 5.0, **fields: Any) -> HostFacts:
    probe = HostProbe(Target(url=url, **fields))
    run_all([probe], within)
    return probe.facts


def test_a_server_that_answers(serve: Serve) -> None:
    date = formatdate(time.time() - 300, usegmt=True)
    server = serve(says(Date=date))
    facts = probed(f"{server.url}/v1/models", credential=Credential(value=SECRET, source="x"))
    assert (facts.step, facts.status, facts.error) == ("done", 200, None)
    assert facts.name == f"127.0.0.1:{server.port}"
    assert facts.addresses == ("127.0.0.1",)
    assert facts.told is not None
    assert 295 < facts.told[1] - facts.told[0] < 305
    ((method, target, headers, _),) = server.seen
    assert (method, target) == ("GET", "/v1/models")
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in repr(facts)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 9999 99:99:99 GMT"])
def test_a_date_that_is_none(serve: Serve, date: str) -> None:
    facts = probed(serve(says("404 Not Found", Date=date)).url)
    assert (facts.step, facts.status, facts.told) == ("done", 404, None)


def test_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with RawServer(says(), tls=context) as server:
        facts = probed(server.url)
        assert facts.step == "tls"
        assert "certificate" in (facts.error or "")
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        facts = probed(server.url)
    assert facts.step == "done"
    assert (facts.tls or "").startswith("TLSv1.")


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    facts = probed(f"http://127.0.0.1:{port}")
    assert facts.step == "tcp"
    assert "refused" in (facts.error or "")


def test_a_proxy_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    facts = probed("https://example.org/", proxy=f"http://me:secret@127.0.0.1:{port}")
    assert facts.step == "tcp"
    assert facts.proxy == f"http://127.0.0.1:{port}"


def test_a_server_that_says_nothing_costs_the_deadline_and_no_more(serve: Serve) -> None:
    server = serve(silent)
    start = time.monotonic()
    facts = probed(server.url, within=0.4)
    assert time.monotonic() - start < 2
    assert facts.step == "http"
    assert verdicts.host(facts).state == "fail"


def test_a_name_that_is_looked_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        over.wait(5)
        raise socket.gaierror(2, "Unknown")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    start = time.monotonic()
    facts = probed("https://example.org", within=0.3)
    assert time.monotonic() - start < 2
    over.set()
    assert (facts.step, facts.error) == ("dns", None)
    assert "nothing came" in verdicts.host(facts).text


def whose(server: RawServer, within: float = 5.0) -> WhoAmI:
    probe = WhoAmIProbe(server.url, Credential(value=SECRET, source="x"))
    run_all([probe], within)
    return probe.facts


def test_whose_a_token_is(serve: Serve) -> None:
    grained = {
        "global": ["post.write"],
        "scoped": [{"permissions": ["inference.serverless.write"]}],
    }
    access = {"role": "fineGrained", "fineGrained": grained}
    server = serve(says(body={"name": "ada", "auth": {"accessToken": access}}))
    assert whose(server) == WhoAmI(
        status=200,
        name="ada",
        role="fineGrained",
        permissions=("post.write", "inference.serverless.write"),
    )
    assert server.seen[0][1] == "/api/whoami-v2"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"name": 7},
        {"name": "ada", "auth": []},
        {"name": "ada", "auth": {"accessToken": {"role": 1, "fineGrained": {"scoped": [1]}}}},
        {"name": "ada", "auth": {"accessToken": {"fineGrained": {"global": "x", "scoped": {}}}}},
    ],
)
def test_sloppy_words_about_a_token(serve: Serve, body: object) -> None:
    facts = whose(serve(says(body=body)))
    assert facts.status == 200
    assert facts.name == ("ada" if isinstance(body, dict) and body["name"] == "ada" else None)
    assert (facts.role, facts.permissions) == (None, ())


def test_a_token_that_is_refused(serve: Serve) -> None:
    assert whose(serve(says("401 Unauthorized", {"error": "Invalid"}))).status == 401
    assert whose(serve(silent), within=0.3).name is None


# -- the command -----------------------------------------------------------------------------------


def checks_of(output: str) -> dict[str, dict[str, str]]:
    value = json.loads(output)
    assert value["ok"] == all(check["state"] != "fail" for check in value["checks"])
    return {check["name"]: check for check in value["checks"]}


def test_a_server_of_ones_own(run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", SECRET)
    server = serve(says(Date=formatdate(usegmt=True)))
    result = run("doctor", "--base-url", server.url, "--json")
    assert result.exit_code == 0, result.output
    checks = checks_of(result.stdout)
    assert checks[f"127.0.0.1:{server.port}"]["state"] == "ok"
    assert checks["clock"]["state"] == "ok"
    assert server.url in checks["provider"]["text"]
    assert SECRET not in result.output
    assert "authorization" not in server.seen[0][2]  # a found token is none of its business


def test_its_key(run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(says("401 Unauthorized"))
    monkeypatch.setenv("HFI_BASE_URL", server.url)
    monkeypatch.setenv("HFI_TOKEN", SECRET)
    result = run("doctor")
    assert result.exit_code == 1
    assert server.seen[0][2]["authorization"] == f"Bearer {SECRET}"
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("fail")]
    _, name, text, fix = line.split("\t")
    assert name == f"127.0.0.1:{server.port}"
    assert "refuses the key" in text
    assert "HFI_TOKEN" in fix
    assert SECRET not in result.output


def test_hugging_face(run: Run, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.host}{request.url.path}")
        if request.url.path == "/api/whoami-v2":
            assert request.headers["authorization"] == "Bearer hf_of_the_tests"
            return httpx.Response(200, json={"name": "ada"})
        assert "authorization" not in request.headers
        return httpx.Response(200, json=[], headers={"date": formatdate(usegmt=True)})

    web(answer)
    with_sockets(monkeypatch)
    result = run("doctor", "--json")
    checks = checks_of(result.stdout)
    assert "it is ada's" in checks["token"]["text"]
    assert sorted(asked) == [
        "huggingface.co/api/models",
        "huggingface.co/api/whoami-v2",
        "router.huggingface.co/v1/models",
    ]
    assert checks["huggingface.co"]["state"] == checks["router.huggingface.co"]["state"] == "ok"
    assert "hf_of_the_tests" not in result.output


def with_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the first steps to any host succeed; only HTTP is answered by the fake web."""

    class Nothing:
        def __enter__(self) -> None:
            return None

        def __exit__(self, *_: object) -> None:
            return None

    def found(*_: object, **__: object) -> list[Any]:
        return [(None, None, None, "", ("192.0.2.1", 443))]

    monkeypatch.setattr("hfi.cli.doctor.probes.socket.getaddrinfo", found)
    monkeypatch.setattr("hfi.cli.doctor.probes._connected", lambda *_: Nothing())
    monkeypatch.setattr(HostProbe, "_handshake", lambda *_: None)


def test_no_token(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    result = run("doctor", "--json")
    assert result.exit_code == 1
    checks = checks_of(result.stdout)
    assert checks["token"]["state"] == "fail"
    assert "hf auth login" in checks["token"]["fix"]
    assert checks["offline"]["state"] == "warn"
    assert not any("." in name for name in checks)  # nobody was asked


def test_the_embedded_model_needs_nobody(run: Run) -> None:
    result = run("doctor", "--local", "--json")
    checks = checks_of(result.stdout)
    assert checks["token"]["state"] == "ok"
    assert checks["provider"]["text"] == "the embedded model"
    assert result.exit_code == (0 if checks["local model"]["state"] == "ok" else 1)


@pytest.mark.parametrize(
    ("variables", "name", "words"),
    [
        ({"HF_TOKEN": '"quoted"'}, "token", "quotation marks"),
        ({"HTTPS_PROXY": "ftp://me:pass-word@p"}, "proxy", "not a URL"),
        ({"SSL_CERT_FILE": "/absent.pem"}, "certificates", "absent.pem"),
    ],
)
def test_what_is_set_wrongly(
    run: Run, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str, words: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    result = run("doctor", "--json")
    assert result.exit_code == 1
    check = checks_of(result.stdout)[name]
    assert check["state"] == "fail"
    assert words in check["text"] + check["fix"]
    assert "pass-word" not in result.output


def test_options_that_do_not_fit_together(run: Run) -> None:
    result = run("doctor", "--json", "--provider", "groq", "--base-url", "http://127.0.0.1:1")
    assert result.exit_code == 1
    (check,) = checks_of(result.stdout).values()
    assert (check["name"], check["state"]) == ("configuration", "fail")
    assert "base_url" in check["text"] + check["fix"]


def test_a_slip_in_a_providers_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    check = checks_of(run("doctor", "--json", "--provider", "grok").stdout)["provider"]
    assert (check["state"], check["fix"]) == ("warn", "Did you mean groq?")


def test_a_mirror_is_asked_without_the_token(
    run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(says(body=[]))
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_TOKEN", SECRET)
    monkeypatch.setattr(surroundings, "ROUTER", server.url)
    result = run("doctor", "--json", "--deadline", "3")
    assert checks_of(result.stdout)[f"127.0.0.1:{server.port}"]["state"] == "ok"
    assert server.seen
    assert all("authorization" not in headers for _, _, headers, _ in server.seen)


def test_it_ends_at_its_deadline(run: Run, serve: Serve) -> None:
    start = time.monotonic()
    result = run("doctor", "--base-url", serve(silent).url, "--deadline", "0.5")
    assert result.exit_code == 1
    assert time.monotonic() - start < 5


def test_rows_of_the_table() -> None:
    check = verdicts.offline("HF_HUB_OFFLINE")
    assert command._rows([check]) == [
        ["warn", "offline", check.text],
        ["", "", f"> {check.fix}"],
    ]
