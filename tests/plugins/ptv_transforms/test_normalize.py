"""Normalize."""

import pytest
import torch
import torchvision.transforms.v2.functional

from ptv_registry.errors import ArgumentError
from ptv_transforms import Normalize

MEAN, STD = (0.4, 0.5, 0.6), (0.1, 0.2, 0.3)


def expected(x):
    return (x - torch.tensor(MEAN).view(3, 1, 1, 1)) / torch.tensor(STD).view(3, 1, 1, 1)


def test_each_channel_of_a_float_clip_is_normalised():
    x = torch.rand(3, 5, 4, 6)

    torch.testing.assert_close(Normalize(MEAN, STD)(x), expected(x))


def test_a_uint8_clip_is_scaled_first():
    x = torch.randint(0, 256, (3, 5, 4, 6), dtype=torch.uint8)

    torch.testing.assert_close(Normalize(MEAN, STD)(x), expected(x.float() / 255))


def test_a_mean_in_pixel_values_normalises_pixel_values():
    x = torch.randint(0, 256, (3, 2, 4, 6), dtype=torch.uint8)
    in_pixels = Normalize([255 * m for m in MEAN], [255 * s for s in STD])

    torch.testing.assert_close(in_pixels(x), expected(x.float() / 255))
    torch.testing.assert_close(in_pixels(x.float()), expected(x.float() / 255))


def test_the_clip_given_stays_as_it_is_unless_asked():
    x = torch.rand(3, 2, 4, 4)
    before = x.clone()
    Normalize(MEAN, STD)(x)

    assert torch.equal(x, before)
    Normalize(MEAN, STD, inplace=True)(x)
    torch.testing.assert_close(x, expected(before))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_the_bits_are_those_of_torchvision(dtype):
    x = torch.rand(3, 2, 5, 4).to(dtype)

    by_frame = torchvision.transforms.v2.functional.normalize(x.transpose(0, 1), MEAN, STD).transpose(0, 1)

    assert torch.equal(by_frame, Normalize(MEAN, STD)(x))


def test_a_clip_of_other_dimensions_is_an_error():
    with pytest.raises(ArgumentError, match="3 dimensions"):
        Normalize(MEAN, STD)(torch.rand(3, 4, 4))


@pytest.mark.parametrize(("mean", "std"), [((0.5, 0.5), (0.1,)), ((0.5,), (0.0,))])
def test_mean_and_std_must_suit(mean, std):
    with pytest.raises(ArgumentError, match="other than 0"):
        Normalize(mean, std)


def test_another_number_of_channels_is_an_error():
    with pytest.raises(ArgumentError, match="8 channels and there are 3 means"):
        Normalize(MEAN, STD)(torch.rand(8, 3, 4, 4))


def test_another_dtype_is_an_error():
    with pytest.raises(ArgumentError, match=r"torch.int64; it must be uint8 or float"):
        Normalize(MEAN, STD)(torch.zeros(3, 1, 2, 2, dtype=torch.int64))
