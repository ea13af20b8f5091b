from __future__ import annotations

import os

import pytest
from torch.utils.data import SequentialSampler

from ptv_datasets import BrokenVideoError, Kinetics
from ptv_prepare import OutputError, Settings, prepare_kinetics
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import make_clip_sampler
from tests.support.video_files import numbers_of

from .conftest import clip, contents

SECOND = make_clip_sampler("whole_video")


def prepare(source, out, settings, **options):
    return prepare_kinetics(source, out, short_side=64, preset="ultrafast", settings=settings, **options)


def read(out, split="train", **options):
    arguments = {"video_path_prefix": str(out), "class_names": str(out / "classes.txt"), **options}
    return list(Kinetics(str(out / f"{split}.csv"), SECOND, SequentialSampler, **arguments))


def test_the_dataset_reads_what_was_prepared(classes, tmp_path, here):
    report = prepare(classes, tmp_path, here)

    samples = read(tmp_path)
    assert ["four", "three", "one, two"] == [sample["video_name"] for sample in samples]
    assert [(0, "archery"), (0, "archery"), (1, "tap dancing")] == [(s["label"], s["label_name"]) for s in samples]
    assert [(25, 64), (30, 64), (25, 64)] == [tuple(s["video"].shape[1:3]) for s in samples]
    assert list(range(30)) == numbers_of(samples[1]["video"])
    assert [False, False, True] == [bool(s["audio"].abs().max() > 0.3) for s in samples]
    assert (3, 0) == (report.made, report.complete)


def test_broken_sources_are_left_out_and_reported_with_their_cause(classes, tmp_path, here):
    report = prepare(classes, tmp_path, here)

    (failure,) = report.failures
    assert str(classes / "archery" / "broken.mp4") == failure.path
    assert "broken" not in (tmp_path / "train.csv").read_text()
    with pytest.raises(BrokenVideoError, match=r"broken\.mp4"):
        prepare(classes, tmp_path / "again", Settings(jobs=0, on_error="raise"))


def test_the_folders_of_splits_are_lists_of_their_own(tmp_path, here):
    for folder in ("train/run", "train/walk", "validate/walk"):
        clip(tmp_path / "source" / folder / f"{folder.replace('/', ' ')}.mp4")
    prepare(tmp_path / "source", tmp_path / "out", here)

    assert [0, 1] == [sample["label"] for sample in read(tmp_path / "out")]
    assert [1] == [sample["label"] for sample in read(tmp_path / "out", "val")]


def test_official_annotations_name_the_clips(tmp_path, here):
    clip(tmp_path / "source" / "abc_000010_000020.mp4")
    clip(tmp_path / "source" / "def_000003_000013.mp4")
    official = "label,youtube_id,time_start,time_end,split\n"
    (tmp_path / "train.csv").write_text(
        official + '"playing poker",abc,10,20,train\nyoga,ghi,1,11,train\n"a, b",def,3,13,train\n'
    )
    (tmp_path / "test.csv").write_text("youtube_id,time_start,time_end,split\nabc,10,20,test\n")
    annotations = {"train": tmp_path / "train.csv", "test": tmp_path / "test.csv"}
    report = prepare(tmp_path / "source", tmp_path / "out", here, annotations=annotations)

    assert ["playing poker", "a, b"] == [sample["label_name"] for sample in read(tmp_path / "out")]
    assert [-1] == [sample["label"] for sample in read(tmp_path / "out", "test")]
    assert ["ghi_000001_000011"] == report.missing


def test_a_list_of_paths_and_labels_keeps_its_numbers(tmp_path, here):
    for name in ("b", "a"):
        clip(tmp_path / "source" / f"{name}.mp4")
    (tmp_path / "list.csv").write_text("b.mp4 7\na.mp4 3\n")
    prepare(tmp_path / "source", tmp_path / "out", here, annotations={"val": tmp_path / "list.csv"})

    assert "videos/b.mp4 7\nvideos/a.mp4 3\n" == (tmp_path / "out" / "val.csv").read_text()
    assert not (tmp_path / "out" / "classes.txt").exists()


