"""What a chat template may spend: counted, never clocked, so that every machine decides alike.

Templates come from model repositories and are untrusted code. Three things are counted while one
renders: *steps* (work, about a third of a microsecond each), *text* made (by length), and what is
still alive of large values (by bytes, found by reference counts). All grow with the input, so that
a long honest conversation is never the reason.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import attrs

MAX_TEMPLATE_CHARS = 200_000
MAX_DEPTH = 150  # calls of macros, recursive loops and blocks inside each other
MAX_INT_BITS = 4_096  # 1,234 digits; below the limit at which Python refuses str(int)
MAX_NESTING = 400  # levels of lists and mappings inside each other
MAX_WIDTH = 2_000  # columns a format may pad to, and digits after a point

_STEPS = 1_000_000
_TEXT = 2_000_000
_SMALL = 6_000_000
_LIVE_BYTES = 24_000_000
_SWEEP_BYTES = 12_000_000
_CHUNK = 4_096
_MAX_KEY_ITEMS = 32
_MAX_KEY_DEPTH = 4
_ATOMS = frozenset({str, int, float, bool, type(None)})
_COLLECTIONS: tuple[type, ...] = (
    *(list, tuple, set, frozenset),
    *(type({}.keys()), type({}.values()), type({}.items())),
)


class BoundExceededError(Exception):
    """A template wanted more than its bounds allow."""


@attrs.frozen
class InputSize:
    """How much the caller handed in: characters of text, and lists and mappings."""

    chars: int = 0
    containers: int = 0


# Without reference counts (PyPy) everything that was made counts as alive.
_references: Callable[[Any], int] = getattr(sys, "getrefcount", lambda _: 0)


def _dead_references() -> int:
    # What getrefcount says of a value that only the pool holds differs between Python versions.
    if not hasattr(sys, "getrefcount"):
        return -1
    pool = {0: "".join(("hfi", "-", "pool"))}
    value = pool.pop(0)
    return _references(value)


class Meter:
    """The counters of one rendering."""

    __slots__ = (
        "_pool",
        "_pool_bytes",
        "_small",
        "_sweep_at",
        "_tuple_keys",
        "depth",
        "live_limit",
        "loop_weight",
        "max_text",
        "now",
        "room",
        "steps",
    )

    def __init__(self, size: InputSize, now: Any = None) -> None:
        chars = size.chars
        self.now = now
        # Honest templates go through all messages for each message, or through every character.
        count = size.containers
        self.steps = _STEPS + count * (2_000 + 6 * count) + 32 * chars
        self.room = _CHUNK
        self.max_text = _TEXT + 4 * chars
        self.live_limit = _LIVE_BYTES + 16 * chars
        self.depth = 0
        self.loop_weight = 1  # of the template's dearest recursive loop
        self._small = _SMALL + 1_000 * count + 24 * chars
        self._sweep_at = self.live_limit + _SWEEP_BYTES
        self._pool: dict[int, Any] = {}
        self._pool_bytes = 0
        self._tuple_keys = 0

    def step(self, count: int) -> None:
        """Charge work."""
        self.steps -= count
        if self.steps < 0:
            raise BoundExceededError("it does too much work")

    def take(self, chars: int) -> None:
        """Charge memory for small values, in characters."""
        self.room -= chars
        if self.room < 0:
            self._refill()

    def _refill(self) -> None:
        used = _CHUNK - self.room
        self.room = _CHUNK
        self._small -= used
        self.step(used >> 9)
        if self._small < 0:
            raise BoundExceededError("it makes too much text")

    def fits(self, chars: int) -> None:
        """Refuse a text of this length before it is made."""
        if chars > self.max_text:
            raise BoundExceededError(f"it makes a text of more than {self.max_text} characters")

    def made(self, value: Any) -> Any:
        """Account for a text (or bytes) that was just made, and hand it on."""
        length = len(value)
        if length < _CHUNK:
            self.take(length)
        else:
            self.fits(length)
            self.step(length >> 10)
            self.keep(value)
        return value

    def listed(self, value: Any) -> Any:
        """Account for a list, tuple or mapping that was just made, and hand it on."""
        length = len(value)
        self.step(length >> 6)
        if length < _CHUNK:
            self.take(4 * length)
        else:
            self.keep(value)
        return value

    def keep(self, value: Any) -> None:
        """Watch a large value until nothing but the watch holds it."""
        if id(value) in self._pool:
            return
        self._pool[id(value)] = value
        self._pool_bytes += sys.getsizeof(value)
        if self._pool_bytes > self._sweep_at:
            self._sweep()

    def _sweep(self) -> None:
        pool = self._pool
        _drop_dead(pool)
        _drop_dead(pool)  # a dead list may have held a string that is dead only now
        self._pool_bytes = sum(map(sys.getsizeof, pool.values()))
        self.step(len(pool) >> 2)
        if self._pool_bytes > self.live_limit:
            raise BoundExceededError("it holds too much memory")
        self._sweep_at = self._pool_bytes + _SWEEP_BYTES

    def concat(self, pieces: Iterable[str]) -> str:
        """Join the pieces of a body: a macro, a captured block, the whole prompt."""
        if type(pieces) is not list:
            pieces = list(pieces)
        total = sum(map(len, pieces))
        if total >= _CHUNK:
            self.fits(total)
            return self.made("".join(pieces))  # type: ignore[no-any-return]
        self.room -= total
        if self.room < 0:
            self._refill()
        return "".join(pieces)

    def enter(self) -> None:
        """Go one call deeper; the caller takes one off ``depth`` again."""
        if self.depth >= MAX_DEPTH:
            # What Python raises at about 200 levels, where the caller has used none of its stack.
            raise RecursionError
        self.depth += 1

    def integer(self, value: Any) -> Any:
        """Hand a number on, unless it is an integer larger than any template needs."""
        if type(value) is int and value.bit_length() > MAX_INT_BITS:
            raise BoundExceededError("it computes a giant number")
        return value

    def search(self, text: int, pattern: int) -> None:
        """Charge a search from the left: CPython's is quadratic only for short patterns."""
        if text > 64 and pattern:
            self.step((text * min(pattern, 100)) >> 8)

    def search_back(self, text: int, pattern: int) -> None:
        """Charge a search from the right, or a strip of a set: both quadratic in CPython."""
        if text > 16 and pattern > 1:
            self.step((text * pattern) >> 8)
        elif text > 64:
            self.step(text >> 8)

    def measure(self, value: Any) -> int:
        """Characters that printing or comparing this value handles, charging the walk.

        A value reached by two ways counts twice, as it is printed twice: lists that hold each
        other double at every level.
        """
        if isinstance(value, str):
            return len(value)
        if type(value) in _ATOMS:
            return 24
        chars = 0
        level = [value]
        for _ in range(MAX_NESTING):
            self.step(len(level))
            below: list[Any] = []
            for item in level:
                if isinstance(item, str):
                    chars += len(item) + 4
                elif type(item) is bytes:
                    chars += 4 * len(item) + 24
                else:
                    chars += 24
                    inner = children(item)
                    if inner is not None:
                        self.step(len(inner) >> 1)
                        below.extend(inner)
            if not below:
                return chars
            level = below
        raise BoundExceededError(f"it nests values more than {MAX_NESTING} levels deep")

    def text(self, value: Any) -> str:
        """``str(value)``, bounded."""
        if type(value) is str:
            return value
        if type(value) in _ATOMS:
            return str(value)
        size = self.measure(value)
        # A character of a nested string may be printed as an escape of up to ten.
        self.step(size >> 7)
        self.fits(size)
        return self.made(str(value))  # type: ignore[no-any-return]

    def key(self, value: Any) -> Any:
        """A value fit to be hashed: cheap, not deep, and not made to collide."""
        kind = type(value)
        if kind is str:
            return value
        if kind is int and not -(1 << 60) < value < 1 << 60:
            # hash() takes integers modulo 2**61 - 1: larger ones can be made to collide.
            raise BoundExceededError("it uses giant numbers as keys")
        if kind is tuple:
            if _key_items(value) > _MAX_KEY_ITEMS:
                raise BoundExceededError("it uses large tuples as keys")
            # Tuples can be made to collide as well: each one costs as much as all before it.
            self._tuple_keys += 1
            self.step(64 + self._tuple_keys)
        elif kind not in _ATOMS:
            # Not hashable, most likely; the error would print it.
            self.fits(self.measure(value))
        return value


