"""A bar for long lists, where the user asks for one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hfi.errors import ConfigurationError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["telling"]


@contextmanager
def telling(progress: Any, total: int) -> Iterator[Callable[[int, int], object] | None]:
    """Gives what is told of progress: how many of how many.

    Args:
        progress: True for a bar, a terminal's or a notebook's; a function of one's own; or False.
        total: How many there will be.

    Raises:
        MissingExtraError: A bar is asked for, and tqdm is not installed.
        ConfigurationError: ``progress`` is something else.
    """
    if callable(progress):
        yield progress
        return
    if not isinstance(progress, bool) and progress is not None:
        raise ConfigurationError(
            f"progress must be True, False or a function, not {type(progress).__name__}."
        )
    if not progress:
        yield None
        return
    try:
        from tqdm.auto import tqdm  # type: ignore[import-untyped]  # noqa: PLC0415 - optional
    except ImportError as error:
        raise MissingExtraError(
            "A bar needs tqdm, which is not installed.",
            hint='Install it: pip install "hfi[notebook]"; or give progress a function.',
        ) from error
    with tqdm(total=total, unit="text") as bar:
        yield lambda done, _: bar.update(done - bar.n)
