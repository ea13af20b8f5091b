"""PySlowFast's models and ours: parameters under its names, outputs that it gave on weights made from these names.

``tests/support/reference_data/pyslowfast/models.json`` holds what was asked for and what PySlowFast's own code gave.
"""

import hashlib
import json

import pytest
import torch

import ptv_registry as ptv
from ptv_pyslowfast import Config, from_pyslowfast, model_of, pyslowfast_names, to_pyslowfast
from ptv_zoo import load_weights
from ptv_zoo.errors import WeightsMismatchError
from tests.support import reference_models

TWINS = json.loads((reference_models.DATA / "pyslowfast" / "models.json").read_text())
QUICK = {"slow_8x8_r50", "c2d_8x8_r50", "slowfast_8x8_r50", "x3d_s", "mvit_v2_s_16x4", "slow_ava"}
"""One of each family; the others are slow, since they are large."""
BY_NAME = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in TWINS]


def spec_of(name):
    config = Config()
    for key, value in TWINS[name]["given"].items():
        config.set(key, value, name)
    return model_of(config)


def shapes_of(model):
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def names_in_pyslowfast(name, model):
    """PySlowFast has some models from PyTorchVideo, in a wrapper that puts ``model.`` before their names."""
    own = list(model.state_dict())
    return {key: f"model.{key}" for key in own} if name.startswith("ptv_") else pyslowfast_names(own)


@pytest.mark.parametrize("name", TWINS)
def test_a_model_has_the_parameters_of_its_twin(name):
    twin = TWINS[name]
    with torch.device("meta"):
        model = ptv.build(spec_of(name))
    theirs = names_in_pyslowfast(name, model)
    rows = sorted((theirs[key], list(shape)) for key, shape in shapes_of(model).items())

    assert twin["tensors"] == len(rows)
    assert twin["digest"] == hashlib.sha256("\n".join(f"{key} {shape}" for key, shape in rows).encode()).hexdigest()


@pytest.mark.parametrize("name", BY_NAME)
def test_a_model_gives_the_output_of_its_twin(name):
    twin = TWINS[name]
    model = ptv.build(spec_of(name), head_activation=None).eval()
    theirs = names_in_pyslowfast(name, model)
    filled = {theirs[key]: tensor.clone() for key, tensor in model.state_dict().items()}
    reference_models.fill_tensors_(filled)
    if name.startswith("ptv_"):
        model.load_state_dict({key: filled[theirs[key]] for key in theirs})
    else:
        model.load_state_dict(from_pyslowfast(filled, shapes_of(model)))
        assert filled.keys() == to_pyslowfast(model.state_dict()).keys()
        assert all(torch.equal(filled[key], back) for key, back in to_pyslowfast(model.state_dict()).items())
    clips = [reference_models.clip(f"pyslowfast/{name}/{i}", *shape) for i, shape in enumerate(twin["inputs"])]
    arguments = [clips[0] if len(clips) == 1 else clips]
    if twin["boxes"]:
        arguments.append(torch.tensor(twin["boxes"]))
    with torch.no_grad():
        output = model(*arguments).flatten()
    expected = torch.tensor(twin["output"])

    assert (expected - output).abs().max() <= 1e-5 * expected.abs().max()


SMALL_SLOWFAST = {
    "MODEL.MODEL_NAME": "SlowFast",
    "MODEL.NUM_CLASSES": 3,
    "RESNET.WIDTH_PER_GROUP": 8,
    "DATA.NUM_FRAMES": 8,
    "DATA.TRAIN_CROP_SIZE": 32,
    "RESNET.NUM_BLOCK_TEMP_KERNEL": [[3, 3], [4, 4], [6, 6], [3, 3]],
    "RESNET.SPATIAL_STRIDES": [[1, 1], [2, 2], [2, 2], [2, 2]],
    "RESNET.SPATIAL_DILATIONS": [[1, 1], [1, 1], [1, 1], [1, 1]],
}


@pytest.fixture
def small_slowfast():
    config = Config()
    for key, value in SMALL_SLOWFAST.items():
        config.set(key, value, "small")
    torch.manual_seed(0)
    model = ptv.build(model_of(config))
    return reference_models.fill_(model)


@pytest.mark.parametrize("prefix", ["", "module.", "module.model.", "model."])
def test_a_checkpoint_of_pyslowfast_loads_by_the_loader_of_the_zoo(small_slowfast, tmp_path, prefix):
    weights = {f"{prefix}{name}": tensor for name, tensor in to_pyslowfast(small_slowfast.state_dict()).items()}
    torch.save({"epoch": 3, "model_state": weights, "cfg": "TRAIN:\n"}, tmp_path / "checkpoint_epoch_00004.pyth")
    other = ptv.build(ptv.plan_of(small_slowfast))

    loaded = load_weights(other, tmp_path / "checkpoint_epoch_00004.pyth")

    assert ("model_state", ()) == (loaded.layout, loaded.dropped)
    theirs = other.state_dict()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in small_slowfast.state_dict().items())


def test_a_checkpoint_whose_batches_were_split_loads(small_slowfast):
    weights = {}
    for name, tensor in to_pyslowfast(small_slowfast.state_dict()).items():
        place, _, leaf = name.rpartition("bn.")
        split = leaf in ("running_mean", "running_var")
        weights[f"{place}bn.bn.{leaf}" if split else name] = tensor
        if split:
            weights[f"{place}bn.split_bn.{leaf}"] = tensor.repeat(2)
    found = from_pyslowfast(weights, shapes_of(small_slowfast))

    assert all(torch.equal(tensor, found[name]) for name, tensor in small_slowfast.state_dict().items())


def test_a_difference_is_told_in_pyslowfasts_names(small_slowfast):
    weights = to_pyslowfast(small_slowfast.state_dict())
    weights["s9.conv.weight"] = weights.pop("s1_fuse.conv_f2s.weight")

    with pytest.raises(WeightsMismatchError, match=r"s1_fuse\.conv_f2s\.weight(.|\n)*s9\.conv\.weight"):
        from_pyslowfast(weights, shapes_of(small_slowfast))


def test_models_without_a_twin_are_told():
    with torch.device("meta"):
        names = list(ptv.build("r2plus1d_r50").state_dict())

    with pytest.raises(WeightsMismatchError, match=r"has no counterpart in PySlowFast's networks"):
        pyslowfast_names(names)


def test_projections_of_attention_are_split_or_joined_as_the_model_has_them():
    arguments = {"spatial_size": 16, "temporal_size": 4, "depth": 1, "head_num_classes": 3}
    apart = reference_models.fill_(ptv.build("mvit", **arguments, separate_qkv=True)).eval()
    joined = ptv.build("mvit", **arguments, separate_qkv=False).eval()
    joined.load_state_dict(from_pyslowfast(to_pyslowfast(apart.state_dict()), shapes_of(joined)))
    again = from_pyslowfast(to_pyslowfast(joined.state_dict()), shapes_of(apart))
    clip = torch.randn(1, 3, 4, 16, 16)

    torch.testing.assert_close(apart(clip), joined(clip))
    assert all(torch.equal(tensor, again[name]) for name, tensor in apart.state_dict().items())
