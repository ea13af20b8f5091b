"""The original's trainer: its names and its configurations say what to use here."""

import importlib
import subprocess
import sys

import pytest

import ptv_registry
from ptv_registry.errors import PtvError
from pytorchvideo_trainer.conf import INSTEAD, refuse

NAMES = [
    ("callbacks", "PreciseBn"),
    ("datamodule", "PyTorchVideoDataModule"),
    ("datamodule.collators", "build_collator_from_name"),
    ("datamodule.rand_erase_transform", "RandomErasing"),
    ("datamodule.transforms", "SlowFastPackPathway"),
    ("module", "VideoClassificationModule"),
    ("module.byol", "BYOLModule"),
    ("module.distributed_utils", "cat_all_gather"),
    ("module.losses", "NtxentLoss"),
    ("module.lr_policy", "get_epoch_lr"),
    ("module.moco_v2", "MOCOV2Module"),
    ("module.optimizer", "construct_optimizer"),
    ("module.simclr", "SimCLRModule"),
    ("module.ssl_helper", "SSLFineTuningModel"),
    ("module.video_classification", "create_classification_model_from_modelzoo"),
    ("train_app", "VideoClassificationTrainApp"),
]


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_a_name_says_what_to_use(module, name):
    with pytest.raises(PtvError, match="use ") as caught:
        getattr(importlib.import_module(f"pytorchvideo_trainer.{module}"), name)

    assert isinstance(caught.value, ImportError)


def test_a_name_that_the_trainer_never_had_is_an_attribute_error():
    assert not hasattr(importlib.import_module("pytorchvideo_trainer.module.losses"), "Other")


@pytest.mark.parametrize("name", INSTEAD)
def test_a_configuration_says_which_command_or_class_does_its_work(name):
    with pytest.raises(PtvError, match="ptv") as caught:
        refuse(name)

    words = str(caught.value).split()
    if "--model" in words:
        assert words[words.index("--model") + 1] in {entry.name for entry in ptv_registry.components("model")}


def test_the_program_says_it_too():
    done = subprocess.run(
        [sys.executable, "-m", "pytorchvideo_trainer.train_app", "--config-name", "classification_x3d_xs"],
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 1
    assert "--model x3d_xs" in done.stderr
