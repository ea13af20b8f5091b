"""Which clips of Epic-Kitchens there are, which of their frames are kept, and which actions go with them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import torch

from ptv_datasets import ActionData, ClipSampling, VideoClipInfo
from ptv_datasets.reading.frame_choice import Spread
from ptv_registry.errors import ArgumentError, PtvError

Clip = dict[str, Any]
Transform = Callable[[Clip], Any] | None
ClipRule = Callable[[Mapping[str, Any], Mapping[str, list[ActionData]]], list[VideoClipInfo]]


class ClipSamplingError(PtvError, ValueError, NotImplementedError):
    """This way of sampling clips is not supported."""


class ActionsOrderError(ArgumentError, AssertionError):
    """The actions of a clip, or its frames, are not as the forecast needs them."""


def spread_frames(frames_per_clip: int) -> Callable[[list[int]], list[int]]:
    """Keeps so many frames of a clip, evenly spread."""
    pick = Spread(frames_per_clip)
    return lambda frames: [frames[place] for place in pick(len(frames))]


def with_actions_in_clip(transform: Transform) -> Callable[[Clip], Any]:
    """Leaves the actions that overlap with a clip, then transforms it."""

    def apply(clip: Clip) -> Any:
        within = [a for a in clip["actions"] if a.start_time <= clip["stop_time"] and a.stop_time >= clip["start_time"]]
        return _transformed({**clip, "actions": within}, transform)

    return apply


def uniform_clips(seconds_per_clip: float, clip_sampling: Any) -> ClipRule:
    """Clips in a row, from a random offset.

    Raises:
        ClipSamplingError: another way of sampling is asked for.
    """
    _check(clip_sampling, ClipSampling.RandomOffsetUniform)

    def clips(videos: Mapping[str, Any], actions: Mapping[str, list[ActionData]]) -> list[VideoClipInfo]:
        found = []
        for video_id, video in videos.items():
            offset = random.random() * seconds_per_clip
            number = int((video.duration - offset) // seconds_per_clip)
            starts = [offset + index * seconds_per_clip for index in range(number)]
            found += [VideoClipInfo(video_id, start, start + seconds_per_clip) for start in starts]
        return found

    return clips


def spread_frames_of_clips(
    frames_per_clip: int, seconds_per_clip: float, clip_time_stride: float, num_input_clips: int
) -> Callable[[list[int]], list[int]]:
    """Keeps so many frames of each of several clips, evenly spread over the clip."""
    length = seconds_per_clip + (num_input_clips - 1) * clip_time_stride
    pick = Spread(frames_per_clip)

    def keep(frames: list[int]) -> list[int]:
        rate = len(frames) / length
        starts = [int(number * clip_time_stride * rate) for number in range(num_input_clips)]
        return [frames[start + place] for start in starts for place in pick(int(seconds_per_clip * rate))]

    return keep


def with_next_actions(
    transform: Transform, num_forecast_actions: int, frames_per_clip: int, num_input_clips: int
) -> Callable[[Clip], Any]:
    """Leaves the next actions after a clip, and puts its parts (C, T, H, W) into one tensor; then transforms it.

    The function raises :class:`ActionsOrderError` where the actions are not in order, or the frames are of another number.
    """

    def apply(clip: Clip) -> Any:
        starts = [action.start_time for action in clip["actions"]]
        frames = clip["video"].shape[1]
        if starts != sorted(starts) or frames != num_input_clips * frames_per_clip:
            raise ActionsOrderError(
                f"actions start at {starts} and there are {frames} frames of {num_input_clips} clips"
            )
        following = [action for action in clip["actions"] if action.start_time > clip["stop_time"]]
        parts = torch.stack(clip["video"].split(frames_per_clip, dim=1))
        return _transformed({**clip, "actions": following[:num_forecast_actions], "video": parts}, transform)

    return apply


def clips_before_actions(
    clip_sampling: Any,
    seconds_per_clip: float,
    clip_time_stride: float,
    num_input_clips: int,
    num_forecast_actions: int,
) -> ClipRule:
    """The stretch that ends with each action that has enough actions after it and starts late enough.

    Raises:
        ClipSamplingError: another way of sampling is asked for.
    """
    _check(clip_sampling, ClipSampling.Random)
    length = seconds_per_clip + (num_input_clips - 1) * clip_time_stride

    def clips(videos: Mapping[str, Any], actions: Mapping[str, list[ActionData]]) -> list[VideoClipInfo]:
        return [
            VideoClipInfo(video_id, action.stop_time - length, action.stop_time)
            for video_id, of_video in actions.items()
            for place, action in enumerate(of_video)
            if action.start_time >= length
            and sum(later.start_time > action.stop_time for later in of_video[place + 1 :]) >= num_forecast_actions
        ]

    return clips


def _check(clip_sampling: Any, known: ClipSampling) -> None:
    if getattr(clip_sampling, "name", clip_sampling) != known.name:
        raise ClipSamplingError(f"clip_sampling={clip_sampling!r}; this dataset knows {known}")


def _transformed(clip: Clip, transform: Transform) -> Any:
    found = {key: torch.zeros(0) if value is None else value for key, value in clip.items()}
    return found if transform is None else transform(found)
