"""Images, sounds and videos read out of replies, in whatever form providers give them."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import attrs

from hfi._core.failures.error_facts import find_error
from hfi._core.failures.failure import error_from_body
from hfi._core.incoming.waveform import waveform
from hfi._core.outgoing.media import parse_data_url, sniff
from hfi._core.request import Request
from hfi.errors import LimitExceededError, ResponseError
from hfi.types.raw import beginning, loads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi._core.request import Response

__all__ = [
    "KINDS",
    "Found",
    "Kind",
    "download",
    "found_in",
    "json_body",
    "media_of",
    "media_type",
]

_LEAVES = ("b64_json", "base64", "url")
_BRANCHES = ("data", "output", "outputs", "result", "task", "content")


@attrs.frozen(kw_only=True)
class Kind:
    """One kind of media.

    Attributes:
        name: ``"image"``, ``"audio"`` or ``"video"``.
        noun: What to call one in a message.
        types: What its media types begin with.
        leaves: The fields besides the usual ones that hold it, or the URL where it is.
        branches: The fields besides the usual ones that it may stand below.
        largest: The most bytes of one.
    """

    name: str
    noun: str
    types: tuple[str, ...]
    leaves: tuple[str, ...]
    branches: tuple[str, ...]
    largest: int


KINDS: Mapping[str, Kind] = {
    "image": Kind(
        name="image",
        noun="an image",
        types=("image/",),
        leaves=("image_url",),
        branches=("images", "image_result", "image"),
        largest=64 << 20,  # an uncompressed one of 4096 x 4096 pixels has 48 MB
    ),
    "audio": Kind(
        name="audio",
        noun="a sound",
        # What has sound alone may be in a container that is made for films.
        types=("audio/", "video/"),
        leaves=("audio_url",),
        branches=("audio", "audio_file", "audios"),
        largest=256 << 20,
    ),
    "video": Kind(
        name="video",
        noun="a video",
        types=("video/", "image/gif", "image/webp"),
        leaves=("video_url",),
        branches=("video", "videos"),
        largest=512 << 20,
    ),
}

_MAX_DEPTH = 6
_URL_SIGNS = "%/:?=&+~!$',;@()*[]"
_URL = re.compile(r"https?://", re.IGNORECASE)
_SVG = re.compile(rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<svg[\s>]", re.S)


def json_body(response: Response) -> Mapping[str, Any]:
    """The JSON object of a reply.

    Raises:
        ResponseError: It is none.
    """
    try:
        body = loads(response.content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _odd("The reply is no JSON object", response.content)
    return body


@attrs.frozen
class Found:
    """The media of a reply: bytes, or the URLs where they are; and the JSON around them."""

    items: Sequence[bytes | str] = attrs.field(repr=False)
    body: Any = attrs.field(default=None, repr=False)


def found_in(response: Response, request: Request, kind: Kind) -> Found:
    """The media of a reply.

    Args:
        response: The reply, or a job's last one.
        request: What was asked, for errors.
        kind: What is due.

    Raises:
        APIStatusError: The reply tells an error, though its status was a success.
        ResponseError: There is nothing of the kind in it.
    """
    content = response.content
    if _sniffed(content) or _told(response).startswith(kind.types):
        return Found([content])
    try:
        body = loads(content)
    except ValueError:
        raise _odd(f"The reply is neither {kind.noun} nor JSON", content) from None
    found = media_of(body, kind)
    if not found and kind.name == "audio":
        sound = waveform(body)  # transformers' pipeline gives the samples themselves
        found = [] if sound is None else [sound]
    if found:
        return Found(found, body)
    told = find_error(body)
    if told is not None:
        raise error_from_body(
            told, status_code=response.status_code, headers=response.headers, request=request
        )
    raise _odd(f"There is not {kind.noun} in the reply", content)


def media_of(value: object, kind: Kind | None = None) -> list[bytes | str]:
    """The media in decoded JSON: bytes, or the URLs where they are; of any kind where None."""
    kinds = tuple(KINDS.values()) if kind is None else (kind,)
    leaves = (*_LEAVES, *(name for each in kinds for name in each.leaves))
    # What is a text at one provider is an object with a URL at another, under the same name.
    named = (name for each in kinds for name in (*each.branches, *each.leaves))
    branches = (*named, *_BRANCHES)
    return _search(value, leaves, branches, _MAX_DEPTH)


def _search(
    value: object, leaves: Sequence[str], branches: Sequence[str], depth: int
) -> list[bytes | str]:
    if isinstance(value, str):
        return _from_text(value)
    if not depth:
        return []
    if isinstance(value, list):
        return [each for item in value for each in _search(item, leaves, branches, depth - 1)]
    if not isinstance(value, dict):
        return []
    for name in leaves:
        leaf = value.get(name)
        if isinstance(leaf, str) and leaf:
            # A field that is called a URL may hold a relative one.
            return _from_text(leaf) or ([leaf] if "url" in name else [])
    below = (_search(value.get(name), leaves, branches, depth - 1) for name in branches)
    return next(filter(None, below), [])


def _from_text(text: str) -> list[bytes | str]:
    text = text.strip()
    if _URL.match(text) or text[:5].lower() == "data:":
        return [text]
    if len(text) < 16:
        return []
    try:
        data = binascii.a2b_base64(text)
    except ValueError:
        return []
    return [data] if _sniffed(data) else []


def _sniffed(data: bytes) -> str | None:
    return "image/svg+xml" if _SVG.match(data) else sniff(data)


def _told(response: Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def download(url: str, *, api_url: str, provider: str | None, kind: Kind | None) -> Request | bytes:
    """The request that fetches what a provider made, or its bytes where the URL holds them.

    No credential and none of the user's headers go along: it lies with a third party.

    Args:
        url: As the provider gave it; a relative one is taken from ``api_url``.
        api_url: Where the reply came from.
        provider: Who made it, for errors.
        kind: What is due; None for a text.

    Raises:
        ResponseError: It is no URL of anything that could be fetched.
    """
    noun = "text" if kind is None else kind.name
    if url[:5].lower() == "data:":
        parsed = parse_data_url(url)
        if parsed is None:
            raise ResponseError(f"The {noun} is in a data URL that cannot be read.", body=url[:200])
        return parsed[1]
    target = _fetchable(url, api_url)
    if target is None:
        raise ResponseError(
            f"The {noun} is at an address that is neither http nor https.", body=url[:200]
        )
    # Providers write spaces and letters of all scripts into paths.
    fetched = quote(target._replace(fragment="").geturl(), safe=_URL_SIGNS, errors="surrogatepass")
    return Request(
        method="GET",
        url=fetched,
        headers={"accept": "*/*" if kind is None else f"{kind.name}/*, */*;q=0.5"},
        task="download",
        provider=provider,
        limit=(kind or KINDS["image"]).largest,
    )


def _fetchable(url: str, api_url: str) -> SplitResult | None:
    """The address that ``url`` means, seen from ``api_url``; None where it is not one of http's."""
    try:
        told, target = urlsplit(url), urlsplit(urljoin(api_url, url))
        whole = bool(told.hostname or not told.scheme)
        known = whole and target.scheme in ("http", "https") and target.port != 0
    except ValueError:
        return None
    return target if known and target.netloc.isascii() else None


def media_type(data: bytes, kind: Kind, told: str = "") -> str:
    """Sees what the bytes are; what was told counts where they do not say.

    Raises:
        LimitExceededError: There are more of them than the kind may have.
        ResponseError: They are nothing of the kind.
    """
    if len(data) > kind.largest:
        raise LimitExceededError(
            f"{kind.noun.capitalize()} of {len(data)} bytes is larger than the {kind.largest} bytes"
            " allowed."
        )
    found = _sniffed(data)
    if found is None and data and kind.name != "image" and told.startswith(kind.types):
        found = told
    if found is None or not found.startswith(kind.types):
        what = found or ("nothing" if not data else f"not {kind.noun}, nor anything known")
        raise _odd(f"Where {kind.noun} was due came {what}", data)
    return found


def _odd(what: str, content: bytes) -> ResponseError:
    return ResponseError(
        f"{what}.",
        hint="Try again, or another provider; .body holds the beginning of the reply.",
        body=beginning(content),
    )
