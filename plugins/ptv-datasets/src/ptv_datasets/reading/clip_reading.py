"""Reading the clips of one video: which frames, in as few passes as possible, made into samples one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final

import torch

from ptv_datasets.reading.frame_choice import FrameChoice, Pick
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import ClipInfo, ClipInfoList
from ptv_video.video import Video

_SILENCE_RATE: Final = 44100

Info = ClipInfo | ClipInfoList

#: Start and end of a clip in seconds.
Pair = tuple[Any, Any]


class TransformError(Exception):
    """Carries what a transform raised out of the reading, where other errors are the video's."""


class ClipReader:
    """Reads what the samples of one video hold of pictures and sound.

    Args:
        decode_video: whether samples carry pictures.
        decode_audio: whether samples carry sound.
        audio_rate: samples a second of the sound; ``None`` for that of the file.
        wrap: a clip that the video is too short for starts over; otherwise its last frame is repeated.
        keep: given the number of frames of a clip, those that the transform needs; ``None`` for all.
        fill: a clip that the video is too short for is filled up; otherwise it has the frames that there are.
    """

    def __init__(
        self,
        decode_video: bool,
        decode_audio: bool,
        audio_rate: int | None,
        wrap: bool,
        keep: Pick | None,
        fill: bool = True,
    ) -> None:
        self._decode_video, self._decode_audio = decode_video, decode_audio
        self._audio_rate = audio_rate
        self._wrap = wrap
        self._fill = fill
        self._keep = keep

    def read(
        self,
        video: Video,
        seconds: Fraction,
        infos: Sequence[Info],
        pick: Callable[[Fraction], Pick | None],
        finish: Callable[[int, dict[str, Any]], Any],
    ) -> list[Any]:
        """What ``finish`` makes of each sample.

        A sample is finished as soon as its clip is read, and the clip is let go, so that memory holds few frames of full
        size. A sample of several clips is finished when all are read.

        Args:
            video: the open video.
            seconds: its duration.
            infos: the clips of each sample.
            pick: which frames of a clip that starts at a time are taken before any transform; ``None`` for all.
            finish: called with the number of a sample and its pictures and sound.
        """
        users: dict[Pair, list[int]] = {}
        for number, info in enumerate(infos):
            for pair in _pairs(info):
                users.setdefault(pair, []).append(number)
        if any(isinstance(info, ClipInfoList) for info in infos):
            samples = _of_several(infos, self._clips(video, list(users), seconds, pick, lambda _, clip: clip))
            return [finish(number, sample) for number, sample in enumerate(samples)]

        def finish_users(pair: Pair, clip: dict[str, Any]) -> dict[int, Any]:
            *others, last = users[pair]
            finished = {number: finish(number, _copied(clip)) for number in others}
            finished[last] = finish(last, clip)
            return finished

        finished: dict[int, Any] = {}
        for of_pair in self._clips(video, list(users), seconds, pick, finish_users).values():
            finished |= of_pair
        return [finished[number] for number in range(len(infos))]

    def _clips(
        self,
        video: Video,
        pairs: Sequence[Pair],
        seconds: Fraction,
        pick: Callable[[Fraction], Pick | None],
        function: Callable[[Pair, dict[str, Any]], Any],
    ) -> dict[Pair, Any]:
        if self._decode_video and not video.has_video:
            raise ArgumentError("the file has no pictures; give decode_video=False for its sound")
        choices = [
            FrameChoice(
                Fraction(start),
                Fraction(end) if self._fill or self._wrap or start >= seconds else min(Fraction(end), seconds),
                seconds,
                wrap=self._wrap,
                pick=pick(Fraction(start)),
                keep=self._keep,
            )
            for start, end in pairs
        ]

        def found(number: int, clip: dict[str, Any]) -> Any:
            return function(pairs[number], self._modalities(clip, choices[number]))

        if all(choice.is_like(choices[0]) for choice in choices):
            made = video.map_clips(found, [choice.span for choice in choices], select=choices[0])
        else:
            made = [found(n, video.get_clip(*choice.span, select=choice)) for n, choice in enumerate(choices)]
        return dict(zip(pairs, made, strict=True))

    def _modalities(self, clip: dict[str, Any], choice: FrameChoice) -> dict[str, Any]:
        found = {"video": clip["video"]} if self._decode_video else {}
        if self._decode_audio:
            rate = clip.get("sample_rate") or self._audio_rate or _SILENCE_RATE
            audio = clip.get("audio")
            found["audio"] = choice.audio(torch.zeros(0) if audio is None else audio, rate)
        return found


def _pairs(info: Info) -> list[Pair]:
    if isinstance(info, ClipInfoList):
        return list(zip(info.clip_start_sec, info.clip_end_sec, strict=True))
    return [(info.clip_start_sec, info.clip_end_sec)]


def _of_several(infos: Sequence[Info], clips: dict[Pair, dict[str, Any]]) -> list[dict[str, Any]]:
    given: set[Pair] = set()
    samples = []
    for info in infos:
        parts = []
        for pair in _pairs(info):
            parts.append(_copied(clips[pair]) if pair in given else clips[pair])
            given.add(pair)
        several = isinstance(info, ClipInfoList)
        samples.append({key: [part[key] for part in parts] if several else parts[0][key] for key in parts[0]})
    return samples


def _copied(clip: dict[str, Any]) -> dict[str, Any]:
    # A clip that is given twice (augs_per_clip) is copied, because a transform may change it in place.
    return {key: value.clone() for key, value in clip.items()}
