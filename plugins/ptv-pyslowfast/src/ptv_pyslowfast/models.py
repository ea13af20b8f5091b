"""The model of a configuration, as a spec; the same arguments that PySlowFast gives PyTorchVideo's builders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ptv_pyslowfast.config import Config
from ptv_pyslowfast.errors import NoCounterpartError
from ptv_registry import Spec

_STAGES: Final = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
_TEMPORAL_KERNELS: Final[dict[str, list[list[list[int]]]]] = {
    # For the stem and the four stages, for each pathway: sizes that the blocks of a stage take in turn.
    "2d": [[[1]]] * 5,
    "c2d": [[[1]]] * 5,
    "slow_c2d": [[[1]]] * 5,
    "i3d": [[[5]], [[3]], [[3, 1]], [[3, 1]], [[1, 3]]],
    "slow_i3d": [[[5]], [[3]], [[3, 1]], [[3, 1]], [[1, 3]]],
    "slow": [[[1]], [[1]], [[1]], [[3]], [[3]]],
    "slowfast": [[[1], [5]], [[1], [3]], [[1], [3]], [[3], [3]], [[3], [3]]],
    "x3d": [[[5]], [[3]], [[3]], [[3]], [[3]]],
}
_POOL_AFTER_RES2: Final = {"c2d": 2, "i3d": 2}
_SHRINKING: Final = 32


def model_of(config: Config) -> Spec:
    """The spec of the model that a configuration asks for, with its scores in evaluation as PySlowFast has them.

    Raises:
        NoCounterpartError: no such model here; says what of it there is not.
    """
    name = config["MODEL.MODEL_NAME"]
    build = _BUILDERS.get(name)
    if build is None:
        raise NoCounterpartError(
            f"MODEL.MODEL_NAME {name} has no counterpart here; known are {', '.join(_BUILDERS)}", model=name
        )
    return build(config, not name.startswith("PTV"))


def _resnet(config: Config, native: bool) -> Spec:
    arch = _arch(config, one_pathway=True)
    kernels = _TEMPORAL_KERNELS[arch]
    _check_bottleneck(config)
    stages = _STAGES[_depth(config)]
    pool = _POOL_AFTER_RES2.get(arch, 1)
    strides = [stride[0] for stride in config["RESNET.SPATIAL_STRIDES"]]
    dilations = [[1, row[0], row[0]] for row in config["RESNET.SPATIAL_DILATIONS"]]
    many = config["RESNET.NUM_BLOCK_TEMP_KERNEL"] if native else [[count] for count in stages]
    arguments: dict[str, Any] = {
        "input_channel": config["DATA.INPUT_CHANNEL_NUM"][0],
        **_common(config),
        "stem_dim_out": config["RESNET.WIDTH_PER_GROUP"],
        "stem_conv_kernel_size": [kernels[0][0][0], 7, 7],
        "stage1_pool": Spec("max", {}, "pool") if pool > 1 else None,
        "stage1_pool_kernel_size": [pool, 1, 1],
        "stage_conv_a_kernel_size": [
            _kernels_of_blocks(kernels[i + 1][0], many[i][0], stages[i]) for i in range(len(stages))
        ],
        "stage_conv_b_num_groups": [config["RESNET.NUM_GROUPS"]] * 4,
        "stage_conv_b_dilation": dilations,
        "stage_spatial_h_stride": strides,
        "stage_spatial_w_stride": strides,
    }
    frames = config["DATA.NUM_FRAMES"] // pool
    if config["DETECTION.ENABLE"]:
        return Spec(
            "resnet_with_roi_head",
            {**arguments, "head_pool_kernel_size": [frames, 1, 1], **_roi_head(config, native)},
            "model",
        )
    return Spec("resnet", {**arguments, "head_pool_kernel_size": [frames, *_cells(config)], **_scores(config)}, "model")


def _slowfast(config: Config, native: bool) -> Spec:
    arch = _arch(config, one_pathway=False)
    kernels = _TEMPORAL_KERNELS[arch]
    _check_bottleneck(config)
    stages = _STAGES[_depth(config)]
    alpha, reduction = config["SLOWFAST.ALPHA"], config["SLOWFAST.BETA_INV"]
    width, many = config["RESNET.WIDTH_PER_GROUP"], config["RESNET.NUM_BLOCK_TEMP_KERNEL"]
    dilations = config["RESNET.SPATIAL_DILATIONS"]
    arguments: dict[str, Any] = {
        "input_channels": config["DATA.INPUT_CHANNEL_NUM"],
        **_common(config),
        "slowfast_channel_reduction_ratio": [reduction],
        "slowfast_conv_channel_fusion_ratio": config["SLOWFAST.FUSION_CONV_CHANNEL_RATIO"],
        "slowfast_fusion_conv_kernel_size": [config["SLOWFAST.FUSION_KERNEL_SZ"], 1, 1],
        "slowfast_fusion_conv_stride": [alpha, 1, 1],
        "stem_dim_outs": [width, width // reduction],
        "stem_conv_kernel_sizes": [[kernels[0][p][0], 7, 7] for p in range(2)],
        "stage_conv_a_kernel_sizes": [
            [_kernels_of_blocks(kernels[i + 1][p], many[i][p], stages[i]) for i in range(4)] for p in range(2)
        ],
        "stage_conv_b_num_groups": [[config["RESNET.NUM_GROUPS"]] * 4] * 2,
        "stage_conv_b_dilations": [[[1, dilations[i][p], dilations[i][p]] for i in range(4)] for p in range(2)],
        "stage_spatial_strides": [[config["RESNET.SPATIAL_STRIDES"][i][p] for i in range(4)] for p in range(2)],
    }
    frames = config["DATA.NUM_FRAMES"]
    if config["DETECTION.ENABLE"]:
        windows = [[frames // alpha, 1, 1], [frames, 1, 1]]
        return Spec(
            "slowfast_with_roi_head",
            {**arguments, "head_pool_kernel_sizes": windows, **_roi_head(config, native)},
            "model",
        )
    windows = [[frames // alpha, *_cells(config)], [frames, *_cells(config)]]
    return Spec("slowfast", {**arguments, "head_pool_kernel_sizes": windows, **_scores(config)}, "model")


def _x3d(config: Config, native: bool) -> Spec:
    _check_no_boxes(config)
    _check(config, "RESNET.TRANS_FUNC", "x3d_transform")
    _check(config, "RESNET.STRIDE_1X1", False)
    _check(config, "X3D.SCALE_RES2", False)
    _check(config, "X3D.CHANNELWISE_3x3x3", True)
    _check(config, "MODEL.DROPCONNECT_RATE", 0.0)
    _check_no_nonlocal(config)
    kernels = _TEMPORAL_KERNELS[_arch(config, one_pathway=True)]
    arguments: dict[str, Any] = {
        "input_channel": config["DATA.INPUT_CHANNEL_NUM"][0],
        "input_clip_length": config["DATA.NUM_FRAMES"],
        "input_crop_size": config["DATA.TRAIN_CROP_SIZE"],
        "model_num_class": config["MODEL.NUM_CLASSES"],
        "dropout_rate": config["MODEL.DROPOUT_RATE"],
        "width_factor": config["X3D.WIDTH_FACTOR"],
        "depth_factor": config["X3D.DEPTH_FACTOR"],
        "norm": _norm(config),
        "stem_dim_in": config["X3D.DIM_C1"],
        "stem_conv_kernel_size": [kernels[0][0][0], 3, 3],
        "stage_conv_kernel_size": [[row[0][0], 3, 3] for row in kernels[1:]],
        "bottleneck_factor": config["X3D.BOTTLENECK_FACTOR"],
        "head_dim_out": config["X3D.DIM_C5"],
        "head_bn_lin5_on": config["X3D.BN_LIN5"],
        **_scores(config),
    }
    if native:
        block = Spec("x3d_res", {"norm_on_any_shortcut": True}, "block")
        arguments["stage"] = Spec("x3d", {"res_block": block}, "stage")
    return Spec("x3d", arguments, "model")


def _csn(config: Config, native: bool) -> Spec:
    _check_no_boxes(config)
    arguments = {
        "input_channel": config["DATA.INPUT_CHANNEL_NUM"][0],
        **_common(config),
        "stem_dim_out": config["RESNET.WIDTH_PER_GROUP"],
        "stem_pool": Spec("max", {}, "pool"),
        "head_pool_kernel_size": [config["DATA.NUM_FRAMES"] // 8, *_cells(config)],
        **_scores(config),
    }
    return Spec("csn", arguments, "model")


def _r2plus1d(config: Config, native: bool) -> Spec:
    _check_no_boxes(config)
    arguments = {
        "input_channel": config["DATA.INPUT_CHANNEL_NUM"][0],
        **_common(config),
        "stem_dim_out": config["RESNET.WIDTH_PER_GROUP"],
        "head_pool_kernel_size": [config["DATA.NUM_FRAMES"] // 4, *_cells(config)],
        **_scores(config),
    }
    return Spec("r2plus1d", arguments, "model")


def _mvit(config: Config, native: bool) -> Spec:
    _check_no_boxes(config)
    _check(config, "MVIT.NORM", "layernorm")
    arguments: dict[str, Any] = {
        "spatial_size": config["DATA.TRAIN_CROP_SIZE"],
        "temporal_size": config["DATA.NUM_FRAMES"],
        "cls_embed_on": config["MVIT.CLS_EMBED_ON"],
        "sep_pos_embed": config["MVIT.SEP_POS_EMBED"],
        "depth": config["MVIT.DEPTH"],
        "input_channels": config["DATA.INPUT_CHANNEL_NUM"][0],
        "patch_embed_dim": config["MVIT.EMBED_DIM"],
        "conv_patch_embed_kernel": list(config["MVIT.PATCH_KERNEL"]),
        "conv_patch_embed_stride": list(config["MVIT.PATCH_STRIDE"]),
        "conv_patch_embed_padding": list(config["MVIT.PATCH_PADDING"]),
        "enable_patch_embed_norm": config["MVIT.NORM_STEM"],
        "use_2d_patch": config["MVIT.PATCH_2D"],
        "num_heads": config["MVIT.NUM_HEADS"],
        "mlp_ratio": config["MVIT.MLP_RATIO"],
        "qkv_bias": config["MVIT.QKV_BIAS"],
        "dropout_rate_block": config["MVIT.DROPOUT_RATE"],
        "droppath_rate_block": config["MVIT.DROPPATH_RATE"],
        "pooling_mode": config["MVIT.MODE"],
        "pool_first": config["MVIT.POOL_FIRST"],
        "embed_dim_mul": config["MVIT.DIM_MUL"],
        "atten_head_mul": config["MVIT.HEAD_MUL"],
        "pool_q_stride_size": config["MVIT.POOL_Q_STRIDE"],
        "pool_kv_stride_size": config["MVIT.POOL_KV_STRIDE"] or None,
        "pool_kv_stride_adaptive": config["MVIT.POOL_KV_STRIDE_ADAPTIVE"],
        "pool_kvq_kernel": config["MVIT.POOL_KVQ_KERNEL"],
        "head_dropout_rate": config["MODEL.DROPOUT_RATE"],
        "head_activation": _activation(config),
        "head_num_classes": config["MODEL.NUM_CLASSES"],
    }
    if arguments["pool_kv_stride_adaptive"] is not None:
        arguments["pool_kv_stride_size"] = None  # which PySlowFast calculates anew
    if native:
        for key in ("MVIT.REV.ENABLE", "MVIT.USE_MEAN_POOLING", "MVIT.USE_FIXED_SINCOS_POS", "MASK.ENABLE"):
            _check(config, key, False)
        _check(config, "MVIT.LAYER_SCALE_INIT_VALUE", 0.0)
        arguments |= {
            "separate_qkv": config["MVIT.SEPARATE_QKV"],
            "residual_pool": config["MVIT.RESIDUAL_POOLING"],
            "residual_pool_cls": False,
            "dim_mul_in_att": config["MVIT.DIM_MUL_IN_ATT"],
            "rel_pos_spatial": config["MVIT.REL_POS_SPATIAL"],
            "rel_pos_temporal": config["MVIT.REL_POS_TEMPORAL"],
            "rel_pos_zero_init": config["MVIT.REL_POS_ZERO_INIT"],
        }
        if not config["MVIT.USE_ABS_POS"]:
            arguments["positional_encoding"] = None
    return Spec("mvit", arguments, "model")


_BUILDERS: Final[dict[str, Callable[[Config, bool], Spec]]] = {
    "PTVResNet": _resnet,
    "PTVSlowFast": _slowfast,
    "PTVX3D": _x3d,
    "PTVCSN": _csn,
    "PTVR2plus1D": _r2plus1d,
    "PTVMViT": _mvit,
    "ResNet": _resnet,
    "SlowFast": _slowfast,
    "X3D": _x3d,
    "MViT": _mvit,
}


def _common(config: Config) -> dict[str, Any]:
    return {
        "model_depth": config["RESNET.DEPTH"],
        "model_num_class": config["MODEL.NUM_CLASSES"],
        "dropout_rate": config["MODEL.DROPOUT_RATE"],
        "norm": _norm(config),
    }


def _scores(config: Config) -> dict[str, Any]:
    """In evaluation PySlowFast takes the activation at every place that the head's window has, and then the mean."""
    return {"head_activation": _activation(config), "head_output_with_global_average": True}


