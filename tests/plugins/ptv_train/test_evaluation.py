"""Evaluation: the multi-view protocol against a calculation by hand, classes by name, figures, and what is left out."""

from __future__ import annotations

import functools
import math
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import ptv_registry
from ptv_datasets import BrokenVideoError
from ptv_registry.errors import ArgumentError
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.errors import DeviceError, MissingViewError, UnknownClassError
from ptv_train.evaluation.evaluation import evaluate
from ptv_train.evaluation.result import Evaluation, VideoScores
from ptv_train.evaluation.views import EvenClipSampler, Views
from ptv_train.model_source import ModelSource, load_source
from ptv_video.decoders.pyav import PyAVVideo
from ptv_video.opening import open_video
from tests.support import video_files as files

SECONDS = Fraction(1, 2)
FRAMES, SIDE = 4, 24
STEPS = (
    f"uniform_temporal_subsample(num_samples={FRAMES}), convert_uint8_to_float, "
    "normalize(mean=[0.45, 0.45, 0.45], std=[0.225, 0.225, 0.225]), "
    f"short_side_scale(size={SIDE})"
)
CROP = f"apply_transform_to_key(key='video', transform=compose(transforms=[{STEPS}, center_crop(size={SIDE})]))"
TWO = f"apply_transform_to_key(key='video', transform=compose(transforms=[{STEPS}, center_crop(size={SIDE}), pack_pathway(alpha=4)]))"
OF_SAMPLES = (
    f"compose(transforms=[apply_transform_to_key(key='video', transform=compose(transforms=[{STEPS}])), "
    f"uniform_crop_video(size={SIDE})])"
)
CLASSES = ("archery", "bowling", "climbing", "diving", "eating", "fencing", "golf")

H264 = {"g": "12", "bf": "2", "crf": "10"}
VIDEOS = {
    "bowling/landscape.mp4": files.Recipe("landscape.mp4", frames=50, options=H264),
    "bowling/short.mp4": files.Recipe("short.mp4", frames=9, options=H264),
    "golf/portrait.mp4": files.Recipe("portrait.mp4", frames=64, width=48, height=90, fps=Fraction(30000, 1001)),
    "golf/square.mkv": files.Recipe("square.mkv", frames=33, width=48, height=48),
    "climbing/odd.mp4": files.Recipe("odd.mp4", codec="mpeg4", width=67, height=49, options={"g": "12", "qscale": "2"}),
}


