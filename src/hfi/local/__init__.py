"""The embedded model: a llama.cpp server in a child process, and the weights it serves."""

from __future__ import annotations

from hfi.local.server import LocalServer
from hfi.local.shared import shared_server
from hfi.local.weights import Weights, find_weights

__all__ = ["LocalServer", "Weights", "find_weights", "shared_server"]
