"""Every error hfi raises, each telling whose fault it is and what to do next.

::

    HFIError
      ConfigurationError(ValueError)          you: bad arguments, no token where one is needed
        MissingExtraError(ImportError)        names the command that installs what is missing
      ClientClosedError(RuntimeError)         you: the client was closed before
      OfflineError                            you: HF_HUB_OFFLINE is set
      LocalServerError                        the embedded model's server
      ModelNotSupportedError                  you: this model cannot do this task
      TemplateError                           the model's chat template refused or failed
      APIConnectionError                      the line
        APITimeoutError(TimeoutError)
          PoolTimeoutError                    too many calls at once for the client's limits
      APIStatusError                          the server
        BadRequestError                       400, 422
          ContextLengthError                  the prompt is too long
        AuthenticationError                   401
        PaymentRequiredError                  402
        PermissionDeniedError                 403
          GatedModelError                     access must be asked for on the model's page
        ModelNotFoundError                    404, 410
        RequestTooLargeError                  413
        ConflictError                         408, 409
        RateLimitError                        429, worth waiting for
        QuotaExceededError                    429, not worth waiting for
        ModelLoadingError                     503, the model is still loading
        ServerError                           424, 5xx
      StreamError                             broken midway; .partial is what had arrived
        StreamInterruptedError(APIConnectionError)
        StreamStalledError(APITimeoutError)
        GenerationError                       the server said so in the stream
      ResponseError                           a reply that is not what the protocol promises
        LimitExceededError                    larger or deeper than we allow

``except HFIError`` catches them all. All of them pickle, so they cross process borders whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "ContextLengthError",
    "GatedModelError",
    "GenerationError",
    "HFIError",
    "LimitExceededError",
    "LocalServerError",
    "MissingExtraError",
    "ModelLoadingError",
    "ModelNotFoundError",
    "ModelNotSupportedError",
    "OfflineError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "PoolTimeoutError",
    "QuotaExceededError",
    "RateLimitError",
    "RequestTooLargeError",
    "ResponseError",
    "ServerError",
    "StreamError",
    "StreamInterruptedError",
    "StreamStalledError",
    "TemplateError",
]


def _restore(cls: type[HFIError], args: tuple[Any, ...], state: dict[str, Any]) -> HFIError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class HFIError(Exception):
    """The base of every error hfi raises.

    ``.message`` says what happened, ``.hint`` what to do next (or None); ``str(error)`` is both.
    ``.earlier`` holds the errors of the attempts made before this one, oldest first; ``.partial``
    what had come of the answer, or None.
    """

    partial: Any = None

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.earlier: Sequence[HFIError] = ()

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # BaseException would call cls(*args), which keyword-only arguments do not survive.
        return _restore, (type(self), self.args, self.__dict__.copy())

    def _repr_html_(self) -> str:
        from hfi.types.error_report import error_html  # noqa: PLC0415 - for notebooks

        return error_html(self)

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of all the frames."""
        from hfi.types.error_report import error_lines  # noqa: PLC0415 - for notebooks

        return error_lines(self)


class ConfigurationError(HFIError, ValueError):
    """The arguments, or the environment they were completed from, do not fit together."""


class MissingExtraError(ConfigurationError, ImportError):
    """Something optional is not installed; the message names the command that installs it."""


class ClientClosedError(HFIError, RuntimeError):
    """The client was closed before this call."""


class OfflineError(HFIError):
    """``HF_HUB_OFFLINE`` forbids the host this call needs."""


class LocalServerError(HFIError):
    """The embedded model's server could not be started, or died."""


class ModelNotSupportedError(HFIError):
    """The model cannot do this task; the message says which it can."""


class TemplateError(HFIError):
    """The model's chat template refused the messages, failed, or went over its bounds."""


class APIConnectionError(HFIError):
    """No whole reply came: refused, reset, unresolvable, or broken off.

    ``.kind`` is "refused", "dns", "tls", "reset", "protocol", "proxy", "closed", "other" or None.
    """

    kind: str | None = None


