"""Which of a file's streams are read: ffmpeg's choice, or the one that is named."""

from __future__ import annotations

from typing import Final

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

#: What the mark "default" is worth in pixels or channels, as in the ``ffmpeg`` command.
_DEFAULT: Final = 5_000_000

_WORDS: Final = {VideoStream: "pictures", AudioStream: "audio"}


def choose_stream(container: InputContainer, kind: type[Stream], index: int | None) -> int | None:
    """The index of the stream to read.

    Without a name it is the one that ``ffmpeg`` takes: of those that can be decoded, first by the mark "default", then by
    the number of pixels or channels, then by their order. Attached pictures (cover art) are not video.

    Args:
        container: the open file.
        kind: ``VideoStream`` or ``AudioStream``.
        index: the stream that is asked for, counted over all streams of the file as ``ffprobe`` does; None for any.

    Raises:
        LookupError: the stream asked for is not there, or is of another kind.
    """
    streams = [stream for stream in container.streams if isinstance(stream, kind) and _is_decodable(stream)]
    if index is None:
        return max(streams, key=_score).index if streams else None
    indices = [stream.index for stream in streams]
    if index not in indices:
        there = f"those are {', '.join(map(str, indices))}" if indices else "it has none"
        msg = f"has no stream of {_WORDS[kind]} with the index {index}; {there}"
        raise LookupError(msg)
    return index


def _is_decodable(stream: Stream) -> bool:
    return stream.codec_context is not None and not stream.disposition & Disposition.attached_pic


def _score(stream: Stream) -> int:
    extent = 0
    if isinstance(stream, VideoStream):
        extent = stream.codec_context.width * stream.codec_context.height
    elif isinstance(stream, AudioStream):
        extent = stream.codec_context.channels
    return extent + _DEFAULT * bool(stream.disposition & Disposition.default)
