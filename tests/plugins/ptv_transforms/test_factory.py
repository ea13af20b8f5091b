"""create_video_transform: every argument has its effect."""

import pytest
import torch
from torchvision.transforms import v2

from ptv_registry.errors import ArgumentError
from ptv_transforms import (
    ApplyTransformToKey,
    AugMix,
    ConvertUint8ToFloat,
    Normalize,
    RandAugment,
    RandomResizedCrop,
    RandomShortSideScale,
    RemoveKey,
    ShortSideScale,
    UniformTemporalSubsample,
    create_video_transform,
)

SMALL = {"min_size": 16, "max_size": 20, "crop_size": 12}


def clip(dtype=torch.uint8):
    x = torch.randint(0, 256, (3, 10, 24, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return x if dtype == torch.uint8 else (x / 255).to(dtype)


def step(transform, kind):
    """The only step of a kind, or None."""
    found = [step for step in transform.transforms if isinstance(step, kind)]
    assert len(found) <= 1
    return found[0] if found else None


def test_val_is_the_documented_sequence():
    x = clip()
    resized = ShortSideScale(16)((x[:, [i * 9 // 7 for i in range(8)]].float() / 255 - 0.45) / 0.225)

    torch.testing.assert_close(create_video_transform("val", **SMALL)(x), resized[..., 2:14, 4:16])


def test_train_is_the_documented_sequence():
    kinds = [type(step) for step in create_video_transform("train").transforms]

    assert kinds == [
        UniformTemporalSubsample,
        ConvertUint8ToFloat,
        Normalize,
        RandomShortSideScale,
        v2.RandomCrop,
        v2.RandomHorizontalFlip,
    ]


@pytest.mark.parametrize("mode", ["train", "val"])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_uint8_and_float_clips_come_out_alike(mode, dtype):
    transform = create_video_transform(mode, **SMALL)
    torch.manual_seed(0)
    result = transform(clip(dtype))
    torch.manual_seed(0)

    assert (result.dtype, result.shape) == (torch.float32, (3, 8, 12, 12))
    torch.testing.assert_close(result, transform(clip()))


def test_without_conversion_uint8_is_normalised_all_the_same():
    transform = create_video_transform("val", convert_to_float=False, **SMALL)

    assert step(transform, ConvertUint8ToFloat) is None
    torch.testing.assert_close(transform(clip()), create_video_transform("val", **SMALL)(clip()))


def test_all_frames_stay_without_a_number_of_samples():
    assert create_video_transform("val", num_samples=None, **SMALL)(clip()).shape[1] == 10


def test_mean_and_std_are_used():
    normalize = step(create_video_transform("val", video_mean=(0.1, 0.2, 0.3), video_std=(1, 2, 3)), Normalize)

    assert (normalize.mean, normalize.std) == ([0.1, 0.2, 0.3], [1.0, 2.0, 3.0])


def test_sizes_and_flip_are_used():
    transform = create_video_transform("train", min_size=40, max_size=50, crop_size=(30, 20), horizontal_flip_prob=0.9)
    scale = step(transform, RandomShortSideScale)

    assert (scale.min_size, scale.max_size) == (40, 50)
    assert tuple(step(transform, v2.RandomCrop).size) == (30, 20)
    assert step(transform, v2.RandomHorizontalFlip).p == 0.9


def test_a_key_makes_it_a_transform_of_samples():
    transform = create_video_transform("val", video_key="video", remove_key=["audio", "text"], **SMALL)
    result = transform({"video": clip(), "audio": 1, "text": 2, "label": 3})

    assert result["video"].shape == (3, 8, 12, 12)
    assert set(result) == {"video", "label"}
    assert [type(step) for step in transform.transforms] == [ApplyTransformToKey, RemoveKey, RemoveKey]


@pytest.mark.parametrize("crop_size", [12, (12, 8)])
def test_a_resized_crop_still_flips_and_takes_height_and_width(crop_size):
    paras = {"scale": (0.5, 0.6)}
    arguments = {**SMALL, "crop_size": crop_size}
    transform = create_video_transform("train", random_resized_crop_paras=paras, **arguments)
    crop = step(transform, RandomResizedCrop)

    assert step(transform, v2.RandomHorizontalFlip) is not None
    assert step(transform, v2.RandomCrop) is step(transform, RandomShortSideScale) is None
    assert transform(clip()).shape[-2:] == ((12, 12) if crop_size == 12 else (12, 8))
    assert (crop.scale, crop.aspect_ratio) == ((0.5, 0.6), (0.75, 4 / 3))
    assert paras == {"scale": (0.5, 0.6)}


def test_a_resized_crop_may_be_larger_than_the_scaled_side():
    transform = create_video_transform("train", random_resized_crop_paras={}, crop_size=300)

    assert step(transform, RandomResizedCrop).target_height == 300


@pytest.mark.parametrize(
    ("aug_type", "kind", "paras"),
    [
        ("randaug", RandAugment, {"magnitude": 4, "transform_hparas": {"fill": (0.0, 0.0, 0.0)}, "prob": None}),
        ("augmix", AugMix, {"magnitude": 4, "transform_hparas": {"fill": (0.0, 0.0, 0.0)}, "alpha": None}),
    ],
)
def test_augmentations_get_their_arguments(aug_type, kind, paras):
    transform = create_video_transform("train", aug_type=aug_type, aug_paras=paras, **SMALL)
    augmentation = step(transform, kind)
    sampler = augmentation.randaug_fn if kind is RandAugment else augmentation.augmix_fn

    assert all(op.magnitude == 4 for op in sampler.transforms_list)
    assert all(op.transform_hparas == {"fill": (0.0, 0.0, 0.0)} for op in sampler.transforms_list)
    assert transform(clip()).shape == (3, 8, 12, 12)


def test_augmentations_get_frames_first(monkeypatch):
    seen = []
    monkeypatch.setattr(RandAugment, "__call__", lambda self, x: seen.append(x.shape) or x)
    result = create_video_transform("train", aug_type="randaug", **SMALL)(clip())

    assert seen == [(8, 3, 24, 32)]
    assert result.shape == (3, 8, 12, 12)


def test_val_has_no_augmentation():
    transform = create_video_transform("val", aug_type="randaug", random_resized_crop_paras={}, **SMALL)

    assert step(transform, RandAugment) is step(transform, RandomResizedCrop) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "Train"}, "mode is 'Train'; it must be 'train' or 'val'"),
        ({"mode": "train", "crop_size": 300}, "must not exceed min_size, which is 256"),
        ({"mode": "val", "crop_size": (10, 300), "random_resized_crop_paras": {}}, "must not exceed"),
        ({"mode": "train", "remove_key": ["audio"]}, "needs a video_key"),
        ({"mode": "train", "video_key": "video", "remove_key": "audio"}, "a list of keys"),
        ({"mode": "train", "aug_type": "trivial"}, "'default', 'randaug', 'augmix'"),
        ({"mode": "train", "aug_paras": {"magnitude": 3}}, "no augmentation to take it"),
        ({"mode": "train", "aug_type": "augmix", "aug_paras": {"prob": 1.0}}, "'prob'; it takes magnitude, alpha"),
        ({"mode": "train", "random_resized_crop_paras": {"ratio": (1, 1)}}, "'ratio'; it takes scale, aspect_ratio"),
    ],
)
def test_unknown_arguments_name_the_accepted_ones(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        create_video_transform(**arguments)
