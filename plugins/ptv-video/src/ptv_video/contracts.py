"""The contracts of decoders and clip samplers; see :mod:`ptv_registry.contracts`."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from ptv_registry.contracts import Check, Contract, Made, Sample, Scaffold, Trial

_FRAMES: Final = 20
_RATE: Final = 10
_SIDE: Final = 32
_SECONDS: Final = Fraction(_FRAMES, _RATE)


class OpenVideo(Protocol):
    """An open video; :class:`ptv_video.Video` derives most of it from ``get_clips``."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    @property
    def exact_duration(self) -> Fraction:
        """Seconds from the first frame to the end of the last one."""

    @property
    def has_video(self) -> bool:
        """Whether clips carry pictures."""

    def get_clip(self, start_sec: Any, end_sec: Any, *, select: Any = ...) -> dict[str, Any]:
        """The frames and the audio of [start_sec, end_sec)."""

    def map_clips(self, function: Any, spans: Sequence[tuple[Any, Any]], *, select: Any = ...) -> list[Any]:
        """What a function makes of each of several clips."""

    def close(self) -> None:
        """Releases the file; also done on leaving a ``with`` block."""


class Decoder(Protocol):
    """Opens a video."""

    def __call__(
        self,
        source: Any,
        *,
        video_name: str | None = ...,
        decode_video: bool = ...,
        decode_audio: bool = ...,
        sample_rate: int | None = ...,
    ) -> OpenVideo:
        """The video at a path or address, in bytes or a binary file."""


class ClipSampler(Protocol):
    """Chooses the clips of a video; :class:`ptv_video.samplers.factory.ClipSampler` has the arithmetic."""

    def __call__(self, last_clip_time: Any, video_duration: Any, annotation: dict[str, Any] | None) -> Any:
        """The next clip of a video: start and end in seconds, clip_index, aug_index, is_last_clip."""

    def reset(self) -> None:
        """Forgets the current video."""


class ClipSamplerMaker(Protocol):
    """Makes a clip sampler."""

    def __call__(self) -> ClipSampler:
        """A sampler."""


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="ptv-contract-")


def _frames() -> Any:
    """Twenty frames (3, T, H, W), each of another grey."""
    import torch

    greys = torch.linspace(20, 230, _FRAMES).round().to(torch.uint8)
    return greys.reshape(1, -1, 1, 1).expand(3, _FRAMES, _SIDE, _SIDE).contiguous()


@cache
def _video() -> str:
    """An encoded video of two seconds with a tone, ten frames a second."""
    import torch

    from ptv_video import write_video

    path = Path(_folder().name) / "greys.mp4"
    tone = 0.5 * torch.sin(torch.arange(16000 * int(_SECONDS)) * (2 * math.pi * 440 / 16000))
    write_video(path, _frames(), _RATE, audio=tone, sample_rate=16000, options={"crf": "10"}, threads=1)
    return str(path)


@cache
def _images() -> str:
    """The same frames as a folder of images."""
    import av

    folder = Path(_folder().name) / "greys"
    folder.mkdir()
    for number, frame in enumerate(_frames().permute(1, 2, 3, 0).numpy()):
        encoder = av.CodecContext.create("png", "w")
        encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = _SIDE, _SIDE, "rgb24", Fraction(1, _RATE)
        packets = encoder.encode(av.VideoFrame.from_ndarray(frame, format="rgb24"))
        (folder / f"{number:03}.png").write_bytes(b"".join(map(bytes, packets)))
    return str(folder)


def _read(video: Any) -> dict[str, Any]:
    """What a dataset does with a video."""
    from ptv_video import ClipRangeError

    with video:
        seconds = Fraction(video.exact_duration)
        clip = video.get_clip(Fraction(1, 2), Fraction(3, 2))
        chosen = video.map_clips(lambda number, found: found, [(0, 1)], select=lambda count: [0, count - 1])
        try:
            outside = video.get_clip(seconds + 10, seconds + 11)
        except ClipRangeError as error:
            outside = error
        return {"seconds": seconds, "clip": clip, "chosen": chosen[0], "outside": outside}


def _lasts(trial: Trial) -> str | None:
    seconds = trial.output["seconds"]
    if abs(seconds - _SECONDS) > Fraction(1, _RATE):
        return (
            f"exact_duration is {float(seconds):g} s for a video of {float(_SECONDS):g} s; it is the time from the first frame to the end of the "
            "last one, in seconds"
        )
    return None


