"""``ptv pyslowfast show``, ``train`` and ``test``, on real files."""

import csv
import json
import warnings

import pytest
import torch
import yaml
from click.testing import CliRunner

from ptv_pyslowfast.commands import pyslowfast
from ptv_registry.errors import PtvError
from ptv_train.run.values import training_of
from ptv_video import write_video

CONFIG = """
TRAIN:
  DATASET: ptvkinetics
  BATCH_SIZE: 2
DATA:
  NUM_FRAMES: 4
  SAMPLING_RATE: 2
  TRAIN_JITTER_SCALES: [36, 40]
  TRAIN_CROP_SIZE: 32
  TEST_CROP_SIZE: 32
  INPUT_CHANNEL_NUM: [3]
  PATH_TO_DATA_DIR: {folder}
  PATH_PREFIX: {folder}
RESNET:
  TRANS_FUNC: x3d_transform
X3D:
  BOTTLENECK_FACTOR: 2.25
SOLVER:
  MAX_EPOCH: 1
MODEL:
  NUM_CLASSES: 2
  ARCH: x3d
  MODEL_NAME: PTVX3D
TEST:
  DATASET: ptvkinetics
  NUM_ENSEMBLE_VIEWS: 2
DATA_LOADER:
  NUM_WORKERS: 0
NUM_GPUS: 0
OUTPUT_DIR: {folder}/run
TENSORBOARD:
  ENABLE: True
"""


@pytest.fixture
def cfg(tmp_path):
    rows = []
    for number in range(4):
        video = torch.randint(0, 256, (3, 12, 40, 56), dtype=torch.uint8)
        write_video(tmp_path / f"{number}.mp4", video, 12)
        rows.append([f"{number}.mp4", number % 2])
    for mode in ("train", "val", "test"):
        with (tmp_path / f"{mode}.csv").open("w", newline="") as file:
            csv.writer(file, delimiter=" ").writerows(rows)
    file = tmp_path / "X3D.yaml"
    file.write_text(CONFIG.format(folder=tmp_path))
    return file


def run(*words):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Lightning's, of machines with few processors
        done = CliRunner().invoke(pyslowfast, [str(word) for word in words], catch_exceptions=False)
    assert 0 == done.exit_code, done.output
    return done


def test_show_prints_a_run_file_and_what_changes_nothing(cfg):
    done = run("show", "--cfg", cfg, "--opts", "SOLVER.BASE_LR", "0.2")
    settings = yaml.safe_load(done.stdout)

    assert 0.2 == training_of(None, settings).optimizer.args["lr"]
    assert "#   TENSORBOARD.ENABLE True: events for TensorBoard are always written, and no others" in done.stdout
    assert "#   views: 2x3" in done.stdout


def test_show_prints_json(cfg):
    found = json.loads(run("show", "--cfg", cfg, "--json").stdout)

    assert ["test", "train", "without_meaning"] == sorted(found)


def test_a_configuration_trains_and_tests(cfg, tmp_path):
    trained = run("train", "--cfg", cfg, "--quiet")
    tested = json.loads(run("test", "--cfg", cfg, "--json").stdout)

    assert "TENSORBOARD.ENABLE" in trained.stderr
    assert f"Wrote {tmp_path / 'run' / 'last.ckpt'}" in trained.stdout
    assert (4, "2x3") == (tested["videos"], tested["views"])


def test_a_wrong_key_is_told(cfg):
    with pytest.raises(PtvError, match=r"PySlowFast has no key SOLVER\.LR"):
        run("show", "--cfg", cfg, "SOLVER.LR", "1")
