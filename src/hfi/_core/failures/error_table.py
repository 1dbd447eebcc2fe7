"""Which error a reply is: as data, read from the top.

The first row that fits wins. ``tests/core/test_failure.py`` has a case for each.
"""

from __future__ import annotations

import re

import attrs

from hfi import errors

__all__ = ["ROWS", "Row"]

UNKNOWN = None  # the server gave no status: an error inside a 200 reply
CLIENT = range(400, 500)
SERVER = range(500, 600)


def _marks(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


@attrs.frozen(kw_only=True)
class Row:
    """One kind of error.

    Attributes:
        error: The class to raise.
        statuses: The status codes it is told with; None stands for "no status was told".
        marks: What must be found in the server's words, kind, code, param or error headers.
        unless: What must not be found there.
        hosts: The kinds of host (``hints.host_kind``) that it is told by; empty is any.
        hub_repo: Whether the request must have been for a repository of the Hub.
        lead: The beginning of the message: what happened, in our words.
        hint: The name of the next step, in ``hints.HINTS``.
    """

    error: type[errors.APIStatusError]
    statuses: tuple[range | int | None, ...]
    lead: str
    hint: str
    marks: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    hosts: tuple[str, ...] = ()
    hub_repo: bool = False

    def fits(self, status: int | None, told: str, host: str, hub_repo: bool) -> bool:
        """Whether this row describes an error: its status, all its texts, its kind of host."""
        if not any(status in s if isinstance(s, range) else status == s for s in self.statuses):
            return False
        if (self.hosts and host not in self.hosts) or (self.hub_repo and not hub_repo):
            return False
        if self.marks is not None and not self.marks.search(told):
            return False
        return self.unless is None or not self.unless.search(told)


_TOO_LONG = _marks(
    r"exceed_context_size",
    r"context_length_exceeded",
    r"maximum context length",
    r"maximum model length",
    r"context (?:size|length|window) (?:of|is|limit|exceeded)",
    r"exceeds? (?:the )?(?:available |model'?s? |maximum )*context (?:size|length|window)",
    r"\bparam:input_tokens\b",
    r"`?inputs`? tokens \+ `?max_new_tokens`? must be <=",
    r"`?inputs`? must have less than \d+ tokens",
    r"(?:prompt|input) is too long",
    r"prompt \(.{1,40}\) is too long",
    r"reduce the length of (?:the|your) (?:messages|input|prompt)",
    r"too large for model with \d+ maximum context",
)
_NEVER_RATE = _marks(
    r"insufficient_quota",
    r"billing_(?:hard_limit|not_active)",
    r"plan and billing",
    r"depleted",
    r"monthly included credits",
    r"(?:out of|not enough|insufficient) (?:credits?|balance|funds)",
)
_RATE_WORDS = _marks(
    r"rate.?limit",
    r"too many requests",
    r"per (?:second|minute|hour)",
    r"(?:retry|try again) (?:in|after) ",
    r"overloaded",
)
_GATED = _marks(
    r"\bGatedRepo\b",
    r"gated (?:repo|model)",
    r"access to (?:model|this model|dataset) .{0,120}is restricted",
    r"not in the authorized list",
    r"awaiting a review",
)
_NO_REPO = _marks(r"\b(?:Repo|Revision|Entry)NotFound\b")
_BAD_TOKEN = _marks(r"invalid (?:credentials|username or password|user token|token)", r"expired")
_LOADING = _marks(
    r"currently loading",
    r"loading model",
    r"model is (?:still |being )?(?:loading|loaded|starting)",
    r"\bestimated_time\b",
    r"scal(?:ing|e) (?:up|from)",
    r"(?:is|still) (?:starting|initializing|warming)",
)

ROWS: tuple[Row, ...] = (
    Row(
        error=errors.ContextLengthError,
        # 500 and no status too: proxies and streams wrap these texts, which are plain enough.
        statuses=(400, 413, 422, 500, UNKNOWN),
        marks=_TOO_LONG,
        unless=_marks(r"per minute", r"\bTPM\b"),
        lead="The prompt is too long for the model",
        hint="context",
    ),
    Row(
        error=errors.GatedModelError,
        statuses=(401, 403),
        marks=_GATED,
        lead="Access to this model must be asked for",
        hint="gated",
    ),
    # The Hub answers 401 for a repository that is missing, private or gated when no one is
    # logged in, so that nobody learns which; only "Invalid credentials" blames the token.
    Row(
        error=errors.ModelNotFoundError,
        statuses=(401,),
        marks=_NO_REPO,
        unless=_BAD_TOKEN,
        lead="There is no such model, or the token may not see it",
        hint="hidden",
    ),
    Row(
        error=errors.ModelNotFoundError,
        statuses=(401,),
        hub_repo=True,
        unless=_BAD_TOKEN,
        lead="There is no such model, or the token may not see it",
        hint="hidden",
    ),
    Row(
        error=errors.AuthenticationError,
        statuses=(401,),
        lead="The server refused the token",
        hint="token",
    ),
    # Google and xAI tell a wrong key with 400.
    Row(
        error=errors.AuthenticationError,
        statuses=(400,),
        marks=_marks(r"api.?key not valid", r"incorrect api key", r"invalid_api_key"),
        lead="The server refused the token",
        hint="token",
    ),
    Row(
        error=errors.PaymentRequiredError,
        statuses=(402,),
        lead="The credits are used up, or this must be paid for",
        hint="credits",
    ),
    Row(
        error=errors.PermissionDeniedError,
        statuses=(403,),
        marks=_marks(r"sufficient permissions?", r"make calls to (?:the )?inference"),
        lead="The token lacks a permission",
        hint="permission",
    ),
    Row(
        error=errors.PermissionDeniedError,
        statuses=(403,),
        marks=_marks(r"access to this resource is disabled"),
        lead="Hugging Face disabled this repository",
        hint="disabled",
    ),
    Row(
        error=errors.PermissionDeniedError,
        statuses=(403,),
        marks=_marks(r"cloudflare", r"\bpage:html\b", r"captcha", r"just a moment"),
        lead="Something before the server blocked the request",
        hint="blocked",
    ),
    Row(
        error=errors.PermissionDeniedError,
        statuses=(403,),
        marks=_marks(r"moderation", r"flagged", r"content policy"),
        lead="The provider's moderation refused the input",
        hint="moderation",
    ),
    Row(
        error=errors.PermissionDeniedError,
        statuses=(403,),
        lead="The server does not allow this request",
        hint="forbidden",
    ),
    Row(
        error=errors.ModelNotFoundError,
        statuses=(404,),
        marks=_marks(r"model", r"NotFound\b", r"repository"),
        unless=_marks(r"response with id"),
        lead="The model was not found",
        hint="model",
    ),
    Row(
        error=errors.ModelNotFoundError,
        statuses=(404,),
        hub_repo=True,
        lead="The model was not found",
        hint="model",
    ),
    Row(
        error=errors.ModelNotFoundError,
        statuses=(404,),
        lead="The server has nothing at this address",
        hint="route",
    ),
    Row(
        error=errors.ModelNotFoundError,
        statuses=(410,),
        lead="This address is no longer in service",
        hint="gone",
    ),
    Row(
        error=errors.ModelNotFoundError,
        statuses=(400,),
        marks=_marks(r"\bcode:model_(?:not_found|decommissioned)\b"),
        lead="The model was not found",
        hint="model",
    ),
    # Not ModelNotSupportedError: that one is found out before a request, and has no status or body.
    Row(
        error=errors.BadRequestError,
        statuses=(400, 422),
        marks=_marks(r"model_not_supported", r"not supported by (?:any )?provider"),
        lead="No provider serves this model for this call",
        hint="unsupported",
    ),
    Row(
        error=errors.BadRequestError,
        statuses=(400, 422),
        marks=_marks(r"supported tasks?: ?conversational"),
        lead="The model is served for chats only",
        hint="chats",
    ),
    Row(
        error=errors.BadRequestError,
        statuses=(400, 422),
        marks=_marks(r"model_kwargs", r"unexpected fields", r"extra (?:inputs|fields) .{0,20}not"),
        lead="The server does not know a parameter of the request",
        hint="parameter",
    ),
    Row(
        error=errors.RequestTooLargeError,
        statuses=(413,),
        lead="The request is larger than the server takes",
        hint="too_large",
    ),
    Row(
        error=errors.ConflictError,
        statuses=(408,),
        lead="The server gave up waiting for the request",
        hint="again",
    ),
    Row(
        error=errors.ConflictError,
        statuses=(409,),
        lead="The request is in conflict with another, or with what is there already",
        hint="again",
    ),
    Row(
        error=errors.QuotaExceededError,
        statuses=(429,),
        marks=_NEVER_RATE,
        lead="The quota is used up",
        hint="quota",
    ),
    # "Rate limit reached ... upgrade at .../settings/billing" is a rate limit all the same.
    Row(
        error=errors.QuotaExceededError,
        statuses=(429,),
        marks=_marks(r"quota", r"billing"),
        unless=_RATE_WORDS,
        lead="The quota is used up",
        hint="quota",
    ),
    Row(
        error=errors.RateLimitError,
        statuses=(429,),
        marks=_marks(r"overloaded"),
        lead="The model is overloaded",
        hint="busy",
    ),
    Row(
        error=errors.RateLimitError,
        statuses=(429,),
        lead="Too many requests",
        hint="rate",
    ),
    Row(
        error=errors.ModelLoadingError,
        statuses=(503, UNKNOWN),
        marks=_LOADING,
        lead="The model is still loading",
        hint="loading",
    ),
    # An endpoint that scales up from zero answers 503, often without a body.
    Row(
        error=errors.ModelLoadingError,
        statuses=(503,),
        hosts=("endpoint",),
        unless=_marks(r"queue", r"overload", r"capacity"),
        lead="The endpoint is not running yet",
        hint="loading",
    ),
    Row(
        error=errors.BadRequestError,
        statuses=(405,),
        lead="The server does not take this kind of request at this address",
        hint="route",
    ),
    Row(
        error=errors.BadRequestError,
        statuses=(407,),
        lead="The proxy asks for a login",
        hint="proxy",
    ),
    Row(
        error=errors.BadRequestError,
        statuses=(422,),
        marks=_marks(r"template"),
        lead="The server could not apply the model's chat template",
        hint="template",
    ),
    Row(
        error=errors.BadRequestError,
        statuses=(CLIENT,),
        marks=_marks(r"`?top_p`? must be"),
        lead="The server refused the request",
        hint="top_p",
    ),
    Row(
        error=errors.ServerError,
        statuses=(424,),
        lead="The model behind the server failed",
        hint="failed",
    ),
    Row(
        error=errors.BadRequestError,
        statuses=(CLIENT,),
        lead="The server refused the request",
        hint="request",
    ),
    Row(
        error=errors.ServerError,
        statuses=(SERVER,),
        marks=_marks(r"not supported", r"does not support", r"not_supported_error"),
        lead="The server cannot do this",
        hint="cannot",
    ),
    Row(
        error=errors.ServerError,
        statuses=(502, 504, range(520, 530)),
        lead="The gateway got no good answer from the server behind it",
        hint="failed",
    ),
    Row(
        error=errors.ServerError,
        statuses=(503,),
        lead="The server cannot answer now",
        hint="failed",
    ),
    Row(
        error=errors.ServerError,
        statuses=(SERVER,),
        lead="The server failed",
        hint="failed",
    ),
    Row(
        error=errors.RateLimitError,
        statuses=(UNKNOWN,),
        marks=_marks(r"rate.?limit", r"too many requests", r"overloaded"),
        lead="Too many requests",
        hint="rate",
    ),
    Row(
        error=errors.ServerError,
        statuses=(UNKNOWN,),
        lead="The server reported an error",
        hint="unknown",
    ),
    # Whatever fits no row: a redirect that was not followed, a status that HTTP does not know.
    Row(
        error=errors.APIStatusError,
        statuses=(),
        lead="The server answered in a way that is neither success nor an error",
        hint="odd",
    ),
)
