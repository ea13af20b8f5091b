"""Conversions between uint8 and float."""

import pytest
import torch
from torchvision.transforms.v2 import functional as TF

from ptv_registry.errors import ArgumentError
from ptv_transforms import ConvertFloatToUint8, ConvertUint8ToFloat, Div255

EVERY_VALUE = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)


def test_uint8_becomes_a_share_of_255():
    converted = ConvertUint8ToFloat()(EVERY_VALUE)

    assert converted.dtype == torch.float32
    torch.testing.assert_close(converted.double(), EVERY_VALUE.double() / 255, rtol=0, atol=1e-7)


def test_the_bits_are_those_of_torchvision():
    floats = torch.linspace(0, 1, 10_001)

    assert torch.equal(TF.to_dtype(EVERY_VALUE, torch.float32, scale=True), ConvertUint8ToFloat()(EVERY_VALUE))
    assert torch.equal(TF.to_dtype(floats, torch.uint8, scale=True), ConvertFloatToUint8()(floats))


def test_float_to_uint8_undoes_it():
    assert torch.equal(ConvertFloatToUint8()(ConvertUint8ToFloat()(EVERY_VALUE)), EVERY_VALUE)


def test_a_float_clip_in_range_passes_as_it_is():
    x = torch.rand(3, 2, 4, 4)

    assert ConvertUint8ToFloat()(x) is x


def test_uint8_passes_the_conversion_to_uint8():
    assert ConvertFloatToUint8()(EVERY_VALUE) is EVERY_VALUE


def test_values_that_overshoot_are_clamped_and_do_not_wrap():
    assert ConvertFloatToUint8()(torch.tensor([-0.1, 0.0, 1.0, 1.2])).tolist() == [0, 0, 255, 255]


@pytest.mark.parametrize("convert", [ConvertUint8ToFloat(), ConvertFloatToUint8()])
def test_a_float_clip_of_0_to_255_is_an_error_instead_of_white(convert):
    with pytest.raises(ArgumentError, match=r"largest value is 255.0; .* Div255"):
        convert(EVERY_VALUE.float())


@pytest.mark.parametrize("convert", [ConvertUint8ToFloat(), ConvertFloatToUint8()])
def test_another_dtype_is_an_error(convert):
    with pytest.raises(ArgumentError, match="dtype"):
        convert(EVERY_VALUE.int())


def test_half_precision_becomes_uint8():
    assert ConvertFloatToUint8()(torch.tensor([0.0, 1.0], dtype=torch.float16)).tolist() == [0, 255]


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_div_255_divides_any_dtype(dtype):
    assert Div255()(torch.tensor([0, 51, 255], dtype=dtype)).tolist() == pytest.approx([0.0, 0.2, 1.0])
