"""Clips, augmentation and views of a configuration, as specs."""

from __future__ import annotations

import re
from typing import Any, Final

from ptv_pyslowfast.config import Config
from ptv_pyslowfast.errors import NoCounterpartError

FOLDERS_OF_FRAMES: Final = ("ptvcharades", "charades", "ptvssv2", "ssv2")
"""Datasets that choose the frames of a clip by themselves."""

_RAND_AUGMENT: Final = re.compile(r"rand-m(\d+)(?:-n(\d+))?(?:-mstd([\d.]+))?(?:-inc(\d))?$")


def seconds_of(config: Config) -> float:
    """The length of a clip."""
    frames, rate = config["DATA.NUM_FRAMES"], config["DATA.SAMPLING_RATE"]
    if config["TRAIN.DATASET"] in FOLDERS_OF_FRAMES:
        return float(((frames - 1) * rate + 1) / config["DATA.TARGET_FPS"])
    return float(frames * rate / config["DATA.TARGET_FPS"])


def transform_of_training(config: Config, notes: dict[str, str]) -> str:
    """The transform of the training; what of it there is not goes into ``notes``, by key."""
    side = config["DATA.TRAIN_CROP_SIZE"]
    smallest, largest = config["DATA.TRAIN_JITTER_SCALES"]
    area, aspect = config["DATA.TRAIN_JITTER_SCALES_RELATIVE"], config["DATA.TRAIN_JITTER_ASPECT_RELATIVE"]
    if area or aspect:
        place = (
            f"random_resized_crop(target_height={side}, target_width={side}, scale={_floats(area or [0.08, 1.0])}, "
            f"aspect_ratio={_floats(aspect or [0.75, 1.3333])}, shift={_word(config['DATA.TRAIN_JITTER_MOTION_SHIFT'])})"
        )
        steps = [place]
    else:
        if config["DATA.INV_UNIFORM_SAMPLE"] and not config["TRAIN.DATASET"].startswith("ptv"):
            notes["DATA.INV_UNIFORM_SAMPLE"] = "the short side is drawn evenly, not its inverse"
        steps = [f"random_short_side_scale(min_size={smallest}, max_size={largest})", f"random_crop(size={side})"]
    if config["DATA.RANDOM_FLIP"]:
        steps.append("random_horizontal_flip(p=0.5)")
    return _of_samples(config, [*_augmentation(config, notes), *steps])


def transform_of_test(config: Config, *, crop_by_sample: bool = False) -> str:
    """The transform of validation and test: the short side scaled, and the centre cropped.

    Args:
        config: the configuration.
        crop_by_sample: crop where the sample's ``aug_index`` says, instead of the centre.
    """
    dataset, crop = config["TEST.DATASET"], config["DATA.TEST_CROP_SIZE"]
    first = config["DATA.TRAIN_JITTER_SCALES"][0]
    if dataset == "ptvkinetics":
        side = first
    elif dataset in ("ptvcharades", "ptvssv2") or config["TEST.NUM_SPATIAL_CROPS"] > 1:
        side = crop
    else:
        side = first
    scale = f"short_side_scale(size={side})"
    if not crop_by_sample:
        return _of_samples(config, [scale, f"center_crop(size={crop})"])
    before, after = _of_samples(config, [scale], pathways=False), f"uniform_crop_video(size={crop})"
    packed = [f"apply_transform_to_key(key='video', transform={step})" for step in _pathways(config)]
    return f"compose(transforms=[{', '.join([before, after, *packed])}])"


