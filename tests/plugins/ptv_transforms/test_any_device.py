"""Transforms work on the device of what they get, and can be scripted and exported."""

import copy
import pickle

import pytest
import torch
from torch import nn

import ptv_transforms as T
from ptv_transforms import functional as F

MEAN, STD = (0.45, 0.45, 0.45), (0.225, 0.225, 0.225)
CLIP = {
    "UniformTemporalSubsample": lambda: T.UniformTemporalSubsample(4),
    "UniformTemporalSubsampleRepeated": lambda: T.UniformTemporalSubsampleRepeated((4, 2)),
    "PackPathway": lambda: T.PackPathway(4),
    "ShortSideScale": lambda: T.ShortSideScale(9),
    "RandomShortSideScale": lambda: T.RandomShortSideScale(9, 12),
    "Normalize": lambda: T.Normalize(MEAN, STD),
    "Div255": T.Div255,
    "ConvertUint8ToFloat": T.ConvertUint8ToFloat,
    "ConvertFloatToUint8": T.ConvertFloatToUint8,
    "RandomResizedCrop": lambda: T.RandomResizedCrop(8, 9),
    "Permute": lambda: T.Permute((1, 0, 2, 3)),
    "MoveChannelRear": T.MoveChannelRear,
    "MoveChannelFront": T.MoveChannelFront,
}


def clip(dtype, device="cpu"):
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 256, (3, 8, 12, 16), dtype=torch.uint8, generator=generator)
    return (x if dtype == torch.uint8 else (x / 255).to(dtype)).to(device)


def seeded(transform, x):
    torch.manual_seed(0)
    return transform(x)


def parts(result):
    return list(result) if isinstance(result, list | tuple) else [result]


@pytest.mark.parametrize("name", CLIP)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_a_clip_stays_on_its_device(name, dtype):
    expected = parts(seeded(CLIP[name](), clip(dtype)))
    actual = parts(seeded(CLIP[name](), clip(dtype, "meta")))

    assert all(a.device.type == "meta" for a in actual)
    assert [(a.shape, a.dtype) for a in actual] == [(e.shape, e.dtype) for e in expected]


def test_boxes_and_labels_stay_on_their_device():
    x, boxes = torch.zeros(3, 2, 20, 30, device="meta"), torch.zeros(4, 4, device="meta")

    for images, moved in (
        F.short_side_scale_with_boxes(x, boxes, 10),
        F.random_crop_with_boxes(x, 10, boxes),
        F.uniform_crop_with_boxes(x, 10, 2, boxes),
        F.horizontal_flip_with_boxes(1.0, x, boxes),
    ):
        assert images.is_meta
        assert moved.is_meta
    assert F.convert_to_one_hot(torch.zeros(2, dtype=torch.long, device="meta"), 3).is_meta


@pytest.mark.parametrize("mix", [T.MixUp(num_classes=4), T.CutMix(num_classes=4)])
def test_batches_stay_on_their_device(mix):
    x = torch.zeros(4, 3, 2, 8, 8, device="meta")
    mixed, labels = mix(x, torch.zeros(4, dtype=torch.long, device="meta"))

    assert mixed.is_meta
    assert labels.is_meta


def test_a_waveform_stays_on_its_device():
    assert T.LogMelSpectrogram()(torch.zeros(4000, device="meta")).is_meta


@pytest.mark.parametrize("name", CLIP)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_each_can_be_scripted(name, dtype):
    transform = CLIP[name]()
    scripted = torch.jit.script(transform)

    for e, a in zip(parts(seeded(transform, clip(dtype))), parts(seeded(scripted, clip(dtype))), strict=True):
        assert torch.equal(e, a)


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_a_sequence_can_be_scripted_as_documented():
    sequence = nn.Sequential(
        T.UniformTemporalSubsample(4), T.ConvertUint8ToFloat(), T.Normalize(MEAN, STD), T.RandomShortSideScale(8, 9)
    )

    assert torch.equal(seeded(torch.jit.script(sequence), clip(torch.uint8)), seeded(sequence, clip(torch.uint8)))


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_the_spectrogram_can_be_scripted():
    signal = torch.rand(3000)

    torch.testing.assert_close(torch.jit.script(T.LogMelSpectrogram())(signal), T.LogMelSpectrogram()(signal))


@pytest.mark.filterwarnings("ignore:`torch.jit", "ignore:Support for TorchScript")
def test_an_error_is_raised_in_script_too():
    with pytest.raises(torch.jit.Error, match="does not fit"):
        torch.jit.script(F.uniform_crop)(torch.zeros(3, 1, 4, 4), 8, 1)


def test_a_sequence_can_be_exported():
    sequence = nn.Sequential(
        T.UniformTemporalSubsample(4),
        T.ConvertUint8ToFloat(),
        T.Normalize(MEAN, STD),
        T.ShortSideScale(8),
        T.PackPathway(2),
    )
    exported = torch.export.export(sequence, (clip(torch.uint8),)).module()

    for e, a in zip(sequence(clip(torch.uint8)), exported(clip(torch.uint8)), strict=True):
        assert torch.equal(e, a)


@pytest.mark.parametrize("name", CLIP)
def test_each_can_be_copied_and_sent_to_workers(name):
    for clone in (copy.deepcopy(CLIP[name]()), pickle.loads(pickle.dumps(CLIP[name]()))):
        for e, a in zip(
            parts(seeded(CLIP[name](), clip(torch.uint8))), parts(seeded(clone, clip(torch.uint8))), strict=True
        ):
            assert torch.equal(e, a)
