"""``ptv predict``: what it is given, what it writes, and how it fails."""

from __future__ import annotations

import csv
import functools
import http.server
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from ptv_registry.errors import ArgumentError, OutputError
from ptv_train.errors import DeviceError
from ptv_train.prediction.command import check_writable, predict
from ptv_train.prediction.prediction import Prediction, Window
from ptv_train.prediction.predictor import Predictor
from ptv_train.prediction.report import lines, segments, write_srt
from ptv_train.prediction.sources import expand
from ptv_video.errors import VideoDecodeError

from .conftest import MODEL, TRANSFORM

CLIPS = Path(__file__).parents[2] / "support" / "clips"
CLIP = next(CLIPS.glob("*.mp4"))
TINY = ["--model", MODEL, "--clip-seconds", "1", "--transform", TRANSFORM, "--quiet"]


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(predict, [*map(str, arguments), *TINY], catch_exceptions=False)


def prediction(firsts: list[int], stride: float = 1.0, length: float = 1.0) -> Prediction:
    """Windows whose first class is given, with 0.9."""
    names = ("north", "south")
    found = tuple(
        Window(k * stride, k * stride + length, torch.tensor([0.9, 0.1] if first == 0 else [0.1, 0.9]))
        for k, first in enumerate(firsts)
    )
    return Prediction("a.mp4", found[-1].end_s, names, "trained", found)


def test_neighbouring_windows_with_the_same_first_class_are_one_line() -> None:
    printed = list(lines(prediction([0] * 42 + [1] * 18), 1))

    assert ["  0 to 42 s  north  90 %", " 42 to 60 s  south  90 %"] == [line[1:] for line in printed[2:]]


def test_segments_of_overlapping_windows_part_in_the_middle() -> None:
    found = segments(prediction([0, 0, 1, 1], stride=0.5))

    assert [(0.0, 1.25), (1.25, 2.5)] == [(segment.start_s, segment.end_s) for segment in found]


def test_subtitles_have_the_segments(tmp_path: Path) -> None:
    write_srt(prediction([0, 1], stride=3661.25, length=3661.25), tmp_path / "a.srt")

    assert (
        "1\n00:00:00,000 --> 01:01:01,250\nnorth 90 %\n\n2\n01:01:01,250 --> 02:02:02,500\nsouth 90 %\n\n"
        == (tmp_path / "a.srt").read_text()
    )


def test_folders_globs_and_folders_of_images_are_videos(tmp_path: Path) -> None:
    for name in ("b/2.mp4", "b/1.MKV", "b/notes.txt", "frames/1.png", "frames/2.png", "a.avi"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    here = str(tmp_path)

    assert [f"{here}/{name}" for name in ("a.avi", "b/1.MKV", "b/2.mp4", "frames")] == expand([here])
    assert [f"{here}/frames"] == expand([f"{here}/frames"])
    assert expand([here]) == expand([Path(here).as_uri()])
    assert [f"{here}/b/2.mp4"] == expand([f"{here}/b/*.mp4", f"{here}/b/2.mp4"])
    assert ["https://example.org/a.mp4"] == expand(["https://example.org/a.mp4"])
    with pytest.raises(ArgumentError, match="nothing fits"):
        expand([f"{here}/*.webm"])


def test_several_videos_go_into_one_csv(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        shutil.copy(CLIP, tmp_path / name)

    done = invoke(tmp_path, "--csv", tmp_path / "out.csv", "--top", 2)
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))

    assert 0 == done.exit_code
    assert {str(tmp_path / "a.mp4"), str(tmp_path / "b.mp4")} == {row["video"] for row in rows}
    assert {"1", "2"} == {row["rank"] for row in rows}


def test_a_broken_video_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video")
    shutil.copy(CLIP, tmp_path / "b.mp4")

    done = invoke(tmp_path, "--json")

    assert 1 == done.exit_code
    assert "a.mp4" in done.stderr
    assert "1 of 2 videos" in done.stderr
    assert [str(tmp_path / "b.mp4")] == [found["video"] for found in json.loads(done.stdout)]
    with pytest.raises(VideoDecodeError, match=r"a\.mp4"):
        invoke(tmp_path / "a.mp4")


