from __future__ import annotations

import os
import shutil

import numpy as np
import pytest
from PIL import Image
from torch.utils.data import SequentialSampler

from ptv_datasets import Hmdb51, LabeledVideoDataset, LabeledVideoPaths, LabelFileError, Ucf101
from ptv_datasets.annotations.label_files import read_class_names
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import make_clip_sampler

SECOND = make_clip_sampler("uniform", 1)


def frames(folder, stem, count):
    paths = [folder / f"{stem}{number:03d}.png" for number in range(count)]
    for path in paths:
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(path)
    return [str(path) for path in paths]


@pytest.mark.parametrize("order", [1, -1])
def test_videos_whose_frames_share_a_folder_are_two_videos(tmp_path, order):
    pairs = [(frames(tmp_path, "A", 3), 0), (frames(tmp_path, "B", 1), 1)][::order]
    dataset = LabeledVideoDataset(pairs, SECOND, SequentialSampler, frame_rate=1, decode_audio=False)

    assert len(dataset) == 4
    assert [s["video_name"] for s in dataset] == ["A", "A", "A", "B"][::order]
    assert len({video.path for video in dataset.videos}) == 2


def test_failures_of_frames_that_share_a_folder_are_told_apart(tmp_path):
    pairs = [([str(tmp_path / "A000.png")], 0), ([str(tmp_path / "B000.png")], 0), (frames(tmp_path, "C", 1), 0)]
    dataset = LabeledVideoDataset(pairs, SECOND, on_error="skip", decode_audio=False)
    list(dataset)

    assert len(dataset.failures) == 2


def test_frames_in_a_folder_of_their_own_are_named_after_it(tmp_path):
    (tmp_path / "walk").mkdir()
    dataset = LabeledVideoDataset([(frames(tmp_path / "walk", "A", 2), 0)] * 2, SECOND, decode_audio=False)

    assert {(video.path, video.name) for video in dataset.videos} == {(str(tmp_path / "walk"), "walk")}


def test_labels_that_pandas_writes_with_a_point_are_numbers(tmp_path):
    (tmp_path / "a.csv").write_text("path,label\n" + "".join(f"{n}.mp4,{n}.0\n" for n in range(12)))
    paths = LabeledVideoPaths.from_path(tmp_path / "a.csv")

    assert [info["label"] for _, info in paths] == list(range(12))
    assert paths.class_names is None


@pytest.mark.parametrize("label", ["1.5", "nan", "1e3"])
def test_labels_that_are_no_whole_numbers_are_an_error_with_the_row(tmp_path, label):
    (tmp_path / "a.csv").write_text(f"a.mp4,0\nb.mp4,{label}\n")
    with pytest.raises(LabelFileError, match=f"row 2, column label: '{label}' is not a whole number"):
        LabeledVideoPaths.from_path(tmp_path / "a.csv")


def test_labels_of_numpy_are_numbers(videos):
    pairs = [(videos[0], np.int64(1)), (videos[1], {"label": np.float32(0.0)}), (videos[2], np.int64(-1))]
    dataset = LabeledVideoDataset(pairs, SECOND, class_names=["run", "walk"])

    assert [(video.info["label"], video.info["label_name"]) for video in dataset.videos] == [
        (1, "walk"), (0, "run"), (-1, "")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "names", "message"),
    [
        ([2, 0], ["run", "walk"], "label 2 is not one of the 2 classes"),
        ([-3, 0], None, "label -3 is negative"),
        ([0, "run"], None, "label 0 is a number, and others are names such as 'run'"),
    ],
)
def test_labels_that_are_no_classes_are_an_error(videos, labels, names, message):
    pairs = list(zip(videos, labels, strict=False))
    with pytest.raises(ArgumentError, match=message):
        LabeledVideoDataset(pairs, SECOND, class_names=names)


def test_labels_that_count_from_one_are_told(tmp_path):
    (tmp_path / "a.csv").write_text("a.mp4 1\nb.mp4 2\n")
    with pytest.raises(LabelFileError, match="labels are 1 to 2, and classes are numbered from 0"):
        LabeledVideoPaths.from_path(tmp_path / "a.csv", ["run", "walk"])


UCF = ("ApplyEyeMakeup", "ApplyLipstick", "BlowDryHair", "BlowingCandles")


@pytest.fixture
def ucf101(tmp_path, videos):
    lists = tmp_path / "ucfTrainTestlist"
    lists.mkdir()
    (lists / "classInd.txt").write_text("".join(f"{number} {name}\r\n" for number, name in enumerate(UCF, 1)))
    files = {"trainlist01.txt": "08", "testlist01.txt": "01"}
    for file, group in files.items():
        rows = []
        for number, name in enumerate(UCF, 1):
            if group == "01" and number == 2:
                continue
            path = f"{name}/v_{name}_g{group}_c01.avi"
            (tmp_path / name).mkdir(exist_ok=True)
            shutil.copy(videos[0], tmp_path / path)
            rows.append(f"{path} {number}\n" if group == "08" else f"{path}\n")
        (lists / file).write_text("".join(rows))
    return lists