class APITimeoutError(APIConnectionError, TimeoutError):
    """A time limit of the call passed. Limits are in seconds; see ``Timeout``.

    ``.phase`` names it: "connect", "first_token", "between_tokens", "total", "pool" or None.
    """

    phase: str | None = None


class PoolTimeoutError(APITimeoutError):
    """No connection became free in time: more calls at once than ``Limits`` allow."""


class APIStatusError(HFIError):
    """The server answered, and the answer is an error.

    Attributes:
        status_code: HTTP status; None where it was found out before any request, or where the
            server reported the error inside a 200 reply without a code.
        body: The decoded JSON body, or its text, or None.
        headers: The reply's headers, names in lower case.
        request_id: The server's name for this request, for support tickets.
        provider: Who answered, where known.
        model: The model asked for, where known.
        retry_after: Seconds the server asked to wait, or None.
        kind: The server's own word for the error (``error.type``, ``error_type``), or None.
        code: The server's own code (``error.code``), or None.
        param: The request field the server blames, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        status_code: int | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status_code = status_code
        self.body = body
        self.headers: Mapping[str, str] = headers or {}
        self.request_id: str | None = facts.pop("request_id", None)
        self.provider: str | None = facts.pop("provider", None)
        self.model: str | None = facts.pop("model", None)
        self.retry_after: float | None = facts.pop("retry_after", None)
        self.kind: str | None = facts.pop("kind", None)
        self.code: str | int | None = facts.pop("code", None)
        self.param: str | None = facts.pop("param", None)
        for name, value in facts.items():
            if name not in type(self).__annotations__:
                raise TypeError(f"{type(self).__name__} has no {name!r}")
            setattr(self, name, value)


class BadRequestError(APIStatusError):
    """400 or 422: the server refused the request as it stands."""


class ContextLengthError(BadRequestError):
    """The prompt, or prompt and answer together, are longer than the model or server allows.

    ``.prompt_tokens`` and ``.max_tokens`` hold the numbers the server named, or None.
    """

    prompt_tokens: int | None = None
    max_tokens: int | None = None


class AuthenticationError(APIStatusError):
    """401: the token is missing, wrong or expired."""


class PaymentRequiredError(APIStatusError):
    """402: the credits are used up."""


class PermissionDeniedError(APIStatusError):
    """403: the token is good but not allowed to do this."""


class GatedModelError(PermissionDeniedError):
    """Access to this model must be asked for on its page first."""


class ModelNotFoundError(APIStatusError):
    """404 or 410: no such model, provider or route."""


class RequestTooLargeError(APIStatusError):
    """413: the body is larger than the server takes."""


class ConflictError(APIStatusError):
    """408 or 409: the server gave up waiting, or the request collided with another."""


class RateLimitError(APIStatusError):
    """429: too many requests; ``.retry_after`` says how long to wait, where the server told."""


class QuotaExceededError(APIStatusError):
    """429 for a quota or a bill: waiting does not help."""


class ModelLoadingError(APIStatusError):
    """503: the model is being loaded. ``.estimated_time`` is the server's guess in seconds."""

    estimated_time: float | None = None


class ServerError(APIStatusError):
    """424 or 5xx: the server or the model behind it failed."""


class StreamError(HFIError):
    """A reply broke off midway; ``.partial`` is what had come (text, reasoning, calls, usage)."""

    def __init__(self, message: str, *, hint: str | None = None, partial: Any = None) -> None:
        super().__init__(message, hint=hint)
        self.partial = partial


class StreamInterruptedError(StreamError, APIConnectionError):
    """The stream was cut, or ended without saying that it was finished."""


class StreamStalledError(StreamError, APITimeoutError):
    """Nothing of the answer came for longer than the time limit allows."""


class GenerationError(StreamError):
    """The server reported an error after the answer had begun; that error is the cause."""


class ResponseError(HFIError):
    """The reply is not what the protocol promises.

    ``.body`` is the beginning of the reply, as text.
    """

    def __init__(self, message: str, *, hint: str | None = None, body: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.body = body


class LimitExceededError(ResponseError):
    """The reply is larger, or nested deeper, than hfi allows."""
