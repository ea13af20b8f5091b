"""What every model can do, whatever its family: copy, pickle, save, export, run without memory, learn."""

from __future__ import annotations

import copy
import pickle
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

import ptv_registry
from ptv_cards.clip_input import clip_input_of
from ptv_cards.inspection import forward_features, inputs_for, num_classes, reset_head

MODELS = [component.name for component in ptv_registry.components("model") if not component.status]
# Networks of other networks, which need them as arguments; their own plugins' tests build them.
COMPOSED = {"masked_multi_pathway", "byol", "memory_bank", "moco_v2", "simclr"}
# Builders that cannot do without some argument.
SPECS = {"mvit": "mvit(spatial_size=224, temporal_size=16)"}
VMZ = {
    "ip_csn_152",
    "ir_csn_152",
    "mc2_18",
    "mc3_18",
    "mc4_18",
    "mc5_18",
    "r2plus1d_152",
    "r2plus1d_18",
    "r2plus1d_34",
    "r3d_18",
    "vmz_resnet",
}
SINGLE = [name for name in MODELS if name not in COMPOSED]


def example(name: str) -> tuple[Any, ...]:
    """Inputs on the meta device of a size that the model was published for."""
    declared = clip_input_of(plan(name))
    if declared is not None:
        return inputs_for(declared, detection="_detection" in name or "_roi_head" in name)
    with torch.device("meta"):
        clip = torch.zeros(1, 3, 8, 224, 224)
        if name in VMZ:
            return (torch.zeros(1, 3, 8, 112, 112),)
        if name == "mvit_base_16":
            return (torch.zeros(1, 3, 224, 224),)
        return (clip,)


@cache
def plan(name: str) -> ptv_registry.Plan:
    return ptv_registry.resolve(SPECS.get(name, name))


def on_meta(name: str) -> nn.Module:
    with torch.device("meta"):
        return ptv_registry.build(plan(name)).eval()


def leaves(output: Any) -> list[torch.Tensor]:
    return [output] if isinstance(output, torch.Tensor) else [leaf for item in output for leaf in leaves(item)]


def test_every_listed_model_is_tested_here_or_is_composed() -> None:
    assert set(MODELS) == set(SINGLE) | COMPOSED


@pytest.mark.slow
@pytest.mark.parametrize("name", SINGLE)
def test_a_model_runs_without_memory_and_its_copies_are_alike(name: str) -> None:
    model, inputs = on_meta(name), example(name)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert [(n, t.shape) for n, t in model.state_dict().items()] == [
            (n, t.shape) for n, t in twin.state_dict().items()
        ]

    assert all(leaf.device.type == "meta" for leaf in leaves(model(*inputs)))


@pytest.mark.slow
@pytest.mark.parametrize("name", SINGLE)
def test_a_model_exports(name: str) -> None:
    model, inputs = on_meta(name), example(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, of its export
        exported = torch.export.export(model, inputs)

    # The shapes that tracing found, which calling the graph would only calculate once more.
    found = {node.name: node.meta["val"] for node in exported.graph.nodes if "val" in node.meta}
    theirs = [found[name].shape for name in exported.graph_signature.user_outputs]
    assert [leaf.shape for leaf in leaves(model(*inputs))] == theirs


@pytest.mark.slow
@pytest.mark.parametrize("name", SINGLE)
def test_a_models_state_goes_through_safetensors(name: str, tmp_path: Path) -> None:
    model = on_meta(name)
    # By size, because multiscale transformers publish some tensors under two names.
    state = {n: torch.full(t.shape, t.numel() % 7, dtype=t.dtype) for n, t in model.state_dict().items()}
    save_file(state, tmp_path / "state.safetensors")
    model.load_state_dict(load_file(tmp_path / "state.safetensors"), assign=True)

    assert all(torch.equal(state[n], t) for n, t in model.state_dict().items())


@pytest.mark.parametrize("name", [name for name in SINGLE if "detection" not in name and "roi" not in name])
def test_a_model_gives_features_and_takes_another_number_of_classes(name: str) -> None:
    model = on_meta(name)
    if num_classes(model) is None:
        pytest.skip(f"{name} has no classifier of its own")
    before = {n: t.shape for n, t in model.state_dict().items()}

    changed = reset_head(model, 7)

    after = {n: t.shape for n, t in model.state_dict().items()}
    assert 7 == num_classes(model)
    assert set(changed) == {n for n in after if after[n] != before.get(n)}
    assert leaves(forward_features(model, *example(name)))


SMALL = {
    "resnet(model_depth=18, stem_dim_out=8, head_pool_kernel_size=[2, 2, 2])": [(1, 3, 2, 64, 64)],
    "c2d_r50(head_pool_kernel_size=[1, 2, 2])": [(1, 3, 2, 64, 64)],
    "slowfast(model_depth=18, stem_dim_outs=[8, 8], slowfast_channel_reduction_ratio=[1], "
    "head_pool_kernel_sizes=[[2, 2, 2], [8, 2, 2]])": [(1, 3, 2, 64, 64), (1, 3, 8, 64, 64)],
    "x3d_xs(input_crop_size=64)": [(1, 3, 4, 64, 64)],
    "r2plus1d(head_pool_kernel_size=[1, 2, 2], head_activation=none)": [(1, 3, 8, 64, 64)],
    "r2plus1d_18": [(1, 3, 4, 32, 32)],
}


@pytest.mark.slow
@pytest.mark.parametrize("spec", SMALL, ids=lambda spec: spec.partition("(")[0])
def test_gradients_are_finite_and_reach_every_parameter(spec: str) -> None:
    torch.manual_seed(0)
    model = ptv_registry.build(spec).train()
    clips = [torch.randn(2, *shape[1:]) for shape in SMALL[spec]]

    torch.nn.functional.cross_entropy(model(clips[0] if len(clips) == 1 else clips), torch.tensor([0, 1])).backward()

    without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert [] == without
