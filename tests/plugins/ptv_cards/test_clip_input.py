"""What a clip is for a model follows from the model and its arguments."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from torch import nn

import ptv_registry
from ptv_cards.clip_input import ClipInput, clip_input_of, takes_clips
from ptv_cards.roles import Channels, Classes, Frames, Pixels
from ptv_registry.errors import ArgumentError


def of(spec: str) -> ClipInput:
    found = clip_input_of(ptv_registry.resolve(spec))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("spec", "frames", "crop", "alpha"),
    [
        ("x3d_s", 13, 182, None),
        ("x3d_s(input_clip_length=4, input_crop_size=64)", 4, 64, None),
        ("x3d(input_clip_length=4, input_crop_size=32)", 4, 32, None),
        ("mvit(spatial_size=64, temporal_size=4)", 4, 64, None),
        ("mvit_base_16x4(spatial_size=[64, 64])", 16, 64, None),
        ("slowfast_r50", 32, 256, 4),
        ("slowfast_r50(slowfast_fusion_conv_stride=[8, 1, 1])", 32, 256, 8),
        ("slowfast(head_pool_kernel_sizes=[[4, 2, 2], [16, 2, 2]])", 16, 64, 4),
        ("resnet(head_pool_kernel_size=[4, 1, 1])", 4, 32, None),
        ("slow_r50(head_pool_kernel_size=[4, 7, 7])", 4, 256, None),
        ("csn(head_pool_kernel_size=[1, 2, 2])", 32, 64, None),
        ("r2plus1d(head_pool_kernel_size=[1, 1, 1])", 4, 32, None),
    ],
)
def test_the_clip_follows_from_the_arguments(spec, frames, crop, alpha):
    found = of(spec)

    assert (frames, crop, alpha) == (found.num_frames, found.crop, found.alpha)


def test_a_strangers_model_declares_the_same_under_other_names():
    registry = ptv_registry.Registry()

    @registry.register("model", "stranger")
    @takes_clips(ClipInput(8, 4, crop=224))
    class Stranger(nn.Module):
        """A model of somebody else's."""

        def __init__(self, labels: Classes = 10, planes: Channels = 3, length: Frames = 8, edge: Pixels = 224) -> None:
            super().__init__()
            self.fc = nn.Linear(planes, labels)

    plan = ptv_registry.resolve("stranger(length=2, edge=32)", registry=registry)
    found = clip_input_of(plan)

    assert found is not None
    assert (2, 32, 36) == (found.num_frames, found.crop, found.side)
    assert "labels" == plan.of_role("classes").path


def test_clips_of_other_than_three_channels_are_refused():
    with pytest.raises(ArgumentError, match="input_channel=2"):
        of("x3d(input_channel=2)")


def test_the_training_transform_crops_at_random_what_the_model_takes():
    clips = ClipInput(4, 2, side=36, crop=32)
    transform = ptv_registry.build(clips.train_transform, kind="transform")
    video = torch.randint(0, 256, (3, 9, 50, 70), dtype=torch.uint8)

    first = transform({"video": video})["video"]
    others = [transform({"video": video})["video"] for _ in range(5)]

    assert (3, 4, 32, 32) == tuple(first.shape)
    assert torch.float32 == first.dtype
    assert any(not torch.equal(first, other) for other in others)


def test_nothing_is_mirrored_unless_asked_for():
    assert "flip" not in ClipInput(4, 2).train_transform
    assert "random_horizontal_flip(p=0.5)" in ClipInput(4, 2).adjusted({"flip": 0.5}).train_transform


def test_seconds_change_the_rate_and_nothing_else():
    clips = ClipInput(4, 2).adjusted({"seconds": 1})

    assert (4, Fraction(1)) == (clips.num_frames, clips.seconds)


@pytest.mark.parametrize(
    "changes", [{"croop": 3}, {"crop": 0}, {"num_frames": 1.5}, {"seconds": float("inf")}, {"flip": 2}, {"side": True}]
)
def test_changes_that_mean_nothing_are_refused(changes):
    with pytest.raises(ArgumentError):
        ClipInput(4, 2).adjusted(changes)
