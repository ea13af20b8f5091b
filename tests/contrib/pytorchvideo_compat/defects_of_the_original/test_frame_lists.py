"""Defects of the original's Charades, SSv2 and AVA, whose videos are lists of images."""

import json

import pytest
import torch
from torch.utils.data import DataLoader, SequentialSampler

from pytorchvideo.data import Ava, Charades, SSv2, make_clip_sampler

SECOND = ("uniform", 1)


def charades(frame_list, videos, frames, clips=SECOND, video_sampler=SequentialSampler):
    return Charades(frame_list(videos, frames), make_clip_sampler(*clips), video_sampler)


@pytest.fixture
def ssv2(frame_list, tmp_path):
    def make(videos, frames):
        labels, which = tmp_path / "labels.json", tmp_path / "videos.json"
        labels.write_text(json.dumps({"Holding something": "1"}))
        which.write_text(
            json.dumps([{"id": f"video{number}", "template": "Holding [something]"} for number in range(videos)])
        )
        return SSv2(str(labels), str(which), frame_list(videos, frames), make_clip_sampler(*SECOND), SequentialSampler)

    return make


@pytest.fixture
def ava(frame_list, tmp_path):
    """AVA with one film of 5 s, whose frames start at second 900."""

    def make(*rows, label_map=None, clips=None):
        boxes = tmp_path / "boxes.csv"
        boxes.write_text("".join(f"video0,{row}\n" for row in rows))
        clips = {} if clips is None else {"clip_sampler": make_clip_sampler(*clips)}
        return Ava(frame_list(1, 150), str(boxes), "", label_map, video_sampler=SequentialSampler, **clips)

    return make


def count(samples):
    return sum(1 for _ in samples)


@pytest.mark.defect(9, there=r"assert \[2, 0\] == \[2, 2\]")
def test_the_second_epoch_of_charades_is_as_long_as_the_first(frame_list):
    videos = charades(frame_list, 2, 30)

    assert [count(videos), count(videos)] == [2, 2]


@pytest.mark.defect(9, there=r"assert \[2, 0\] == \[2, 2\]")
def test_the_second_epoch_of_ssv2_is_as_long_as_the_first(ssv2):
    videos = ssv2(2, 30)

    assert [count(videos), count(videos)] == [2, 2]


@pytest.mark.defect(9, there=r"assert \[(?!0, 1, 2, 3, 4, 5, 6, 7)[\d, ]+\] == \[0, 1, 2, 3, 4, 5, 6, 7\]")
def test_workers_share_out_videos_in_random_order(frame_list):
    torch.manual_seed(0)
    clips = ("constant_clips_per_video", 0.1, 1)
    videos = charades(frame_list, 8, 4, clips, torch.utils.data.RandomSampler)

    loader = DataLoader(videos, batch_size=None, num_workers=2, multiprocessing_context="fork", timeout=60)

    assert sorted(sample["video_index"] for sample in loader) == list(range(8))


@pytest.mark.defect(10, there="TypeError: 'NoneType' object is not subscriptable", main=True)
def test_clips_that_overlap_begin_with_the_first_frame(frame_list):
    samples = charades(frame_list, 1, 60, ("uniform", 1, 0.5))

    assert [int(sample["video"][0, 0, 0, 0]) for sample in samples] == [0, 15, 30]


@pytest.mark.defect(11, there=r"assert \[\(0\.0, 59\.0, 60\)")
def test_a_clip_of_ssv2_has_the_frames_of_its_time(ssv2):
    levels = [sample["video"][0, :, 0, 0].tolist() for sample in ssv2(1, 60)]

    assert [(level[0], level[-1], len(level)) for level in levels] == [(0, 29, 30), (30, 59, 30)]


@pytest.mark.defect(26, there="AttributeError: .*_clip_duration")
def test_ava_has_a_clip_sampler_by_default(ava):
    (sample,) = ava("0902,0.1,0.2,0.5,0.6,12,0")

    assert sample["video"].shape[2:] == (16, 16)


@pytest.mark.defect(26, there="assert 1 == 2")
def test_boxes_that_hardly_differ_stay_two(ava):
    rows = "0902,0.100,0.2,0.5,0.6,12,0", "0902,0.103,0.2,0.5,0.6,80,1"

    (sample,) = ava(*rows, clips=("random", 1))

    assert len(sample["boxes"]) == 2


@pytest.mark.defect(26, there="not enough values to unpack")
def test_predicted_boxes_have_no_label_and_stay(ava, tmp_path):
    path = tmp_path / "map.pbtxt"
    path.write_text('item {\n  name: "stand"\n  id: 12\n}\n')

    (sample,) = ava("0902,0.1,0.2,0.5,0.6,,0.9", label_map=str(path), clips=("random", 1))

    assert sample["labels"] == [[-1]]


@pytest.mark.defect(26, there="not enough values to unpack")
def test_a_clip_around_an_early_time_is_not_dropped(ava):
    (sample,) = ava("0902,0.1,0.2,0.5,0.6,12,0", clips=("random", 4.5))

    assert sample["clip_index"] == 2
