from __future__ import annotations

import gzip
import json
import shutil

import pytest
from torch.utils.data import SequentialSampler

from ptv_datasets import LabeledVideoDataset, dataset_for
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import make_clip_sampler

SECOND = make_clip_sampler("uniform", 1)


@pytest.fixture
def classes(tmp_path, videos):
    """Folders jump, run and walk with one video each."""
    for name, video in zip(("jump", "run", "walk"), videos, strict=False):
        (tmp_path / "v" / name).mkdir(parents=True)
        shutil.copy(video, tmp_path / "v" / name / "a b.mp4")
    return tmp_path / "v"


def labels(dataset):
    return [(video.path.split("/")[-2], video.info["label"], video.info["label_name"]) for video in dataset.videos]


EXPECTED = [("jump", 0, "jump"), ("run", 1, "run"), ("walk", 2, "walk")]
NAMES = ("jump", "run", "walk")


def written(form, folder):
    """A list of the three videos in one of the forms that are recognised."""
    rows = [(f"{name}/a b.mp4", name) for name in NAMES]
    objects = [{"video_path": path, "label": name} for path, name in rows]
    text = {
        "csv": "".join(f"{path},{name}\n" for path, name in rows),
        "header": "label;path\n" + "".join(f"{name};{path}\n" for path, name in rows),
        "spaces": "".join(f"{path} {name}\n" for path, name in rows),
        "tabs": "".join(f"{path}\t{name}\n" for path, name in rows),
        "pandas": ",path,label\n" + "".join(f"{n},{path},{name}\n" for n, (path, name) in enumerate(rows)),
        "json list": json.dumps(objects),
        "json lines": "".join(json.dumps(row) + "\n" for row in objects),
        "json columns": json.dumps(
            {
                "path": {str(n): path for n, (path, _) in enumerate(rows)},
                "label": {str(n): name for n, (_, name) in enumerate(rows)},
            }
        ),
        "json lists": json.dumps({"path": [path for path, _ in rows], "label": [name for _, name in rows]}),
        "json split": json.dumps({"columns": ["path", "label"], "index": [0, 1, 2], "data": rows}),
        "json object": json.dumps(dict(rows)),
        "json object of objects": json.dumps({path: {"label": name} for path, name in rows}),
        "manifest": "path,duration,width,height,fps,frames,audio,error\n"
        + "".join(f"{folder}/{path},1,64,48,10,10,False,\n" for path, _ in rows)
        + f"{folder}/walk/bad.mp4,,,,,,,BrokenVideoError: truncated\n",
        "json manifest": json.dumps(
            {"videos": [{"path": f"{folder}/{path}", "duration": 1.0, "error": ""} for path, _ in rows]}
        ),
    }[form.removesuffix(".gz")]
    path = folder / "list"  # the name says nothing
    path.write_bytes(gzip.compress(text.encode()) if form.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize(
    "form",
    ["csv", "header", "spaces", "tabs", "pandas", "json list", "json lines",
     "json columns", "json lists", "json split", "json object", "json object of objects",
     "manifest", "json manifest", "csv.gz", "json lines.gz"],
)  # fmt: skip
def test_a_list_of_videos_is_recognised_by_its_content(form, classes):
    dataset = dataset_for(str(written(form, classes)), clip_sampler=SECOND)

    assert labels(dataset) == EXPECTED
    assert dataset.class_names == list(NAMES)
    assert dataset[0]["video"].shape[0] == 3


def test_a_folder_of_classes_is_recognised(classes):
    dataset = dataset_for(classes, clip_sampler=SECOND, transform=dict)

    assert labels(dataset) == EXPECTED
    assert "audio" not in dataset[0]


def test_broken_videos_of_a_manifest_are_told(classes):
    dataset = dataset_for(written("manifest", classes), clip_sampler=SECOND)

    assert [(failure.path.rsplit("/", 1)[-1], failure.message) for failure in dataset.failures.failures()] == [
        ("bad.mp4", "BrokenVideoError: truncated")
    ]


def test_arguments_fill_what_a_spec_leaves_out_and_replace_nothing(classes):
    text = f"labeled_video_folder(data_path='{classes}', decode_audio=true, video_sampler=sequential)"
    for spec in text, f"dataset:{text}":
        dataset = dataset_for(spec, clip_sampler=SECOND, decode_audio=False, seed=7)

        assert {"audio", "video"} <= set(dataset[0])
        assert dataset.seed == 7
    half = dataset_for(f"kinetics(data_path='{classes}', clip_sampler=uniform(clip_duration=0.5))", clip_sampler=SECOND)

    assert len(half) > len(dataset)


def test_a_dataset_passes_through(labeled):
    dataset = LabeledVideoDataset(labeled, SECOND)

    assert dataset_for(dataset, clip_sampler=None) is dataset


@pytest.mark.parametrize("form", ["folder", "csv", "json object", "manifest", "spec", "own names", "dataset"])
def test_classes_are_found_by_name_where_some_are_missing(form, classes):
    if form in ("folder", "manifest"):
        shutil.rmtree(classes / "run")
        source = classes if form == "folder" else classes / "list"
        if form == "manifest":
            kept = [line for line in written("manifest", classes).read_text().split("\n") if "/run/" not in line]
            source.write_text("\n".join(kept))
    elif form in ("csv", "json object"):
        source = classes / "list"
        rows = {"jump/a b.mp4": "jump", "walk/a b.mp4": "walk"}
        source.write_text(json.dumps(rows) if form != "csv" else "".join(f"{k},{v}\n" for k, v in rows.items()))
    elif form == "dataset":
        source = LabeledVideoDataset([(f"{classes}/{n}/a b.mp4", n) for n in ("jump", "walk")], SECOND)
    else:
        own = "" if form == "spec" else ", class_names=['walk', 'jump']"
        source = f"labeled_video(labeled_video_paths=[['{classes}/jump/a b.mp4', 'jump'], ['{classes}/walk/a b.mp4', 'walk']]{own})"
    dataset = dataset_for(source, clip_sampler=SECOND, class_names=NAMES)

    assert labels(dataset) == [("jump", 0, "jump"), ("walk", 2, "walk")]
    assert dataset.class_names == list(NAMES)
    assert sorted({sample["label"] for sample in dataset}) == [0, 2]


@pytest.mark.parametrize("form", ["folder", "csv", "manifest", "dataset"])
def test_a_class_that_training_does_not_know_is_an_error_with_its_name_and_file(form, classes):
    source = {
        "folder": lambda: classes,
        "csv": lambda: written("csv", classes),
        "manifest": lambda: written("manifest", classes),
        "dataset": lambda: LabeledVideoDataset([(f"{classes}/{n}/a b.mp4", n) for n in NAMES], SECOND),
    }[form]()
    with pytest.raises(ArgumentError, match=r"'walk' is not one of the 2 classes") as caught:
        dataset_for(source, clip_sampler=SECOND, class_names=["jump", "run"])

    assert str(classes) in str(caught.value)


def test_numbers_stay_numbers_and_get_the_names_of_training(classes):
    (classes / "list").write_text("jump/a b.mp4,2\nrun/a b.mp4,0\n")
    dataset = dataset_for(classes / "list", clip_sampler=SECOND, class_names=["x", "y", "z"])

    assert [(video.info["label"], video.info["label_name"]) for video in dataset.videos] == [(2, "z"), (0, "x")]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda root: root / "none", "no such file or folder"),
        (lambda root: "train.csv", "no such file or folder.*kinetics"),
        (lambda root: "wardrobe://a.csv", "register_handler"),
        (lambda root: root / "empty", "an empty folder"),
        (lambda root: root / "run", "a folder of 1 videos without labels"),
        (lambda root: root / "run" / "a b.mp4", "looks like a video"),
        (lambda root: root / "splits", r"a folder of splits \(train, val\)"),
        (lambda root: root / "unlabelled.txt", "2 videos without labels"),
        (lambda root: root / "binary", "looks like a binary file"),
        (lambda root: root / "number.json", "'a.mp4' is not an object; what is read is a list of objects"),
        (lambda root: "model:slow_r50", "is a model, not a dataset"),
    ],
)
def test_what_cannot_be_told_is_an_error_that_says_what_it_looks_like(make, message, classes):
    (classes / "empty").mkdir()
    for split in "train", "val":
        shutil.copytree(classes / "run", classes / "splits" / split / "run")
    (classes / "unlabelled.txt").write_text("a.mp4\nb.mp4\n")
    (classes / "binary").write_bytes(bytes(range(256)))
    (classes / "number.json").write_text('["a.mp4", "b.mp4"]')
    with pytest.raises(ArgumentError, match=message):
        dataset_for(make(classes), clip_sampler=SECOND)


def test_the_order_of_a_sampler_can_be_given(classes):
    dataset = dataset_for(classes, clip_sampler=SECOND, video_sampler=SequentialSampler)

    assert [sample["label"] for sample in dataset] == sorted(sample["label"] for sample in dataset)
