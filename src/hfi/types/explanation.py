"""What a call would do, told without doing it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

import attrs

__all__ = ["Explanation", "shortened"]

_LABEL_WIDTH = 12
# Text has spaces, or is short; what has none for this long is a file.
_LONGEST = 1000
_KEPT = 80
_FILE = re.compile(r"<([\w.+-]+/[\w.+-]+)>")  # a file in a form's payload, as its type


@attrs.frozen(kw_only=True)
class Explanation:
    """The decisions of one call, and the request they lead to; no inference request was sent.

    Attributes:
        task: The method explained, such as ``"chat"``.
        method: HTTP method.
        url: Where the request would go.
        headers: The headers that would be sent; a secret stands there as a shell variable.
        secret_headers: The names of the headers whose value was replaced by a variable.
        payload: The body as it would be sent, decoded; None where the body is not JSON.
        provider: Who would answer, where known beforehand.
        provider_reason: Why that host and provider.
        model: The model named in the request; None lets the server choose.
        protocol: ``"chat-completions"`` or ``"text-generation"``, for chats.
        protocol_reason: Why that protocol.
        token_source: Where the token was found, or why none is sent.
        prompt: The rendered prompt, where the client renders it.
        template: The template that rendered it, and which of its branches.
        repairs: What was changed to suit the template or the server, one sentence each.
        trimmed: Messages left out to make the prompt fit.
        retries: The retry plan in words.
        limits: The time limits in words.
        engine: The HTTP engine: ``"default"``, ``"fast"``, or a ``"transport"`` of the user's.
        engine_reason: Why that engine.
        notes: Whatever else the call decided by itself, one sentence each.
    """

    task: str
    method: str
    url: str
    headers: Mapping[str, str]
    secret_headers: frozenset[str] = attrs.field(default=frozenset(), repr=False)
    payload: Any = attrs.field(default=None, repr=False)
    provider: str | None = None
    provider_reason: str | None = None
    model: str | None = None
    protocol: str | None = None
    protocol_reason: str | None = None
    token_source: str = "none"
    prompt: str | None = attrs.field(default=None, repr=False)
    template: str | None = None
    repairs: tuple[str, ...] = ()
    trimmed: tuple[object, ...] = ()
    retries: str | None = None
    limits: str | None = None
    engine: str | None = None
    engine_reason: str | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The same facts as plain JSON types, empty ones left out."""
        facts = attrs.asdict(self, recurse=False)
        facts["headers"] = dict(self.headers)
        del facts["secret_headers"]
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in facts.items()
            if value is not None and value != ()
        }

    def as_curl(self) -> str:
        """The request as a ``curl`` command; the token is read from a variable of the shell."""
        parts = ["curl", "--no-buffer", "-X", self.method, shlex.quote(self.url)]
        is_form = self.headers.get("content-type", "").startswith("multipart/form-data")
        for name, value in self.headers.items():
            if is_form and name == "content-type":
                continue  # curl chooses the boundary
            # Inside single quotes the shell would not put the secret in the variable's place.
            secret = name in self.secret_headers
            quoted = f'"{name}: {value}"' if secret else shlex.quote(f"{name}: {value}")
            parts += ["\\\n  -H", quoted]
        return " ".join([*parts, *self._curl_body(is_form)])

    def _curl_body(self, is_form: bool) -> list[str]:
        """What stands for the body; ``FILE`` is the path of a file that would be sent."""
        if self.payload is None:
            return ["\\\n  --data-binary", "@FILE"] if self.method == "POST" else []
        if not is_form:
            body = json.dumps(self.payload, ensure_ascii=False)
            return ["\\\n  --data-raw", shlex.quote(body)]
        lines: list[str] = []
        for name, value in self.payload.items():
            file = _FILE.fullmatch(value)
            field = f"{name}=@FILE;type={file[1]}" if file else f"{name}={value}"
            lines += ["\\\n  -F" if file else "\\\n  --form-string", shlex.quote(field)]
        return lines

    def decisions(self) -> list[tuple[str, str]]:
        """What was decided and why, by name, in the order of the call; a name may come twice."""
        rows = [("request", f"{self.method} {self.url}"), ("model", self.model or "the server's")]
        rows += [
            (label, value)
            for label, value in (
                ("provider", _because(self.provider, self.provider_reason)),
                ("protocol", _because(self.protocol, self.protocol_reason)),
                ("token", self.token_source),
                ("template", self.template),
                ("retries", self.retries),
                ("limits", self.limits),
                ("engine", _because(self.engine, self.engine_reason)),
            )
            if value
        ]
        rows += [("repaired", line) for line in self.repairs]
        rows += [("trimmed", str(message)) for message in self.trimmed]
        return rows + [("note", line) for line in self.notes]

    def __str__(self) -> str:
        rows = self.decisions()
        rows += [("header", f"{name}: {value}") for name, value in self.headers.items()]
        lines = [f"{label:<{_LABEL_WIDTH}}{value}" for label, value in rows]
        if self.prompt is not None:
            lines += ["prompt", *("  | " + line for line in self.prompt.split("\n"))]
        if self.payload is not None:
            body = json.dumps(shortened(self.payload), ensure_ascii=False, indent=2)
            lines += ["payload", *("  " + line for line in body.split("\n"))]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from hfi.types.rendering import explanation_html  # noqa: PLC0415 - for notebooks

        return explanation_html(self)


def shortened(payload: Any) -> Any:
    """A payload with its files cut, for eyes: base64 of a picture fills many screens."""
    if isinstance(payload, dict):
        return {name: shortened(value) for name, value in payload.items()}
    if isinstance(payload, (list, tuple)):
        return [shortened(value) for value in payload]
    if (
        isinstance(payload, str)
        and len(payload) > _LONGEST
        and not any(sign.isspace() for sign in payload[:_LONGEST])
    ):
        return f"{payload[:_KEPT]}... ({len(payload)} characters)"
    return payload


def _because(what: str | None, why: str | None) -> str | None:
    if what and why:
        return f"{what} ({why})"
    return what or why