@pytest.mark.parametrize("option", ["--picture", "--csv", "--srt"])
def test_outputs_are_tried_before_the_work(tmp_path: Path, option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Predictor, "load", lambda *_, **__: pytest.fail("it began to work"))
    with pytest.raises(OutputError, match="does not exist"):
        invoke(CLIP, option, tmp_path / "none" / "x.out")


def test_trying_an_output_leaves_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("kept")
    check_writable(str(tmp_path / "old"))
    check_writable(str(tmp_path / "new"))

    assert "kept" == (tmp_path / "old").read_text()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["SLOWFAST_8x8_R50.pyth", "a.pth", "a.pt", "a.safetensors"])
def test_a_file_of_weights_is_no_model(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"--weights {name}"):
        Predictor.load(name)


def test_weights_are_loaded_from_a_file(tmp_path: Path) -> None:
    import ptv_registry

    model = ptv_registry.build(MODEL)
    torch.save(model.state_dict(), tmp_path / "w.pth")
    found = Predictor.load(MODEL, weights=str(tmp_path / "w.pth"), seconds=1.0, transform=TRANSFORM)

    assert "trained" == found.weights
    assert all(torch.equal(value, found.model.state_dict()[name]) for name, value in model.state_dict().items())


def test_a_missing_device_is_said_in_a_line() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(DeviceError, match=r"'cuda' cannot be used here.*give cpu") as caught:
        Predictor.load(MODEL, device="cuda")

    assert "\n" not in str(caught.value)


def test_ctrl_c_ends_with_130_and_a_word(tmp_path: Path) -> None:
    code = (
        "import sys, time, torch\n"
        "from ptv_train.prediction.predictor import Predictor\n"
        "def wait(self, clips):\n"
        "    print('busy', file=sys.stderr, flush=True); time.sleep(30)\n"
        "Predictor._run = wait\n"
        "from ptv_registry.cli import main\n"
        f"sys.argv = ['ptv', 'predict', {str(CLIP)!r}, *{TINY!r}]\n"
        "main()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    said = []
    for line in process.stderr:
        said.append(line)
        if "busy" in line:
            break
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    said.append(process.communicate(timeout=20)[1])

    assert 130 == process.returncode, said
    assert "0 of 1 videos are done" in said[-1]
    assert time.monotonic() - began < 20


def test_ctrl_c_in_a_long_video_gives_what_is_known_by_then(tmp_path: Path) -> None:
    arguments = ["predict", str(CLIP), *TINY, "--batch-size", "1", "--stride", "0.2", "--csv", str(tmp_path / "a.csv")]
    code = (
        "import sys, time\n"
        "from ptv_train.prediction.predictor import Predictor\n"
        "run, batches = Predictor._run, []\n"
        "def slow(self, clips):\n"
        "    batches.append(clips)\n"
        "    if len(batches) == 4:\n"
        "        print('busy', file=sys.stderr, flush=True); time.sleep(30)\n"
        "    return run(self, clips)\n"
        "Predictor._run = slow\n"
        "from ptv_registry.cli import main\n"
        f"sys.argv = ['ptv', *{arguments!r}]\n"
        "main()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "busy" in line:
            break
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=20)
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))

    assert 130 == process.returncode, said
    assert f"Interrupted in {CLIP} at 1.4 of " in said
    assert "0 of 1 videos are done" in said
    assert ", 3 windows" in printed
    assert {"0.0", "0.2", "0.4"} == {row["start_s"] for row in rows}


