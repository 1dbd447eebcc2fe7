"""Whether a client can cross to another process: its connections stay, its configuration goes."""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING, Any

from hfi._core.failures.redact import clean
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["check_pickles"]

# Both pickle what pickle does not: functions of the main script, lambdas, closures.
_STRONGER = ("cloudpickle", "dill")


def check_pickles(parts: Mapping[str, Any]) -> None:
    """Sees to it that what the user gave a client can be pickled.

    Where Ray, Dask or joblib have loaded cloudpickle, that decides.

    Args:
        parts: What was given, by the name of its argument.

    Raises:
        ConfigurationError: One of them cannot.
    """
    dumps = _dumps()
    for name, part in parts.items():
        if part is None or isinstance(part, (bool, str)):
            continue
        try:
            dumps(part)
        except Exception as error:  # a __reduce__ of the user's may raise anything
            raise ConfigurationError(
                f"This client cannot be pickled, because of its {name}=: {clean(str(error), 200)}",
                hint="Give functions by the name of a module, and a path as verify=; or make the "
                "client in the process that uses it.",
            ) from None


def _dumps() -> Callable[[Any], bytes]:
    for name, module in list(sys.modules.items()):
        if name.rpartition(".")[2] in _STRONGER and hasattr(module, "dumps"):
            stronger: Callable[[Any], bytes] = module.dumps
            return stronger
    return pickle.dumps
