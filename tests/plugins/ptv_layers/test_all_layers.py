"""What holds for every layer: it copies, pickles, exports and can be subclassed; its entry point loads."""

import copy
import inspect
import pickle
import subprocess
import sys
import typing
import warnings
from importlib.metadata import distribution

import pytest
import torch
from torch import nn

import ptv_layers as layers

CLIP, SEQUENCE, IMAGE = (2, 4, 2, 4, 4), (2, 6, 4), (2, 4, 6, 6)
MODULES = {
    "naive_sync_1d": (lambda: layers.NaiveSyncBatchNorm1d(4), (2, 4, 6)),
    "naive_sync_2d": (lambda: layers.NaiveSyncBatchNorm2d(4), IMAGE),
    "naive_sync_3d": (lambda: layers.NaiveSyncBatchNorm3d(4), CLIP),
    "group": (lambda: layers.create_group_norm(4, 2), CLIP),
    "layer": (lambda: layers.ChannelLayerNorm(4), CLIP),
    "conv_2plus1d": (lambda: layers.create_conv_2plus1d(in_channels=4, out_channels=3), CLIP),
    "conv_reduce": (
        lambda: layers.ConvReduce3D(in_channels=4, out_channels=3, kernel_size=(1, 3), padding=(0, 1)),
        CLIP,
    ),
    "swish": (layers.Swish, CLIP),
    "softmax": (layers.Softmax, CLIP),
    "adaptive_avg": (layers.create_adaptive_avg_pool, CLIP),
    "nonlocal": (lambda: layers.create_nonlocal(dim_in=4, dim_inner=2, pool_size=(1, 2, 2)), CLIP),
    "nonlocal_dot": (lambda: layers.create_nonlocal(dim_in=4, dim_inner=2, instantiation="dot_product"), CLIP),
    "squeeze_excitation": (lambda: layers.SqueezeExcitation(4), CLIP),
    "squeeze_excitation_2d": (lambda: layers.SqueezeAndExcitationLayer2D(4, 2), IMAGE),
    "audio_block": (lambda: layers.create_audio_2d_squeeze_excitation_block(4, 16, use_se=True), IMAGE),
    "mlp": (lambda: layers.make_multilayer_perceptron([4, 3, 2])[0], (2, 4)),
    "positional_encoding": (lambda: layers.PositionalEncoding(4, 8), SEQUENCE),
    "cls_encoding": (lambda: layers.SpatioTemporalClsPositionalEncoding(4, (1, 2, 3), sep_pos_embed=True), SEQUENCE),
    "cls_encoding_joint": (lambda: layers.SpatioTemporalClsPositionalEncoding(4, (1, 2, 3), has_cls=False), SEQUENCE),
    "drop_path": (lambda: layers.DropPath(0.5), CLIP),
    "concat": (lambda: layers.ConcatFusion([4, 4]), [SEQUENCE, SEQUENCE]),
    "temporal_concat": (lambda: layers.TemporalConcatFusion([4, 4]), [SEQUENCE, SEQUENCE]),
    "max": (lambda: layers.make_fusion_layer("max", [4, 4]), [SEQUENCE, SEQUENCE]),
    "sum": (lambda: layers.make_fusion_layer("sum", [4, 4]), [SEQUENCE, SEQUENCE]),
    "prod": (lambda: layers.make_fusion_layer("prod", [4, 4]), [SEQUENCE, SEQUENCE]),
}
SCRIPTABLE = [
    *("conv_2plus1d", "swish", "softmax", "squeeze_excitation", "squeeze_excitation_2d", "mlp", "positional_encoding"),
    *("cls_encoding", "cls_encoding_joint", "concat", "temporal_concat", "drop_path", "nonlocal", "layer"),
]
ENTRY_POINTS = [e for e in distribution("ptv-layers").entry_points if not e.group.endswith((".hooks", ".contracts"))]


def _made(name):
    torch.manual_seed(0)
    build, shape = MODULES[name]
    x = [torch.randn(s) for s in shape] if isinstance(shape, list) else torch.randn(shape)
    return build().eval(), x


@pytest.mark.parametrize("name", MODULES)
def test_copies_compute_the_same(name):
    module, x = _made(name)

    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(twin(x), module(x))


@pytest.mark.parametrize("name", MODULES)
def test_exports_to_a_graph_that_computes_the_same(name):
    module, x = _made(name)

    exported = torch.export.export(module, (x,)).module()

    torch.testing.assert_close(exported(x), module(x))


@pytest.mark.parametrize("name", SCRIPTABLE)
def test_scripts_to_a_module_that_computes_the_same(name):
    module, x = _made(name)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*torch.jit.script")
        scripted = torch.jit.script(module)

    torch.testing.assert_close(scripted(x), module(x))


