"""Code written for VMZ: its modules, its hub's entries, its tools."""

import importlib

import pytest
import torch
from torchvision.models.video.resnet import Bottleneck, VideoResNet

import ptv_registry
from ptv_registry.errors import ArgumentError, PtvError
from ptv_vmz import create_filter_2d, create_filter_3d, mc2_18, mc3_18, mc4_18, mc5_18, published
from vmz.common import utils
from vmz.func.commands import test_command as eval_command
from vmz.func.commands import train_command
from vmz.func.opts import parse_args
from vmz.models.utils import (
    BasicStem_Pool,
    Conv2Plus1D,
    Conv3DDepthwise,
    IPConv3DDepthwise,
    R2Plus1dStem_Pool,
    model_urls,
)


@pytest.mark.parametrize(
    ("module", "name"),
    [("csn", "ir_csn_152"), ("csn", "ip_csn_152"), ("r2plus1d", "r2plus1d_34"), ("r2plus1d", "r2plus1d_152")],
)
def test_a_model_is_in_its_module_and_in_the_hub(module, name):
    import vmz.models

    found = getattr(importlib.import_module(f"vmz.models.{module}"), name)

    assert found is getattr(vmz.models, name) is getattr(published, name)


def test_filters_build_torchvisions_network_as_in_vmz():
    model = VideoResNet(Bottleneck, [Conv3DDepthwise] * 4, [1, 1, 1, 1], BasicStem_Pool, num_classes=3).eval()

    assert model(torch.zeros(1, 3, 8, 32, 32)).shape == (1, 3)
    assert Conv2Plus1D(4, 8, None, 2)(torch.zeros(1, 4, 4, 8, 8)).shape == (1, 8, 2, 4, 4)
    assert IPConv3DDepthwise(4, 4, None)(torch.zeros(1, 4, 4, 8, 8)).shape == (1, 4, 4, 8, 8)
    assert R2Plus1dStem_Pool()(torch.zeros(1, 3, 4, 32, 32)).shape == (1, 64, 4, 8, 8)
    with pytest.raises(ArgumentError):
        Conv3DDepthwise(4, 8)


def test_the_addresses_of_the_weights_are_by_model_and_pretraining():
    assert model_urls["ir_csn_152_ig65m_32frms"].startswith("https://")


@pytest.mark.parametrize(
    ("builder", "frames", "spatiotemporal"), [(mc2_18, 8, 0), (mc3_18, 8, 1), (mc4_18, 4, 2), (mc5_18, 2, 3)]
)
def test_mixed_convolutions_stop_at_their_group(builder, frames, spatiotemporal):
    model = builder(num_classes=3).eval()

    filters = builder.keywords["stage_filter"]
    assert filters == (create_filter_3d,) * spatiotemporal + (create_filter_2d,) * (4 - spatiotemporal)
    assert model.forward_features(torch.zeros(1, 3, 8, 16, 16)).shape[2] == frames


def test_accuracy_is_in_percent():
    scores = torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]])

    assert [float(value) for value in utils.accuracy(scores, torch.tensor([1, 2]), (1, 2))] == [50, 100]


def test_the_options_of_training_are_those_of_ours():
    args = parse_args(
        [
            "--model",
            "r2plus1d_34",
            "--traindir",
            "a",
            "--valdir",
            "b",
            "--finetune",
            "--epochs",
            "20",
            "--lr-milestones",
            "5",
            "10",
        ]
    )

    command = train_command(args)

    said = dict(zip(command[1::2], command[2::2], strict=True))
    assert command[0] == "train"
    assert said["--model"] == "r2plus1d_34(num_classes=101)"
    assert said["--input"] == "num_frames=16, crop=112"
    assert ptv_registry.resolve(said["--model"]).of_role("classes").path == "num_classes"
    assert [ptv_registry.parse(said[option]).name for option in ("--optimizer", "--schedule")] == ["sgd", "multistep"]


def test_dense_prediction_is_a_test_of_many_clips():
    args = parse_args(["--resume_from_model", "best.ckpt", "--valdir", "b", "--val_clips_per_video", "10"])

    assert "10x1" in eval_command(args)
    with pytest.raises(ArgumentError, match="resume_from_model"):
        eval_command(parse_args([]))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("common.log", "MetricLogger"),
        ("common.sampler", "UniformClipSampler"),
        ("common.scheduler", "WarmupMultiStepLR"),
        ("common.transforms", "Resize"),
        ("common.utils", "init_distributed_mode"),
        ("datasets", "get_dataset"),
        ("func.feats", "ef_main"),
    ],
)
def test_what_there_is_none_of_says_what_to_use(module, name):
    with pytest.raises(PtvError, match="use "):
        getattr(importlib.import_module(f"vmz.{module}"), name)
