"""Class activation maps and attention roll-out."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

import ptv_registry
from ptv_explain import find_layer, heat_map
from ptv_explain.layers import maps_of
from ptv_registry.errors import ArgumentError
from tests.support.small_models import MODELS, clips_of

FAMILIES: dict[str, tuple[str, list[tuple[int, ...]]]] = {
    **MODELS,
    "slow": (
        "slow_r50(model_depth=18, model_num_class=10, stem_dim_out=8, head_pool_kernel_size=[2, 2, 2])",
        [(3, 2, 64, 64)],
    ),
    "csn": (
        "csn(model_depth=18, model_num_class=10, stem_dim_out=8, head_pool_kernel_size=[1, 2, 2])",
        [(3, 4, 64, 64)],
    ),
    "r2plus1d": (
        "r2plus1d(model_depth=18, model_num_class=10, stem_dim_out=8, head_pool_kernel_size=[1, 2, 2])",
        [(3, 8, 64, 64)],
    ),
    "vmz": ("r3d_18(num_classes=10)", [(3, 4, 64, 64)]),
    "mobile": ("efficient_x3d(num_classes=10)", [(3, 4, 64, 64)]),
}


class SeesRed(nn.Module):
    """Class 0 is the mean of red over all places, class 1 that of blue."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv3d(3, 2, 1, bias=False)
        self.layer.weight.data = torch.tensor([[1.0, 0, 0], [0, 0, 1.0]])[..., None, None, None]
        self.act = nn.ReLU(inplace=True)
        self.classes = nn.Linear(2, 2, bias=False)
        self.classes.weight.data = torch.tensor([[2.0, -1.0], [-1.0, 3.0]])

    def forward(self, clip: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.classes(self.act(self.layer(clip)).mean((2, 3, 4)))
        return scores


def red_and_blue() -> torch.Tensor:
    """Red moves through the upper left, blue stands in the lower right."""
    clip = torch.zeros(1, 3, 4, 16, 16)
    for frame in range(4):
        clip[0, 0, frame, 2:5, frame : frame + 3] = 1.0
    clip[0, 2, :, 10:14, 10:14] = 1.0
    return clip


@pytest.mark.parametrize("method", ["gradcam", "gradcam++", "layercam"])
def test_heat_lies_on_what_the_class_is_about_and_moves_with_it(method: Any) -> None:
    clip = red_and_blue()
    red = heat_map(SeesRed(), clip, classes=[0], method=method)
    blue = heat_map(SeesRed(), clip, classes=[1], method=method)

    torch.testing.assert_close(red.heat[0], clip[0, 0])
    torch.testing.assert_close(blue.heat[0], clip[0, 2])
    assert "layer" == red.layer


def test_of_a_mean_and_a_linear_layer_the_map_is_that_of_the_class_weights() -> None:
    torch.manual_seed(0)
    model = SeesRed()
    model.layer.weight.data.normal_()
    clip = torch.randn(2, 3, 4, 8, 8)
    found = heat_map(model, clip, classes=[0, 1], layer="act")
    activations = model.layer(clip).relu()
    expected = torch.stack(
        [(model.classes.weight[k, :, None, None, None] * activations[k]).sum(0).relu() for k in (0, 1)]
    )

    torch.testing.assert_close(found.heat, expected / expected.amax((1, 2, 3), keepdim=True))


def test_the_first_class_of_each_clip_is_explained_unless_another_is_asked_for() -> None:
    clips = torch.cat([red_and_blue(), 5 * red_and_blue().roll(1, 1)])
    found = heat_map(SeesRed(), clips)

    assert found.scores.argmax(1).tolist() == found.classes.tolist()
    assert [1, 0] == heat_map(SeesRed(), clips, classes=[1, 0]).classes.tolist()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_a_layer_to_look_at_and_keeps_its_state(family: str) -> None:
    torch.manual_seed(0)
    spec, shapes = FAMILIES[family]
    model = ptv_registry.build(spec)
    model.train()
    for number, parameter in enumerate(model.parameters()):
        parameter.requires_grad_(number % 2 == 0)
    before = copy.deepcopy(model.state_dict())
    clip = clips_of(shapes, 2)
    longest = max(shapes, key=lambda shape: shape[1])
    found = heat_map(model, clip)
    again = heat_map(model, clip)

    assert (2, *longest[1:]) == tuple(found.heat.shape)
    assert 0 <= found.heat.min()
    assert found.heat.max() <= 1.0
    torch.testing.assert_close(found.heat, again.heat)
    assert model.training
    assert [number % 2 == 0 for number, _ in enumerate(model.parameters())] == [
        p.requires_grad for p in model.parameters()
    ]
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_the_last_stage_is_looked_at_and_of_a_transformer_the_last_tokens_that_the_score_depends_on() -> None:
    def layer(family: str) -> str:
        spec, shapes = FAMILIES[family]
        return find_layer(ptv_registry.build(spec).eval(), clips_of(shapes, 1))

    assert ["blocks.4", "blocks.4", "blocks.0"] == [layer("slow"), layer("slowfast"), layer("mvit")]


def test_both_pathways_count() -> None:
    torch.manual_seed(0)
    spec, shapes = MODELS["slowfast"]
    model, clip = ptv_registry.build(spec), clips_of(shapes, 1)
    joint = heat_map(model, clip).heat
    slow = heat_map(model, clip, layer="blocks.4.multipathway_blocks.0").heat
    fast = heat_map(model, clip, layer="blocks.4.multipathway_blocks.1").heat
    mean = (slow + fast) / 2

    torch.testing.assert_close(joint, mean / mean.max())


def test_roll_out_of_plain_attention_is_the_product_of_its_matrices() -> None:
    torch.manual_seed(0)
    model = ptv_registry.build(
        "mvit(spatial_size=16, temporal_size=2, depth=3, head_num_classes=5, patch_embed_dim=12)"
    ).eval()
    clip = torch.randn(1, 3, 2, 16, 16)
    steps = []
    for block in model.blocks:
        block.attn.register_forward_pre_hook(
            lambda module, args: steps.append(module.attention_weights(*args)[0].mean(1))
        )
    with torch.no_grad():
        model(clip)
    one = torch.eye(steps[0].shape[1])
    product = ((steps[2] + one) / 2) @ ((steps[1] + one) / 2) @ ((steps[0] + one) / 2)
    steps_heat = product[0, 0, 1:].reshape(1, 1, 4, 4)
    grown = nn.functional.interpolate(steps_heat[None], (2, 16, 16), mode="trilinear")[0, 0]

    torch.testing.assert_close(heat_map(model, clip, method="rollout").heat[0], grown / grown.max())


def test_roll_out_goes_through_pooled_attention_and_finds_what_is_attended_to() -> None:
    torch.manual_seed(0)
    spec, shapes = MODELS["mvit"]
    found = heat_map(ptv_registry.build(spec), clips_of(shapes, 2), method="rollout")

    assert (2, *shapes[0][1:]) == tuple(found.heat.shape)
    assert "attention" == found.layer
    assert found.heat.std() > 0
    with pytest.raises(ArgumentError, match="no attention to roll out"):
        heat_map(SeesRed(), red_and_blue(), method="rollout")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layer": "blocks.9"}, "'blocks.9' is not a layer of the model; there are"),
        ({"layer": "classes"}, "'classes' has no output with time and space"),
        ({"classes": [7]}, "class 7 of 2"),
        ({"classes": [0, 0]}, "2 classes for 1 clips"),
        ({"method": "magic"}, "method='magic'; there are gradcam"),
    ],
)
def test_what_does_not_exist_is_named_with_what_does(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        heat_map(SeesRed(), red_and_blue(), **change)


def test_tokens_are_maps_only_beside_their_grid() -> None:
    tokens = torch.zeros(1, 9, 4)
    with_class, without, alone = maps_of((tokens, [2, 2, 2])), maps_of((tokens[:, 1:], [2, 2, 2])), maps_of(tokens)

    assert with_class is not None
    assert without is not None
    assert [(1, 4, 2, 2, 2)] == [tuple(t.shape) for t in with_class.shaped(with_class.tensors)]
    assert [(1, 4, 2, 2, 2)] == [tuple(t.shape) for t in without.shaped(without.tensors)]
    assert alone is None
    assert maps_of((tokens, [3, 3, 3])) is None
