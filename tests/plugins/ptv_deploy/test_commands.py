"""``ptv export``, ``ptv predict`` with what it wrote, and ``ptv bench``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import ptv_deploy
import ptv_registry
from ptv_deploy.bench import report as bench_report
from ptv_deploy.bench.run import PLAIN, PLAIN_KEPT
from ptv_deploy.commands import export
from ptv_deploy.testing_models import OnePathway, clips_for
from ptv_deploy.torch_backends.torch_export import TorchExport
from ptv_registry.errors import ArgumentError
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.errors import NoInputDescriptionError
from ptv_train.prediction.predictor import Predictor
from tests.support import command_line

from .conftest import OF_CLIPS, RESNET, TRANSFORM

CLIPS = Path(__file__).parents[2] / "support" / "clips"
VIDEO = next(iter(sorted(CLIPS.glob("*.mp4"))))


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "resnet"
    words = [RESNET, "--backend", "torch_export", "-o", str(path), *OF_CLIPS, "--json"]
    done = CliRunner().invoke(export, words, catch_exceptions=False)

    assert 0 == done.exit_code
    assert 1e-6 >= json.loads(done.stdout.splitlines()[-1])["max_rel_diff"]
    return path


def test_export_records_what_prediction_needs(artifact: Path) -> None:
    record = ptv_deploy.Artifact.read(artifact)

    wanted = {"seconds": 0.5, "transform": TRANSFORM, "train_transform": None, "scores": "logits"}
    assert wanted.items() <= record.about.recipe.items()
    assert "random" == record.about.weights
    assert record.lock is not None
    assert "resnet" == record.lock["tree"]["name"]


def test_predict_takes_an_exported_folder(artifact: Path) -> None:
    done = command_line.run(["ptv", "predict", str(VIDEO), "--model", str(artifact), "--json", "--stride", "3"])

    assert 0 == done.returncode, done.stderr
    assert 5 == len(json.loads(done.stdout)["top"])
    assert "random weights" in done.stderr


def test_a_prediction_is_that_of_the_model(artifact: Path) -> None:
    torch.manual_seed(0)  # as export does for a spec
    model = Predictor(ptv_registry.build(RESNET), ClipRecipe(0.5, TRANSFORM))
    wanted = model.predict(VIDEO, stride_s=5).scores
    given = Predictor.load(str(artifact)).predict(VIDEO, stride_s=5).scores

    assert pytest.approx(wanted.tolist(), abs=1e-6) == given.tolist()


def test_an_artifact_without_a_recipe_asks_for_one(tmp_path: Path) -> None:
    model = OnePathway()
    TorchExport().export(model, clips_for(model, 1), tmp_path / "bare")
    with pytest.raises(NoInputDescriptionError, match="--clip-seconds"):
        Predictor.load(str(tmp_path / "bare"))
    assert 1.0 == Predictor.load(str(tmp_path / "bare"), seconds=1.0, transform=TRANSFORM).recipe.seconds


def test_int8_is_calibrated_on_one_half_of_a_dataset_and_compared_on_the_other(tmp_path: Path) -> None:
    for number in (1, 2):
        folder = tmp_path / "videos" / f"class_{number}"
        folder.mkdir(parents=True)
        (folder / "clip.mp4").symlink_to(VIDEO)
    data = (
        f"labeled_video_folder(data_path={str(tmp_path / 'videos')!r}, "
        "clip_sampler=constant_clips_per_video(clip_duration=0.5, clips_per_video=3), decode_audio=false)"
    )
    words = ["export", RESNET, "--backend", "openvino", "--precision", "int8", "--calibrate", data, "--clips", "6"]
    done = command_line.run(["ptv", *words, "-o", str(tmp_path / "int8"), *OF_CLIPS])

    assert 0 == done.returncode, done.stderr
    assert "openvino, int8" in done.stdout
    assert "of 4 clips" in done.stdout  # the example and three


@pytest.mark.slow
def test_bench_prints_a_row_per_variant_and_draws_them(tmp_path: Path) -> None:
    words = ["bench", RESNET, "--backend", "eager,openvino", "--precision", "fp32,int8", "--clips", "2"]
    options = ["--rounds", "2", "--picture", str(tmp_path / "bars.png"), "--json", *OF_CLIPS]
    done = command_line.run(["ptv", *words, *options])

    assert 0 == done.returncode, done.stderr
    rows = json.loads(done.stdout)
    measured = {(row["backend"], row["precision"]): row for row in rows if "error" not in row}
    assert {
        (PLAIN, "fp32"),
        (PLAIN_KEPT, "fp32"),
        ("eager", "fp32"),
        ("openvino", "fp32"),
        ("openvino", "int8"),
    } == set(measured)
    assert [("eager", "int8")] == [(row["backend"], row["precision"]) for row in rows if "error" in row]
    plain = measured[PLAIN, "fp32"]["median_ms"]
    for row in measured.values():
        assert None not in row.values()
        assert pytest.approx(plain / row["median_ms"]) == row["speedup"]
        assert row["peak_mb"] > 50
        assert row["max_rel_diff"] <= (1e-4 if row["precision"] == "fp32" else 0.5)
    assert (tmp_path / "bars.png").stat().st_size > 5000
    assert "eager does not do int8" in bench_report.table(rows)


def test_names_are_split_at_commas_outside_of_brackets() -> None:
    assert ["eager(fold=false, allocator=false)", "openvino"] == bench_report.words(
        "eager(fold=false, allocator=false),openvino"
    )
    with pytest.raises(ArgumentError):
        bench_report.words(" , ")


def test_means_are_geometric_and_over_variants_that_did_every_model() -> None:
    rows = [
        {"model": model, "backend": backend, "precision": "fp32", "speedup": speedup}
        for model, backend, speedup in [("a", "x", 2.0), ("b", "x", 8.0), ("a", "y", 3.0), ("b", "y", None)]
    ]

    assert {"x fp32": pytest.approx(4.0)} == bench_report.geometric_means(rows)
