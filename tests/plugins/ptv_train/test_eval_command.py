"""``ptv eval``: what it prints and writes, from checkpoints and exported models, and how it fails."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ptv_registry.errors import ArgumentError
from ptv_train.errors import CheckpointError, ReportError
from ptv_train.evaluation.command import evaluate

from .conftest import MODEL, TRANSFORM, data_spec


def eval_json(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(evaluate, [*words, "--json"], catch_exceptions=False)
    assert 0 == done.exit_code
    return json.loads(done.stdout)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_a_report_says_the_same_in_all_its_files(run: Path, videos: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "report"
    arguments = [str(run / "last.ckpt"), "--data", str(videos), "--views", "4x1", "--out", str(out), "--quiet"]
    done = CliRunner().invoke(evaluate, arguments, catch_exceptions=False)
    metrics = json.loads((out / "metrics.json").read_text())
    predictions = rows(out / "predictions.csv")
    classes = {row["class"]: row for row in rows(out / "classes.csv")}
    confusion = {row["class"]: row for row in rows(out / "confusion.csv")}

    assert 0 == done.exit_code
    assert "4 videos, 4x1 views each" in done.stdout
    assert f"{metrics['metrics']['top1']:.2%}" in done.stdout
    assert {"metrics.json", "predictions.csv", "worst.csv", "classes.csv", "confusion.csv", "confusion.png"} == {
        path.name for path in out.iterdir()
    }
    assert (out / "confusion.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(str(path) for path in videos.rglob("*.mp4")) == [row["path"] for row in predictions]
    assert all(Path(row["path"]).parent.name == row["class"] for row in predictions)
    right = [row["right"] == "True" for row in predictions]
    assert metrics["metrics"]["top1"] == pytest.approx(sum(right) / 4)
    assert right == [row["rank"] == "1" for row in predictions]
    pairs = Counter((row["class"], row["predicted"]) for row in predictions)
    for (truth, predicted), count in pairs.items():
        assert count == int(confusion[truth][predicted])
    assert 4 == sum(int(value) for row in confusion.values() for key, value in row.items() if key != "class")
    assert {"east": "2", "west": "2"} == {name: row["videos"] for name, row in classes.items()}
    losses = [float(row["loss"]) for row in rows(out / "worst.csv")]
    assert sorted(losses, reverse=True) == losses
    assert metrics["metrics"]["loss"] == pytest.approx(sum(losses) / 4)


def test_a_report_is_not_replaced_unless_that_is_asked_for(run: Path, videos: Path, tmp_path: Path) -> None:
    words = [str(run / "last.ckpt"), "--data", str(videos), "--out", str(tmp_path / "r")]
    eval_json(*words)
    with pytest.raises(ReportError, match="holds a report"):
        eval_json(*words)
    again = eval_json(*words, "--views", "2x1", "--overwrite")

    assert "2x1" == again["views"] == json.loads((tmp_path / "r" / "metrics.json").read_text())["views"]


def test_a_folder_that_cannot_be_written_is_known_before_the_work(videos: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="cannot be written"):  # and not that the checkpoint is missing
        eval_json("missing.ckpt", "--data", str(videos), "--out", str(tmp_path / "file" / "r"))


def test_an_error_leaves_no_folder(videos: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint"):
        eval_json("missing.ckpt", "--data", str(videos), "--out", str(tmp_path / "a" / "r"))

    assert [] == list(tmp_path.iterdir())


def test_parquet_without_pyarrow_is_an_error_before_the_work(
    videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ArgumentError, match="pip install pyarrow"):
        eval_json("missing.ckpt", "--data", str(videos), "--out", str(tmp_path / "r"), "--parquet")


def test_parquet_holds_the_predictions(run: Path, videos: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    eval_json(str(run / "last.ckpt"), "--data", str(videos), "--out", str(tmp_path / "r"), "--parquet")

    read = parquet.read_table(tmp_path / "r" / "predictions.parquet").to_pylist()
    assert [row["path"] for row in rows(tmp_path / "r" / "predictions.csv")] == [row["path"] for row in read]


def test_an_exported_model_scores_as_its_checkpoint_does(run: Path, videos: Path, tmp_path: Path) -> None:
    from ptv_deploy.commands import export

    artifact, checkpoint = str(tmp_path / "artifact"), str(run / "last.ckpt")
    cropped = [
        "--transform",
        TRANSFORM.replace("short_side_scale(size=32)", "short_side_scale(size=32), center_crop(size=32)"),
    ]
    words = [checkpoint, "--backend", "eager", "-o", artifact, *cropped]
    exported = CliRunner().invoke(export, words, catch_exceptions=False)
    assert 0 == exported.exit_code
    words = ["--data", str(videos), "--views", "3x3", "--batch-size", "5"]
    expected, found = eval_json(checkpoint, *words, *cropped), eval_json(artifact, *words)

    assert expected["metrics"] == pytest.approx(found["metrics"], abs=1e-4)
    assert expected["classes"] == found["classes"]


def test_skipped_videos_are_said_and_written(run: Path, videos: Path, tmp_path: Path) -> None:
    for file in videos.rglob("*.mp4"):
        (tmp_path / "d" / file.parent.name).mkdir(exist_ok=True, parents=True)
        (tmp_path / "d" / file.parent.name / file.name).write_bytes(file.read_bytes())
    (tmp_path / "d" / "west" / "broken.mp4").write_bytes(b"not a video")
    words = [str(run / "last.ckpt"), "--data", str(tmp_path / "d"), "--out", str(tmp_path / "r"), "--on-error", "skip"]
    done = CliRunner().invoke(evaluate, words, catch_exceptions=False)

    assert "Skipped 1 of 5 videos" in done.stdout
    assert "broken.mp4: " in done.stdout
    assert [str(tmp_path / "d" / "west" / "broken.mp4")] == [
        row["path"] for row in rows(tmp_path / "r" / "skipped.csv")
    ]


def test_random_weights_are_said(videos: Path) -> None:
    names = Path(videos.parent / "names.txt")
    names.write_text("\n".join(["east", "west", *(f"class {number}" for number in range(398))]))
    words = ["--clip-seconds", "0.5", "--transform", TRANSFORM, "--classes", str(names)]
    done = CliRunner().invoke(evaluate, [MODEL, "--data", str(videos), *words], catch_exceptions=False)

    assert 0 == done.exit_code
    assert "random weights" in done.stderr


def test_weights_of_a_file_are_those_of_the_checkpoint(run: Path, videos: Path, tmp_path: Path) -> None:
    import torch

    from ptv_train.checkpoint import read_checkpoint

    record, weights = read_checkpoint(run / "last.ckpt")
    torch.save({"model_state": weights}, tmp_path / "mine.pyth")
    (tmp_path / "lock.json").write_text(record.lock)
    (tmp_path / "names.txt").write_text("\n".join(record.categories))
    words = ["--weights", str(tmp_path / "mine.pyth"), "--classes", str(tmp_path / "names.txt")]
    words += ["--clip-seconds", "0.5", "--transform", TRANSFORM, "--data", str(videos)]
    expected = eval_json(str(run / "last.ckpt"), "--data", str(videos))

    assert expected["metrics"] == pytest.approx(eval_json(str(tmp_path / "lock.json"), *words)["metrics"], abs=1e-6)


def test_lightning_is_not_imported(run: Path, videos: Path) -> None:
    code = (
        "import sys; from ptv_train.evaluation.evaluation import evaluate; from ptv_train.evaluation import report, confusion_picture;"
        f"evaluate({str(run / 'last.ckpt')!r}, {data_spec(videos)!r}, workers=0, progress=False);"
        "print([m for m in sys.modules if m.partition('.')[0] in ('lightning', 'torchmetrics', 'tensorboard')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()


def test_ctrl_c_ends_with_one_line_and_status_130(run: Path, videos: Path, tmp_path: Path) -> None:
    listing = tmp_path / "long.csv"
    paths = sorted(videos.rglob("*.mp4"))
    listing.write_text("".join(f"{path},{path.parent.name}\n" for path in paths * 2000))
    command = [str(Path(sys.executable).with_name("ptv")), "eval", str(run / "last.ckpt"), "--data", str(listing)]
    command += ["--views", "10x1", "--out", str(tmp_path / "r")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    while not (tmp_path / "r").exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert 130 == process.returncode, errors
    assert "Traceback" not in errors
    assert "Interrupted" in errors
    assert not (tmp_path / "r").exists()
