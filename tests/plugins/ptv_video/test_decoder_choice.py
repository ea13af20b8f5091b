"""The decoder of a video is the one that it asks for, where none is named."""

from __future__ import annotations

import io
import sys
import types
from pathlib import Path
from typing import Any

import pytest
import torch
from attrs import evolve
from torch import nn

from ptv_datasets import LabeledVideoDataset
from ptv_registry import Factory, Registry, build, default_registry, hookimpl
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.prediction.predictor import Predictor
from ptv_video import PyAVVideo
from ptv_video.decoder_choice import decoder_for
from ptv_video.opening import open_video
from tests.support.fakes import entry
from tests.support.video_files import CLIPS

PEOPLE = CLIPS / "people_h264_340x256_30fps.mp4"
MARK = b"A STRANGER'S VIDEO"


class StrangersVideo(PyAVVideo):
    """Opens what a stranger made: a mark, then any video."""

    def __init__(self, source: Any, decode_video: bool = True, decode_audio: bool = True) -> None:
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
        super().__init__(content.removeprefix(MARK), decode_video=decode_video, decode_audio=decode_audio)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """What is installed, and a stranger's decoder whose hook knows the mark."""
    module: Any = types.ModuleType("strangers_video")
    module.Video = StrangersVideo
    module.ptv_guess_decoder = hookimpl(lambda head: "strangers" if head.startswith(MARK) else None)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    scan = default_registry().scan
    decoder, hooks = (
        entry("decoder:strangers", "strangers_video:Video", "strangers"),
        entry("hooks:video", "strangers_video:", "strangers"),
    )
    return Registry(scan=evolve(scan, entries=(*scan.entries, decoder), hooks=(*scan.hooks, hooks)))


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    path = tmp_path / "people" / "a.mp4"
    path.parent.mkdir()
    path.write_bytes(MARK + PEOPLE.read_bytes())
    return path


def name_of(decoder: Any) -> str:
    return decoder.node.entry.name if isinstance(decoder, Factory) else decoder.__name__


def test_a_plugin_names_the_decoder_by_the_first_bytes(registry: Registry, marked: Path) -> None:
    assert "strangers" == name_of(decoder_for(marked, registry=registry))
    assert "strangers" == name_of(decoder_for(marked.read_bytes(), registry=registry))
    assert "pyav" == name_of(decoder_for(PEOPLE, registry=registry))
    assert "pyav" == name_of(decoder_for(PEOPLE))


def test_what_nobody_knows_or_cannot_be_opened_is_left_to_pyav(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")

    for source in (tmp_path / "a.txt", tmp_path / "gone.mp4", b""):
        assert PyAVVideo is decoder_for(source)


def test_an_open_file_stays_where_it_is(registry: Registry, marked: Path) -> None:
    with marked.open("rb") as file:
        file.seek(7)

        assert "strangers" == name_of(decoder_for(file, registry=registry))
        assert 7 == file.tell()

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    assert PyAVVideo is decoder_for(Pipe(MARK), registry=registry)


def test_a_stranger_whose_distribution_is_not_trusted_is_not_asked(registry: Registry, marked: Path) -> None:
    trusted = {e.dist for e in registry.scan.hooks if e.dist != "strangers"}
    narrow = Registry(scan=registry.scan, trusted_dists=[dist for dist in trusted if dist])

    assert PyAVVideo is decoder_for(marked, registry=narrow)


def test_open_video_asks_where_it_is_given_none() -> None:
    with open_video(PEOPLE, decoder=None, decode_audio=False) as video:
        assert isinstance(video, PyAVVideo)
        assert 9.5 == pytest.approx(video.duration)


def test_predictor_asks_with_its_registry(registry: Registry, marked: Path) -> None:
    class MeanColour(nn.Module):
        def forward(self, clips: torch.Tensor) -> torch.Tensor:
            return clips.float().mean((2, 3, 4))

    transform = "apply_transform_to_key(key='video', transform=uniform_temporal_subsample(num_samples=2))"
    recipe = ClipRecipe(2.0, transform)
    theirs = Predictor(MeanColour(), recipe, registry=registry).predict(marked)
    ours = Predictor(MeanColour(), recipe).predict(PEOPLE)

    assert all(torch.equal(a.scores, b.scores) for a, b in zip(theirs.windows, ours.windows, strict=True))


def test_a_dataset_without_a_decoder_asks_for_each_video(marked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(
        "ptv_datasets.video_lists.videos.decoder_for", lambda source: asked.append(source) or StrangersVideo
    )
    spec = "labeled_video_folder(clip_sampler=uniform(clip_duration=2), decoder=none)"
    dataset = build(spec, kind="dataset", data_path=str(marked.parent.parent))

    assert isinstance(dataset, LabeledVideoDataset)
    assert (3, 2) == (dataset[0]["video"].shape[0], len(dataset.videos) + 1)
    assert str(marked) in map(str, asked)