class Probe(nn.Module):
    """Scores that depend on every pixel and frame of the clip, or of the slower of two pathways."""

    def __init__(self, classes: int = len(CLASSES)) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.conv = nn.Conv3d(3, 8, 3, stride=2, padding=1)
        self.head = nn.Linear(8 * 2 * 3 * 3, classes)

    def forward(self, clips: Any) -> torch.Tensor:
        if isinstance(clips, list):
            slow, fast = clips
            clips = fast + slow
        x = F.adaptive_avg_pool3d(self.conv(clips).relu(), (2, 3, 3))
        return 4 * self.head(x.flatten(1))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five videos of three classes, of several sizes and lengths."""
    root = tmp_path_factory.mktemp("data")
    for name, recipe in VIDEOS.items():
        (root / name).parent.mkdir(exist_ok=True)
        files.write(recipe, (root / name).parent)
    return root


def source(transform: str = CROP, categories: tuple[str, ...] | None = CLASSES, model: Any = None) -> ModelSource:
    recipe = ClipRecipe(float(SECONDS), transform)
    probe = (model or Probe()).eval()
    return ModelSource("probe", probe, recipe, categories, "trained", torch.device("cpu"))


def by_hand(path: Path, clips: int, crops: int, model: nn.Module) -> torch.Tensor:
    """The mean over the views of the softmax, one view after the other."""
    scores = []
    with open_video(str(path), decode_audio=False) as video, torch.inference_mode():
        length = video.exact_duration
        for number in range(clips):
            start = max(length - SECONDS, Fraction(0)) * number / clips
            clip = video.get_clip(start, start + SECONDS)["video"]
            if length < SECONDS:
                missing = round(clip.shape[1] * SECONDS / length) - clip.shape[1]
                clip = torch.cat([clip, clip[:, -1:].expand(-1, missing, -1, -1)], 1)
            kept = torch.linspace(0, clip.shape[1] - 1, FRAMES).long()
            x = (clip[:, kept].float() / 255 - 0.45) / 0.225
            height, width = x.shape[2:]
            short = min(height, width)
            size = [math.floor(side * SIDE / short) for side in (height, width)]
            x = F.interpolate(x.transpose(0, 1), size, mode="bilinear", align_corners=False).transpose(0, 1)
            rest = max(size) - SIDE
            for offset in (0, math.ceil(rest / 2), rest)[:crops]:
                y, z = (offset, 0) if size[0] > size[1] else (0, offset)
                scores.append(model(x[None, :, :, y : y + SIDE, z : z + SIDE]).softmax(-1)[0])
    return torch.stack(scores).mean(0)


@pytest.mark.parametrize("workers", [0, 3])
@pytest.mark.parametrize("transform", [CROP, OF_SAMPLES], ids=["center_crop", "uniform_crop_video"])
def test_ten_clips_of_three_crops_equal_a_calculation_by_hand(data: Path, transform: str, workers: int) -> None:
    found = evaluate(source(transform), data, views="10x3", batch_size=7, workers=workers, progress=False)

    assert sorted(VIDEOS) == sorted(Path(video.path).relative_to(data).as_posix() for video in found.videos)
    assert {30} == {video.views for video in found.videos}
    for video in found.videos:
        expected = by_hand(Path(video.path), 10, 3, Probe().eval())
        assert video.scores == pytest.approx(expected, abs=1e-6)
        label = CLASSES.index(Path(video.path).parent.name)
        assert label == video.label
        assert video.loss == pytest.approx(-math.log(expected[label]), abs=1e-5)


def test_pathways_are_packed_after_the_crop(data: Path) -> None:
    class Two(Probe):
        def forward(self, clips: Any) -> torch.Tensor:
            slow, fast = clips
            assert (1, FRAMES) == (slow.shape[2], fast.shape[2])
            return super().forward(fast)

    found = evaluate(source(TWO, model=Two()), data, views="3x3", progress=False)

    for video in found.videos:
        assert video.scores == pytest.approx(by_hand(Path(video.path), 3, 3, Probe().eval()), abs=1e-6)


def test_each_video_is_opened_once_and_its_frames_are_decoded_in_one_pass(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    passes: list[int] = []
    init, read = PyAVVideo.__init__, PyAVVideo.map_clips

    @functools.wraps(init)
    def counted(self: Any, *args: Any, **options: Any) -> None:
        init(self, *args, **options)
        opened.append(Path(self.name).name)

    def mapped(self: Any, function: Any, spans: Any, **options: Any) -> Any:
        passes.append(len(spans))
        return read(self, function, spans, **options)

    monkeypatch.setattr(PyAVVideo, "__init__", counted)
    monkeypatch.setattr(PyAVVideo, "map_clips", mapped)
    evaluate(source(), data, views="10x3", progress=False)

    assert sorted(Path(name).name for name in VIDEOS) == sorted(opened)
    assert [10, 10, 10, 10] == passes  # all clips of the short video are one, which is read by itself


def test_clips_lie_where_the_papers_have_them_and_one_alone_in_the_middle() -> None:
    def starts(clips: int, duration: Fraction) -> list[tuple[float, float]]:
        spans = EvenClipSampler(2.0, clips).spans(duration)
        return [(float(span.clip_start_sec), float(span.clip_end_sec)) for span in spans]  # type: ignore[arg-type]

    assert [(0, 2), (2, 4), (4, 6), (6, 8)] == starts(4, Fraction(10))
    assert [(4, 6)] == starts(1, Fraction(10))
    assert [(0, 2), (0, 2)] == starts(2, Fraction(1))


@pytest.mark.parametrize("text", ["10", "10x", "0x3", "10x2", "ten", "10x3x1", "-1x1"])
def test_views_are_clips_times_one_or_three_crops(text: str) -> None:
    with pytest.raises(ArgumentError, match=r"views=|crops="):
        Views.parse(text)


def test_three_crops_of_a_transform_without_a_crop_are_refused(data: Path) -> None:
    whole = f"apply_transform_to_key(key='video', transform=compose(transforms=[{STEPS}]))"
    with pytest.raises(ArgumentError, match="10x1, or a transform"):
        evaluate(source(whole), data, views="10x3", progress=False)


# -- classes


def test_classes_are_found_by_name_in_a_model_that_has_more_in_another_order(data: Path) -> None:
    shuffled = tuple(reversed(CLASSES))
    found = evaluate(source(categories=shuffled), data, views="1x1", progress=False)

    for video in found.videos:
        assert Path(video.path).parent.name == shuffled[video.label]
    assert ["golf", "climbing", "bowling"] == [found_class.name for found_class in found.classes]


def test_underscores_and_capitals_may_differ(data: Path) -> None:
    names = ("Archery", "BOWLING", "climbing", "x", "y", "z", "golf_")
    with pytest.raises(UnknownClassError, match=r"'golf' \(is 'golfing' meant\?\)"):
        evaluate(source(categories=(*names[:6], "golfing")), data, views="1x1", progress=False)
    found = evaluate(source(categories=names), data, views="1x1", progress=False)

    assert {1, 2, 6} == {video.label for video in found.videos}


def test_a_class_that_the_model_does_not_know_is_named(data: Path) -> None:
    with pytest.raises(UnknownClassError, match="does not know 'golf'"):
        evaluate(source(categories=(*CLASSES[:6], "tennis")), data, views="1x1", progress=False)


def test_names_are_never_taken_for_numbers(data: Path) -> None:
    with pytest.raises(ArgumentError, match="--classes"):
        evaluate(source(categories=None), data, views="1x1", progress=False)


def test_bare_numbers_are_the_models_and_must_be_in_range(data: Path, tmp_path: Path) -> None:
    video = data / "golf" / "portrait.mp4"
    (tmp_path / "good.csv").write_text(f"{video},6\n{data / 'bowling' / 'short.mp4'},1\n")
    (tmp_path / "bad.csv").write_text(f"{video},7\n")
    found = evaluate(source(), tmp_path / "good.csv", views="1x1", progress=False)

    assert [6, 1] == [video.label for video in found.videos]
    with pytest.raises(UnknownClassError, match=r"portrait\.mp4 has label 7"):
        evaluate(source(), tmp_path / "bad.csv", views="1x1", progress=False)
    with pytest.raises(ArgumentError, match="class 7, and the model gives 7"):
        evaluate(source(categories=None), tmp_path / "bad.csv", views="1x1", progress=False)


def test_a_video_without_a_label_is_named(data: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"{data / 'golf' / 'portrait.mp4'}\n")
    with pytest.raises(ArgumentError, match=r"portrait\.mp4 has no label"):
        evaluate(source(), tmp_path / "list.csv", views="1x1", progress=False)


# -- broken videos


@pytest.fixture
def broken(data: Path, tmp_path: Path) -> Path:
    """The videos, and among them one that does not open and one that is damaged in the middle."""
    for file in data.rglob("*.m*"):
        (tmp_path / file.parent.name).mkdir(exist_ok=True)
        (tmp_path / file.parent.name / file.name).write_bytes(file.read_bytes())
    (tmp_path / "golf" / "no_video.mp4").write_bytes(b"not a video")
    whole = (data / "climbing" / "odd.mp4").read_bytes()
    (tmp_path / "climbing" / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    return tmp_path


def test_a_broken_video_is_an_error_that_names_it(broken: Path) -> None:
    with pytest.raises(BrokenVideoError, match=r"cut\.mp4|no_video\.mp4"):
        evaluate(source(), broken, views="10x3", progress=False)
    assert [] == [thread for thread in threading.enumerate() if thread.daemon and "_read" in thread.name]


def test_skipped_videos_are_listed_and_change_no_other(broken: Path, data: Path) -> None:
    found = evaluate(source(), broken, views="10x3", on_error="skip", progress=False)
    whole = evaluate(source(), data, views="10x3", progress=False)

    assert ["cut.mp4", "no_video.mp4"] == [Path(failure.path).name for failure in found.skipped]
    assert all(failure.message for failure in found.skipped)
    assert whole.metrics == pytest.approx(found.metrics, abs=1e-6)


def test_nothing_but_broken_videos_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "golf").mkdir()
    (tmp_path / "golf" / "no_video.mp4").write_bytes(b"not a video")
    with pytest.raises(BrokenVideoError, match="none is left"):
        evaluate(source(), tmp_path, views="1x1", on_error="skip", progress=False)


@pytest.fixture
def missing() -> str:
    """The spec of a transform that leaves out clips of a video."""

    @ptv_registry.register("transform", "loses_clips", replace=True)
    class LosesClips:
        def __init__(self) -> None:
            self.inner = ptv_registry.build(CROP, kind="transform")

        def __call__(self, sample: dict[str, Any]) -> dict[str, Any] | None:
            lost = sample["video_name"] == "portrait" and sample["clip_index"] == 2
            return None if lost else self.inner(sample)

    return "loses_clips"


def test_a_missing_view_is_an_error_that_names_the_video(data: Path, missing: str) -> None:
    with pytest.raises(MissingViewError, match=r"portrait\.mp4 has 3 of 4 views"):
        evaluate(source(missing), data, views="4x1", progress=False)
    found = evaluate(source(missing), data, views="4x1", on_error="skip", progress=False)

    assert ["portrait.mp4"] == [Path(failure.path).name for failure in found.skipped]


def test_scores_that_are_no_numbers_are_refused(data: Path) -> None:
    class Broken(Probe):
        def forward(self, clips: Any) -> torch.Tensor:
            return super().forward(clips) * math.nan

    with pytest.raises(ArgumentError, match="not finite"):
        evaluate(source(model=Broken()), data, views="1x1", progress=False)


# -- datasets with a sampler of their own


def test_a_dataset_may_choose_its_clips_itself(data: Path) -> None:
    spec = f"labeled_video_folder(data_path={str(data)!r}, clip_sampler=constant_clips_per_video(clip_duration=0.5, clips_per_video=3))"
    found = evaluate(source(), spec, progress=False, workers=0)

    assert "dataset" == found.views
    assert {3} == {video.views for video in found.videos}
    with pytest.raises(ArgumentError, match="leave one out"):
        evaluate(source(), spec, views="10x3", progress=False)


def test_a_spec_without_a_sampler_gets_the_views_and_keeps_its_transform(data: Path) -> None:
    other = CROP.replace("0.45, 0.45, 0.45", "0.0, 0.0, 0.0")
    spec = f"labeled_video_folder(data_path={str(data)!r}, transform={other})"
    found = evaluate(source(), spec, views="2x3", progress=False)
    plain = evaluate(source(), data, views="2x3", progress=False)
    same = evaluate(source(other), data, views="2x3", progress=False)

    assert same.metrics == found.metrics
    assert plain.metrics != found.metrics


def test_broken_videos_of_a_dataset_with_its_own_sampler_are_listed(broken: Path) -> None:
    spec = f"labeled_video_folder(data_path={str(broken)!r}, clip_sampler=constant_clips_per_video(clip_duration=0.5, clips_per_video=3))"
    with pytest.raises(BrokenVideoError):
        evaluate(source(), spec, progress=False, workers=0)
    found = evaluate(source(), spec, on_error="skip", progress=False, workers=0)

    assert ["cut.mp4", "no_video.mp4"] == [Path(failure.path).name for failure in found.skipped]
    assert 5 == len(found.videos)


# -- figures


def test_figures_equal_a_count_by_hand() -> None:
    def video(label: int, *scores: float) -> VideoScores:
        return VideoScores(f"{label}.mp4", label, 1, torch.tensor(scores), (0,), 0.0)

    videos = (
        video(0, 0.7, 0.2, 0.1, 0, 0, 0),
        video(0, 0.3, 0.4, 0.1, 0.1, 0.1, 0),
        video(1, 0.1, 0.8, 0.1, 0, 0, 0),
        video(1, 0.4, 0.3, 0.3, 0, 0, 0),
        video(1, 0.6, 0.2, 0.2, 0, 0, 0),
        video(5, 0.3, 0.25, 0.2, 0.15, 0.07, 0.03),
    )
    found = Evaluation("m", "d", "1x1", "trained", tuple("abcdef"), videos, ())

    assert [[1, 1, 0], [2, 1, 0], [1, 0, 0]] == found.confusion[[0, 1, 5]][:, [0, 1, 5]].tolist()
    assert 6 == int(found.confusion.sum())
    assert [("a", 2, 1), ("b", 3, 1), ("f", 1, 0)] == [(c.name, c.videos, c.right) for c in found.classes]
    assert found.metrics["top1"] == pytest.approx(2 / 6)
    assert found.metrics["top5"] == pytest.approx(5 / 6)
    assert found.metrics["mean_class_accuracy"] == pytest.approx((1 / 2 + 1 / 3 + 0) / 3)
    assert [5, 4] == [videos.index(video) for video in found.worst(2)]


def test_equal_scores_are_no_advantage() -> None:
    flat = torch.full((3,), 1 / 3)
    ranks = [VideoScores("x", label, 1, flat, (), 0.0).rank for label in range(3)]

    assert [0, 1, 2] == ranks


@pytest.mark.parametrize("scores", ["probabilities", "per_label"])
def test_probabilities_are_not_made_probabilities_again(data: Path, scores: Any) -> None:
    class Softmax(Probe):
        def forward(self, clips: Any) -> torch.Tensor:
            return super().forward(clips).softmax(-1)

    expected = evaluate(source(), data, views="2x3", progress=False)
    found = evaluate(source(model=Softmax()), data, views="2x3", scores=scores, progress=False)

    assert expected.metrics == pytest.approx(found.metrics, abs=1e-6)
    with pytest.raises(ArgumentError, match="logits, probabilities, per_label"):
        evaluate(source(), data, views="1x1", scores="softmax", progress=False)  # type: ignore[arg-type]


# -- models


def test_a_device_that_is_not_there_is_one_line() -> None:
    with pytest.raises(DeviceError, match=r"cuda:99.* give cpu"):
        load_source("slow_r50", device="cuda:99")


@pytest.mark.parametrize(
    ("text", "match"),
    [("SLOWFAST_8x8_R50.pyth", "--weights SLOWFAST_8x8_R50.pyth"), ("missing.json", "no lock"), (".", "is a folder")],
)
def test_what_is_no_model_says_what_would_be(text: str, match: str) -> None:
    with pytest.raises(ArgumentError, match=match):
        load_source(text)
