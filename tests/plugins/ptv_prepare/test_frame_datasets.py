from __future__ import annotations

import json
from fractions import Fraction

import pytest
from torch.utils.data import SequentialSampler

from ptv_datasets import Ava, Charades, LabelFileError, SSv2
from ptv_datasets.annotations.named_videos import MissingVideosWarning
from ptv_prepare import prepare_ava, prepare_charades, prepare_ssv2
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import make_clip_sampler
from tests.support.video_files import numbers_of

from .conftest import clip

WHOLE = make_clip_sampler("whole_video")


def broken(path):
    path.write_bytes(b"no video")
    return path


@pytest.fixture
def videos(tmp_path):
    folder = tmp_path / "source"
    clip(folder / "10.webm", frames=12, fps=12, codec="libvpx", options={"deadline": "realtime"})
    clip(folder / "11.mp4", frames=20, fps=10)
    broken(folder / "12.webm")
    return folder


def test_ssv2_reads_what_was_prepared(videos, tmp_path, here):
    labels, entries, out = tmp_path / "labels.json", tmp_path / "train.json", tmp_path / "out"
    labels.write_text(json.dumps({"Moving something": "0", "Holding something": "1"}))
    names = ["11", "12", "13", "10"]
    entries.write_text(
        json.dumps([{"id": n, "template": f"{'Holding' if n == '11' else 'Moving'} [something]"} for n in names])
    )
    report = prepare_ssv2(videos, out, annotations={"train": entries}, settings=here)

    files = str(labels), str(entries), str(out / "frame_lists" / "train.csv")
    with pytest.warns(MissingVideosWarning, match="2 of its 4 videos"):
        one, two = SSv2(*files, WHOLE, SequentialSampler, video_path_prefix=str(out / "frames"))
    assert ("11", 1, "Holding something") == (one["video_name"], one["label"], one["label_name"])
    assert [number for number in range(20) for _ in range(3)] == numbers_of(one["video"])
    assert [0, 0, 1, 1, 1] == numbers_of(two["video"])[:5]
    assert 30 == two["video"].shape[1]
    assert (["13"], [str(videos / "12.webm")]) == (report.missing, [failure.path for failure in report.failures])
    assert (out / "frames" / "10" / "10_000030.jpg").exists()
    assert not (out / "frames" / "12").exists()


def test_ssv2_frames_keep_the_rate_asked_for(videos, tmp_path, here):
    prepare_ssv2(videos, tmp_path / "out", fps=5, settings=here)

    assert 10 == len(list((tmp_path / "out" / "frames" / "11").iterdir()))
    assert 0 == prepare_ssv2(videos, tmp_path / "out", fps=5, settings=here).made
    assert 2 == prepare_ssv2(videos, tmp_path / "out", fps=6, settings=here).made
    assert 12 == len(list((tmp_path / "out" / "frames" / "11").iterdir()))


CHARADES = 'id,subject,script,actions,length\n10,A,"x, y",c092 0.50 0.70;c147 0.00 9.00,1\n11,B,z,,2\n'


def test_charades_reads_what_was_prepared(videos, tmp_path, here):
    (tmp_path / "train.csv").write_text(CHARADES)
    prepare_charades(videos, tmp_path / "out", annotations={"train": tmp_path / "train.csv"}, settings=here)

    frames, listed = str(tmp_path / "out" / "frames"), str(tmp_path / "out" / "frame_lists" / "train.csv")
    half = make_clip_sampler("uniform", Fraction(1, 2))
    first, second, *rest = Charades(listed, half, SequentialSampler, video_path_prefix=frames)
    assert [147] == first["label"].nonzero().flatten().tolist()
    assert [92, 147] == second["label"].nonzero().flatten().tolist()
    assert [0] * 4 == [int(sample["label"].sum()) for sample in rest]
    assert list(range(5)) == sorted(set(numbers_of(rest[0]["video"])))
    rows = [row.split(" ") for row in (tmp_path / "out" / "frame_lists" / "train.csv").read_text().splitlines()]
    assert [["10", "0", "15", "10/10-000016.jpg", '"92,147"']] == [row for row in rows if row[:3] == ["10", "0", "15"]]
    assert '"92,147"' == rows[1 + 21][4]
    assert '"147"' == rows[1 + 22][4]