def test_the_second_of_two_sources_of_one_output_is_reported(tmp_path, here):
    clip(tmp_path / "source" / "run" / "a.mkv")
    clip(tmp_path / "source" / "run" / "a.mp4")
    report = prepare(tmp_path / "source", tmp_path / "out", here)

    assert ["a.mp4"] == [os.path.basename(failure.path) for failure in report.failures]
    assert "a.mkv" in report.failures[0].message
    assert 1 == len(read(tmp_path / "out"))


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("nowhere", {}, "is not a folder"),
        ("empty", {}, "holds no videos"),
        ("flat", {}, "CLASS/VIDEO"),
        ("flat", {"annotations": {"dev": "x"}}, "dev"),
    ],
)
def test_sources_that_do_not_fit_are_refused(source, options, message, tmp_path, here):
    (tmp_path / "empty").mkdir()
    clip(tmp_path / "flat" / "a.mp4")

    with pytest.raises(ArgumentError, match=message):
        prepare(tmp_path / source, tmp_path / "out", here, **options)


# -- going on


def test_what_is_complete_is_not_made_again(classes, tmp_path, here):
    prepare(classes, tmp_path, here)
    before = contents(tmp_path), (tmp_path / "videos" / "archery" / "four.mp4").stat().st_ino
    report = prepare(classes, tmp_path, here)

    assert (0, 3) == (report.made, report.complete)
    assert before == (contents(tmp_path), (tmp_path / "videos" / "archery" / "four.mp4").stat().st_ino)


def test_an_output_is_made_again_when_source_settings_or_output_changed(tmp_path, here):
    source = clip(tmp_path / "source" / "run" / "a.mp4")
    prepare(tmp_path / "source", tmp_path / "out", here)
    clip(source, frames=10)
    made = [prepare(tmp_path / "source", tmp_path / "out", here).made]
    made.append(prepare_kinetics(tmp_path / "source", tmp_path / "out", short_side=32, settings=here).made)
    (tmp_path / "out" / "videos" / "run" / "a.mp4").write_bytes(b"short")
    made.append(prepare_kinetics(tmp_path / "source", tmp_path / "out", short_side=32, settings=here).made)
    made.append(prepare_kinetics(tmp_path / "source", tmp_path / "out", short_side=32, settings=here).made)

    assert [1, 1, 1, 0] == made
    assert (10, 32) == tuple(read(tmp_path / "out")[0]["video"].shape[1:3])


def test_what_a_killed_run_left_is_cleared_and_its_last_line_ignored(tmp_path, here):
    clip(tmp_path / "source" / "run" / "a.mp4")
    prepare(tmp_path / "source", tmp_path / "out", here)
    before = contents(tmp_path / "out")
    (tmp_path / "out" / "videos" / "run" / ".a.mp4.part-0123456789ab").write_bytes(b"half")
    (tmp_path / "out" / "videos" / "run" / "a.mp4").unlink()
    with open(tmp_path / "out" / ".ptv-prepare" / "journal.jsonl", "a") as journal:
        journal.write('{"output": "videos/run/')
    prepare(tmp_path / "source", tmp_path / "out", here)

    assert before == contents(tmp_path / "out")


def test_files_of_others_are_not_overwritten_unless_asked(tmp_path, here):
    clip(tmp_path / "source" / "run" / "a.mp4")
    clip(tmp_path / "source" / "run" / "b.mp4")
    other = tmp_path / "out" / "videos" / "run" / "a.mp4"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"precious")
    report = prepare(tmp_path / "source", tmp_path / "out", here)

    assert b"precious" == other.read_bytes()
    assert "overwrite" in report.failures[0].message
    assert 2 == prepare(tmp_path / "source", tmp_path / "out", Settings(jobs=0, overwrite=True)).made
    assert 2 == len(read(tmp_path / "out"))


def test_two_runs_in_one_folder_are_refused(tmp_path, here):
    from ptv_prepare.journal import Journal

    clip(tmp_path / "source" / "run" / "a.mp4")
    with Journal(tmp_path / "out"), pytest.raises(OutputError, match="another"):
        prepare(tmp_path / "source", tmp_path / "out", here)


def test_an_output_that_cannot_be_written_ends_the_run(tmp_path, here):
    clip(tmp_path / "source" / "run" / "a.mp4")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "videos").write_text("a file where a folder should be")

    with pytest.raises(OutputError, match="cannot be written"):
        prepare(tmp_path / "source", tmp_path / "out", here)
