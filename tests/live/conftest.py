"""One real llama.cpp server for all live tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hfi._core import embedded
from hfi.errors import LocalServerError, MissingExtraError
from hfi.local import LocalServer, Weights, find_weights
from hfi.local.engine import require_engine


@pytest.fixture(scope="session")
def live_weights() -> Weights:
    """Give the installed weights; nothing is ever downloaded for a test."""
    try:
        require_engine()
        return find_weights(embedded.MODEL_ALIAS, environ={"HF_HUB_OFFLINE": "1"})
    except (MissingExtraError, LocalServerError) as error:
        pytest.skip(f"no embedded model here: {error}")


@pytest.fixture(scope="session")
def live_server(live_weights: Weights) -> Iterator[LocalServer]:
    """Give the server of the whole run; do not stop it in a test."""
    with LocalServer(live_weights) as server:
        yield server


@pytest.fixture(scope="session")
def live_url(live_server: LocalServer) -> str:
    return live_server.url


@pytest.fixture(scope="session")
def live_key(live_server: LocalServer) -> str:
    return live_server.api_key
