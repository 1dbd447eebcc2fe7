"""The judging of what was found: facts in, verdicts out, nothing asked of anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi.cli.doctor.facts import Check, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hfi.cli.doctor.facts import HostFacts, LocalFacts, TokenFacts, WhoAmI

__all__ = ["clock", "host", "local_model", "offline", "proxies", "token"]

_NEW_TOKEN = "https://huggingface.co/settings/tokens"
_CALLS_PROVIDERS = "inference.serverless.write"
# Seconds. Certificates that have just been made are refused by a clock that is behind; signatures
# of cloud providers allow five minutes.
_SKEW, _FAR_OFF = 60.0, 3600.0

_STEPS = {
    "dns": "its name was not resolved",
    "tcp": "no connection",
    "tls": "no TLS",
    "http": "no HTTP reply",
}
_FIXES = {
    "dns": "Check the network and its DNS, and the spelling of the host.",
    "tcp": "Check the network, firewalls, and whether a proxy must be set (HTTPS_PROXY).",
    "tls": "Check the clock, and whether something between replaces certificates: then set"
    " SSL_CERT_FILE to its own.",
    "http": "Check what stands between: a proxy, a firewall, a captive portal.",
}


def token(facts: TokenFacts) -> Check:
    """Whether there is a token, whether it has the right form, and whose it is."""
    if facts.source is None:
        looked = f" ({', '.join(facts.looked)})" if facts.looked else ""
        text = f"none was found{looked}"
        if not facts.needed:
            return Check(name="token", state="ok", text=f"{text}; the next call needs none")
        fix = f'Make one at {_NEW_TOKEN} and set HF_TOKEN, or "hf auth login", or use --local.'
        return Check(name="token", state="fail", text=text, fix=fix)
    bad: State = "fail" if facts.needed else "warn"
    if facts.problem is not None:
        text = f"that of {facts.source} {facts.problem}"
        return Check(name="token", state=bad, text=text, fix="Correct it, or unset it.")
    if facts.withheld:
        text = f"that of {facts.source} is not sent: HF_HUB_DISABLE_IMPLICIT_TOKEN is set"
        return Check(name="token", state=bad, text=text, fix="Unset it, or give token=True.")
    if not facts.prefix:
        text = f"that of {facts.source} does not begin with hf_, as Hugging Face's do"
        return Check(name="token", state="warn", text=text, fix="Check that it is the right one.")
    return _asked(facts.source, facts.whoami, bad)


def _asked(source: str, who: WhoAmI | None, bad: State) -> Check:
    if who is None:
        return Check(name="token", state="ok", text=f"from {source}; the Hub was not asked")
    if who.status in (401, 403):
        text = f"the Hub refuses that of {source} (status {who.status})"
        fix = f"It was revoked, has expired or is cut off: make a new one at {_NEW_TOKEN}."
        return Check(name="token", state=bad, text=text, fix=fix)
    if who.name is None:
        why = who.error or f"status {who.status}"
        return Check(name="token", state="warn", text=f"from {source}; whose is unknown: {why}")
    role = f", {who.role}" if who.role else ""
    text = f"from {source}; it is {who.name}'s{role}"
    if who.role == "fineGrained" and _CALLS_PROVIDERS not in who.permissions:
        return Check(
            name="token",
            state="warn",
            text=f"{text}, without the permission to call Inference Providers",
            fix=f'Add "Make calls to Inference Providers" at {_NEW_TOKEN}.',
        )
    return Check(name="token", state="ok", text=text)


def host(facts: HostFacts) -> Check:
    """Whether a server can be reached, and if not, at which step the way ends."""
    via = f" through the proxy {facts.proxy}" if facts.proxy else ""
    if facts.step == "done":
        parts = [
            f"answers{via}",
            facts.tls or ("" if facts.scheme == "https" else "no TLS"),
            f"{facts.seconds * 1000:.0f} ms",
        ]
        text = ", ".join(part for part in parts if part)
        if facts.status in (401, 403):
            return Check(
                name=facts.name,
                state="fail",
                text=f"{text}, and refuses the key (status {facts.status})",
                fix="Set the server's key: HFI_TOKEN beside HFI_BASE_URL, or token= in Python.",
            )
        if facts.status is not None and facts.status >= 500:
            fix = "Try again later, or look at the server's log."
            text = f"{text}, with status {facts.status}"
            return Check(name=facts.name, state="warn", text=text, fix=fix)
        return Check(name=facts.name, state="ok", text=text)
    what = _STEPS[facts.step]
    if facts.proxy and facts.step in ("dns", "tcp"):
        what = f"the proxy {facts.proxy}: {what}"
        fix = "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; NO_PROXY names hosts asked directly."
    else:
        fix = _FIXES[facts.step]
    why = facts.error or f"nothing came within {facts.seconds:.0f} s"
    return Check(name=facts.name, state="fail", text=f"{what}: {why}", fix=fix)


def clock(hosts: Sequence[HostFacts]) -> Check:
    """Whether this machine's clock agrees with those servers' that told theirs."""
    skews = [facts.told[1] - facts.told[0] for facts in hosts if facts.told is not None]
    skew = min(skews, key=abs, default=0.0)
    text = f"{_duration(abs(skew))} {'ahead of' if skew > 0 else 'behind'} the servers'"
    fix = "Set it: turn on time synchronisation (NTP)."
    if abs(skew) >= _FAR_OFF:
        return Check(name="clock", state="fail", text=text, fix=fix)
    if abs(skew) >= _SKEW:
        return Check(name="clock", state="warn", text=text, fix=fix)
    return Check(name="clock", state="ok", text="agrees with the servers'")


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {unit}{'s' * (count != 1)}"
    return "less than a second"


def proxies(found: Mapping[str, str], problem: str | None) -> Check:
    """The proxies of the environment.

    Args:
        found: Their URLs without logins, by ``http``, ``https``, ``all``; ``no`` for exceptions.
        problem: What is wrong with them.
    """
    if problem is not None:
        return Check(name="proxy", state="fail", text=problem, fix="Correct or unset the variable.")
    named = [f"{name}: {url}" for name, url in sorted(found.items()) if name != "no"]
    if not named:
        return Check(name="proxy", state="ok", text="none is set")
    except_for = f"; not for {found['no']}" if found.get("no") else ""
    return Check(name="proxy", state="ok", text=", ".join(named) + except_for)


def offline(variable: str) -> Check:
    """What offline mode means for what was not looked at."""
    return Check(
        name="offline",
        state="warn",
        text=f"{variable} is set: Hugging Face and providers are not asked",
        fix=f"Unset {variable} to reach them; --local works without.",
    )


def local_model(facts: LocalFacts) -> Check:
    """Whether the embedded model can be asked."""
    if facts.ready:
        text = f"ready: xllamacpp {facts.engine}, {facts.weights_size / 1e6:.0f} MB of weights"
        return Check(name="local model", state="ok", text=text)
    state: State = "fail" if facts.wanted else "warn"
    text = facts.engine_error or facts.weights_error or "not there"
    possible = facts.engine_possible
    fix = (
        "`hfi local install` installs it." if possible else "Run a server of your own: --base-url."
    )
    return Check(name="local model", state=state, text=text, fix=fix)
