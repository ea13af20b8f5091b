"""PySlowFast's Caffe2 files: arrays by the names of their blobs."""

import pickle

import numpy as np
import pytest
import torch

import ptv_registry as ptv
from ptv_zoo import load_weights
from tests.plugins.ptv_pyslowfast.test_models import small_slowfast  # noqa: F401

BLOBS = {
    "conv1_w": "blocks.0.multipathway_blocks.0.conv.weight",
    "t_res_conv1_bn_riv": "blocks.0.multipathway_blocks.1.norm.running_var",
    "t_pool1_subsample_w": "blocks.0.multipathway_fusion.conv_fast_to_slow.weight",
    "t_res3_3_branch2c_bn_subsample_bn_s": "blocks.2.multipathway_fusion.norm.weight",
    "res2_0_branch1_w": "blocks.1.multipathway_blocks.0.res_blocks.0.branch1_conv.weight",
    "res2_0_branch1_bn_b": "blocks.1.multipathway_blocks.0.res_blocks.0.branch1_norm.bias",
    "t_res5_2_branch2b_bn_rm": "blocks.4.multipathway_blocks.1.res_blocks.2.branch2.norm_b.running_mean",
    "pred_w": "blocks.6.proj.weight",
    "pred_b": "blocks.6.proj.bias",
}


@pytest.fixture
def blobs(small_slowfast):  # noqa: F811
    from ptv_pyslowfast.caffe2 import _blob, _last_blocks
    from ptv_pyslowfast.names import pyslowfast_names

    theirs = pyslowfast_names(small_slowfast.state_dict())
    last = _last_blocks(theirs.values())
    arrays = {_blob(theirs[name], last): tensor.numpy() for name, tensor in small_slowfast.state_dict().items()}
    return {name: array for name, array in arrays.items() if name is not None}


@pytest.mark.parametrize(("blob", "name"), BLOBS.items())
def test_a_blob_is_the_parameter_that_its_name_says(small_slowfast, blobs, blob, name):  # noqa: F811
    assert np.array_equal(small_slowfast.state_dict()[name].numpy(), blobs[blob])


def test_a_caffe2_file_loads(small_slowfast, blobs, tmp_path):  # noqa: F811
    extra = {"lr": np.float32(0.1), "model_iter": np.zeros(1), "conv1_w_momentum": np.zeros(2, np.float32)}
    (tmp_path / "SLOWFAST.pkl").write_bytes(pickle.dumps({"blobs": blobs | extra}, protocol=2))
    other = ptv.build(ptv.plan_of(small_slowfast))

    loaded = load_weights(other, tmp_path / "SLOWFAST.pkl")

    assert "caffe2" == loaded.layout
    counts = {name for name in other.state_dict() if name.endswith("num_batches_tracked")}
    for name, tensor in small_slowfast.state_dict().items():
        assert name in counts or torch.equal(tensor, other.state_dict()[name]), name
