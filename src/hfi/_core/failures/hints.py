"""The next step after an error, as data, for whoever answered it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from hfi._core.configuration.hosts import is_loopback
from hfi._core.failures.redact import clean

if TYPE_CHECKING:
    from hfi._core.request import Request

__all__ = ["HINTS", "Hint", "Target", "hint_for", "host_kind", "target_of"]


@attrs.frozen(kw_only=True)
class Target:
    """Whom a request went to, in words that may be shown.

    ``host`` has the port where it is not the scheme's own; ``kind`` is one of ``host_kind``.
    """

    host: str | None = None
    hostname: str | None = None
    port: int | None = None
    kind: str = "unknown"
    path: str = ""
    model: str | None = None
    page: str | None = None
    provider: str | None = None
    has_token: bool | None = None


def host_kind(hostname: str | None) -> str:
    """Tell "router", "hub", "endpoint", "loopback", "other" or "unknown"; compared by labels."""
    if not hostname:
        return "unknown"
    labels = hostname.lower().rstrip(".").split(".")
    if labels == ["router", "huggingface", "co"]:
        return "router"
    if labels[-2:] in (["huggingface", "co"], ["hf", "co"]):
        return "hub"
    if labels[-3:] == ["endpoints", "huggingface", "cloud"]:
        return "endpoint"
    # 0.0.0.0 is no address to connect to, yet most systems take it for this machine.
    return "loopback" if is_loopback(hostname) or hostname == "0.0.0.0" else "other"  # noqa: S104


_REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def target_of(request: Request | None) -> Target:
    """Read off a request what its error may show: never a path's secret, a query or a login."""
    if request is None:
        return Target()
    model = request.model
    if model is not None and "://" in model:
        model = None  # a model given as a URL: the host says it, without its secrets
    repo = _REPO.match(model) if model else None
    target = Target(
        model=model,
        page=f"https://huggingface.co/{repo[0]}" if repo else None,
        provider=request.provider if request.provider not in ("auto", "") else None,
        has_token=request.credential is not None,
    )
    try:
        url = urlsplit(request.url)
        hostname, port = url.hostname, url.port
    except ValueError:
        return target
    if not hostname:
        return target
    shown = f"[{hostname}]" if ":" in hostname else hostname
    if port is not None and port != _DEFAULT_PORTS.get(url.scheme):
        shown = f"{shown}:{port}"
    return attrs.evolve(
        target,
        host=clean(shown, 255),
        hostname=hostname,
        port=port or _DEFAULT_PORTS.get(url.scheme),
        kind=host_kind(hostname),
        path=url.path,
    )


@attrs.frozen
class Hint:
    """What to do next, where ``hosts`` (empty: any) answered and all it ``needs`` is known.

    The text may use ``{host}``, ``{model}``, ``{page}`` (the model's page) and ``{provider}``,
    if ``needs`` names it; "no_token" in ``needs`` stands for a request that carried no token.
    """

    text: str
    hosts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def fits(self, target: Target) -> bool:
        """Whether this hint can be given for ``target``."""
        if self.hosts and target.kind not in self.hosts:
            return False
        return all(
            target.has_token is False if name == "no_token" else getattr(target, name) is not None
            for name in self.needs
        )


HF = ("router", "hub", "endpoint")
WEB = ("router",)
TOKENS = "https://huggingface.co/settings/tokens"

