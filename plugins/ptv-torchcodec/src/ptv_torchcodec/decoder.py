"""The decoder ``torchcodec``: frames by TorchCodec; the clock, the rules of clips and the audio are those of ``pyav``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ptv_torchcodec.availability import decoder_class
from ptv_video import PyAVVideo
from ptv_video.source import VideoSource, is_uri, open_bytes


class TorchCodecVideo(PyAVVideo):
    """Reads clips with TorchCodec, on the CPU or a CUDA device.

    Args:
        source: see :class:`ptv_video.PyAVVideo`, as for the other arguments.
        video_name: what to call the video; its file name by default.
        decode_video: whether clips carry pictures.
        decode_audio: whether clips carry audio, if the file has any.
        sample_rate: resample audio to this many samples a second; None keeps the file's rate.
        mono: average the audio channels to (samples); False keeps (channels, samples).
        threads: FFmpeg threads; by default one in a worker process and several in the main process.
        device: where to decode and where the frames lie, such as ``"cpu"`` or ``"cuda:0"``.

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
    ) -> None:
        super().__init__(
            source,
            video_name=video_name,
            decode_video=decode_video,
            decode_audio=decode_audio,
            sample_rate=sample_rate,
            mono=mono,
            threads=threads,
        )
        decoder_class()
        self._device = device

    def _decode(self, keys: Sequence[Sequence[int]], keyframes: Sequence[int]) -> list[torch.Tensor | None]:
        wanted = sorted({key for clip in keys for key in clip})
        if not wanted:
            return [None] * len(keys)
        place = {key: index for index, key in enumerate(wanted)}
        frames = self._frames_at(wanted)
        return [frames[[place[key] for key in clip]] if clip else None for clip in keys]

    def _frames_at(self, wanted: Sequence[int]) -> torch.Tensor:
        """The frames at these ticks, ascending, as (T, H, W, C)."""
        clock = self._time
        container = self._open
        try:
            if container.companion is None:
                container.companion = self._new_decoder()
            if clock.census is not None:
                order = {key: index for index, key in enumerate(clock.census)}
                batch = container.companion.get_frames_at(indices=[order[key] for key in wanted])
            else:
                # A little after a frame's time it is the one on show, whatever floating point does to the time itself.
                inside = float(clock.tick) / 2
                batch = container.companion.get_frames_played_at(
                    seconds=[float(key * clock.tick) + inside for key in wanted]
                )
        except (RuntimeError, ValueError, IndexError, OSError, MemoryError) as error:
            raise container.error(f"cannot be decoded by TorchCodec: {str(error).splitlines()[0]}") from error
        if clock.census is None:
            expected = torch.tensor([float(key * clock.tick) for key in wanted], dtype=torch.float64)
            if (batch.pts_seconds.cpu() - expected).abs().max() > float(clock.tick) / 2:
                raise container.error("frame(s) cannot be decoded by TorchCodec: others came in their place")
        frames: torch.Tensor = batch.data
        return frames

    def _new_decoder(self) -> Any:
        source: Any = self._source
        if not isinstance(source, bytes) and (not isinstance(source, str) or is_uri(source)):
            source = open_bytes(source, self.name).read()
        return decoder_class()(
            source,
            stream_index=self._stream.index,
            dimension_order="NHWC",
            num_ffmpeg_threads=self._thread_count,
            device=self._device,
        )
