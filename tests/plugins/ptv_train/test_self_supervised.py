"""Self-supervised runs: two views of one decoding, schedules, neighbours, and what is trained afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from attrs import evolve

import ptv_registry
from ptv_registry.errors import ArgumentError
from ptv_train.checkpoint import load_checkpoint, load_model
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.tasks.neighbours import Neighbours
from ptv_train.tasks.self_supervised import ByolTask, MoCoTask, SimClrTask, between
from ptv_train.tasks.two_view_data import TwoViewData
from ptv_train.training.training import Training
from ptv_video.decoders.pyav import PyAVVideo
from tests.support.task_sets import textures

from .conftest import RECIPE

MODEL = "resnet(model_depth=18, stem_dim_out=4, head_pool_kernel_size=[4, 1, 1], dropout_rate=0.0)"
_TASKS = {
    "simclr": "simclr(dim=16, hidden=16, remembered=32, final_temperature=0.2)",
    "byol": "byol(dim=16, hidden=16, remembered=32)",
    "moco_v2": "moco_v2(dim=16, hidden=16, queue_size=32, momentum=0.9, remembered=32)",
    "memory_bank": "memory_bank(dim=16, hidden=16, negatives=8, remembered=32)",
}


@pytest.fixture(scope="module")
def slopes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return textures(tmp_path_factory.mktemp("slopes"), 2, 0)


def _training(task: str, data: Path, out: Path, **more: Any) -> Training:
    settings = {"epochs": 2, "batch_size": 4, "recipe": RECIPE, "progress": False, "accelerator": "cpu", **more}
    return Training(MODEL, str(data), str(data), out, task=task, **settings)


@pytest.mark.parametrize("name", list(_TASKS))
def test_every_method_runs_goes_on_and_its_features_are_probed(name: str, slopes: Path, tmp_path: Path) -> None:
    first = _training(_TASKS[name], slopes, tmp_path / "whole").run()
    _training(_TASKS[name], slopes, tmp_path / "parted", epochs=1).run()
    second = _training(_TASKS[name], slopes, tmp_path / "parted", resume=True)
    second.run()
    whole, parted = (load_checkpoint(tmp_path / run / "last.ckpt")["state_dict"] for run in ("whole", "parted"))
    model, record = load_model(first.checkpoint)
    probe = _training(
        "classification", slopes, tmp_path / "probe", epochs=1, weights=str(first.checkpoint), freeze="backbone"
    ).run()
    probed = load_model(probe.checkpoint)[0].state_dict()

    assert 0 <= first.metrics["val_knn_top1"] <= 1
    assert name in str(record.recipe.task)
    assert whole.keys() == parted.keys()
    for key in ("model.blocks.0.conv.weight", "task.knn.labels"):
        assert whole[key].shape == parted[key].shape
    for key, value in model.state_dict().items():
        if "blocks.5.proj" not in key:  # the classifier, which the probe trains
            assert torch.equal(value, probed[key]), key


def test_both_views_come_from_one_decoding(slopes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    opening = PyAVVideo.__init__
    monkeypatch.setattr(
        PyAVVideo, "__init__", lambda self, *a, **k: (opened.append("a video"), opening(self, *a, **k))[1]
    )
    dataset: Any = TwoViewData("contrastive_view").training(str(slopes), RECIPE, seed=0, on_error="raise")
    sample = dataset[0]

    assert ["a video"] == opened
    assert sample["video"].shape == sample["second_view"].shape == (3, 4, 32, 32)
    assert not torch.allclose(sample["video"], sample["second_view"], atol=0.1)


def test_choosing_frames_before_the_views_changes_nothing(slopes: Path) -> None:
    spec = f"two_views(augmentation=contrastive_view, transform={RECIPE.transform})"
    found = []
    for pushdown in ("true", "false"):
        data = (
            f"labeled_video_folder(data_path={str(slopes)!r}, clip_sampler=uniform(clip_duration=0.5), "
            f"decode_audio=false, video_sampler=sequential, pushdown={pushdown}, transform={spec})"
        )
        found.append(ptv_registry.build(data, kind="dataset")[0])

    assert torch.equal(found[0]["video"], found[1]["video"])
    assert torch.equal(found[0]["second_view"], found[1]["second_view"])


def test_values_go_from_start_to_end_on_a_half_cosine() -> None:
    assert 0.9 == pytest.approx(between(0.9, 1.0, 0, 10))
    assert 0.95 == pytest.approx(between(0.9, 1.0, 5, 10))
    assert 1.0 == pytest.approx(between(0.9, 1.0, 10, 10))
    assert between(0.9, 1.0, 1, 10) - 0.9 < 0.01


def test_a_step_sets_momentum_and_temperature() -> None:
    byol = ByolTask(("a", "b"), dim=4, hidden=4, momentum=0.9)
    byol.build_model(ptv_registry.resolve(MODEL))
    byol.at_step(5, 10)
    moco = MoCoTask(("a", "b"), dim=4, queue_size=8, momentum=0.5, final_momentum=0.7, final_temperature=0.4)
    moco.build_model(ptv_registry.resolve(MODEL))
    moco.at_step(10, 10)

    assert 0.95 == pytest.approx(byol.method.get_mmt())  # type: ignore[operator]
    assert (0.7, 0.4) == pytest.approx((moco.method.mmt, moco.method.temperature))


def test_what_is_learnt_are_the_features_before_the_classifier() -> None:
    task = SimClrTask(("a", "b", "c"), dim=4)
    model, plan = task.build_model(ptv_registry.resolve(MODEL))
    model.eval(), task.eval()
    clips = torch.randn(2, 3, 4, 32, 32)
    features = task.predict(model, {"video": clips})
    classifier = model.get_classifier()  # type: ignore[operator]

    assert (2, 128) == features.shape
    assert torch.allclose(model(clips), classifier(features), atol=1e-5)
    assert not any(parameter.requires_grad for parameter in classifier.parameters())
    assert 3 == plan.of_role("classes").argument.value  # type: ignore[union-attr]


def test_neighbours_vote_by_their_cosine() -> None:
    known = Neighbours(size=4, dim=2, count=3)
    assert known.classify(torch.ones(1, 2)) is None
    known.remember(torch.tensor([[2.0, 0.0], [0.0, 1.0], [0.0, 3.0], [1.0, 0.1]]), torch.tensor([1, 0, 0, -1]))

    # one near neighbour outvotes two far ones; the one without a class has no vote
    assert [1, 0] == known.classify(torch.tensor([[5.0, 0.5], [0.1, 1.0]])).tolist()  # type: ignore[union-attr]
    known.remember(torch.tensor([[1.0, 0.0]]), torch.tensor([2]))
    assert [2, 0, 0, -1] == known.labels.tolist()


def test_videos_without_labels_are_learnt_from_too(slopes: Path, tmp_path: Path) -> None:
    videos = [(str(path), {}) for path in sorted(slopes.rglob("*.mp4"))]
    dataset = ptv_registry.build(
        "dataset:labeled_video",
        labeled_video_paths=videos,
        clip_sampler=ptv_registry.build("sampler:random(clip_duration=0.5)"),
        decode_audio=False,
        transform=evolve(
            RECIPE, transform=f"two_views(augmentation=contrastive_view, transform={RECIPE.transform})"
        ).build_transform(),
    )
    result = Training(
        MODEL,
        dataset,
        None,
        tmp_path / "run",
        task=_TASKS["simclr"],
        epochs=1,
        batch_size=4,
        recipe=RECIPE,
        progress=False,
        accelerator="cpu",
    ).run()

    assert () == load_model(result.checkpoint)[1].categories


def test_a_temperature_out_of_range_is_refused(slopes: Path, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="final_temperature=0"):
        _training("simclr(final_temperature=0.0)", slopes, tmp_path / "run").run()
    assert isinstance(RECIPE, ClipRecipe)
