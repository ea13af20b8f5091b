from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from multiprocessing.reduction import ForkingPickler

import pytest
from torch.utils.data import SequentialSampler

from ptv_datasets import Ava, Charades, labeled_video_dataset
from ptv_datasets.annotations.frame_lists import read_frame_lists
from ptv_datasets.video_lists.exact_seconds import ExactSeconds
from ptv_video.samplers.factory import UniformClipSampler, make_clip_sampler

ROWS = 1_000_000
PROGRAM = """
import json, sys, time
from multiprocessing.reduction import ForkingPickler
from ptv_datasets import labeled_video_dataset
from ptv_video.samplers.factory import make_clip_sampler

sampler = make_clip_sampler("constant_clips_per_video", 1, 1)
labeled_video_dataset(sys.argv[2], sampler)
peak = lambda: int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024  # since exec
before, start = peak(), time.process_time()
dataset = labeled_video_dataset(sys.argv[1], sampler)
seconds, used = time.process_time() - start, peak() - before
len(dataset), dataset._places(0)
pickled = ForkingPickler.dumps(dataset)
last = dataset.videos[-1]
print(json.dumps([seconds, used, len(pickled), len(dataset.videos), last.path, last.info]))
"""


@pytest.mark.parametrize("form", ["{path} {n}\n", "{path},class {n},{n}.25\n"])
def test_a_million_rows_take_two_seconds_and_200_mb_and_workers_share_them(tmp_path, form):
    path = tmp_path / "many.csv"
    names = (f"train/abseiling/video_{number:08d}.mp4" for number in range(ROWS))
    header = "path,label,duration\n" if form.count(",") > 1 else ""
    path.write_text(header + "".join(form.format(path=name, n=number % 400) for number, name in enumerate(names)))
    (tmp_path / "one.csv").write_text("a.mp4 1\n")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, path, tmp_path / "one.csv"], check=True, capture_output=True, text=True
    )
    seconds, megabytes, pickled, count, last, info = json.loads(done.stdout)
    sys.stderr.write(f"{seconds:.2f} s, {megabytes:.0f} MB, {pickled} bytes for a worker\n")

    assert count == ROWS
    assert (last, info["label_name"].removeprefix("class ")) == ("train/abseiling/video_00999999.mp4", "399")
    assert seconds < 2
    assert megabytes < 200
    assert pickled < 3_000_000


FRAMES, FILMS = 5000, 3


@pytest.fixture(scope="module")
def frame_list(tmp_path_factory):
    """Films whose rows take turns, from the last frame to the first."""
    path = tmp_path_factory.mktemp("many frames") / "list.csv"
    rows = (
        f'film{film} {film} {number} film{film}/{number:06d}.jpg "{number // 1000}"\n'
        for number in reversed(range(FRAMES))
        for film in range(FILMS)
    )
    path.write_text("original_vido_id video_id frame_id path labels\n" + "".join(rows))
    return path


def test_frame_lists_whose_rows_are_mixed_are_put_in_order(frame_list):
    found = read_frame_lists(frame_list, "root")

    assert found.names == ["film0", "film1", "film2"]
    assert list(found[1]) == [f"root/film1/{number:06d}.jpg" for number in range(FRAMES)]
    assert found.labels(2, 900, 2001) == [0, 1, 2]
    assert (found[1] == found[1], found[0] == found[1]) == (True, False)


def test_frames_and_boxes_are_shared_with_workers(frame_list, tmp_path):
    boxes = (f"film{film},{902 + second:04d},0.1,0.1,0.5,0.5,12,0\n" for film in range(FILMS) for second in range(160))
    (tmp_path / "boxes.csv").write_text("".join(boxes))
    sampler = make_clip_sampler("random", 1)
    datasets = (
        Charades(str(frame_list), sampler),
        Ava(str(frame_list), str(tmp_path / "boxes.csv"), clip_sampler=sampler),
    )
    lengths = [len(dataset) for dataset in datasets]

    assert lengths == [FILMS, FILMS * 160]
    assert max(len(ForkingPickler.dumps(dataset)) for dataset in datasets) < 8000


def test_durations_of_a_file_are_those_of_its_videos_and_count_its_clips(tmp_path):
    seconds = ["0.5", "3", "2.75", "7.000", "1001/300"]
    text = "path,label,duration\n" + "".join(f"{n}.mp4,0,{value}\n" for n, value in enumerate(seconds))
    (tmp_path / "a.csv").write_text(text)
    dataset = labeled_video_dataset(str(tmp_path / "a.csv"), make_clip_sampler("uniform", 1), SequentialSampler)

    assert [dataset._durations.known(index) for index in range(5)] == [Fraction(value) for value in seconds]
    assert len(dataset) == 1 + 3 + 2 + 7 + 3


class _EverySecondVideo(UniformClipSampler):
    """Gives clips by the number of the video."""

    def spans(self, video_duration, annotation=None, *, seed=0, epoch=0, index=0):
        return super().spans(video_duration, annotation, index=index)[: 1 + index % 2]


def test_samplers_of_others_are_asked_for_every_video(tmp_path):
    (tmp_path / "a.csv").write_text("path,label,duration\n" + "".join(f"{n}.mp4,0,3\n" for n in range(4)))

    assert len(labeled_video_dataset(str(tmp_path / "a.csv"), _EverySecondVideo(1))) == 6


@pytest.mark.parametrize("share", [False, True])
def test_exact_seconds_are_exact(share):
    values = [Fraction(1001, 30000), None, Fraction(10**9), Fraction(5, 2), Fraction(5, 2)]
    found = ExactSeconds(values)
    found = found.share() if share else found
    distinct, places = found.distinct()

    assert list(found) == values
    assert [distinct[place] for place in places] == values
    assert len(distinct) == 4
    assert not found.complete
