"""The usual transforms of video models, ready made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from ptv_registry.errors import ArgumentError
from ptv_transforms.compose import Compose
from ptv_transforms.crop import CenterCrop, RandomResizedCrop
from ptv_transforms.dtype import ConvertUint8ToFloat
from ptv_transforms.layout import Permute
from ptv_transforms.normalize import Normalize
from ptv_transforms.sample_keys import ApplyTransformToKey, RemoveKey
from ptv_transforms.scale import RandomShortSideScale, ShortSideScale
from ptv_transforms.temporal import UniformTemporalSubsample

_Step = Callable[[Any], Any]
_AUGMENTATION_ARGS = {
    "randaug": ("magnitude", "num_layers", "prob", "transform_hparas", "sampling_type", "sampling_hparas"),
    "augmix": ("magnitude", "alpha", "width", "depth", "transform_hparas", "sampling_hparas"),
}
_RESIZED_CROP_ARGS = ("scale", "aspect_ratio", "shift", "log_uniform_ratio", "interpolation", "num_tries")


def create_video_transform(
    mode: Literal["train", "val"],
    video_key: str | None = None,
    remove_key: Sequence[str] | None = None,
    num_samples: int | None = 8,
    convert_to_float: bool = True,
    video_mean: tuple[float, float, float] = (0.45, 0.45, 0.45),
    video_std: tuple[float, float, float] = (0.225, 0.225, 0.225),
    min_size: int = 256,
    max_size: int = 320,
    crop_size: int | tuple[int, int] = 224,
    horizontal_flip_prob: float = 0.5,
    aug_type: Literal["default", "randaug", "augmix"] = "default",
    aug_paras: Mapping[str, Any] | None = None,
    random_resized_crop_paras: Mapping[str, Any] | None = None,
) -> Compose:
    """Builds the usual transform of a video model.

    In ``train`` mode: UniformTemporalSubsample, the augmentation, ConvertUint8ToFloat, Normalize, RandomShortSideScale
    and RandomCrop (or RandomResizedCrop), RandomHorizontalFlip. In ``val`` mode: UniformTemporalSubsample,
    ConvertUint8ToFloat, Normalize, ShortSideScale, CenterCrop.

    Args:
        mode: ``train`` or ``val``.
        video_key: where samples have their clip; without, the transform takes clips, (C, T, H, W), themselves.
        remove_key: keys to remove from samples.
        num_samples: frames to keep; ``None`` keeps all.
        convert_to_float: whether to convert uint8 to float explicitly. (Normalize gives floats in any case.)
        video_mean: mean of each channel.
        video_std: standard deviation of each channel.
        min_size: smallest size of the shorter side in pixels, in ``train`` mode; its size in ``val`` mode.
        max_size: largest size of the shorter side in pixels, in ``train`` mode.
        crop_size: size of the crop in pixels: a number, or (height, width).
        horizontal_flip_prob: probability of mirroring in ``train`` mode.
        aug_type: the augmentation in ``train`` mode: ``default`` for none, ``randaug`` or ``augmix``.
        aug_paras: arguments of :class:`RandAugment` or :class:`AugMix`; what is missing or ``None`` has its default.
        random_resized_crop_paras: arguments of :class:`RandomResizedCrop` but its size, to crop with it in ``train``
            mode; an empty dict takes its defaults.

    Raises:
        ArgumentError: if an argument is not one of these, or a crop is larger than what it is cut from.
    """
    height, width = (crop_size, crop_size) if isinstance(crop_size, int) else crop_size
    if mode not in ("train", "val"):
        raise ArgumentError(f"mode is {mode!r}; it must be 'train' or 'val'")
    if isinstance(remove_key, str) or (remove_key is not None and video_key is None):
        raise ArgumentError(f"remove_key is {remove_key!r}; it must be a list of keys, and needs a video_key")
    if (mode == "val" or random_resized_crop_paras is None) and max(height, width) > min_size:
        raise ArgumentError(f"crop_size is {crop_size}; it must not exceed min_size, which is {min_size}")
    augmentation = _augmentation(aug_type, aug_paras)
    resized_crop = _chosen(random_resized_crop_paras, _RESIZED_CROP_ARGS, "random_resized_crop_paras")

    steps: list[_Step] = []
    if num_samples is not None:
        steps.append(UniformTemporalSubsample(num_samples))
    if mode == "train":
        steps += augmentation
    if convert_to_float:
        steps.append(ConvertUint8ToFloat())
    steps.append(Normalize(video_mean, video_std))
    if mode == "val":
        steps += [ShortSideScale(min_size), CenterCrop((height, width))]
    else:
        from torchvision.transforms import v2

        if random_resized_crop_paras is not None:
            steps.append(RandomResizedCrop(height, width, **resized_crop))
        else:
            steps += [RandomShortSideScale(min_size, max_size), v2.RandomCrop((height, width))]
        steps.append(v2.RandomHorizontalFlip(horizontal_flip_prob))
    clip_transform = Compose(steps)
    if video_key is None:
        return clip_transform
    return Compose([ApplyTransformToKey(video_key, clip_transform), *(RemoveKey(key) for key in remove_key or ())])


def _augmentation(aug_type: str, aug_paras: Mapping[str, Any] | None) -> list[_Step]:
    if aug_type == "default":
        if aug_paras:
            raise ArgumentError(f"aug_paras is {dict(aug_paras)}; aug_type 'default' has no augmentation to take it")
        return []
    if aug_type not in _AUGMENTATION_ARGS:
        raise ArgumentError(
            f"aug_type is {aug_type!r}; it must be 'default', {', '.join(map(repr, _AUGMENTATION_ARGS))}"
        )
    # Imported here, for they import torchvision.
    from ptv_transforms.augmix import AugMix
    from ptv_transforms.rand_augment import RandAugment

    augmentation: Callable[..., _Step] = RandAugment if aug_type == "randaug" else AugMix
    chosen = _chosen(aug_paras, _AUGMENTATION_ARGS[aug_type], "aug_paras")
    return [Permute((1, 0, 2, 3)), augmentation(**chosen), Permute((1, 0, 2, 3))]


def _chosen(paras: Mapping[str, Any] | None, known: Sequence[str], name: str) -> dict[str, Any]:
    unknown = [key for key in paras or {} if key not in known]
    if unknown:
        raise ArgumentError(f"{name} has {', '.join(map(repr, unknown))}; it takes {', '.join(known)}")
    return {key: value for key, value in (paras or {}).items() if value is not None}
