import copy
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

import ptv_x3d
from ptv_registry.errors import ArgumentError
from ptv_x3d import create_x3d, x3d_xs

CLIP = (2, 3, 4, 32, 32)


def small(**arguments):
    torch.manual_seed(0)
    sizes = {"input_clip_length": 4, "input_crop_size": 32, "model_num_class": 5}
    return create_x3d(**{**sizes, "width_factor": 0.5, "depth_factor": 1.0, **arguments})


def test_the_documented_model_gives_probabilities():
    scores = small().eval()(torch.randn(CLIP))

    assert (2, 5) == tuple(scores.shape)
    torch.testing.assert_close(torch.ones(2), scores.sum(dim=1))


def test_lists_are_as_good_as_tuples():
    model = small(stage_conv_kernel_size=[[3, 3, 3]] * 4, stem_conv_stride=[1, 2, 2], stage_spatial_stride=[2, 2, 2, 2])

    assert repr(small()) == repr(model)


def test_without_norms_and_activations_it_runs():
    model = small(norm=None, activation=None, inner_act=None, head_pool_act=None, head_activation=None)

    assert (2, 5) == tuple(model(torch.randn(CLIP)).shape)


def test_without_head_it_gives_features():
    assert (2, 48, 4, 1, 1) == tuple(small(head=None).eval()(torch.randn(CLIP)).shape)


def test_a_larger_clip_is_scored_window_by_window():
    model = small(head_activation=None, head_output_with_global_average=False).eval()

    assert (1, 5, 3, 2, 2) == tuple(model(torch.randn(1, 3, 6, 64, 64)).shape)


@pytest.mark.parametrize("size", [(3, 32, 32), (4, 32, 32)])
def test_a_clip_smaller_than_the_model_was_built_for_is_refused(size):
    model = small(input_crop_size=64 if size[0] == 4 else 32)

    with pytest.raises(ArgumentError, match="input_clip_length and input_crop_size"):
        model(torch.randn(1, 3, *size))


@pytest.mark.parametrize(
    "arguments", [{"input_crop_size": 31}, {"input_clip_length": 1, "stage_temporal_stride": (1, 1, 2, 1)}]
)
def test_a_clip_smaller_than_the_strides_is_refused_at_once(arguments):
    with pytest.raises(ArgumentError, match="strides multiply to"):
        small(**arguments)


def test_a_stage_too_few_is_refused():
    with pytest.raises(ArgumentError, match="stage_spatial_stride has 3 entries"):
        small(stage_spatial_stride=(2, 2, 2))


def test_residual_blocks_start_as_their_shortcuts():
    last_norms = [m for m in small().modules() if getattr(m, "block_final_bn", False)]

    assert len(last_norms) > 0
    assert all(norm.weight.eq(0).all() for norm in last_norms)


def test_a_published_model_takes_any_argument_of_the_builder_anew():
    with torch.device("meta"):
        model = x3d_xs(input_crop_size=182, depth_factor=1.0, norm_eps=1e-3)

    assert (4, 6, 6) == model.blocks[-1].pool.pool.kernel_size
    assert {1e-3} == {m.eps for m in model.modules() if isinstance(m, nn.BatchNorm3d)}


@pytest.mark.parametrize(
    "twin", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["copy", "pickle"]
)
def test_it_deep_copies_and_pickles(twin):
    model, x = small().eval(), torch.randn(CLIP)

    assert torch.equal(model(x), twin(model)(x))


def test_it_exports():
    model, x = small().eval(), torch.randn(CLIP)
    exported = torch.export.export(model, (x,)).module()

    torch.testing.assert_close(model(x), exported(x))


@pytest.mark.parametrize("name", ["x3d_xs", "x3d_s", "x3d_m", "x3d_l"])
def test_the_published_models_run_on_meta(name):
    size = {"x3d_xs": (4, 182), "x3d_s": (13, 182), "x3d_m": (16, 256), "x3d_l": (16, 356)}[name]
    with torch.device("meta"):
        output = getattr(ptv_x3d, name)()(torch.empty(1, 3, size[0], size[1], size[1]))

    assert (1, 400) == tuple(output.shape)


def test_its_gradients_are_finite():
    model = small()
    for norm in model.modules():
        if getattr(norm, "block_final_bn", False):
            nn.init.ones_(norm.weight)
    model(torch.randn(CLIP)).log().sum().backward()

    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_it_saves_to_safetensors(tmp_path):
    model = small()
    save_file(model.state_dict(), tmp_path / "x3d.safetensors")
    other = small()
    for parameter in other.parameters():
        nn.init.zeros_(parameter)
    other.load_state_dict(load_file(tmp_path / "x3d.safetensors"))
    x = torch.randn(CLIP)

    assert torch.equal(model.eval()(x), other.eval()(x))
