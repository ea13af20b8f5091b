from __future__ import annotations

import inspect
import json
import warnings
from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, RandomSampler, SequentialSampler

from ptv_datasets import Ava, Charades, LabelFileError, SSv2
from ptv_datasets.annotations.named_videos import MissingVideosWarning
from ptv_datasets.reading.frame_choice import Segments, Spread
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import ClipSampler, make_clip_sampler

SECOND = make_clip_sampler("uniform", 1)


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """Two videos of 20 images; the brightness of an image is ten times its number."""
    root = tmp_path_factory.mktemp("frames")
    rows = ["original_vido_id video_id frame_id path labels"]
    for video, name in enumerate(("one", "two")):
        (root / name).mkdir()
        for number in reversed(range(20)):
            path = f"{name}/{name}_{number:06d}.png"
            Image.fromarray(np.full((16, 16, 3), 10 * number, np.uint8)).save(root / path)
            rows.append(f'{name} {video} {number} {path} "{number // 5},{100 + video}"')
    (root / "train.csv").write_text("\n".join(rows) + "\n")
    return root


@pytest.fixture(scope="module")
def ssv2(frames):
    (frames / "labels.json").write_text(json.dumps({"Moving something up": "0", "Holding something": "1"}))
    entries = [
        {"id": "one", "template": "Holding [something]"},
        {"id": "absent", "template": "Holding [something]"},
        {"id": "two", "template": "Moving [something] up"},
    ]
    (frames / "videos.json").write_text(json.dumps(entries))

    def make(sampler=SECOND, **arguments):
        files = (str(frames / name) for name in ("labels.json", "videos.json", "train.csv"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MissingVideosWarning)
            return SSv2(*files, sampler, SequentialSampler, video_path_prefix=str(frames), frame_rate=10, **arguments)

    return make


def brightness(sample):
    return (sample["video"][0, :, 0, 0] // 10).tolist()


def test_ssv2_gives_the_frames_of_each_clip_and_the_label(ssv2):
    samples = list(ssv2())

    assert [brightness(s) for s in samples] == [list(range(10)), list(range(10, 20))] * 2
    assert [(s["label"], s["label_name"]) for s in samples[1:3]] == [
        (1, "Holding something"), (0, "Moving something up")
    ]  # fmt: skip
    assert ssv2().class_names == ["Moving something up", "Holding something"]


def test_ssv2_takes_one_frame_of_each_segment_of_the_clip(ssv2):
    assert brightness(ssv2(frames_per_clip=3)[1]) == [11, 14, 17]
    assert brightness(ssv2(make_clip_sampler("whole_video"), frames_per_clip=4)[0]) == [2, 7, 12, 16]


def test_ssv2_takes_random_frames_that_depend_on_seed_and_epoch(ssv2):
    def picks(epoch, **arguments):
        dataset = ssv2(make_clip_sampler("whole_video"), frames_per_clip=4, rand_sample_frames=True, **arguments)
        dataset.set_epoch(epoch)
        return [brightness(s) for s in dataset]

    assert picks(0) == picks(0)
    assert len({str(picks(epoch)) for epoch in range(5)}) > 1
    assert picks(0, seed=1) != picks(0, seed=2)
    assert all(sorted(row) == row and len(row) == 4 for row in picks(0))


def test_a_second_epoch_is_as_long_as_the_first(ssv2, frames):
    for dataset in (ssv2(), Charades(str(frames / "train.csv"), SECOND, video_path_prefix=str(frames), frame_rate=10)):
        expected = Counter({(0, 0): 1, (0, 1): 1, (1, 0): 1, (1, 1): 1})
        for _ in range(2):
            loader = DataLoader(dataset, num_workers=2)

            assert Counter((int(s["video_index"]), int(s["clip_index"])) for s in loader) == expected


def test_ssv2_tells_about_a_template_without_a_number(ssv2, frames):
    files = [str(frames / name) for name in ("labels.json", "videos.json", "train.csv")]
    (frames / "wrong.json").write_text('[{"id": "one", "template": "Eating [something]"}]')
    with pytest.raises(LabelFileError, match=r"'one' has template 'Eating something'"):
        SSv2(files[0], str(frames / "wrong.json"), files[2], SECOND)
    (frames / "wrong.json").write_text('[{"id": "one",\n oops}]')
    with pytest.raises(LabelFileError, match=r"wrong.json, row 2, column 2"):
        SSv2(files[0], str(frames / "wrong.json"), files[2], SECOND)


def test_charades_gives_the_classes_of_clip_and_video(frames):
    dataset = Charades(
        str(frames / "train.csv"), SECOND, SequentialSampler, video_path_prefix=str(frames), frame_rate=10
    )
    batch = next(iter(DataLoader(dataset, batch_size=4)))

    assert batch["label"].shape == (4, 157)
    assert [row.nonzero()[:, 0].tolist() for row in batch["label"]] == [
        [0, 1, 100], [2, 3, 100], [0, 1, 101], [2, 3, 101]
    ]  # fmt: skip
    assert batch["video_label"][0].nonzero()[:, 0].tolist() == [0, 1, 2, 3, 100]


def test_charades_classes_do_not_depend_on_the_frames_that_are_kept(frames):
    dataset = Charades(
        str(frames / "train.csv"), SECOND, SequentialSampler, None, str(frames), frames_per_clip=1, frame_rate=10
    )

    assert brightness(dataset[0]) == [4]
    assert dataset[0]["label"].nonzero()[:, 0].tolist() == [0, 1, 100]


def test_clips_that_overlap_begin_at_the_start_of_the_video(frames):
    sampler = make_clip_sampler("uniform", 1, 0.5)
    dataset = Charades(
        str(frames / "train.csv"), sampler, SequentialSampler, video_path_prefix=str(frames), frame_rate=10
    )

    assert [brightness(s)[0] for s in dataset] == [0, 5, 10] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("original_vido_id video_id frame_id path\n", "lacks labels"),
        ('original_vido_id video_id frame_id path labels\none 0 0 a.png "1"\none 0 1 b.png\n', "row 3, column 5"),
        ('original_vido_id video_id frame_id path labels\none 0 x a.png "1"\n', "row 2, column frame_id: 'x'"),
        ('original_vido_id video_id frame_id path labels\none 0 0 a.png "1,y"\n', "row 2, column labels: 'y'"),
        ('original_vido_id video_id frame_id path labels\none 0 0 a.png "157"\n', "label 157"),
        ("original_vido_id video_id frame_id path labels\n", "only a header"),
    ],
)
def test_errors_of_frame_lists_name_row_and_column(tmp_path, text, message):
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(LabelFileError, match=message):
        Charades(str(tmp_path / "list.csv"), SECOND)


