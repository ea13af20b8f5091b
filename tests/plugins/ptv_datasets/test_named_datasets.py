from __future__ import annotations

import inspect
import re
import shutil

import pytest
from torch.utils.data import RandomSampler, SequentialSampler

import ptv_registry
from ptv_datasets import (
    Hmdb51,
    Kinetics,
    LabeledVideoDataset,
    LabelFileError,
    Ucf101,
    dataset_for,
    labeled_video_dataset,
)
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import make_clip_sampler

SECOND = make_clip_sampler("uniform", 1)
DOCUMENTED = {
    Kinetics: "data_path clip_sampler video_sampler transform video_path_prefix decode_audio decoder",
    Ucf101: "data_path clip_sampler video_sampler transform video_path_prefix decode_audio decoder",
    labeled_video_dataset: "data_path clip_sampler video_sampler transform video_path_prefix decode_audio decoder",
    Hmdb51: "data_path clip_sampler video_sampler transform video_path_prefix split_id split_type decode_audio decoder",
    LabeledVideoDataset: "labeled_video_paths clip_sampler video_sampler transform decode_audio decoder",
}
DEFAULTS = {
    "video_sampler": RandomSampler, "transform": None, "video_path_prefix": "", "decode_audio": True,
    "decoder": "pyav", "split_id": 1, "split_type": "train",
}  # fmt: skip


@pytest.mark.parametrize("dataset", DOCUMENTED)
def test_the_documented_arguments_come_first_with_their_defaults(dataset):
    parameters = inspect.signature(dataset).parameters.values()
    positional = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]

    assert [p.name for p in positional] == DOCUMENTED[dataset].split()
    assert {p.name: p.default for p in positional if p.default is not p.empty} == {
        name: DEFAULTS[name] for name in DOCUMENTED[dataset].split() if name in DEFAULTS
    }


@pytest.fixture
def label_file(videos, tmp_path):
    path = tmp_path / "train.csv"
    path.write_text("".join(f"{video.name} {number % 2}\n" for number, video in enumerate(videos)))
    return path


@pytest.mark.parametrize("dataset", [Kinetics, Ucf101, labeled_video_dataset])
def test_a_label_file_gives_its_videos(dataset, label_file, videos):
    found = dataset(
        str(label_file), SECOND, SequentialSampler, video_path_prefix=str(videos[0].parent), decode_audio=False
    )

    assert len(found) == 9
    assert [s["label"] for s in found] == [0, 1, 1, 0, 1, 1, 0, 1, 1]


@pytest.mark.parametrize("dataset", [Kinetics, Ucf101, labeled_video_dataset])
def test_a_folder_of_classes_gives_its_videos(dataset, tmp_path, videos):
    for name, video in (("walk", videos[0]), ("run", videos[1])):
        (tmp_path / name).mkdir()
        shutil.copy(video, tmp_path / name)
    found = dataset(str(tmp_path), SECOND, SequentialSampler, decode_audio=False)

    assert found.class_names == ["run", "walk"]
    assert [(s["label"], s["label_name"]) for s in found] == [(0, "run"), (0, "run"), (1, "walk")]


def test_durations_in_the_label_file_are_used(videos, tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(f"path,label,duration\n{videos[0]},0,7.5\n")

    assert len(Kinetics(str(path), SECOND)) == 7


@pytest.fixture
def hmdb51(videos, tmp_path):
    folds = tmp_path / "folds"
    folds.mkdir()
    for label, name in enumerate(("wave", "brush_hair")):
        (tmp_path / name).mkdir()
        rows = []
        for number in range(3):
            file = f"April_09_{name}_u_nm_np1_ba_goo_{number}.avi"
            shutil.copy(videos[label], tmp_path / name / file)
            rows.append(f"{file} {number} \n")
        (folds / f"{name}_test_split1.txt").write_text("".join(rows))
        (folds / f"{name}_test_split2.txt").write_text("")
    return folds


def test_hmdb51_reads_a_fold(hmdb51):
    dataset = Hmdb51(hmdb51, SECOND, SequentialSampler, video_path_prefix=str(hmdb51.parent), decode_audio=False)
    samples = list(dataset)

    assert [(s["label"], s["label_name"]) for s in samples] == [(0, "brush_hair"), (0, "brush_hair"), (1, "wave")]
    assert samples[0]["meta_tags"] == ["u", "nm", "np1", "ba", "goo"]
    assert samples[0]["video_name"].endswith("_goo_1")
    for split in "test", "unused":
        assert len(Hmdb51(hmdb51, SECOND, split_type=split, video_path_prefix=str(hmdb51.parent))) == 3


@pytest.mark.parametrize("place", [".", "videos", "folds"])
def test_hmdb51_finds_its_videos_around_the_split_files(hmdb51, place):
    for name in "wave", "brush_hair":
        target = hmdb51.parent / place
        target.mkdir(exist_ok=True)
        shutil.move(hmdb51.parent / name, target / name)
    train, val = (
        dataset_for(f"hmdb51(data_path='{hmdb51}', split_type={kind})", clip_sampler=SECOND, decode_audio=False)
        for kind in ("train", "test")
    )

    assert [len(list(train)), len(list(val))] == [3, 3]


def test_a_folder_of_split_files_of_hmdb51_is_told_with_the_specs_to_give(hmdb51):
    with pytest.raises(LabelFileError) as caught:
        dataset_for(hmdb51, clip_sampler=SECOND)
    spec = re.search(r"give the spec (hmdb51\(.*?\)) to train on", str(caught.value))

    assert spec is not None
    assert len(dataset_for(spec[1], clip_sampler=SECOND)) == 3


def test_hmdb51_refuses_what_is_no_fold(hmdb51, tmp_path):
    with pytest.raises(ArgumentError, match="split_id=4"):
        Hmdb51(hmdb51, SECOND, split_id=4)
    with pytest.raises(ArgumentError, match="split_type='val'"):
        Hmdb51(hmdb51, SECOND, split_type="val")
    with pytest.raises(LabelFileError, match="fold 2 has no train"):
        Hmdb51(hmdb51, SECOND, split_id=2)
    with pytest.raises(LabelFileError, match="no split files"):
        Hmdb51(tmp_path / "none", SECOND)
    (hmdb51 / "wave_test_split3.txt").write_text("a.avi 1\nb.avi 3\n")
    with pytest.raises(LabelFileError, match=r"wave_test_split3.txt, row 2, column 2: '3'"):
        Hmdb51(hmdb51, SECOND, split_id=3)


def test_a_spec_builds_a_dataset(label_file, videos):
    dataset = ptv_registry.build(
        f"dataset:kinetics(data_path='{label_file}', clip_sampler=uniform(clip_duration=0.5), decoder=pyav, "
        f"video_sampler=sequential, video_path_prefix='{videos[0].parent}', decode_audio=false)"
    )

    assert len(dataset) == 19
    assert {"video", "label", "video_name", "video_index", "clip_index", "aug_index"} <= set(dataset[0])
    assert [s["video_index"] for s in dataset][:4] == [0, 0, 1, 1]


def test_a_spec_lists_videos_with_spaces_in_their_paths(videos):
    dataset = ptv_registry.build(
        f"labeled_video(labeled_video_paths=[['{videos[0]}', 0], ['{videos[1]}', 1]], "
        "clip_sampler=constant_clips_per_video(clip_duration=1, clips_per_video=2), decode_audio=false)",
        kind="dataset",
    )

    assert len(dataset) == 4 == len(list(dataset))