@pytest.mark.parametrize("entry", ENTRY_POINTS, ids=lambda e: f"{e.group.rsplit('.', 1)[1]}:{e.name}")
def test_entry_points_load_and_their_annotations_resolve(entry):
    component = entry.load()

    typing.get_type_hints(component.__init__ if isinstance(component, type) else component, include_extras=True)
    if component.__module__.startswith("ptv_layers"):
        parameters = inspect.signature(component).parameters.values()
        assert all(parameter.kind is not inspect.Parameter.VAR_KEYWORD for parameter in parameters)
    assert inspect.getdoc(component)


@pytest.mark.parametrize("entry", [e for e in ENTRY_POINTS if e.group.endswith(".norm")], ids=lambda e: e.name)
def test_norms_take_what_every_call_site_passes(entry):
    component = entry.load()
    offered = {"eps": 1e-3, "momentum": 0.2}
    taken = {name: value for name, value in offered.items() if name in inspect.signature(component).parameters}

    norm = component(num_features=32, **taken)

    assert norm.eps == 1e-3
    if "momentum" in taken:
        assert norm.momentum == 0.2


def test_defaults_of_signatures_are_registered_components():
    registered = {e.load() for e in ENTRY_POINTS}
    for entry in ENTRY_POINTS:
        for parameter in inspect.signature(entry.load()).parameters.values():
            if isinstance(parameter.default, type) and parameter.default is not inspect.Parameter.empty:
                assert parameter.default in registered, f"{entry.name}: {parameter}"


DOCUMENTED = {
    "NaiveSyncBatchNorm3d": "num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True",
    "ConvReduce3D": (
        "*, in_channels, out_channels, kernel_size, stride=None, padding=None, padding_mode=None, dilation=None, "
        "groups=None, bias=None, reduction_method='sum'"
    ),
    "create_conv_2plus1d": (
        "*, in_channels, out_channels, inner_channels=None, conv_xy_first=False, kernel_size=(3, 3, 3), "
        "stride=(2, 2, 2), padding=(1, 1, 1), bias=False, dilation=(1, 1, 1), groups=1, norm=BatchNorm3d, "
        "norm_eps=1e-05, norm_momentum=0.1, activation=ReLU"
    ),
    "Conv2plus1d": "*, conv_t=None, norm=None, activation=None, conv_xy=None, conv_xy_first=False",
    "make_fusion_layer": "method, feature_dims",
    "ConcatFusion": "feature_dims",
    "TemporalConcatFusion": "feature_dims",
    "ReduceFusion": "feature_dims, reduce_fn",
    "make_multilayer_perceptron": (
        "fully_connected_dims, norm=None, mid_activation=ReLU, final_activation=ReLU, dropout_rate=0.0"
    ),
    "NonLocal": "*, conv_theta, conv_phi, conv_g, conv_out, pool=None, norm=None, instantiation='dot_product'",
    "create_nonlocal": (
        "*, dim_in, dim_inner, pool_size=(1, 1, 1), instantiation='softmax', norm=BatchNorm3d, norm_eps=1e-05, "
        "norm_momentum=0.1"
    ),
    "PositionalEncoding": "embed_dim, seq_len=1024",
    "Swish": "",
    "SqueezeAndExcitationLayer2D": "in_planes, reduction_ratio=16, reduced_planes=None",
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_signatures_begin_as_documented(name):
    parts = []
    for parameter in inspect.signature(getattr(layers, name)).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        default = getattr(parameter.default, "__name__", repr(parameter.default))
        parts.append(parameter.name if parameter.default is inspect.Parameter.empty else f"{parameter.name}={default}")

    assert ", ".join(parts).startswith(DOCUMENTED[name])


def test_a_subclass_stays_its_own_class():
    # The published code copies ``__class__`` of its own class into each instance (defect 39).
    class Mine(layers.Conv2plus1d):
        pass

    class MyNonLocal(layers.NonLocal):
        pass

    assert type(Mine(conv_t=nn.Identity(), conv_xy=nn.Identity())) is Mine
    convs = {name: nn.Conv3d(4, 4, 1) for name in ("conv_theta", "conv_phi", "conv_g", "conv_out")}
    assert type(MyNonLocal(**convs)) is MyNonLocal


def test_the_documentation_s_examples_run():
    x = torch.zeros(2, 256, 4, 14, 14)

    assert layers.create_nonlocal(dim_in=256, dim_inner=128)(x).shape == x.shape
    assert layers.Swish()(x).shape == x.shape
    assert layers.create_conv_2plus1d(in_channels=256, out_channels=512)(x).shape == (2, 512, 2, 7, 7)


def test_the_hooks_import_no_torch():
    code = "import sys, ptv_layers.hooks; sys.exit('torch' in sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True)