def test_charades_lists_official_frames_where_they_are(videos, tmp_path, here):
    (tmp_path / "train.csv").write_text(CHARADES)
    prepare_charades(videos, tmp_path / "one", annotations={"train": tmp_path / "train.csv"}, settings=here)
    frames = tmp_path / "one" / "frames"
    prepare_charades(frames, tmp_path / "two", annotations={"train": tmp_path / "train.csv"}, settings=here)

    lists = [(tmp_path / name / "frame_lists" / "train.csv").read_text() for name in ("one", "two")]
    assert lists[0] == lists[1]
    assert not (tmp_path / "two" / "frames").exists()


@pytest.mark.parametrize(
    ("text", "place"), [("id,script\na,b\n", "actions"), ("id,actions\n10,c092 1.5\n", "row 2, column actions")]
)
def test_charades_annotations_that_cannot_be_read_name_the_place(text, place, videos, tmp_path, here):
    (tmp_path / "train.csv").write_text(text)

    with pytest.raises(LabelFileError, match=place):
        prepare_charades(videos, tmp_path / "out", annotations={"train": tmp_path / "train.csv"}, settings=here)


def test_ava_reads_what_was_prepared(tmp_path, here):
    films, notes, out = tmp_path / "films", tmp_path / "annotations", tmp_path / "out"
    clip(
        films / "film one.mkv".replace(" ", "_"),
        frames=908,
        fps=1,
        height=16,
        width=64,
        options={"preset": "ultrafast"},
    )
    clip(films / "short.mp4", frames=5, fps=1)
    notes.mkdir()
    row = "{},{},0.1,0.2,0.3,0.4,{},1\n"
    text = [
        row.format(*cells)
        for cells in [("film_one", "0902", 12), ("short", "0902", 3), ("absent", "0903", 3), ("film_one", "0904", 80)]
    ]
    (notes / "ava_train_v2.2.csv").write_text("".join(text))
    (notes / "actions.pbtxt").write_text('label {\n  name: "bend"\n  label_id: 12\n}\n')
    report = prepare_ava(films, out, annotations=notes, preset="ultrafast", settings=here)

    dataset = Ava(
        str(out / "frame_lists" / "train.csv"),
        str(out / "annotations" / "ava_train_v2.2.csv"),
        str(out / "frames"),
        clip_sampler=make_clip_sampler("random", 1),
        video_sampler=SequentialSampler,
    )
    one, two = dataset
    assert ([[12]], [[80]]) == (one["labels"], two["labels"])
    assert (3, 30, 16, 64) == tuple(one["video"].shape)
    # second 902 is 2 s behind the beginning of the cut: half a second of film second 901 and half of 902
    assert 15 * [901 % 256] + 15 * [902 % 256] == numbers_of(one["video"])
    assert (["absent"], [str(films / "short.mp4")]) == (report.missing, [failure.path for failure in report.failures])
    assert "900" in report.failures[0].message
    assert (out / "videos_15min" / "film_one.mp4").exists()
    assert 8 * 30 == len(list((out / "frames" / "film_one").iterdir()))
    assert text[0] + text[3] == (out / "annotations" / "ava_train_v2.2.csv").read_text()
    assert (notes / "actions.pbtxt").read_text() == (out / "annotations" / "actions.pbtxt").read_text()
    assert (0, 2) == (lambda again: (again.made, again.complete))(
        prepare_ava(films, out, annotations=notes, preset="ultrafast", settings=here)
    )


def test_names_that_no_frame_list_can_hold_are_refused(tmp_path, here):
    clip(tmp_path / "source" / "a b.mp4")

    with pytest.raises(ArgumentError, match="'a b'"):
        prepare_ssv2(tmp_path / "source", tmp_path / "out", settings=here)
