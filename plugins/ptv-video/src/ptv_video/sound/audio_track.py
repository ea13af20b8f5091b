"""The audio of a clip: sample-exact, aligned to the clip's start, silent where the stream has none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from ptv_registry.errors import ArgumentError
from ptv_video.containers.container import Container

if TYPE_CHECKING:
    import torch

#: Decoders need what came before: MP3's bit reservoir, the overlap of transforms.
_PREROLL: Final = Fraction(1, 2)

#: Decoders that fill bands with pseudo-random noise, whose state outlives a seek: only a new decoder gives the same clip
#: the same samples however many were read before.
_NOISY: Final = frozenset({"aac", "aac_latm", "ac3", "eac3", "opus"})

#: Zero crossings of the resampling filter on each side, and how much of the band it keeps.
_FILTER_WIDTH: Final = 16
_ROLL_OFF: Final = 0.95


class AudioTrack:
    """The audio of a container.

    Args:
        container: the open file.
        sample_rate: in Hz; None keeps the stream's.
        mono: average the channels to (samples) instead of giving (channels, samples).
    """

    def __init__(self, container: Container, sample_rate: int | None, mono: bool) -> None:
        if container.sound is None:
            raise container.error("has no audio")
        stream = cast(AudioStream, container.av.streams[container.sound])
        self._container = container
        self._index = stream.index
        self._mono = mono
        self._has_noise = stream.codec_context.name in _NOISY
        self._decoded = False
        self._native_rate = stream.codec_context.sample_rate
        self._frame_size = stream.codec_context.frame_size or 0
        self._channels = stream.codec_context.channels
        tick = stream.time_base
        if not self._native_rate or not self._channels or not tick:
            raise container.error("its audio stream states no sample rate or no channels")
        self._tick: Fraction = tick
        self.sample_rate = sample_rate or self._native_rate
        first = next(container.packets(self._index, None), None)
        if first is None:
            raise container.error("its audio stream holds nothing")
        #: When the first packet starts, in seconds of the stream; samples are counted from there.
        self._anchor = Fraction(first.pts or 0) * tick

    @property
    def range(self) -> tuple[Fraction, Fraction]:
        """When the first sample starts and the last one ends, in seconds of the stream."""
        ends: list[Fraction] = []
        start: Fraction | None = None
        for position, samples in self._frames(None):
            begin = self._anchor + Fraction(position, self._native_rate)
            start = begin if start is None else min(start, begin)
            ends.append(begin + Fraction(samples.shape[1], self._native_rate))
        if start is None:
            raise self._container.error("holds no audio that can be decoded")
        return start, max(ends)

    def read(self, start: Fraction, duration: Fraction) -> torch.Tensor:
        """Reads exactly ``round(duration * sample_rate)`` samples.

        Args:
            start: when the clip starts, in seconds of the stream.
            duration: in seconds.

        Returns:
            float32 (samples), or (channels, samples), in [-1, 1].
        """
        import torch

        count = round(duration * self.sample_rate)
        if self.sample_rate == self._native_rate:
            samples = torch.from_numpy(self._native(round((start - self._anchor) * self._native_rate), count))
        else:
            samples = self._resampled(start, count)
        samples = samples.clamp_(-1, 1)
        return samples[0] if self._mono else samples

    def check(self, start: Fraction, duration: Fraction) -> None:
        """Raises what :meth:`read` would, and makes no tensor."""
        self._native(round((start - self._anchor) * self._native_rate), round(duration * self._native_rate))

    def _resampled(self, start: Fraction, count: int) -> torch.Tensor:
        """Windowed-sinc interpolation at exact rational positions: no drift, no offset, any start."""
        import torch

        step = Fraction(self._native_rate, self.sample_rate)
        place = (start - self._anchor) * self._native_rate
        cutoff = _ROLL_OFF * min(1.0, float(1 / step))
        reach = math.ceil(_FILTER_WIDTH / cutoff)
        first = math.floor(place) - reach
        phases, stride = step.denominator, step.numerator
        groups = -(-count // phases)
        taps = 2 * reach + stride + 2
        native = torch.from_numpy(self._native(first, groups * stride + taps))
        offsets = torch.tensor([float(place + phase * step - first) for phase in range(phases)], dtype=torch.float64)
        distance = torch.arange(taps, dtype=torch.float64) - offsets[:, None]
        window = torch.cos(distance * (math.pi / 2 / reach)).square() * (distance.abs() <= reach)
        kernel = (cutoff * torch.sinc(distance * cutoff) * window).to(torch.float32)
        output = torch.nn.functional.conv1d(native[:, None], kernel[:, None], stride=stride)[:, :, :groups]
        return output.transpose(1, 2).reshape(native.shape[0], -1)[:, :count].contiguous()

    def _native(self, first: int, count: int) -> np.ndarray:
        """Samples ``[first, first + count)`` counted from the stream's first one, (channels, samples)."""
        try:
            array = np.zeros((1 if self._mono else self._channels, count), np.float32)
        except (MemoryError, ValueError) as error:
            msg = (
                f"{self._container.name}: {count} audio samples do not fit into memory; math.inf is a clip's latest end"
            )
            raise ArgumentError(msg) from error
        begin = self._anchor + Fraction(first, self._native_rate) - _PREROLL
        target = None if begin <= self._anchor or not self._can_seek else math.floor(begin / self._tick)
        for position, samples in self._frames(target):
            if position >= first + count:
                break
            left, right = max(position, first), min(position + samples.shape[1], first + count)
            if left < right:
                if self._mono:
                    samples = samples.mean(axis=0, dtype=np.float64, keepdims=True)
                array[:, left - first : right - first] = samples[:, left - position : right - position]
        return array

    @property
    def _can_seek(self) -> bool:
        """Whether a packet's time says which sample it starts with, so that reading may start anywhere."""
        exact = bool(self._frame_size) or self._tick * self._native_rate <= 1
        return exact and not self._container.starts_again

    def _frames(self, target: int | None) -> Iterator[tuple[int, np.ndarray]]:
        """Yields (position in samples, float (channels, samples)) without gaps where the stream has none."""
        slack = Fraction(self._tick * self._native_rate + 1)
        expected: int | None = None
        cause: Exception | None = None
        decoded = False
        starts_again = self._container.starts_again  # which may have to read the file, so not while it is being read
        for frame in self._decode(target):
            if isinstance(frame, Exception):
                cause = cause or frame
                continue
            samples = _as_float(frame)
            if samples.shape[0] != self._channels:
                samples = np.repeat(samples.mean(axis=0, keepdims=True), self._channels, axis=0)
            if expected is None or frame.pts is not None:
                place = (frame.pts * self._tick - self._anchor) * self._native_rate if frame.pts is not None else None
                position = self._position(place, expected, slack, starts_again)
            else:
                position = expected
            expected = position + samples.shape[1]
            decoded = True
            yield position, samples
        if cause is not None and not decoded:
            raise self._container.error(cause) from cause

    def _position(self, place: Fraction | None, expected: int | None, slack: Fraction, starts_again: bool) -> int:
        if place is None:
            return expected or 0
        if expected is not None:
            if starts_again and place < expected:
                return expected
            return expected if abs(place - expected) <= slack else round(place)
        if self._frame_size:
            nearest = round(place / self._frame_size) * self._frame_size
            if abs(place - nearest) <= slack:
                return nearest
        return round(place)

    def _decode(self, target: int | None) -> Iterator[AudioFrame | Exception]:
        context = None
        if self._decoded and self._has_noise:
            self._container.reopen()
        self._decoded = True
        try:
            for packet in self._container.packets(self._index, target):
                context = packet.stream.codec_context
                try:
                    yield from packet.decode()  # type: ignore[misc]
                except (av.FFmpegError, ValueError, OSError) as error:
                    yield error
            if context is not None:
                try:
                    yield from context.decode(None)
                except (av.FFmpegError, ValueError, OSError) as error:
                    yield error
        finally:
            if context is not None:
                context.flush_buffers()


def _as_float(frame: AudioFrame) -> np.ndarray:
    """The frame's samples as floating point in [-1, 1], (channels, samples)."""
    array = frame.to_ndarray()
    if not frame.format.is_planar:
        array = array.reshape(-1, len(frame.layout.channels)).T
    if array.dtype.kind == "f":
        return np.nan_to_num(array)
    if array.dtype == np.uint8:
        return (array.astype(np.float32) - 128) / 128
    return (array.astype(np.float64) / float(1 << (8 * array.itemsize - 1))).astype(np.float32)
