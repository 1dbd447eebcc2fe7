"""What the exit code says: one table, which the documentation repeats and a test compares."""

from __future__ import annotations

import attrs

from hfi import errors

__all__ = ["EXIT_CODES", "FAILED", "INTERRUPTED", "READER_GONE", "USAGE", "ExitCode", "exit_code"]


@attrs.frozen
class ExitCode:
    """A code, what it means, and the errors that end with it."""

    code: int
    meaning: str
    errors: tuple[type[errors.HFIError], ...] = ()


FAILED = 1
USAGE = 2
INTERRUPTED = 128 + 2  # as a shell reports SIGINT
READER_GONE = 128 + 13  # as a shell reports SIGPIPE

EXIT_CODES = (
    ExitCode(0, "The answer is whole."),
    ExitCode(FAILED, "The server refused or failed, or anything else went wrong."),
    ExitCode(
        USAGE,
        "The command line or the configuration is wrong, or something is not installed.",
        (errors.ConfigurationError, errors.OfflineError),
    ),
    ExitCode(3, "The server could not be reached, or not in time.", (errors.APIConnectionError,)),
    ExitCode(
        4,
        "The token is missing or wrong, lacks the permission, or the credits are used up.",
        (errors.AuthenticationError, errors.PermissionDeniedError, errors.PaymentRequiredError),
    ),
    ExitCode(
        5,
        "Too many requests, a quota is used up, or the model is still loading.",
        (errors.RateLimitError, errors.QuotaExceededError, errors.ModelLoadingError),
    ),
    ExitCode(
        6,
        "The answer broke off; what had arrived stands on standard output.",
        (errors.StreamError,),
    ),
    ExitCode(INTERRUPTED, "You pressed Ctrl-C; what had arrived stands on standard output."),
    ExitCode(READER_GONE, "Whoever read the output closed it, as `head` does. Says nothing."),
)

# A broken stream is a connection error too; that an answer is cut counts more.
_BY_ERROR = sorted(
    ((kind, row.code) for row in EXIT_CODES for kind in row.errors),
    key=lambda pair: pair[0] is not errors.StreamError,
)


def exit_code(error: BaseException) -> int:
    """Gives the exit code for an error."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), FAILED)