def _of_samples(config: Config, steps: list[str], *, pathways: bool = True) -> str:
    chain = ["convert_uint8_to_float", *steps]
    if config["TRAIN.DATASET"] not in FOLDERS_OF_FRAMES:
        chain.insert(0, f"uniform_temporal_subsample(num_samples={config['DATA.NUM_FRAMES']})")
    chain.append(f"normalize(mean={_floats(config['DATA.MEAN'])}, std={_floats(config['DATA.STD'])})")
    # PyTorchVideo's folders of frames are reversed once by their dataset, and by this key once more.
    reversed_once = config["TRAIN.DATASET"] in ("ptvcharades", "ptvssv2")
    if config["DATA.REVERSE_INPUT_CHANNEL"] != reversed_once:
        chain.append("reverse_channels")
    chain += _pathways(config) if pathways else []
    return f"apply_transform_to_key(key='video', transform=compose(transforms=[{', '.join(chain)}]))"


def _pathways(config: Config) -> list[str]:
    several = config["MODEL.ARCH"] in config["MODEL.MULTI_PATHWAY_ARCH"]
    return [f"pack_pathway(alpha={config['SLOWFAST.ALPHA']})"] if several else []


def _augmentation(config: Config, notes: dict[str, str]) -> list[str]:
    if not config["AUG.ENABLE"] or config["TRAIN.DATASET"].startswith("ptv"):
        if config["AUG.ENABLE"]:
            notes["AUG.ENABLE"] = "PySlowFast does not augment PyTorchVideo's datasets either"
        for key in ("AA_TYPE", "COLOR_JITTER", "INTERPOLATION", "NUM_SAMPLE", "RE_PROB", "RE_MODE", "RE_COUNT"):
            config[f"AUG.{key}"]
        config["AUG.RE_SPLIT"]
        return []
    if config["AUG.RE_PROB"]:
        notes["AUG.RE_PROB"] = "random erasing is not available"
    for key in ("AUG.RE_MODE", "AUG.RE_COUNT", "AUG.RE_SPLIT"):
        config[key]
    if config["AUG.NUM_SAMPLE"] > 1:
        notes["AUG.NUM_SAMPLE"] = "each video gives one clip an epoch; give as many times more epochs"
    config["AUG.COLOR_JITTER"]  # which PySlowFast leaves out beside RandAugment
    kind = config["AUG.AA_TYPE"]
    if not kind:
        return []
    found = _RAND_AUGMENT.match(kind)
    if found is None:
        raise NoCounterpartError(
            f"AUG.AA_TYPE {kind!r} has no counterpart here; known is RandAugment, such as rand-m7-n4-mstd0.5-inc1"
        )
    magnitude, layers, spread, _ = found.groups()
    if spread is not None and float(spread) != 0.5:
        notes["AUG.AA_TYPE"] = f"magnitudes spread by 0.5, not by {spread}"
    if config["AUG.INTERPOLATION"] != "bilinear":
        notes["AUG.INTERPOLATION"] = "operations interpolate bilinearly"
    return [
        "permute(dims=[1, 0, 2, 3])",
        f"rand_augment(magnitude={magnitude}, num_layers={layers or 2})",
        "permute(dims=[1, 0, 2, 3])",
    ]


def batch_transforms(config: Config, notes: dict[str, str]) -> list[str]:
    """MixUp and CutMix of whole batches."""
    if not config["MIXUP.ENABLE"]:
        return []
    if config["MIXUP.PROB"] != 1.0:
        notes["MIXUP.PROB"] = "every batch is mixed"
    smoothing, mix, cut = config["MIXUP.LABEL_SMOOTH_VALUE"], config["MIXUP.ALPHA"], config["MIXUP.CUTMIX_ALPHA"]
    share = config["MIXUP.SWITCH_PROB"]
    if mix > 0 and cut > 0:
        return [f"mixvideo(cutmix_prob={share}, mixup_alpha={mix}, cutmix_alpha={cut}, label_smoothing={smoothing})"]
    name, alpha = ("mixup", mix) if mix > 0 else ("cutmix", cut)
    return [f"{name}(alpha={alpha}, label_smoothing={smoothing})"]


def _floats(values: Any) -> str:
    return str([float(value) for value in values])


def _word(value: bool) -> str:
    return "true" if value else "false"
