"""What every family of models promises: its slots are reached from above, and its locks build the same again."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import nn

import ptv_registry as ptv
from ptv_registry import Registry


class ProbeNorm(nn.BatchNorm3d):
    pass


class ProbeConv(nn.Conv3d):
    pass


class ProbeActivation(nn.ReLU):
    pass


class ProbePool(nn.MaxPool3d):
    pass


PROBES = {"norm": ProbeNorm, "conv": ProbeConv, "activation": ProbeActivation, "pool": ProbePool}


@dataclass(frozen=True)
class Family:
    """Models of a family, specs that only locks are made of, and where the places of a kind are not all one kind's.

    Attributes:
        without: kinds that do not reach every place of theirs, which the family's own tests show.
        spared: modules that keep their class, such as a sigmoid of a detection head.
    """

    models: tuple[str, ...]
    locked: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    spared: tuple[type[nn.Module], ...] = ()


PLACES: dict[str, tuple[type[nn.Module], ...]] = {
    "norm": (nn.BatchNorm3d,),
    "conv": (nn.Conv3d,),
    "activation": (nn.ReLU,),
    "pool": (nn.AvgPool3d, nn.MaxPool3d),
}
FAMILIES = {
    "csn": Family(
        ("csn(model_depth=18, stem_dim_out=8)", "csn_r101"),
        locked=("csn(model_depth=18, norm=group(num_groups=8), head=none, stem_pool=max)",),
    ),
    "mobile": Family(("efficient_x3d", "efficient_x3d_xs", "efficient_x3d_s"), without=("activation", "pool")),
    "r2plus1d": Family(
        ("r2plus1d(model_depth=18, stem_dim_out=8)", "r2plus1d_r50"),
        locked=(
            "r2plus1d(model_depth=18, norm=group(num_groups=8), head=none, stage_conv_b=conv3d)",
            "r2plus1d(model_depth=18, stage_bottleneck=[bottleneck_2plus1d, bottleneck, bottleneck, bottleneck_2plus1d])",
        ),
    ),
    "resnet": Family(
        (
            "resnet(model_depth=18)",
            "resnet_with_roi_head(model_depth=18)",
            "acoustic_resnet(model_depth=18)",
            "slow_r50",
            "c2d_r50",
            "i3d_r50",
            "slow_r50_detection",
        ),
    ),
    "slowfast": Family(
        (
            "slowfast(model_depth=18)",
            "slowfast_with_roi_head(model_depth=18)",
            "slowfast_r50",
            "slowfast_r101",
            "slowfast_16x8_r101_50_50",
            "slowfast_r50_detection",
        ),
    ),
    "vmz": Family(
        (
            "vmz_resnet(use_pool1=true)",
            "ir_csn_152",
            "ip_csn_152",
            "r2plus1d_34",
            "r2plus1d_152",
            "mc3_18",
            "r3d_18",
            "r2plus1d_18",
        ),
        locked=("mc3_18(stage_filter=vmz_2plus1d, norm=group)",),
        spared=(nn.AvgPool3d,),
    ),
    "x3d": Family(
        (
            "x3d(width_factor=0.5, depth_factor=1, input_clip_length=4, input_crop_size=32, model_num_class=5)",
            "x3d_xs",
            "x3d_l",
        ),
        locked=("x3d_s(norm=group(num_groups=2), stem=x3d(activation=gelu), head=none, se_ratio=0, depth_factor=1)",),
        without=("activation",),
    ),
}
MODELS = [pytest.param(family, spec, id=spec) for family in FAMILIES.values() for spec in family.models]
#: Models without a pool at all.
WITHOUT_POOL = {"r2plus1d_34", "mc3_18", "r3d_18", "r2plus1d_18"}


def probed(spec: str, kinds: tuple[str, ...]) -> nn.Module:
    """The model with a probe given to all kinds at once, on the meta device."""
    registry = Registry()
    for kind in kinds:
        registry.register(kind, "probe")(PROBES[kind])
    with torch.device("meta"):
        return ptv.build(spec, registry=registry, **dict.fromkeys(kinds, "probe"))


@pytest.mark.parametrize(("family", "spec"), MODELS)
def test_a_probe_reaches_every_place_of_its_kind(family: Family, spec: str) -> None:
    kinds = tuple(kind for kind in PROBES if kind not in family.without)
    model = probed(spec, kinds)
    for kind in kinds:
        found = {type(m) for m in model.modules() if isinstance(m, PLACES[kind])} - {*family.spared}

        assert found == ({PROBES[kind]} if kind != "pool" or spec not in WITHOUT_POOL else set()), kind


@pytest.mark.parametrize("spec", [spec for family in FAMILIES.values() for spec in (*family.models, *family.locked)])
def test_a_lock_builds_the_same_model(spec: str) -> None:
    with torch.device("meta"):
        model = ptv.build(spec)
        again = ptv.build(ptv.freeze(model))

    assert list(model.state_dict()) == list(again.state_dict())
    assert repr(model) == repr(again)
