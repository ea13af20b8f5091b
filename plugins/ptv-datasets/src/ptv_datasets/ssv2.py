"""``SSv2``: Something-Something V2 as frames."""

from __future__ import annotations

from fractions import Fraction

from torch.utils.data import RandomSampler

from ptv_datasets.frame_choice import Pick, Segments
from ptv_datasets.frame_lists import read_frame_lists
from ptv_datasets.label_files import LabelFileError, read_json
from ptv_datasets.labeled_video import LabeledVideoDataset, OnError
from ptv_datasets.slots import ClipSamplerSlot, TransformSlot, VideoSamplerSlot
from ptv_registry.errors import ArgumentError


class SSv2(LabeledVideoDataset):
    """Clips of Something-Something V2 (https://arxiv.org/abs/1706.04261), stored as image frames.

    Args:
        label_name_file: JSON, an object of label names to numbers (``something-something-v2-labels.json``).
        video_label_file: JSON, a list of objects with ``id`` and ``template`` (``something-something-v2-train.json``).
        video_path_label_file: frame list with the columns original_vido_id, video_id, frame_id, path and labels.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: joined to the front of the images' paths.
        frames_per_clip: number of frames of a clip, one from each of as many segments; ``None`` for all.
        rand_sample_frames: take a random frame of each segment instead of the middle one.
        frame_rate: frames per second at which the images were extracted.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read.
        pushdown: ask the transform which frames it keeps and read no others.

    Raises:
        LabelFileError: a file cannot be understood, or no video has both frames and a label.
    """

    def __init__(
        self,
        label_name_file: str,
        video_label_file: str,
        video_path_label_file: str,
        clip_sampler: ClipSamplerSlot,
        video_sampler: VideoSamplerSlot = RandomSampler,
        transform: TransformSlot = None,
        video_path_prefix: str = "",
        frames_per_clip: int | None = None,
        rand_sample_frames: bool = False,
        *,
        frame_rate: float | Fraction = 30,
        seed: int = 0,
        on_error: OnError = "raise",
        pushdown: bool = True,
    ) -> None:
        check_frames_per_clip(frames_per_clip)
        self._frames_per_clip = frames_per_clip
        self._rand_sample_frames = rand_sample_frames
        numbers = read_json(label_name_file)
        frames = {video.name: video for video in read_frame_lists(video_path_label_file, video_path_prefix)}
        videos = []
        for entry in read_json(video_label_file):
            name = str(entry.get("template", "")).replace("[", "").replace("]", "")
            if name not in numbers:
                raise LabelFileError(
                    f"{video_label_file}: video {entry.get('id')!r} has template {name!r}, which {label_name_file} lacks",
                    path=str(video_label_file),
                )
            if str(entry["id"]) in frames:
                info = {"label": int(numbers[name]), "label_name": name}
                videos.append((frames[str(entry["id"])].paths, info))
        if not videos:
            raise LabelFileError(f"no video of {video_label_file} has frames in {video_path_label_file}")
        names = sorted(numbers, key=lambda name: int(numbers[name]))
        super().__init__(
            videos,
            clip_sampler,
            video_sampler,
            transform,
            decode_audio=False,
            frame_rate=frame_rate,
            class_names=names if sorted(map(int, numbers.values())) == list(range(len(names))) else None,
            seed=seed,
            on_error=on_error,
            pushdown=pushdown,
        )

    def _pick(self, index: int, start: Fraction, epoch: int) -> Pick | None:
        if self._frames_per_clip is None:
            return super()._pick(index, start, epoch)
        key = f"{self.seed}/{epoch}/{index}/{start}" if self._rand_sample_frames else None
        return Segments(self._frames_per_clip, key)


def check_frames_per_clip(value: int | None) -> None:
    """Raise ``ArgumentError`` unless the value is ``None`` or at least 1."""
    if value is not None and value < 1:
        raise ArgumentError(f"frames_per_clip={value!r} must be at least 1, or None for all frames")