def _drop_dead(pool: dict[int, Any]) -> None:
    for key in list(pool):
        value = pool.pop(key)
        if _references(value) > _DEAD:
            pool[key] = value


def _key_items(value: Any, depth: int = 0) -> int:
    """How many values hashing this one goes through; hash() itself has no bound of depth."""
    if type(value) is not tuple:
        return 1
    count = 0
    for item in value:
        count += _key_items(item, depth + 1) if depth < _MAX_KEY_DEPTH else _MAX_KEY_ITEMS
        if count > _MAX_KEY_ITEMS:
            break
    return count


_DEAD = _dead_references()


#: How to look into values of kinds that only the sandbox knows; it registers them here.
LOOK_INSIDE: dict[type, Callable[[Any], Any]] = {}


def children(value: Any) -> Sequence[Any] | None:
    """The values that printing ``value`` prints as well, or None for an atom."""
    kind = type(value)
    if kind is list or kind is tuple:
        return cast(Sequence[Any], value)
    if kind is dict:
        inside = list(value.values())
        inside.extend(value)
        return inside
    if kind in _ATOMS:
        return None
    look = LOOK_INSIDE.get(kind)
    if look is not None:
        return list(look(value))
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, _COLLECTIONS):
        return list(cast(Iterable[Any], value))
    return None
