"""How sounds, videos and what was said in them show themselves in a notebook, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi.types.html import Cell, box, escape, facts, figure, plain, table

if TYPE_CHECKING:
    from hfi.types.audio import Transcription
    from hfi.types.media import Audio, AudioPart, Video
    from hfi.types.medium import Medium

__all__ = ["audio_html", "part_html", "transcription_html", "video_html"]


def audio_html(audio: Audio) -> str:
    """A player with what it says and who made it below."""
    source = _source(audio)
    player = f'<audio controls preload="metadata" style="max-width:100%" src="{source}"></audio>'
    return figure(player, audio.prompt, _seconds(audio.duration), audio.model, audio.provider)


def part_html(part: AudioPart) -> str:
    """A player with the label of the sound below."""
    source = _source(part.audio)
    player = f'<audio controls preload="metadata" style="max-width:100%" src="{source}"></audio>'
    return figure(player, part.label, _seconds(part.audio.duration))


def video_html(video: Video) -> str:
    """A player with what was asked for and who made it below."""
    source, style = _source(video), "max-width:100%;max-height:540px"
    if video.content_type.startswith("image/"):  # some providers make moving pictures as GIFs
        player = f'<img src="{source}" alt="{escape(video.prompt)}" style="{style}">'
    else:
        player = f'<video controls loop preload="metadata" style="{style}" src="{source}"></video>'
    size = f"{video.width} x {video.height}" if video.width and video.height else None
    seed = None if video.seed is None else f"seed {video.seed}"
    return figure(
        player, video.prompt, seed, size, _seconds(video.duration), video.model, video.provider
    )


def transcription_html(said: Transcription) -> str:
    """The text, and its pieces with their times where there are any."""
    rows = [
        (Cell(_time(chunk.start), chunk.start), Cell(_time(chunk.end), chunk.end), Cell(chunk.text))
        for chunk in said.chunks
    ]
    pieces = table(("from", "to", "text"), rows) if rows else ""
    told = facts(said.language, _seconds(said.duration), said.model, said.provider)
    return box(plain(said.text), pieces, told)


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{rest:05.2f}"


def _source(medium: Medium) -> str:
    # Base64 needs no escaping, which would copy it six times over.
    is_plain = escape(medium.content_type) == medium.content_type
    return medium.data_url() if is_plain else ""


def _seconds(duration: float | None) -> str | None:
    return None if duration is None else f"{duration:.1f} s"
