from __future__ import annotations

import json
import subprocess
import sys

import pytest

ROWS = 1_000_000
PROGRAM = """
import json, sys, time
from multiprocessing.reduction import ForkingPickler
from ptv_datasets import labeled_video_dataset
from ptv_video.clip_sampling import make_clip_sampler

sampler = make_clip_sampler("constant_clips_per_video", 1, 1)
labeled_video_dataset(sys.argv[2], sampler)
peak = lambda: int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024  # since exec
before, start = peak(), time.process_time()
dataset = labeled_video_dataset(sys.argv[1], sampler)
seconds, used = time.process_time() - start, peak() - before
len(dataset), dataset._clips.places(0, dataset._counts)
pickled = ForkingPickler.dumps(dataset)
last = dataset.videos[-1]
print(json.dumps([seconds, used, len(pickled), len(dataset.videos), last.path, last.info]))
"""


@pytest.mark.parametrize("form", ["{path} {n}\n", "{path},class {n}\n"])
def test_a_million_rows_take_two_seconds_and_200_mb_and_workers_share_them(tmp_path, form):
    path = tmp_path / "many.csv"
    names = (f"train/abseiling/video_{number:08d}.mp4" for number in range(ROWS))
    path.write_text("".join(form.format(path=name, n=number % 400) for number, name in enumerate(names)))
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