@pytest.fixture
def ava(tmp_path, frames):
    def make(text, label_map=None, **arguments):
        (tmp_path / "boxes.csv").write_text(text)
        if label_map is not None:
            (tmp_path / "map.pbtxt").write_text(label_map)
            arguments["label_map_file"] = str(tmp_path / "map.pbtxt")
        rows = ["original_vido_id video_id frame_id path labels"]
        rows += [f'film 0 {n} one/one_{n % 20:06d}.png ""' for n in range(150)]
        (tmp_path / "list.csv").write_text("\n".join(rows))
        return Ava(
            str(tmp_path / "list.csv"), str(tmp_path / "boxes.csv"), str(frames), video_sampler=SequentialSampler,
            **arguments,
        )  # fmt: skip

    return make


BOXES = (
    "film,0902,0.1,0.1,0.5,0.9,12,0\nfilm,0902,0.1,0.1,0.5,0.9,17,0\nfilm,0902,0.103,0.1,0.5,0.9,12,1\n"
    "film,0903,0.2,0.2,0.3,0.3,80,2\nfilm,0901,0.2,0.2,0.3,0.3,80,2\n"
)


def test_ava_gives_a_clip_around_each_key_frame_with_its_boxes(ava):
    dataset = ava(BOXES, clip_sampler=make_clip_sampler("random", 1))
    first, second = dataset

    assert len(dataset) == 2
    assert brightness(first) == [n % 20 for n in range(45, 75)]
    assert torch.equal(first["boxes"], torch.tensor([[0.1, 0.1, 0.5, 0.9], [0.103, 0.1, 0.5, 0.9]]))
    assert (first["labels"], first["extra_info"]) == ([[12, 17], [12]], [[0, 0], [1]])
    assert (first["video_index"], first["clip_index"], second["clip_index"]) == (0, 2, 3)
    assert "label" not in first


def test_ava_has_a_working_default_length_and_moves_clips_into_the_film(ava):
    assert ava(BOXES)[0]["video"].shape[1] == 60
    assert ava(BOXES, clip_sampler=ClipSampler)[0]["video"].shape[1] == 60
    assert ava(BOXES, clip_sampler=make_clip_sampler("random", 4.5))[0]["video"].shape[1] == 135


