from __future__ import annotations

import json
import os
import pickle
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, SequentialSampler

from ptv_datasets import (
    ClipSampling,
    DomsevFrameDataset,
    DomsevVideoDataset,
    EpicKitchenForecasting,
    EpicKitchenRecognition,
    LabelFileError,
    UntrimmedClipSampler,
    VideoClipInfo,
    VideoDatasetType,
    clip_recognition_dataset,
    video_only_dataset,
)
from ptv_datasets.annotations.manifests import get_seconds_from_hms_time
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import make_clip_sampler

pytestmark = pytest.mark.filterwarnings("ignore:.*are left out. cut:ptv_registry.errors.PtvWarning")


def brightness(sample):
    return (sample["video"][..., 0, :, 0, 0] // 6).tolist()


@pytest.fixture(scope="module")
def manifests(tmp_path_factory, videos):
    """Two videos of 40 images at 10 frames per second (numbered 1 to 40), whose brightness is six times their place."""
    root = tmp_path_factory.mktemp("manifests")
    rows = ["video_id,location,frame_file_stem,frame_string_length,min_frame_number,max_frame_number,file_extension"]
    for name in "a", "b":
        (root / name).mkdir()
        for place in range(40):
            image = np.full((8, 8, 3), 6 * place, np.uint8)
            Image.fromarray(image).save(root / name / f"frame_{place + 1:04d}.png")
        rows.append(f"{name},{root / name},frame_,10,1,40,png")
    rows.append(f"cut,{root / 'a'},frame_,10,1,12,png")
    (root / "frames.csv").write_text("\n".join(rows) + "\n")
    info = (
        "video_id,resolution,duration,fps\na,8x8,4.0,10\nb,8x8,4.0,10\ncut,8x8,9.0,10\nv,64x48,2.0,10\nnone,8x8,1,1\n"
    )
    (root / "info.csv").write_text(info)
    (root / "encoded.csv").write_text(f"video_id,file_path\nv,{videos[1]}\n")
    (root / "labels.csv").write_text(
        "video_id,start_time,stop_time,start_frame,stop_frame,label_id,label_name\n"
        "a,0,2,1,20,3,standing\na,2,3,21,30,4,biking\nb,0,4,1,40,5,driving\nv,0,1,0,9,6,playing\n"
    )
    header = (
        "participant_id,video_id,narration,start_timestamp,stop_timestamp,start_frame,stop_frame,verb,verb_class,"
        "noun,noun_class,all_nouns,all_noun_classes\n"
    )
    actions = [(2.5, 3.0, "wash"), (0.5, 1.5, "open"), (3.2, 3.8, "cut"), (1.6, 2.0, "take")]
    (root / "actions.csv").write_text(
        header
        + "".join(
            f"P01,{video},{verb} it,00:00:0{start},00:00:0{stop},1,2,{verb},1,pan,2,\"['pan', 'lid']\",\"[2, 3]\"\n"
            for video in ("a", "b", "v")
            for start, stop, verb in actions
        )
    )
    return {path.stem: str(path) for path in root.glob("*.csv")}


def test_domsev_frames_are_all_there_once_with_their_labels(manifests):
    dataset = DomsevFrameDataset(manifests["frames"], manifests["info"], manifests["labels"])
    samples = {s["frame_id"]: s for s in dataset}

    assert len(dataset) == 80 == len(samples)
    assert (samples["a/frame_0020"]["label"], samples["a/frame_0021"]["label"]) == (3, 4)
    assert (samples["a/frame_0031"]["label"], samples["b/frame_0040"]["label"]) == (-1, 5)
    assert samples["b/frame_0040"]["image"].shape == (3, 8, 8)
    assert int(samples["b/frame_0040"]["image"][0, 0, 0]) == 234


def test_domsev_frames_come_in_one_order_in_every_process(manifests):
    def order(seed):
        files = manifests["frames"], manifests["info"], manifests["labels"]
        return [s["frame_id"] for s in DomsevFrameDataset(*files, seed=seed)]

    assert order(0) == order(0) != order(1)
    assert order(0) != sorted(order(0))


def every_second(videos, labels):
    return [VideoClipInfo(name, t, t + 1) for name, video in videos.items() for t in range(int(video.duration))]


def test_domsev_clips_have_a_label_per_frame(manifests):
    dataset = DomsevVideoDataset(
        manifests["frames"], manifests["info"], manifests["labels"], every_second, frames_per_second=10
    )
    clip = dataset[1]

    assert len(dataset) == 8
    assert brightness(clip) == list(range(10, 20))
    assert clip["labels"].tolist() == [3] * 10
    assert dataset[3]["labels"].tolist() == [-1] * 10
    assert (clip["video_id"], clip["start_time"], clip["stop_time"], clip["audio"].shape) == ("a", 1, 2, (0,))
    assert pickle.loads(pickle.dumps(dataset))[1]["labels"].tolist() == [3] * 10


def test_domsev_filters_frames_and_their_labels(manifests):
    dataset = DomsevVideoDataset(
        manifests["frames"],
        manifests["info"],
        manifests["labels"],
        lambda videos, labels: [VideoClipInfo("a", 1.5, 2.5)],
        frames_per_second=10,
        frame_filter=lambda frames: frames[::4],
    )

    assert brightness(dataset[0]) == [15, 19, 23]
    assert dataset[0]["labels"].tolist() == [3, 3, 4]


def test_encoded_videos_are_opened_when_they_are_read(manifests):
    dataset = DomsevVideoDataset(
        manifests["encoded"],
        manifests["info"],
        manifests["labels"],
        every_second,
        VideoDatasetType.EncodedVideo,
    )
    batch = next(iter(DataLoader(dataset, batch_size=2, num_workers=1)))

    assert batch["video"].shape == (2, 3, 10, 48, 64)
    assert batch["labels"].tolist() == [[6], [-1]]


@pytest.mark.parametrize("frames", [1, 8, 15, 30])
def test_recognition_gives_the_exact_number_of_frames_and_the_actions_that_overlap(manifests, frames):
    dataset = EpicKitchenRecognition(
        manifests["info"], manifests["actions"], manifests["frames"], seconds_per_clip=1.0, frames_per_clip=frames
    )

    assert len(dataset) == 6
    for clip in dataset:
        assert clip["video"].shape == (3, frames, 8, 8)
        verbs = {"open": (0.5, 1.5), "take": (1.6, 2.0), "wash": (2.5, 3.0), "cut": (3.2, 3.8)}
        expected = [v for v, (a, b) in verbs.items() if a <= clip["stop_time"] and b >= clip["start_time"]]
        assert [action.verb for action in clip["actions"]] == expected


def test_recognition_offsets_are_the_same_in_every_process(manifests):
    def starts(seed):
        files = manifests["info"], manifests["actions"], manifests["frames"]
        return [s["start_time"] for s in EpicKitchenRecognition(*files, seconds_per_clip=1.0, seed=seed)]

    assert starts(0) == starts(0) != starts(1)


@pytest.mark.parametrize("frames", [3, 14, 16])
def test_forecasting_gives_the_exact_frames_of_every_clip_and_the_next_actions(manifests, frames):
    dataset = EpicKitchenForecasting(
        manifests["info"],
        manifests["actions"],
        manifests["frames"],
        seconds_per_clip=0.4,
        clip_time_stride=0.6,
        num_input_clips=2,
        frames_per_clip=frames,
        num_forecast_actions=2,
    )

    assert len(dataset) == 4
    assert dataset[0]["video"].shape == (2, 3, frames, 8, 8)
    assert [a.verb for a in dataset[0]["actions"]] == ["take", "wash"]
    assert dataset[0]["actions"][0].all_nouns == ["pan", "lid"]
    if frames == 3:
        assert brightness(dataset[0]) == [[5, 6, 7], [11, 12, 13]]


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (EpicKitchenRecognition, {"seconds_per_clip": 0}),
        (EpicKitchenRecognition, {"clip_sampling": ClipSampling.Random}),
        (EpicKitchenRecognition, {"frames_per_clip": 0}),
        (EpicKitchenForecasting, {"num_input_clips": 0}),
        (EpicKitchenForecasting, {"clip_sampling": ClipSampling.RandomOffsetUniform}),
    ],
)
def test_wrong_numbers_are_refused(manifests, kind, arguments):
    with pytest.raises(ArgumentError):
        kind(manifests["info"], manifests["actions"], manifests["frames"], **arguments)


