"""The decoder ``torchcodec``: frames by TorchCodec; the clock, the rules of clips and the audio are those of ``pyav``."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import torch
from av.format import Flags

from ptv_registry.errors import PtvWarning
from ptv_remote.blocks import BlockFile
from ptv_torchcodec.availability import decoder_class
from ptv_video import PyAVVideo
from ptv_video.containers.source import VideoSource, is_uri, open_bytes
from ptv_video.decoders.frame_stream import EachFrame, TensorClips
from ptv_video.timeline.clip_frames import ClipFrames

#: Frames that TorchCodec is asked for in one call, so that no more are in memory at once than are under way.
_AT_ONCE: Final = 16


class DecodedByPyAVWarning(PtvWarning):
    """TorchCodec does not deliver the frames of a video, and PyAV decodes them instead."""


class TorchCodecVideo(PyAVVideo):
    """Reads clips with TorchCodec, on the CPU or a CUDA device.

    Which frames belong to a clip is read from the file by PyAV, as for ``pyav``, and what TorchCodec delivers is checked
    against it. Where it has no frame, or another one (AVI with B-frames, the last frame of some files), where it cannot seek
    (MPEG-TS and the like) or does not mirror, PyAV decodes what is left, and a :class:`DecodedByPyAVWarning` names the
    file, once per video. One thing is not noticed:
    after seeking into a stream with gradual intra refresh TorchCodec shows half-refreshed pictures; use ``pyav`` for
    those.

    Args:
        source: see :class:`ptv_video.PyAVVideo`, as for the other arguments.
        video_name: what to call the video; its file name by default.
        decode_video: whether clips carry pictures.
        decode_audio: whether clips carry audio, if the file has any.
        sample_rate: resample audio to this many samples a second; None keeps the file's rate.
        mono: average the audio channels to (samples); False keeps (channels, samples).
        threads: FFmpeg threads; by default one in a worker process and several in the main process.
        device: where to decode and where the frames lie, such as ``"cpu"`` or ``"cuda:0"``.
        video_stream: index of the stream of pictures.
        audio_stream: index of the stream of audio.

    Raises:
        DecoderUnavailableError: TorchCodec or the FFmpeg libraries that it needs are missing.
        VideoDecodeError: at the first use, if the file cannot be opened.
    """

    def __init__(
        self,
        source: VideoSource,
        *,
        video_name: str | None = None,
        decode_video: bool = True,
        decode_audio: bool = True,
        sample_rate: int | None = None,
        mono: bool = True,
        threads: int | None = None,
        device: str = "cpu",
        video_stream: int | None = None,
        audio_stream: int | None = None,
    ) -> None:
        super().__init__(
            source,
            video_name=video_name,
            decode_video=decode_video,
            decode_audio=decode_audio,
            sample_rate=sample_rate,
            mono=mono,
            threads=threads,
            video_stream=video_stream,
            audio_stream=audio_stream,
        )
        decoder_class()
        self._device = device
        self._warned = False

    def _decode(
        self,
        keys: ClipFrames,
        keyframes: Sequence[int],
        each_frame: EachFrame | None,
        done: Callable[[int, torch.Tensor], None],
    ) -> None:
        by_pyav = self._converter().image

        def image(frame: Any) -> torch.Tensor:
            if isinstance(frame, torch.Tensor):
                return frame
            return torch.from_numpy(np.ascontiguousarray(by_pyav(frame))).to(self._device)

        clips = TensorClips(keys, image, each_frame, done)
        wanted = keys.distinct()
        for start in range(0, len(wanted), _AT_ONCE):
            times = wanted[start : start + _AT_ONCE]
            frames = self._frames_at(times)
            if frames is None:
                self._fill(clips, keyframes)
                return
            for time, frame in zip(times, frames, strict=True):
                clips.put(time, frame)

    def _frames_at(self, wanted: Sequence[int]) -> torch.Tensor | None:
        """The frames at these ticks, ascending, as (T, H, W, C); None if TorchCodec does not give just these."""
        clock = self._time
        container = self._open
        if clock.census is not None:
            self._warn("the file's packets do not tell the times of its frames")
            return None
        if Flags(container.av.format.flags) & Flags.ts_discont:
            self._warn("the file has no index of key frames, and after seeking in it TorchCodec gives half pictures")
            return None
        size = self.size
        if self._mirrored:
            self._warn("its pictures are to be mirrored")
            return None
        times = [float(key * clock.tick) for key in wanted]
        # A little after a frame's time it is the one on show, whatever floating point does to the time itself.
        inside = float(clock.tick) / 4
        try:
            if container.companion is None:
                container.companion = self._new_decoder()
            batch = container.companion.get_frames_played_at(seconds=[time + inside for time in times])
        except (RuntimeError, ValueError, IndexError, OSError, MemoryError) as error:
            self._warn(f"TorchCodec cannot: {(str(error).strip().splitlines() or [type(error).__name__])[0]}")
            return None
        if (batch.pts_seconds.cpu() - torch.tensor(times, dtype=torch.float64)).abs().max() > 2 * inside:
            self._warn("TorchCodec gives frames of other times")
            return None
        frames: torch.Tensor = batch.data
        if tuple(frames.shape[1:3]) != size:
            self._warn("TorchCodec gives frames of another size")
            return None
        return frames

    def _warn(self, cause: str) -> None:
        if not self._warned:
            self._warned = True
            msg = f"{self._open.label}: clips are decoded by PyAV, not TorchCodec: {cause}"
            warnings.warn(msg, DecodedByPyAVWarning, stacklevel=2)

    def _new_decoder(self) -> Any:
        # PyAV has opened it before, so it is of a format that opens nothing else (ptv_video.containers.formats); TorchCodec cannot be
        # told so. Of an absolute path no part is a protocol.
        source: Any = self._source
        mode = "exact"
        if isinstance(self._open.file, BlockFile):
            source = self._open.file.again()
            mode = "approximate"  # to be exact, TorchCodec reads a file from one end to the other first
        elif not isinstance(source, bytes) and (not isinstance(source, str) or is_uri(source)):
            source = open_bytes(source, self.name).read()
        elif isinstance(source, str):
            source = os.path.abspath(source)
        return decoder_class()(
            source,
            seek_mode=mode,
            stream_index=self._stream.index,
            dimension_order="NHWC",
            num_ffmpeg_threads=self._thread_count,
            device=self._device,
        )