def test_an_output_without_room_is_said_before_the_work(tmp_path: Path) -> None:
    arguments = ["predict", str(CLIP), *TINY, "--csv", str(tmp_path / "a.csv")]
    code = (
        "import resource, sys\n"
        "from ptv_train.prediction.predictor import Predictor\n"
        "Predictor.load = lambda *_, **__: sys.exit('it began to work')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "from ptv_registry.cli import main\n"
        f"sys.argv = ['ptv', *{arguments!r}]\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert 1 == done.returncode
    assert f"Error: {tmp_path / 'a.csv'} cannot be written: File too large; nothing was predicted\n" == done.stderr
    assert [] == list(tmp_path.iterdir())


def test_several_videos_are_predicted_by_one_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        shutil.copy(CLIP, tmp_path / name)
    loaded = []
    load = Predictor.load
    monkeypatch.setattr(Predictor, "load", lambda *args, **more: loaded.append(args) or load(*args, **more))

    done = invoke(str(tmp_path / "*.mp4"), "--json")

    assert 1 == len(loaded)
    assert 3 == len(json.loads(done.stdout))


def test_a_video_is_read_from_an_address(tmp_path: Path) -> None:
    shutil.copy(CLIP, tmp_path / "a.mp4")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/a.mp4"
    try:
        done = invoke(address, tmp_path / "a.mp4", "--json")
    finally:
        server.shutdown()
        server.server_close()
    by_address, by_path = json.loads(done.stdout)

    assert address == by_address["video"]
    assert by_path["windows"] == by_address["windows"]


def test_windows_that_overlap_decode_no_frame_twice_and_none_that_the_video_does_not_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ptv_train.clip_recipe import ClipRecipe
    from ptv_video import PyAVVideo
    from ptv_video.decoders.picture_stream import PictureStream

    came: list[int] = []
    decoded = PictureStream._decoded

    def counting(self: PictureStream, packets: Iterator) -> Iterator:
        for frame in decoded(self, packets):
            came.append(frame.pts)
            yield frame

    with PyAVVideo(str(CLIP), decode_audio=False) as video:
        times = set(video.get_clip(0, video.duration)["pts"].tolist())
    monkeypatch.setattr(PictureStream, "_decoded", counting)
    predictor = Predictor(
        torch.nn.Sequential(torch.nn.AdaptiveAvgPool3d(1), torch.nn.Flatten()), ClipRecipe(1.0, TRANSFORM)
    )
    counts = []
    for stride in (None, 0.5, 0.1):
        came.clear()
        predictor.predict(CLIP, stride_s=stride)
        assert len(came) == len(set(came))
        counts.append(len(came))

    assert max(counts) <= len(times)


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_windows_in_batches_have_the_scores_of_each_alone(batch_size: int) -> None:
    torch.manual_seed(0)
    import ptv_registry
    from ptv_train.clip_recipe import ClipRecipe
    from ptv_train.prediction.predictor import windows
    from ptv_video import PyAVVideo

    model, recipe = ptv_registry.build(MODEL), ClipRecipe(1.0, TRANSFORM)
    found = Predictor(model, recipe, batch_size=batch_size).predict(CLIP, stride_s=0.4)
    transform = recipe.build_transform()
    with PyAVVideo(str(CLIP), decode_audio=False) as video, torch.inference_mode():
        spans = list(windows(video.duration, 1.0, 0.4))
        expected = [model(transform({"video": video.get_clip(*s)["video"]})["video"][None]).softmax(-1) for s in spans]

    assert torch.allclose(torch.cat(expected), torch.stack([window.scores for window in found.windows]), atol=1e-5)


@pytest.mark.parametrize(
    ("scores", "expected"), [("logits", [0.5, 0.5]), ("probabilities", [0.7, 0.7]), ("per_label", [0.7, 0.7])]
)
def test_scores_are_what_the_model_is_said_to_give(scores: str, expected: list[float]) -> None:
    from ptv_train.clip_recipe import ClipRecipe

    class _Constant(torch.nn.Module):
        def forward(self, clips: torch.Tensor) -> torch.Tensor:
            return torch.full((len(clips), 2), 0.7)

    found = Predictor(_Constant(), ClipRecipe(1.0, TRANSFORM), scores=scores).predict(CLIP)

    assert expected == pytest.approx(found.windows[0].scores.tolist())
    with pytest.raises(ArgumentError, match="scores='guess'"):
        Predictor(_Constant(), ClipRecipe(1.0, TRANSFORM), scores="guess")


@pytest.mark.parametrize("count", [3, 600])
def test_few_and_many_windows_are_drawn(tmp_path: Path, count: int) -> None:
    from attrs import evolve

    from ptv_train.prediction.picture import draw

    draw(evolve(prediction([k // 50 % 2 for k in range(count)]), video=str(CLIP)), tmp_path / "p.png")

    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