def test_errors_of_manifests_name_row_and_column(manifests, tmp_path):
    (tmp_path / "bad.csv").write_text("video_id,resolution,duration,fps\na,8x8,long,10\n")
    with pytest.raises(LabelFileError, match=r"bad.csv, row 2, column duration: 'long' cannot be read as float"):
        DomsevFrameDataset(manifests["frames"], str(tmp_path / "bad.csv"), manifests["labels"])
    with pytest.raises(LabelFileError, match="lacks resolution"):
        DomsevFrameDataset(manifests["frames"], manifests["labels"], manifests["labels"])


@pytest.mark.parametrize(("text", "seconds"), [("01:02:03", 3723), ("00:00:02.25", 2.25)])
def test_time_stamps(text, seconds):
    assert get_seconds_from_hms_time(text) == seconds
    with pytest.raises(ArgumentError):
        get_seconds_from_hms_time("soon")


@pytest.fixture
def ego4d(tmp_path, videos):
    def part(start, end, noun, verb, unsure=False):
        return {
            "critical_frame_selection_parent_start_sec": start,
            "critical_frame_selection_parent_end_sec": end,
            "taxonomy": {"noun": noun, "verb": verb, "noun_unsure": unsure, "verb_unsure": False},
        }

    parts = [
        part(0.5, 1.8, "pan", "wash"),
        part(0, 1, "cup", "take"),
        part(0, 1, "x", "y", True),
        part(0, 1, None, "y"),
    ]
    content = {videos[1].name: {"benchmarks": {"forecasting_hands_objects": parts}}}
    (tmp_path / "ego4d.json").write_text(json.dumps(content))
    return str(tmp_path / "ego4d.json")


