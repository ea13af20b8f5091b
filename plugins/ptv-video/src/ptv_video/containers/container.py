"""An open container: its streams, and their packets from a keyframe on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, BinaryIO, Final, cast
from weakref import WeakSet

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.format import Flags
from av.packet import Packet
from av.stream import Discard
from av.video.stream import VideoStream

from ptv_video.containers.formats import VIDEO_FORMATS, limit_pixels, open_input
from ptv_video.containers.source import VideoSource, is_uri, open_bytes
from ptv_video.containers.stream_choice import choose_stream
from ptv_video.errors import VideoDecodeError

#: How far before the wanted place to look for a keyframe when the container's seek overshot, in seconds.
_STEPS_BACK: Final = (Fraction(0), Fraction(2), Fraction(12))


class Container:
    """A container opened by FFmpeg, with the errors of FFmpeg turned into :class:`VideoDecodeError`.

    Reading may open the file anew (some formats cannot seek back), after which streams taken from :attr:`av` before are
    dead: take them afresh.

    Args:
        source: see :data:`ptv_video.containers.source.VideoSource`.
        name: what messages call it.
        threads: FFmpeg threads for each picture stream.
        video_stream: index of the stream of pictures; None takes ffmpeg's choice.
        audio_stream: index of the stream of audio; None takes ffmpeg's choice.
    """

    def __init__(
        self,
        source: VideoSource,
        name: str,
        threads: int,
        video_stream: int | None = None,
        audio_stream: int | None = None,
    ) -> None:
        self.name = name
        self.pid = os.getpid()
        #: Whatever has to live exactly as long as this container (another decoder of the same file).
        self.companion: Any = None
        self._source = source
        self._threads = threads
        self._video_stream = video_stream
        self._audio_stream = audio_stream
        self._starts_again: bool | None = None
        self._file: BinaryIO | None = None
        self._version: object = None
        self._fresh = False
        #: Index of the stream of pictures, and of that of audio, if there are any.
        self.pictures: int | None = None
        self.sound: int | None = None
        #: Height and width of the pictures as the file's head states them, whatever comes later; 0 where it does not.
        self.picture_size = (0, 0)
        self._first_packets: dict[int, tuple[int | None, int | None]] = {}
        self.av = self._open()
        _LIVE.add(self)

    @property
    def streams(self) -> Any:
        """PyAV's streams of the file."""
        return self.av.streams

    @property
    def label(self) -> str:
        """The path or URI, or the name of what has none."""
        return self._source if isinstance(self._source, str) else self.name

    @property
    def file(self) -> BinaryIO | None:
        """What FFmpeg reads through; ``None`` if it reads a path of this machine itself."""
        return self._file

    def close(self) -> None:
        """Closes the container and the file, unless the caller brought the file."""
        self.companion = None
        self.av.close()
        self._close_file()

    def reopen(self) -> None:
        """Starts over with the file at its beginning and decoders that have seen nothing."""
        self.close()
        self.av = self._open()

    def error(self, cause: BaseException | str) -> VideoDecodeError:
        """A :class:`VideoDecodeError` that names the video."""
        text = cause if isinstance(cause, str) else f"cannot be decoded: {_words(cause)}"
        return VideoDecodeError(f"{self.label}: {text}", video=self.name)

    def packets(self, index: int, target: int | None) -> Iterator[Packet]:
        """Yields the packets of a stream in decoding order, from a keyframe presented at or before ``target``.

        Args:
            index: the stream's index; the others are skipped.
            target: a time in the stream's ticks; None starts at the first packet.
        """
        if target is not None:
            offset = target
            for step in _STEPS_BACK:
                offset -= int(step / self.tick(index))
                start = self.seek(index, offset)
                if start is None:
                    break
                first, rest = start
                if first.pts is not None and first.pts <= target:
                    yield first
                    yield from rest
                    return
                if first.dts is not None:
                    offset = min(offset, first.dts) - 1
        yield from self.from_beginning(index)

    def seek(self, index: int, offset: int) -> tuple[Packet, Iterator[Packet]] | None:
        """The first keyframe packet after a seek and the packets that follow it."""
        self._fresh = False
        try:
            self.av.seek(offset, stream=self.av.streams[index])
        except (av.FFmpegError, OverflowError):
            return None
        rest = self._read(index)
        for packet in rest:
            if packet.is_keyframe and not packet.is_discard:
                return packet, rest
        return None

    def from_beginning(self, index: int) -> Iterator[Packet]:
        """Yields all packets of a stream in decoding order."""
        if not self._fresh:
            dts, position = self._first_packets.get(index, (None, None))
            start = self.seek(index, dts) if dts is not None else None
            if start is not None and (start[0].dts, start[0].pos) == (dts, position):
                yield start[0]
                yield from start[1]
                return
            self.reopen()
        yield from self._read(index)

    def _read(self, index: int) -> Iterator[Packet]:
        # A first reading also notes how the other stream begins, by which a later rewind is known to have succeeded.
        wanted: set[int | None] = {self.pictures, self.sound} if self._fresh else {index}
        noting, self._fresh = self._fresh, False
        container = self.av
        for stream in container.streams:
            stream.discard = Discard.default if stream.index in wanted else Discard.all
        try:
            for packet in _demuxed(container, wanted):
                if packet.pts is None and packet.dts is None and not packet.size:
                    continue  # a dummy that flushes
                if noting:
                    self._first_packets.setdefault(packet.stream_index, (packet.dts, packet.pos))
                if packet.stream_index == index:
                    yield packet
                    if self.av is not container:
                        msg = "the file was reopened while it was being read"
                        raise RuntimeError(msg)
        except (av.FFmpegError, ValueError, OSError) as error:
            raise self.error(error) from error

    @property
    def starts_again(self) -> bool:
        """Whether the time line jumps back, as in files put together from others; such files are read through once."""
        if self._starts_again is None:
            index = self.pictures if self.pictures is not None else self.sound
            may = bool(Flags(self.av.format.flags) & Flags.ts_discont) and index is not None
            self._starts_again = may and self._jumps_back(cast(int, index))
        return self._starts_again

    def _jumps_back(self, index: int) -> bool:
        latest: int | None = None
        for packet in self.from_beginning(index):
            if packet.dts is None:
                continue
            if latest is not None and packet.dts < latest:
                return True
            latest = packet.dts
        return False

    def tick(self, index: int) -> Fraction:
        """Seconds of one tick of a stream."""
        return self.av.streams[index].time_base or Fraction(1, av.time_base)

    def _open(self) -> InputContainer:
        target: Any
        if isinstance(self._source, str) and not is_uri(self._source):
            target = self._source
            if os.path.isdir(self._source):
                msg = "is a folder; a folder of images is read by the decoder 'frames'"
                raise self.error(msg)
        else:
            target = self._file = open_bytes(self._source, self.name)
            self._check_version()
        try:
            container = open_input(target, VIDEO_FORMATS, buffer_size=1 << 18)
        except (av.FFmpegError, ValueError, OSError, IndexError) as error:
            self._close_file()
            msg = f"{self.label}: cannot be opened as a video: {_words(error)}"
            raise VideoDecodeError(msg, video=self.name) from error
        try:
            self.pictures = choose_stream(container, VideoStream, self._video_stream)
            self.sound = choose_stream(container, AudioStream, self._audio_stream)
        except LookupError as error:
            container.close()
            self._close_file()
            raise self.error(str(error)) from None
        if self.pictures is not None:
            stream = cast(VideoStream, container.streams[self.pictures])
            try:
                limit_pixels(stream)
            except ValueError as error:
                container.close()
                self._close_file()
                raise self.error(str(error)) from None
            context = stream.codec_context
            self.picture_size = (context.height, context.width)
            context.thread_count = self._threads
            context.thread_type = "AUTO"
        self._fresh = True
        return container

    def _check_version(self) -> None:
        """What is opened again has to be what was opened before: its times are known already."""
        version = getattr(self._file, "version", None)
        if version is not None and self._version not in (None, version):
            self._close_file()
            raise self.error("changed while it was read; open it again")
        self._version = version

    def _close_file(self) -> None:
        if self._file is not None and self._file is not self._source:
            self._file.close()
        self._file = None


def _demuxed(container: InputContainer, wanted: set[int | None]) -> Iterator[Packet]:
    while True:
        try:
            yield from container.demux([stream for stream in container.streams if stream.index in wanted])
        except IndexError:  # a stream began that the file's head did not announce; PyAV trips over its every packet
            continue
        return


def _words(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


_LIVE: Final[WeakSet[Container]] = WeakSet()
_FORKED: Final[list[Container]] = []

# A forked process has none of the decoders' threads: freeing a decoder there would wait for them forever, and closing
# the file is the parent's business. So what was open at the fork is never freed in the child.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _FORKED.extend(_LIVE))
