"""Every argument of every documented builder and layer has an effect.

The builders of the families have such tests beside them, named in BESIDE. Here are the classes that are made of modules,
and the layers.
"""

import inspect
import json
from pathlib import Path

import pytest
import torch
from torch import nn

import pytorchvideo.layers as layers
import pytorchvideo.models as models
from tests.support.fingerprint import fingerprint

REPOSITORY = Path(__file__).resolve().parents[3]
NAMES = json.loads(Path(__file__).with_name("documented.json").read_text(encoding="utf-8"))["names"]
DOCUMENTED = {name.split(".")[-1] for name in NAMES if name.startswith(("models.", "layers."))} - {
    "Swish",  # without arguments
    "SwishFunction",
}
# Where the arguments of a builder are tested, by family.
BESIDE = {
    "tests/plugins/ptv_resnet/test_every_argument.py": [
        "create_acoustic_bottleneck_block",
        "create_acoustic_res_basic_stem",
        "create_acoustic_resnet",
        "create_bottleneck_block",
        "create_res_basic_head",
        "create_res_basic_stem",
        "create_res_block",
        "create_res_roi_pooling_head",
        "create_res_stage",
        "create_resnet",
        "create_resnet_with_roi_head",
    ],
    "tests/plugins/ptv_csn/test_csn.py": ["create_csn"],
    "tests/plugins/ptv_x3d/test_every_argument.py": [
        "create_x3d",
        "create_x3d_bottleneck_block",
        "create_x3d_head",
        "create_x3d_res_block",
        "create_x3d_res_stage",
        "create_x3d_stem",
    ],
    "tests/plugins/ptv_slowfast/test_every_argument.py": ["create_slowfast", "create_slowfast_with_roi_head"],
    "tests/plugins/ptv_r2plus1d/test_block.py": ["create_2plus1d_bottleneck_block"],
    "tests/plugins/ptv_r2plus1d/test_model.py": ["create_r2plus1d"],
    "tests/plugins/ptv_ssl/test_models.py": ["BYOL", "MemoryBank", "SimCLR"],
    "tests/plugins/ptv_multimodal/test_masked_layers.py": [
        "LSTM",
        "LearnMaskedDefault",
        "MaskedTemporalPooling",
        "TransposeMultiheadAttention",
        "TransposeTransformerEncoder",
    ],
    "tests/plugins/ptv_layers/test_convolutions.py": ["create_conv_2plus1d"],
    "tests/plugins/ptv_layers/test_mlp.py": ["make_multilayer_perceptron"],
    "tests/plugins/ptv_layers/test_squeeze_excitation.py": ["create_audio_2d_squeeze_excitation_block"],
}
# Their arguments are modules: with another module the result differs.
OF_MODULES = [
    layers.Conv2plus1d,
    layers.NonLocal,
    models.BottleneckBlock,
    models.DetectionBBoxNetwork,
    models.FuseFastToSlow,
    models.MaskedMultiPathWay,
    models.MultiPathWayWithFuse,
    models.Net,
    models.PoolConcatPathway,
    models.ProjectedPool,
    models.ResBlock,
    models.ResNetBasicHead,
    models.ResNetBasicStem,
    models.ResNetRoIHead,
    models.ResStage,
    models.SeparableBottleneckBlock,
]
IN_A_LIST = {
    *((build, "multipathway_blocks") for build in (models.MaskedMultiPathWay, models.MultiPathWayWithFuse)),
    *((models.SeparableBottleneckBlock, name) for name in ("conv_b", "norm_b", "act_b")),
    (models.Net, "blocks"),
    (models.PoolConcatPathway, "pool"),
    (models.ResStage, "res_blocks"),
}
# The arguments of the classes that are not modules.
PLAIN = {
    "conv_xy_first": True,
    "instantiation": "softmax",
    "inplace": False,
    "retain_list": True,
    "dim": 2,
    "reduce_method": "cat",
    "branch_fusion": torch.add,
}
NORM = (
    {"num_features": 4},
    {"num_features": 6, "eps": 1e-3, "momentum": 0.3, "affine": False, "track_running_stats": False},
)
OF_VALUES = {
    layers.create_nonlocal: (
        {"dim_in": 8, "dim_inner": 4},
        {
            "dim_in": 16,
            "dim_inner": 6,
            "pool_size": (1, 2, 2),
            "instantiation": "dot_product",
            "norm": nn.InstanceNorm3d,
            "norm_eps": 1e-3,
            "norm_momentum": 0.3,
        },
    ),
    layers.NaiveSyncBatchNorm1d: NORM,
    layers.NaiveSyncBatchNorm2d: NORM,
    layers.NaiveSyncBatchNorm3d: NORM,
    layers.ConvReduce3D: (
        {"in_channels": 4, "out_channels": 4, "kernel_size": (1, 3)},
        {
            "in_channels": 8,
            "out_channels": 6,
            "kernel_size": (1, 5),
            "stride": (2, 2),
            "padding": (0, 1),
            "padding_mode": ("circular", "zeros"),
            "dilation": (1, 2),
            "groups": (2, 1),
            "bias": (False, True),
            "reduction_method": "cat",
        },
    ),
    layers.SqueezeAndExcitationLayer2D: ({"in_planes": 32}, {"in_planes": 64, "reduction_ratio": 8}),
    layers.PositionalEncoding: ({"embed_dim": 4}, {"embed_dim": 6, "seq_len": 16}),
    layers.ConcatFusion: ({"feature_dims": [4, 4]}, {"feature_dims": [4, 6]}),
    layers.TemporalConcatFusion: ({"feature_dims": [4, 4]}, {"feature_dims": [6, 6]}),
    layers.ReduceFusion: ({"feature_dims": [4, 4], "reduce_fn": torch.sum}, {"feature_dims": [6, 6]}),
    layers.make_fusion_layer: ({"method": "sum", "feature_dims": [4, 4]}, {"method": "concat", "feature_dims": [6, 6]}),
}
# Shown below.
IN_TESTS_OF_THEIR_OWN = {"reduce_fn", "reduced_planes"}