def test_ava_leaves_out_labels_that_the_map_lacks_but_no_predicted_box(ava):
    label_map = 'item {\n  name: "bend"\n  id: 12\n}\nlabel {\n  name: "run"\n  label_id: 80\n}\n'
    dataset = ava(BOXES + "film,0904,0.2,0.2,0.3,0.3,,0.97\n", label_map)

    assert [s["labels"] for s in dataset] == [[[12], [12]], [[80]], [[-1]]]
    assert dataset[2]["extra_info"] == [[0.97]]


def test_a_number_of_5000_digits_in_a_label_map_is_no_raw_error(ava):
    with pytest.raises(LabelFileError, match="no entries with name and id"):  # not 5,000 digits to int()
        ava(BOXES, 'item {\n  name: "bend"\n  id: ' + "9" * 5000 + "\n}\n")


def test_ava_leaves_out_excluded_time_stamps(ava, tmp_path):
    (tmp_path / "excluded.csv").write_text("film,0902\nother,0903\n")
    dataset = ava(BOXES, excluded_timestamps_file=str(tmp_path / "excluded.csv"))

    assert [sample["clip_index"] for sample in dataset] == [3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("film,902,1\n", "row 1, column 3: 3 columns; there are 2: video and time stamp"),
        ("film,902\n,903\n", "row 2, column 1: the cell is empty"),
        ("film,late\n", "row 1, column 2: 'late'"),
    ],
)
def test_errors_of_excluded_time_stamps_name_row_and_column(ava, tmp_path, text, message):
    (tmp_path / "excluded.csv").write_text(text)
    with pytest.raises(LabelFileError, match=message):
        ava(BOXES, excluded_timestamps_file=str(tmp_path / "excluded.csv"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("film,0902,0.1,0.1,0.5,0.9\n", "row 1, column 7: 6 columns"),
        ("other,0902,0.1,0.1,0.5,0.9,12,0\n", r"none of its 1 videos \(other\)"),
        ("film,0902,,0.1,0.5,0.9,12,0\n", "row 1, column 3: '' is not a number"),
        (",0902,0.1,0.1,0.5,0.9,12,0\n", "row 1, column 1: the cell is empty"),
        ("\n", "is empty"),
        ("film,0902,0.1,10,0.5,0.9,12,0\n", "row 1, column 4: 10 is not between"),
        ("film,0902,0.1,0.1,0.5,0.9,walk,0\n", "row 1, column 7: 'walk'"),
        (BOXES + "\n" * 3 + "film,0905,0.1,0.1,0.5\n", "row 9, column 6: 5 columns"),
        (BOXES * 4000 + "film,0905,0.1,0.1,0.5,inf,12,0\n", "row 20001, column 6: 'inf' is not a number"),
        ("film,later,0.1,0.1,0.5,0.9,12,0\n", "row 1, column 2: 'later'"),
        ("film,0100,0.1,0.1,0.5,0.9,12,0\n", "no box in the seconds"),
    ],
)
def test_errors_of_ava_annotations_name_row_and_column(ava, text, message):
    with pytest.raises(LabelFileError, match=message):
        ava(text)


@pytest.mark.parametrize(
    ("dataset", "documented"),
    [
        (SSv2, {"label_name_file": 0, "video_label_file": 0, "video_path_label_file": 0, "clip_sampler": 0,
                "video_sampler": RandomSampler, "transform": None, "video_path_prefix": "", "frames_per_clip": None,
                "rand_sample_frames": False}),
        (Charades, {"data_path": 0, "clip_sampler": 0, "video_sampler": RandomSampler, "transform": None,
                    "video_path_prefix": "", "frames_per_clip": None}),
        (Ava, {"frame_paths_file": 0, "frame_labels_file": 0, "video_path_prefix": "", "label_map_file": None,
               "clip_sampler": None, "video_sampler": RandomSampler, "transform": None}),
    ],
)  # fmt: skip
def test_the_documented_arguments_come_first_with_their_defaults(dataset, documented):
    parameters = inspect.signature(dataset).parameters.values()
    positional = {p.name: 0 if p.default is p.empty else p.default for p in parameters if p.kind is not p.KEYWORD_ONLY}

    assert positional == documented


@pytest.mark.parametrize("total", [1, 3, 8, 9, 15, 100])
def test_every_way_of_picking_frames_gives_the_exact_number(total):
    for pick in (Spread(8), Segments(8), Segments(8, "key")):
        assert len(pick(total)) == 8
        assert sorted(pick(total)) == list(pick(total))
        assert 0 <= min(pick(total)) <= max(pick(total)) < total


def test_frames_per_clip_must_be_positive(ssv2):
    with pytest.raises(ArgumentError, match="frames_per_clip=0"):
        ssv2(frames_per_clip=0)
