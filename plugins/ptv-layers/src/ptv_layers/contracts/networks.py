"""The contracts of the larger parts of a network: stem, block, stage, head, fusion, and layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from ptv_layers.contracts.trials import (
    BATCH,
    CHANNELS,
    FINITE,
    SIZES,
    STEADY,
    clip,
    features,
    leaves_alone,
    run,
    tensor_of,
)
from ptv_registry.contracts import Check, Contract, Made, Sample, Scaffold, Trial

if TYPE_CHECKING:
    from torch import nn

_OUT: Final = 16
_CLASSES: Final = 5
Part = Callable[..., Any]


class StemMaker(Protocol):
    """Makes the first layers of a pathway; as ResNet and SlowFast call it."""

    def __call__(
        self,
        *,
        in_channels: int,
        out_channels: int,
        conv_kernel_size: Sequence[int],
        conv_stride: Sequence[int],
        conv_padding: Sequence[int],
        pool: Part | None,
        pool_kernel_size: Sequence[int],
        pool_stride: Sequence[int],
        pool_padding: Sequence[int],
        norm: Part | None,
        activation: Part | None,
    ) -> nn.Module:
        """A module from (B, in_channels, T, H, W) to (B, out_channels, T', H', W')."""


class BlockMaker(Protocol):
    """Makes the residual branch of a block; as the blocks of ResNet and SlowFast call it."""

    def __call__(
        self,
        *,
        dim_in: int,
        dim_inner: int,
        dim_out: int,
        conv_a_kernel_size: Sequence[int],
        conv_a_stride: Sequence[int],
        conv_a_padding: Sequence[int],
        conv_a: Part,
        conv_b_kernel_size: Sequence[int],
        conv_b_stride: Sequence[int],
        conv_b_padding: Sequence[int],
        conv_b_num_groups: int,
        conv_b_dilation: Sequence[int],
        conv_b: Part,
        conv_c: Part,
        norm: Part | None,
        norm_eps: float,
        norm_momentum: float,
        activation: Part | None,
    ) -> nn.Module:
        """A module from (B, dim_in, T, H, W) to (B, dim_out, T', H', W'), divided by the strides of a times those of b."""


class StageMaker(Protocol):
    """Makes blocks at one resolution; as ResNet and SlowFast call it."""

    def __call__(
        self,
        *,
        depth: int,
        dim_in: int,
        dim_inner: int,
        dim_out: int,
        bottleneck: Part,
        conv_a_kernel_size: Sequence[int],
        conv_a_stride: Sequence[int],
        conv_a_padding: Sequence[int],
        conv_b_kernel_size: Sequence[int],
        conv_b_stride: Sequence[int],
        conv_b_padding: Sequence[int],
        conv_b_num_groups: int,
        conv_b_dilation: Sequence[int],
        norm: Part | None,
        activation: Part | None,
    ) -> nn.Module:
        """A module from (B, dim_in, T, H, W) to (B, dim_out, T', H', W'), divided by the strides."""


class HeadMaker(Protocol):
    """Makes the head of a network; as ResNet calls it."""

    def __call__(
        self,
        *,
        in_features: int,
        out_features: int,
        pool: Part | None,
        output_size: Sequence[int],
        pool_kernel_size: Sequence[int],
        dropout_rate: float,
        activation: Part | None,
        output_with_global_average: bool,
    ) -> nn.Module:
        """A module from features (B, in_features, T, H, W) to scores (B, out_features)."""


class FusionMaker(Protocol):
    """Makes the fusion of two pathways; as SlowFast calls it."""

    def __call__(
        self,
        *,
        fusion_dim_in: int,
        stage_idx: int,
        slowfast_channel_reduction_ratio: int,
        conv_fusion_channel_ratio: float,
        conv_kernel_size: Sequence[int],
        conv_stride: Sequence[int],
        norm: Part | None,
        activation: Part | None,
        max_stage_idx: int,
    ) -> nn.Module:
        """A module from the list [slow, fast] to such a list, of which slow has more channels."""


class LayerMaker(Protocol):
    """Makes a layer; its documented signature says from what."""

    def __call__(self) -> nn.Module:
        """A module; its documentation says from what to what."""


def _of_torch(name: str) -> Made:
    def make() -> Any:
        from torch import nn

        return getattr(nn, name)

    return Made(make)


def _branch_of_resnet() -> Any:
    from ptv_layers.contracts.branches import branch_of_resnet

    return branch_of_resnet


def _branch_of_x3d() -> Any:
    from ptv_layers.contracts.branches import branch_of_x3d

    return branch_of_x3d


def _divided(channels: int, *strides: int) -> Callable[[Trial], tuple[int, ...]]:
    sizes = tuple(size // stride for size, stride in zip(SIZES, strides, strict=True))
    return lambda trial: (BATCH, channels, *sizes)


def _clip(trial: Trial | None = None) -> Any:
    return clip()


_NORM_AND_ACTIVATION: Final = {"norm": _of_torch("BatchNorm3d"), "activation": _of_torch("ReLU")}
_EXACT_NORM: Final = {**_NORM_AND_ACTIVATION, "norm_eps": 1e-5, "norm_momentum": 0.1}

_STEM_OF_RESNET: Final = Sample(
    "ResNet and SlowFast",
    passes={
        "in_channels": CHANNELS,
        "out_channels": _OUT,
        "conv_kernel_size": (3, 7, 7),
        "conv_stride": (1, 2, 2),
        "conv_padding": (1, 3, 3),
        "pool": None,
        "pool_kernel_size": (1, 3, 3),
        "pool_stride": (1, 2, 2),
        "pool_padding": (0, 1, 1),
        **_NORM_AND_ACTIVATION,
    },
    use=run(_clip),
)
_STEM_OF_X3D: Final = Sample(
    "X3D",
    passes={
        **{name: _STEM_OF_RESNET.passes[name] for name in ("in_channels", "out_channels")},
        "conv_kernel_size": (5, 3, 3),
        "conv_stride": (1, 2, 2),
        "conv_padding": (2, 1, 1),
        **_EXACT_NORM,
    },
    use=run(_clip),
)

STEM: Final = Contract(
    kind="stem",
    words=(
        "Called once a pathway. ResNet and SlowFast pass channels, the convolution's sizes, the pool's, and makers of pool (None for no "
        "pool), norm and activation; X3D passes no pool, and eps and momentum of its norms; the vision transformer passes channels and "
        "the convolution's sizes. Makes a module from (B, in_channels, T, H, W) to (B, out_channels, T', H', W')."
    ),
    protocol=StemMaker,
    samples=(_STEM_OF_RESNET, _STEM_OF_X3D),
    checks=(
        tensor_of(
            _divided(_OUT, 1, 2, 2),
            "gives_the_shape_of_a_stem",
            "divide time, height and width by the stride of the convolution, and by that of the pool if there is one",
        ),
        STEADY,
        FINITE,
        leaves_alone(_clip),
    ),
    open=True,
    scaffold=Scaffold("ptv_layers.scaffolds.stem", "create_mine_stem", testing=("ptv-resnet",)),
)

_SIZES_OF_BRANCH: Final = {
    "conv_a_kernel_size": (3, 1, 1),
    "conv_a_stride": (2, 1, 1),
    "conv_a_padding": (1, 0, 0),
    "conv_b_kernel_size": (1, 3, 3),
    "conv_b_stride": (1, 2, 2),
    "conv_b_padding": (0, 1, 1),
    "conv_b_num_groups": 1,
    "conv_b_dilation": (1, 1, 1),
}
_DIMS: Final = {"dim_in": CHANNELS, "dim_inner": 4, "dim_out": _OUT}
_CONVS_OF_BRANCH: Final = {name: _of_torch("Conv3d") for name in ("conv_a", "conv_b", "conv_c")}
_X3D: Final = {**_EXACT_NORM, "se_ratio": 0.0625, "inner_act": _of_torch("SiLU")}

BLOCK: Final = Contract(
    kind="block",
    words=(
        "A residual block (slot `res_block` of a stage) or its branch (slot `bottleneck` of a block). The blocks of ResNet and SlowFast pass "
        "to the branch the channels `dim_in`, `dim_inner` and `dim_out`, sizes and makers of its three convolutions, and norm and activation; "
        "stages pass the same to a block, with the branch as `bottleneck`. X3D, VMZ and the vision transformer pass what the signatures of "
        "their own blocks have. Makes a module from (B, dim_in, T, H, W) to (B, dim_out, T', H', W')."
    ),
    protocol=BlockMaker,
    samples=(
        Sample(
            "a stage of ResNet",
            passes={
                **_DIMS,
                "bottleneck": Made(_branch_of_resnet),
                **_SIZES_OF_BRANCH,
                **_CONVS_OF_BRANCH,
                "conv_skip": _of_torch("Conv3d"),
                "norm": _of_torch("BatchNorm3d"),
                "norm_eps": 1e-5,
                "norm_momentum": 0.1,
                "activation_bottleneck": _of_torch("ReLU"),
                "activation_block": _of_torch("ReLU"),
            },
            use=run(_clip),
        ),
        Sample(
            "a block of ResNet",
            passes={**_DIMS, **_SIZES_OF_BRANCH, **_CONVS_OF_BRANCH, **_EXACT_NORM},
            use=run(_clip),
        ),
        Sample(
            "a stage of X3D",
            passes={
                **_DIMS,
                "bottleneck": Made(_branch_of_x3d),
                "conv_kernel_size": (3, 3, 3),
                "conv_stride": (2, 2, 2),
                **_X3D,
            },
            use=run(_clip),
        ),
        Sample(
            "a block of X3D",
            passes={**_DIMS, "conv_kernel_size": (3, 3, 3), "conv_stride": (2, 2, 2), **_X3D},
            use=run(_clip),
        ),
    ),
    checks=(
        tensor_of(
            _divided(_OUT, 2, 2, 2),
            "gives_the_shape_of_a_block",
            "give dim_out channels, and divide time, height and width by the strides of convolution a times those of b",
        ),
        STEADY,
        FINITE,
        leaves_alone(_clip),
    ),
    open=True,
    scaffold=Scaffold("ptv_layers.scaffolds.block", "create_mine_block", testing=("ptv-resnet",)),
)

STAGE: Final = Contract(
    kind="stage",
    words=(
        "Called once a stage and pathway. ResNet and SlowFast pass `depth` (the number of blocks), the channels `dim_in`, `dim_inner` and "
        "`dim_out`, the branch as `bottleneck`, sizes of the convolutions a and b, norm and activation; X3D passes `depth`, channels, `bottleneck`, "
        "`conv_kernel_size`, `conv_stride`, `se_ratio` and `inner_act`. The first block has the strides. Makes a module from (B, dim_in, T, H, W) "
        "to (B, dim_out, T', H', W')."
    ),
    protocol=StageMaker,
    samples=(
        Sample(
            "ResNet and SlowFast",
            passes={
                "depth": 2,
                **_DIMS,
                "bottleneck": Made(_branch_of_resnet),
                **_SIZES_OF_BRANCH,
                **_NORM_AND_ACTIVATION,
            },
            use=run(_clip),
        ),
        Sample(
            "X3D",
            passes={
                "depth": 2,
                **_DIMS,
                "bottleneck": Made(_branch_of_x3d),
                "conv_kernel_size": (3, 3, 3),
                "conv_stride": (2, 2, 2),
                **_X3D,
            },
            use=run(_clip),
        ),
    ),
    checks=(
        tensor_of(
            _divided(_OUT, 2, 2, 2),
            "gives_the_shape_of_a_stage",
            "give dim_out channels, and divide time, height and width by the strides once, in the first block",
        ),
        STEADY,
        FINITE,
        leaves_alone(_clip),
    ),
    open=True,
    scaffold=Scaffold("ptv_layers.scaffolds.stage", "create_mine_stage", testing=("ptv-resnet",)),
)

_HEAD: Final = {
    "in_features": CHANNELS,
    "out_features": _CLASSES,
    "pool": _of_torch("AvgPool3d"),
    "output_size": (1, 1, 1),
    "pool_kernel_size": (4, 7, 7),
    "dropout_rate": 0.5,
    "activation": None,
    "output_with_global_average": True,
}


def _boxes() -> Any:
    import torch

    return torch.tensor([[0.0, 0.0, 0.0, 64.0, 64.0], [1.0, 16.0, 16.0, 96.0, 96.0]])


def _flat(use: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda module: use(module).flatten(1)


HEAD: Final = Contract(
    kind="head",
    words=(
        "Called once with the channels of the features and the number of classes. ResNet and SlowFast pass `in_features`, `out_features`, pool "
        "(a maker, None for no pool), `output_size`, `pool_kernel_size` (SlowFast not: it pools before), `dropout_rate`, `activation` (a maker or "
        "None) and `output_with_global_average`, and to a head for boxes `resolution`, `spatial_scale` and `sampling_ratio` as well; X3D passes what "
        "the signature of its own head has; the vision transformer `in_features`, `out_features`, `seq_pool_type`, `dropout_rate` and activation. "
        "Makes a module from features (B, in_features, T, H, W), or tokens (B, N, in_features), to scores (B, out_features). Scores are "
        "logits unless the head says otherwise by the attribute `score_activation`."
    ),
    protocol=HeadMaker,
    samples=(
        Sample("ResNet", passes=_HEAD, use=run(_clip)),
        Sample(
            "a ResNet for boxes",
            passes={
                **_HEAD,
                "pool_kernel_size": (4, 1, 1),
                "resolution": (7, 7),
                "spatial_scale": 1 / 16,
                "sampling_ratio": 0,
            },
            use=_flat(run(_clip, _boxes)),
        ),
        Sample(
            "X3D",
            passes={
                "dim_in": CHANNELS,
                "dim_inner": _OUT,
                "dim_out": 32,
                "num_classes": _CLASSES,
                "pool_act": _of_torch("ReLU"),
                "pool_kernel_size": SIZES,
                "norm": _of_torch("BatchNorm3d"),
                "norm_eps": 1e-5,
                "norm_momentum": 0.1,
                "bn_lin5_on": False,
                "dropout_rate": 0.5,
                "activation": None,
                "output_with_global_average": True,
            },
            use=run(_clip),
        ),
        Sample(
            "a vision transformer",
            passes={
                "in_features": CHANNELS,
                "out_features": _CLASSES,
                "seq_pool_type": "cls",
                "dropout_rate": 0.5,
                "activation": None,
            },
            use=run(lambda: features(BATCH, 10, CHANNELS)),
        ),
    ),
    checks=(
        tensor_of(lambda trial: (BATCH, _CLASSES), "gives_a_score_per_class", "return the scores (B, out_features)"),
        STEADY,
        FINITE,
    ),
    scaffold=Scaffold("ptv_layers.scaffolds.head", "create_mine_head", testing=("ptv-resnet",)),
)


def _pathways(reduction: int = 4, alpha: int = 2) -> Any:
    frames, *rest = SIZES
    return [features(BATCH, CHANNELS, frames, *rest), features(BATCH, CHANNELS // reduction, frames * alpha, *rest)]


def _pathways_and_audio() -> Any:
    return [*_pathways(), features(BATCH, CHANNELS // 2, 16 * SIZES[0], 1, 10)]


def _fused(trial: Trial) -> str | None:
    with_audio = "slowfast_audio_reduction_ratio" in trial.sample.passes
    output, pathways = trial.output, _pathways_and_audio() if with_audio else _pathways()
    if "feature_dims" in trial.sample.passes:
        return _one_sequence(output)
    if not isinstance(output, list | tuple) or len(output) != len(pathways):
        return (
            f"it gives a {type(output).__name__}, and the stages after it want a list of both pathways, [slow, fast]; return the fast one "
            "as well, unchanged if it is not fused into"
        )
    for name, given, got in zip(("slow", "fast", "audio"), pathways, output, strict=False):
        if tuple(got.shape[2:]) != tuple(given.shape[2:]):
            return f"it changes the size (T, H, W) of the {name} pathway from {tuple(given.shape[2:])} to {tuple(got.shape[2:])}; keep it"
    channels = CHANNELS + int(trial.sample.passes["conv_fusion_channel_ratio"] * (CHANNELS // 4))
    if output[0].shape[1] != channels:
        return (
            f"the slow pathway has {output[0].shape[1]} channels after it, and the next stage is built for {channels}: fusion_dim_in and "
            "conv_fusion_channel_ratio for each channel of the fast pathway"
        )
    return None


def _one_sequence(output: Any) -> str | None:
    if not hasattr(output, "shape") or len(output.shape) != 3 or output.shape[0] != BATCH:
        return f"it gives {type(output).__name__}, where one tensor (B, L, C) of all inputs is due; join them"
    return None


_FUSION: Final = {
    "fusion_dim_in": CHANNELS,
    "stage_idx": 1,
    "slowfast_channel_reduction_ratio": 4,
    "conv_fusion_channel_ratio": 2,
    "conv_kernel_size": (7, 1, 1),
    "conv_stride": (2, 1, 1),
    **_NORM_AND_ACTIVATION,
    "max_stage_idx": 3,
}

FUSION: Final = Contract(
    kind="fusion",
    words=(
        "SlowFast calls it after the stem and after each stage with the channels of the slow pathway (`fusion_dim_in`), the number of the stage "
        "(stem 0, `max_stage_idx` the last to be fused), the ratios of channels, the size and stride of a convolution over the fast pathway, "
        "norm and `activation`. Makes a module from the list [slow, fast], each (B, C, T, H, W), to such a list: slow with "
        "`conv_fusion_channel_ratio` channels more for each channel of the fast pathway, both of the same size as before. A fusion of sequences "
        "is called with `feature_dims`, and makes a module from a list of (B, L, C) to one such tensor with the attribute `output_dim`."
    ),
    protocol=FusionMaker,
    samples=(
        Sample(
            "an audiovisual SlowFast",
            passes={**_FUSION, "slowfast_audio_reduction_ratio": 2},
            use=run(_pathways_and_audio),
        ),
        Sample("SlowFast", passes=_FUSION, use=run(_pathways)),
        Sample(
            "a network of sequences",
            passes={"feature_dims": (CHANNELS, CHANNELS)},
            usual={"reduce_fn": "max"},
            use=run(lambda: [features(BATCH, 3, CHANNELS), features(BATCH, 3, CHANNELS)]),
        ),
    ),
    checks=(Check("gives_what_the_next_stage_takes", _fused),),
    open=True,
    scaffold=Scaffold("ptv_layers.scaffolds.fusion", "create_mine_fusion", testing=("ptv-slowfast",)),
)

LAYER: Final = Contract(
    kind="layer",
    words=(
        "Any other module. The slot that takes it says in its own documentation what it passes; a layer that a spec names by itself is "
        "called with what the spec gives."
    ),
    protocol=LayerMaker,
    samples=(Sample("a spec", use=None),),
    open=True,
    scaffold=Scaffold("ptv_layers.scaffolds.layer", "MineLayer", testing=("ptv-x3d",)),
)
