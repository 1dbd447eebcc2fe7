"""What every test has: no environment of the developer's, and the way to the shared fixtures."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hfi._network import engines

PROJECT = Path(__file__).resolve().parent.parent

# A shell starts what runs in the background with Ctrl-C ignored, and children inherit that: those
# that a test interrupts must not.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A token, a proxy, an endpoint or a terminal's size of whoever runs the tests must neither leak nor
# decide a result.
OWN_PREFIXES = ("HF_", "HFI_", "HUGGING_FACE_", "HUGGINGFACE_")
OTHERS = {
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("COLUMNS", "LINES"),
    *("TRANSFORMERS_OFFLINE", "DISABLE_TELEMETRY", "DO_NOT_TRACK"),
}


# What real servers, kernels and browsers take part in: they are started once, on one worker, and
# take longest, so they begin first.
REAL_PARTS = ("live", "notebook")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say which tests stay together when several workers share them (``pytest -n``)."""
    if not hasattr(config, "workerinput") and getattr(config.option, "dist", "no") == "no":
        return
    tests = Path(__file__).parent

    def is_real(item: pytest.Item) -> bool:
        return item.path.relative_to(tests).parts[0] in REAL_PARTS

    items.sort(key=lambda item: not is_real(item))
    for item in items:
        group = "real parts" if is_real(item) else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


def fixtures_dir() -> Path:
    """Give the folder of fixtures beside the project; skip the test, or the module, without it."""
    folder = PROJECT.parent / "shared" / "fixtures"
    if not folder.is_dir():
        pytest.skip("../shared/fixtures is not there", allow_module_level=True)
    return folder


@pytest.fixture(scope="session", name="fixtures_dir")
def _fixtures_dir() -> Path:
    return fixtures_dir()


@pytest.fixture(scope="session")
def project_dir() -> Path:
    """Give the project's root."""
    return PROJECT


@pytest.fixture(scope="session")
def empty_hf_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a Hugging Face home without a token file or a cache."""
    return tmp_path_factory.mktemp("hf_home")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, empty_hf_home: Path) -> None:
    """Take away every variable that hfi, huggingface_hub or a proxy-aware client reads."""
    for name in list(os.environ):
        if name.startswith(OWN_PREFIXES) or name.upper() in OTHERS:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HOME", str(empty_hf_home))
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")


@pytest.fixture(autouse=True)
def quiet_log() -> Iterator[None]:
    """Leave the log as it was: a test, or an example of the docs, may have turned it on."""
    log = logging.getLogger("hfi")
    level, handlers, propagate = log.level, log.handlers[:], log.propagate
    yield
    log.setLevel(level)
    log.handlers[:] = handlers
    log.propagate = propagate


@pytest.fixture(autouse=True)
def default_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the fast engine, so that most tests run over the one that everybody has."""
    monkeypatch.setattr(engines, "fast_is_there", lambda: False)


@pytest.fixture(params=["default", "fast"])
def each_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test over each engine, as a client takes it that was not told which."""
    fast = request.param == "fast"
    if fast and engines.fast_room("hfi._network") is None:
        pytest.skip("the extra fast is not installed")
    monkeypatch.setattr(engines, "fast_is_there", lambda: fast)
    return str(request.param)