def _activation(config: Config) -> Spec:
    name = config["MODEL.HEAD_ACT"]
    if name not in ("softmax", "sigmoid"):
        raise NoCounterpartError(f"MODEL.HEAD_ACT {name!r} has no counterpart here; known are softmax and sigmoid")
    return Spec(name, {"dim": 1} if name == "softmax" else {}, "activation")


def _cells(config: Config) -> list[int]:
    return [config["DATA.TRAIN_CROP_SIZE"] // _SHRINKING] * 2


def _norm(config: Config) -> Spec:
    name = config["BN.NORM_TYPE"]
    devices, among = config["NUM_GPUS"] * config["NUM_SHARDS"], config["BN.NUM_SYNC_DEVICES"]
    everywhere = config["BN.GLOBAL_SYNC"] or (config["NUM_SHARDS"] == 1 and among in (0, config["NUM_GPUS"]))
    if name == "batchnorm" or (name.startswith("sync_batchnorm") and (devices <= 1 or among == 1)):
        return Spec("batch", {}, "norm")
    if name == "sync_batchnorm" and everywhere:
        return Spec("naive_sync", {}, "norm")
    if name == "sync_batchnorm_apex" and among in (0, devices):
        return Spec("sync", {}, "norm")
    if name.startswith("sync_batchnorm"):
        raise NoCounterpartError(
            f"BN.NUM_SYNC_DEVICES {among} of {devices} devices has no counterpart here, where norms are those of one or of "
            "all; give BN.GLOBAL_SYNC True"
        )
    raise NoCounterpartError(
        f"BN.NORM_TYPE {name!r} has no counterpart here; known are batchnorm, sync_batchnorm and sync_batchnorm_apex"
    )


def _kernels_of_blocks(sizes: list[int], many: int, depth: int) -> list[Any]:
    """The first convolution of each block: ``sizes`` in turn for so many blocks, and size 1 for the rest."""
    found = [[sizes[i % len(sizes)] if i < many else 1, 1, 1] for i in range(depth)]
    return found[0] if all(size == found[0] for size in found) else found


def _roi_head(config: Config, native: bool) -> dict[str, Any]:
    # For PyTorchVideo's models PySlowFast leaves the layer at its default, which is aligned.
    aligned = config["DETECTION.ALIGNED"] if native else True
    return {
        "head": Spec("res_roi", {"roi": Spec("roi_align", {"aligned": aligned}, "layer")}, "head"),
        "head_spatial_resolution": [config["DETECTION.ROI_XFORM_RESOLUTION"]] * 2,
        "head_spatial_scale": 1.0 / config["DETECTION.SPATIAL_SCALE_FACTOR"],
        "head_activation": _activation(config),
    }


def _arch(config: Config, *, one_pathway: bool) -> str:
    arch = config["MODEL.ARCH"]
    known = [name for name, rows in _TEMPORAL_KERNELS.items() if (len(rows[0]) == 1) == one_pathway]
    if arch not in known:
        raise NoCounterpartError(f"MODEL.ARCH {arch!r} has no counterpart here; known are {', '.join(known)}")
    return arch


def _depth(config: Config) -> int:
    depth = config["RESNET.DEPTH"]
    if depth not in _STAGES:
        raise NoCounterpartError(f"RESNET.DEPTH {depth} has no counterpart here; known are 50 and 101")
    return depth


def _check_bottleneck(config: Config) -> None:
    _check(config, "RESNET.TRANS_FUNC", "bottleneck_transform")
    _check(config, "RESNET.STRIDE_1X1", False)
    _check(config, "RESNET.NUM_GROUPS", 1)
    _check_no_nonlocal(config)


def _check_no_nonlocal(config: Config) -> None:
    if any(places for stage in config["NONLOCAL.LOCATION"] for places in stage):
        raise NoCounterpartError(
            f"NONLOCAL.LOCATION {config['NONLOCAL.LOCATION']} asks for non-local blocks, which the models here do not "
            "have; give [[[]], [[]], [[]], [[]]]"
        )
    for key in ("NONLOCAL.GROUP", "NONLOCAL.INSTANTIATION", "NONLOCAL.POOL"):
        config[key]  # of blocks that are not there


def _check_no_boxes(config: Config) -> None:
    _check(config, "DETECTION.ENABLE", False)


def _check(config: Config, name: str, wanted: Any) -> None:
    value = config[name]
    if value != wanted:
        raise NoCounterpartError(f"{name} {value!r} has no counterpart here for this model; give {wanted!r}", key=name)