@pytest.mark.parametrize("names", [None, "classInd.txt"])
@pytest.mark.parametrize(("file", "expected"), [("trainlist01.txt", [0, 1, 2, 3]), ("testlist01.txt", [0, 2, 3])])
def test_ucf101_is_read_as_it_comes_with_labels_from_zero(ucf101, file, expected, names):
    dataset = Ucf101(
        str(ucf101 / file),
        SECOND,
        SequentialSampler,
        video_path_prefix=str(ucf101.parent),
        class_names=names and str(ucf101 / names),
    )

    assert [(s["label"], s["label_name"]) for s in dataset] == [(label, UCF[label]) for label in expected]
    assert dataset.class_names == list(UCF)


def test_ucf101_whose_numbers_are_not_those_of_the_folders_is_an_error(ucf101):
    list_ = ucf101 / "trainlist01.txt"
    list_.write_text(list_.read_text().replace(".avi 2", ".avi 3"))
    with pytest.raises(LabelFileError, match="row 2, column label: 3 is not the number of ApplyLipstick"):
        Ucf101(str(list_), SECOND)


def test_hmdb51_has_its_class_names_and_finds_those_of_training(tmp_path):
    for name in "brush_hair", "wave":
        (tmp_path / f"{name}_test_split1.txt").write_text(f"x_{name}_u_nm_np1_ba_goo_0.avi 1 \n")
    dataset = Hmdb51(tmp_path, SECOND)

    assert [video.info["label"] for video in dataset.videos] == [0, 1]
    assert dataset.class_names == ["brush_hair", "wave"]
    assert [v.info["label"] for v in dataset.with_classes(["wave", "jump", "brush_hair"]).videos] == [2, 0]


def test_names_with_other_numbers_than_their_own_are_left_as_they_are(tmp_path):
    (tmp_path / "names.txt").write_text("100 metres\n200 metres\n")

    assert read_class_names(tmp_path / "names.txt") == ["100 metres", "200 metres"]


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_an_image_among_videos_makes_no_video_of_their_folder(tmp_path):
    touch(tmp_path, "run/day/a.mp4", "run/day/b.mp4", "run/day/thumb.jpg", "run/frames/1.jpg", "run/frames/2.jpg")

    assert [path.removeprefix(f"{tmp_path}/run/") for path, _ in LabeledVideoPaths.from_path(tmp_path)] == [
        "day/a.mp4", "day/b.mp4", "frames"
    ]  # fmt: skip


def test_links_in_circles_give_each_video_once(tmp_path):
    touch(tmp_path, "run/deep/a.mp4", "walk/b.mp4")
    for link in "run/up", "run/deep/up":
        os.symlink(tmp_path, tmp_path / link)
    os.symlink(tmp_path / "run", tmp_path / "run" / "deep" / "self")
    os.symlink(tmp_path / "run" / "deep", tmp_path / "run" / "again")

    assert len(list(LabeledVideoPaths.from_path(tmp_path))) == 2


def test_a_link_to_a_folder_of_videos_elsewhere_is_followed(tmp_path):
    touch(tmp_path, "store/x/a.mp4")
    (tmp_path / "v").mkdir()
    os.symlink(tmp_path / "store" / "x", tmp_path / "v" / "run")

    assert len(list(LabeledVideoPaths.from_path(tmp_path / "v"))) == 1


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_marks_that_are_no_line_ends_are_part_of_a_path(tmp_path, mark):
    (tmp_path / "a.csv").write_text(f"path,label\na{mark}b.mp4,1\n", encoding="utf-8")

    assert [path for path, _ in LabeledVideoPaths.from_path(tmp_path / "a.csv")] == [f"a{mark}b.mp4"]


def test_a_line_end_in_quotes_is_part_of_a_path(tmp_path):
    (tmp_path / "a.csv").write_text('path,label\n"a\nb.mp4",1\nc.mp4,2\n')

    assert [path for path, _ in LabeledVideoPaths.from_path(tmp_path / "a.csv")] == ["a\nb.mp4", "c.mp4"]


@pytest.mark.parametrize("form", ["uri", "localhost"])
def test_file_uris_are_decoded(tmp_path, videos, form):
    path = tmp_path / "my clips ü.mp4"
    shutil.copy(videos[0], path)
    uri = path.as_uri() if form == "uri" else path.as_uri().replace("file://", "file://localhost")

    assert len(LabeledVideoDataset([(uri, 0)], SECOND)) == 1
    (tmp_path / "my list.csv").write_text(f"{uri},0\n")
    assert len(LabeledVideoPaths.from_path((tmp_path / "my list.csv").as_uri())) == 1


def test_a_file_uri_of_another_machine_is_an_error():
    with pytest.raises(ArgumentError, match="names the machine 'server'"):
        LabeledVideoPaths.from_path("file://server/a.csv")
