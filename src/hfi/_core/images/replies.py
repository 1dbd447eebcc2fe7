"""Images read out of replies, in whatever form providers give them."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import attrs

from hfi._core.failures.error_facts import find_error
from hfi._core.failures.failure import error_from_body
from hfi._core.outgoing.media import image_size, parse_data_url, sniff
from hfi._core.request import Request
from hfi.errors import LimitExceededError, ResponseError
from hfi.types.raw import beginning, loads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi._core.request import Response

__all__ = ["MAX_IMAGE", "Picture", "download", "found_in", "images_of", "json_body", "picture"]

MAX_IMAGE = 64 << 20  # bytes of one image; an uncompressed one of 4096 x 4096 pixels has 48 MB

_LEAVES = ("b64_json", "base64", "url", "image_url")
_BRANCHES = ("images", "data", "output", "outputs", "image_result", "image", "result")
_MAX_DEPTH = 6
_URL_SIGNS = "%/:?=&+~!$',;@()*[]"
_URL = re.compile(r"https?://", re.IGNORECASE)
_SVG = re.compile(rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<svg[\s>]", re.S)


@attrs.frozen(kw_only=True)
class Picture:
    """The bytes of an image, and what they are; ``width`` and ``height`` in pixels."""

    data: bytes = attrs.field(repr=False)
    content_type: str
    width: int | None
    height: int | None


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


def found_in(response: Response, request: Request) -> Sequence[bytes | str]:
    """The images of a reply: bytes, or the URLs where they are.

    Args:
        response: The reply, or a job's last one.
        request: What was asked, for errors.

    Raises:
        APIStatusError: The reply tells an error, though its status was a success.
        ResponseError: There is no image in it.
    """
    content = response.content
    if sniff(content) or _SVG.match(content):
        return [content]
    try:
        body = loads(content)
    except ValueError:
        raise _odd("The reply is neither an image nor JSON", content) from None
    found = images_of(body)
    if found:
        return found
    told = find_error(body)
    if told is not None:
        raise error_from_body(
            told, status_code=response.status_code, headers=response.headers, request=request
        )
    raise _odd("There is no image in the reply", content)


def images_of(value: object, depth: int = _MAX_DEPTH) -> list[bytes | str]:
    """The images in decoded JSON: bytes, or the URLs where they are."""
    if isinstance(value, str):
        return _from_text(value)
    if not depth:
        return []
    if isinstance(value, list):
        return [each for item in value for each in images_of(item, depth - 1)]
    if not isinstance(value, dict):
        return []
    for name in _LEAVES:
        leaf = value.get(name)
        if isinstance(leaf, str) and leaf:
            # A field that is called a URL may hold a relative one.
            return _from_text(leaf) or ([leaf] if "url" in name else [])
    branches = (images_of(value.get(name), depth - 1) for name in _BRANCHES)
    return next(filter(None, branches), [])


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
    return [data] if sniff(data) or _SVG.match(data) else []


def download(url: str, *, api_url: str, provider: str | None) -> Request | bytes:
    """The request that fetches an image, or its bytes where the URL holds them.

    No credential and none of the user's headers go along: the image lies with a third party.

    Args:
        url: As the provider gave it; a relative one is taken from ``api_url``.
        api_url: Where the reply came from.
        provider: Who made it, for errors.

    Raises:
        ResponseError: It is no URL of an image that could be fetched.
    """
    if url[:5].lower() == "data:":
        parsed = parse_data_url(url)
        if parsed is None:
            raise ResponseError("The image is in a data URL that cannot be read.", body=url[:200])
        return parsed[1]
    target = _fetchable(url, api_url)
    if target is None:
        raise ResponseError(
            "The image is at an address that is neither http nor https.", body=url[:200]
        )
    # Providers write spaces and letters of all scripts into paths.
    fetched = quote(target._replace(fragment="").geturl(), safe=_URL_SIGNS, errors="surrogatepass")
    return Request(
        method="GET",
        url=fetched,
        headers={"accept": "image/*, */*;q=0.5"},
        task="download",
        provider=provider,
        limit=MAX_IMAGE,
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


def picture(data: bytes) -> Picture:
    """Sees what the bytes are.

    Raises:
        LimitExceededError: There are more of them than ``MAX_IMAGE``.
        ResponseError: They are no image.
    """
    if len(data) > MAX_IMAGE:
        raise LimitExceededError(
            f"The image of {len(data)} bytes is larger than the {MAX_IMAGE} bytes allowed."
        )
    kind = "image/svg+xml" if _SVG.match(data) else sniff(data)
    if kind is None or not kind.startswith("image/"):
        what = kind or ("nothing" if not data else "no image, nor anything else that hfi knows")
        raise _odd(f"Where an image was due came {what}", data)
    width, height = image_size(data) or (None, None)
    return Picture(data=data, content_type=kind, width=width, height=height)


def _odd(what: str, content: bytes) -> ResponseError:
    return ResponseError(
        f"{what}.",
        hint="Try again, or another provider; .body holds the beginning of the reply.",
        body=beginning(content),
    )
