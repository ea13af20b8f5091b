"""Defects of the original's clip samplers."""

import pytest
from torch.utils.data import SequentialSampler

from pytorchvideo.data import LabeledVideoDataset, make_clip_sampler


@pytest.mark.defect(25, there="unexpected keyword argument")
@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("random", {"clip_duration": 2}),
        ("uniform", {"clip_duration": 2, "stride": 1}),
        ("constant_clips_per_video", {"clip_duration": 2, "clips_per_video": 3, "augs_per_clip": 1}),
    ],
)
def test_samplers_are_made_with_keywords(kind, arguments):
    clip = make_clip_sampler(kind, **arguments)(0.0, 10.0, {})

    assert clip.clip_end_sec - clip.clip_start_sec == 2


@pytest.mark.defect(25, there="DID NOT RAISE")
@pytest.mark.parametrize(("kind", "counts"), [("random", ()), ("constant_clips_per_video", (2,))])
def test_a_clip_cannot_last_less_than_no_time(kind, counts):
    with pytest.raises(ValueError, match="-1"):
        make_clip_sampler(kind, -1.0, *counts)


@pytest.mark.defect(25, there=r"assert \[\(0, 1\), \(2, 0\)\] == ")
def test_datasets_can_share_a_sampler(recorded):
    sampler = make_clip_sampler("constant_clips_per_video", 0.5, 3)
    labeled = [(recorded(), {"label": 0})]
    videos = [LabeledVideoDataset(labeled, sampler, SequentialSampler, decode_audio=False) for _ in range(2)]

    found = [tuple(sample["clip_index"] for sample in pair) for pair in zip(*videos, strict=False)]

    assert found == [(0, 0), (1, 1), (2, 2)]