# For each name in the error table: the first hint that fits is given.
HINTS: dict[str, tuple[Hint, ...]] = {
    "context": (
        Hint(
            "Shorten the messages, ask for fewer new tokens (max_tokens), let fit= trim the oldest "
            "messages, or take a model or server with a longer context."
        ),
    ),
    "gated": (
        Hint(
            "Ask for access at {page}, and use a token of the account that has it.", (), ("page",)
        ),
        Hint("Ask for access on the model's page, and use a token of the account that has it."),
    ),
    "hidden": (
        Hint("Check the model's id; if it is private or gated, pass a token that may read it."),
    ),
    "token": (
        Hint(
            f"No token was sent: set HF_TOKEN, log in with `hf auth login`, pass token= (make one "
            f'at {TOKENS}), or use provider="local", which needs none.',
            ("router", "hub"),
            ("no_token",),
        ),
        Hint(
            f"No token was sent: this endpoint is protected; pass token=True or token=... with a "
            f"token of its owner ({TOKENS}).",
            ("endpoint",),
            ("no_token",),
        ),
        Hint(
            f"Check the token, or replace it: make one at {TOKENS}, then set HF_TOKEN, log in "
            "again, or pass token=.",
            HF,
        ),
        Hint(
            "No token was sent: pass the key of {host} as token=; a Hugging Face token found in "
            "the environment is not sent there.",
            (),
            ("host", "no_token"),
        ),
        Hint("Check that token= is the key of {host}.", (), ("host",)),
        Hint("Check the token."),
    ),
    "credits": (
        Hint(
            "Buy credits at https://huggingface.co/settings/billing, bill an organisation with "
            'bill_to=, take another provider, or use provider="local".',
            ("router", "hub"),
        ),
        Hint('Check the account that pays for {host}, or use provider="local".', (), ("host",)),
        Hint('Check the account that pays for this, or use provider="local".'),
    ),
    "permission": (
        Hint(
            'Give the token the permission "Make calls to Inference Providers" at '
            f"{TOKENS}, or use another token.",
        ),
    ),
    "disabled": (Hint("Choose another model."),),
    "blocked": (Hint("Check proxy, VPN and base_url; a page for browsers answered, not the API."),),
    "moderation": (Hint("Change the input, or take another provider."),),
    "forbidden": (
        Hint(
            f"Check what the token may do at {TOKENS}; organisations may demand fine-grained "
            "tokens.",
            HF,
        ),
        Hint("Check what the token for {host} is allowed to do.", (), ("host",)),
        Hint("Check what the token is allowed to do."),
    ),
    "model": (
        Hint(
            "Check the model's id on https://huggingface.co/models, and who serves it with "
            "client.models(...).",
            ("router", "hub"),
        ),
        Hint("Check the model's name: {host} lists its own at /v1/models.", (), ("host",)),
        Hint("Check the model's id."),
    ),
    "route": (
        Hint(
            "Check model= and provider=: this provider may have no such route.", ("router", "hub")
        ),
        Hint(
            "Check base_url: it is the part before /chat/completions, most often ending in /v1; "
            'a text-generation server without a chat route needs protocol="text-generation".'
        ),
    ),
    "gone": (
        Hint(
            "api-inference.huggingface.co was retired: leave base_url out, or set it to "
            "https://router.huggingface.co/v1.",
            ("hub",),
        ),
        Hint("Check base_url and the model's id."),
    ),
    "unsupported": (
        Hint(
            "Enable a provider that serves it at "
            "https://huggingface.co/settings/inference-providers, drop provider=, or look for a "
            "model that is served with client.models(...)."
        ),
    ),
    "chats": (Hint("For this model and provider use chat() in place of text_generation()."),),
    "parameter": (Hint("Leave that parameter out: this model or server does not take it."),),
    "too_large": (Hint("Send smaller images or files, or fewer of them."),),
    "again": (Hint("Try again."),),
    "quota": (
        Hint(
            "Waiting does not help: check plan and billing of {host}, take another provider, or "
            'use provider="local".',
            (),
            ("host",),
        ),
        Hint("Waiting does not help: check plan and billing, or take another provider."),
    ),
    "busy": (Hint("Try again in a moment, raise max_retries, or send fewer calls at once."),),
    "rate": (
        Hint(
            "Wait before the next call, send fewer at once, or pass a token: limits are higher "
            "with one.",
            ("hub",),
            ("no_token",),
        ),
        Hint("Wait before the next call, raise max_retries, or send fewer at once."),
    ),
    "loading": (
        Hint("Try again in some minutes, or raise max_wait= to wait for it.", ("endpoint",)),
        Hint("Try again in a moment, or raise max_wait= to wait for it."),
    ),
    "proxy": (Hint("Put user and password into proxy=, or into the proxy variables."),),
    "template": (
        Hint(
            "Check the order and the roles of the messages; a model without a chat template takes "
            "text_generation()."
        ),
    ),
    "top_p": (Hint("This server takes 0 < top_p < 1: to switch it off, leave it out."),),
    "request": (Hint("Check the arguments; client.explain(...) shows what is sent."),),
    "cannot": (Hint("Choose a model or a server that can do this."),),
    "failed": (
        Hint("Look at the log of that server.", ("loopback",)),
        Hint(
            "It is not your fault: try again, or take another provider; "
            "https://status.huggingface.co tells of outages.",
            WEB,
        ),
        Hint("It is not your fault: try again later."),
    ),
    "unknown": (Hint("Try again; client.explain(...) shows what is sent."),),
    "odd": (Hint("Check base_url and the proxies between."),),
}


def hint_for(name: str, target: Target) -> str | None:
    """Give the text of the next step called ``name``."""
    for hint in HINTS.get(name, ()):
        if hint.fits(target):
            return hint.text.format(
                host=target.host, model=target.model, page=target.page, provider=target.provider
            )
    return None