def looks(module):
    buffers = [(name, tuple(buffer.shape)) for name, buffer in module.named_buffers()]
    return fingerprint(module), buffers, getattr(module, "output_dim", None)


def module_for(build, name, module):
    return nn.ModuleList([module]) if (build, name) in IN_A_LIST else module


def documented_arguments(build):
    path = next(path for path in NAMES if path.split(".")[-1] == build.__name__)
    written = NAMES[path].get("parameters")
    return [entry["name"] for entry in written] if written else list(inspect.signature(build).parameters)


@pytest.mark.parametrize("build", OF_MODULES, ids=lambda build: build.__name__)
def test_each_module_that_is_given_is_used(build):
    names = documented_arguments(build)
    base = {name: module_for(build, name, nn.Identity()) for name in names if name not in PLAIN}

    assert looks(build(**base)) == looks(build(**base))
    for name in names:
        changed = build(**{**base, name: PLAIN[name] if name in PLAIN else module_for(build, name, nn.ReLU())})
        assert looks(changed) != looks(build(**base)), f"{build.__name__}({name}=...) has no effect"


@pytest.mark.parametrize("build", OF_VALUES, ids=lambda build: build.__name__)
def test_each_value_that_is_given_is_used(build):
    base, others = OF_VALUES[build]

    assert set(others) == set(documented_arguments(build)) - IN_TESTS_OF_THEIR_OWN
    for name, value in others.items():
        assert looks(build(**{**base, name: value})) != looks(build(**base)), (
            f"{build.__name__}({name}=...) has no effect"
        )


def test_a_reduction_is_what_the_fusion_computes():
    inputs = [torch.full((1, 2, 4), 2.0), torch.full((1, 2, 4), 3.0)]

    assert layers.ReduceFusion([4, 4], lambda stacked: stacked.sum(0))(inputs).unique().tolist() == [5]
    assert layers.ReduceFusion([4, 4], lambda stacked: stacked.prod(0))(inputs).unique().tolist() == [6]


def test_the_reduced_planes_are_those_that_are_given():
    layer = layers.SqueezeAndExcitationLayer2D(32, reduction_ratio=None, reduced_planes=5)

    assert 5 in {parameter.shape[0] for parameter in layer.parameters()}


def test_each_module_of_a_masked_sequence_is_used():
    x, mask = torch.randn(1, 3, 4), torch.ones(1, 3, dtype=torch.bool)

    both = models.MaskedSequential(nn.ReLU(), models.MaskedTemporalPooling("sum"))(x, mask)

    assert torch.allclose(both, x.relu().sum(1))


def test_each_documented_builder_is_tested():
    elsewhere = {name for names in BESIDE.values() for name in names}
    here = {build.__name__ for build in (*OF_MODULES, *OF_VALUES)} | {"MaskedSequential"}

    assert elsewhere | here == DOCUMENTED
    assert not elsewhere & here


@pytest.mark.parametrize("path", BESIDE)
def test_the_tests_beside_the_families_are_there(path):
    text = (REPOSITORY / path).read_text(encoding="utf-8")

    assert "def test_every_argument" in text
    assert [name for name in BESIDE[path] if name not in text] == []