def _shows(trial: Trial) -> str | None:
    import torch

    frames = trial.output["clip"].get("video")
    if not isinstance(frames, torch.Tensor) or frames.dtype != torch.uint8:
        what = f"{frames.dtype} tensors" if isinstance(frames, torch.Tensor) else type(frames).__name__
        return f'the "video" of a clip is {what}; give uint8 from 0 to 255, in RGB, and leave floats to transforms'
    due = (3, _RATE, _SIDE, _SIDE)
    if tuple(frames.shape) != due:
        return f'the "video" of a second is {tuple(frames.shape)}, where {due} is due: (C, T, H, W), the frames presented in [start, end)'
    wanted = _frames()[:, _FRAMES // 4 : 3 * _FRAMES // 4].float()
    if (frames.float() - wanted).abs().mean() > 12:
        return "the clip of [0.5, 1.5) s shows other frames than are presented then; go by presentation times from the first frame"
    return None


def _selects(trial: Trial) -> str | None:
    frames = trial.output["chosen"].get("video")
    if frames is None or frames.shape[1] != 2:
        count = "no frames" if frames is None else f"{frames.shape[1]} frames"
        return f"select=lambda count: [0, count - 1] gives {count} instead of two; make only the frames whose indices it returns"
    return None


def _refuses(trial: Trial) -> str | None:
    if not isinstance(trial.output["outside"], Exception):
        return (
            f"a clip that lies behind the end of the video gives {type(trial.output['outside']).__name__}; raise ptv_video.ClipRangeError, "
            "so that nobody trains on nothing"
        )
    return None


DECODER: Final = Contract(
    kind="decoder",
    words=(
        "Called with the source by position (a path or address, bytes, or a binary file), and with `video_name`, `decode_video`, `decode_audio` "
        "and `sample_rate` if it takes them. Opens the video and returns it: a `ptv_video.Video`, or what has its methods. Times are seconds from "
        "the first frame; a clip is the dict `video` (uint8 (C, T, H, W), RGB, or None), `audio` (float32 (samples) in [-1, 1], or None), "
        "`pts` (float64 (T)) and `sample_rate` of the frames presented in [start, end), of which only those that `select` names are made. Used in a "
        "with block, also in worker processes. Raises `VideoDecodeError` for a file that cannot be read, `ClipRangeError` for a clip outside "
        "of the video."
    ),
    protocol=Decoder,
    product=OpenVideo,
    samples=(
        Sample("a dataset of files", positional=(Made(_video),), passes={"decode_audio": False}, use=_read),
        Sample("a dataset of folders of images", positional=(Made(_images),), usual={"fps": float(_RATE)}, use=_read),
    ),
    checks=(
        Check("knows_how_long_a_video_is", _lasts),
        Check("shows_the_frames_of_a_clip", _shows),
        Check("makes_only_selected_frames", _selects),
        Check("refuses_clips_outside_of_the_video", _refuses),
    ),
    travels=False,
    scaffold=Scaffold(
        "ptv_video.scaffolds.decoder",
        "MineDecoder",
        requires=("av", "numpy", "ptv-video", "torch"),
        testing=("ptv-datasets",),
    ),
)

_DURATION: Final = Fraction(7, 2)
_MOST: Final = 1000


def _clips(sampler: Any) -> list[Any]:
    """The clips of a video of 3.5 seconds, asked for as :class:`ptv_datasets.LabeledVideoDataset` does."""
    reset = getattr(sampler, "reset", None)
    if reset is not None:
        reset()
    clips: list[Any] = []
    last: Any = None
    while len(clips) < _MOST:
        clip = sampler(last, _DURATION, {})
        clips.append(clip)
        if _last(clip):
            break
        last = clip.clip_end_sec
    return clips


def _last(clip: Any) -> bool:
    done = clip.is_last_clip
    return bool(done[-1] if isinstance(done, list | tuple) else done)


def _ends(trial: Trial) -> str | None:
    if not _last(trial.output[-1]):
        return f"it gives {_MOST} clips of a video of {float(_DURATION)} s and no last one; set is_last_clip of the last clip of a video"
    return None


def _within(trial: Trial) -> str | None:
    for clip in trial.output:
        starts, ends = clip.clip_start_sec, clip.clip_end_sec
        pairs = zip(starts, ends, strict=True) if isinstance(starts, list) else [(starts, ends)]
        for start, end in pairs:
            if not 0 <= start < min(end, _DURATION):
                return (
                    f"it gives the clip [{float(start):g}, {float(end):g}) s of a video of {float(_DURATION)} s; a clip starts in the video and "
                    "ends after its start, in seconds (it may end after the video, whose last frame is repeated then)"
                )
    return None


SAMPLER: Final = Contract(
    kind="sampler",
    words=(
        "Made by the spec, and then called by datasets for each video, again and again: with the end of the clip before (None for the "
        "first), the duration of the video and a dict of what is known about it, times in seconds. Returns the next clip as an object with "
        "`clip_start_sec`, `clip_end_sec`, `clip_index`, `aug_index` and `is_last_clip` (`ptv_video.samplers.factory.ClipInfo`), or several that form one "
        "sample as lists (`ClipInfoList`). After the last clip, or `reset()`, the next call is for another video. Times are exact where they are "
        "fractions. Deriving from `ptv_video.samplers.factory.ClipSampler` brings what all samplers share. What is random is drawn from torch's generator; "
        "`spans(duration, annotation, seed=, epoch=, index=)` gives all clips of a video at once, without any state."
    ),
    protocol=ClipSamplerMaker,
    product=ClipSampler,
    samples=(Sample("a dataset", usual={"clip_duration": 1.0, "truncation_duration": 2.0}, use=_clips),),
    checks=(Check("ends_each_video", _ends), Check("stays_in_the_video", _within)),
    scaffold=Scaffold(
        "ptv_video.scaffolds.sampler", "MineSampler", requires=("ptv-video",), testing=("ptv-datasets", "torch")
    ),
)