def test_json_clips_lie_within_their_part_and_labels_are_alphabetical(ego4d, videos):
    dataset = clip_recognition_dataset(
        ego4d, make_clip_sampler("uniform", 0.5), SequentialSampler, None, str(videos[0].parent), decode_audio=False
    )
    samples = list(dataset)

    assert [s["noun_label"] for s in samples] == [1, 1, 0, 0]
    assert [(s["noun_name"], s["verb_name"]) for s in samples[1:3]] == [("pan", "wash"), ("cup", "take")]
    whole = video_only_dataset(
        ego4d, make_clip_sampler("whole_video"), video_path_prefix=str(videos[0].parent), decode_audio=False
    )[0]
    assert torch.equal(samples[1]["video"], whole["video"][:, 10:15])
    assert whole["label"] == -1


def test_untrimmed_clips_by_the_documented_call():
    sampler = UntrimmedClipSampler(make_clip_sampler("uniform", 1))
    part = {"clip_start_sec": 10.5, "clip_end_sec": 12.7}
    clips = [sampler(None, 100, part)]
    clips.append(sampler(clips[0].clip_end_sec, 100, part))

    assert [(c.clip_start_sec, c.is_last_clip) for c in clips] == [(10.5, False), (11.5, True)]
    assert clips == sampler.spans(100, part)
    assert all(
        10.5 <= clip.clip_start_sec <= 11.7
        for seed in range(20)
        for clip in UntrimmedClipSampler(make_clip_sampler("random", 1)).spans(100, part, seed=seed)
    )
    with pytest.raises(ArgumentError, match="clip_end_sec"):
        sampler.spans(100, {"clip_start_sec": 1})


def test_a_json_file_of_another_form_is_an_error_that_names_it(tmp_path):
    for text, message in (
        ("[]", "not a JSON object"),
        ('{"a": {}}', "'a' lacks 'benchmarks'"),
        ("{", "row 1, column 2"),
    ):
        (tmp_path / "x.json").write_text(text)
        with pytest.raises(LabelFileError, match=message):
            clip_recognition_dataset(str(tmp_path / "x.json"), make_clip_sampler("random", 1))


def test_videos_of_one_file_name_in_two_folders_stay_apart_and_closed_until_read(manifests, tmp_path, videos):
    rows = ["video_id,file_path"]
    for name, source in (("v", videos[1]), ("w", videos[3])):
        (tmp_path / name).mkdir()
        shutil.copy(source, tmp_path / name / "same.mp4")
        rows.append(f"{name},{tmp_path / name / 'same.mp4'}")
    (tmp_path / "encoded.csv").write_text("\n".join(rows) + "\n")
    info = tmp_path / "info.csv"
    info.write_text("video_id,resolution,duration,fps\nv,64x48,2.0,10\nw,64x48,2.0,10\n")
    labels = tmp_path / "labels.csv"
    labels.write_text(
        "video_id,start_time,stop_time,start_frame,stop_frame,label_id,label_name\nv,0,2,0,19,6,a\nw,0,2,0,19,7,b\n"
    )
    before = len(os.listdir("/proc/self/fd"))
    dataset = DomsevVideoDataset(
        str(tmp_path / "encoded.csv"), str(info), str(labels), every_second, VideoDatasetType.EncodedVideo
    )

    assert len(os.listdir("/proc/self/fd")) == before
    samples = [dataset[index] for index in range(len(dataset))]
    assert [(s["video_id"], int(s["labels"][0])) for s in samples] == [("v", 6), ("v", 6), ("w", 7), ("w", 7)]
    assert not torch.equal(samples[0]["video"], samples[2]["video"])
