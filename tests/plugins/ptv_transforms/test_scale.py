"""Resizing: ShortSideScale, RandomShortSideScale."""

import sys
import types

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptv_registry.errors import ArgumentError
from ptv_transforms import RandomShortSideScale, ShortSideScale
from ptv_transforms import functional as F
from ptv_transforms.functional.scale import OpenCVMissingError, short_side_size


def clip(height=12, width=20, num_frames=3):
    return torch.rand(3, num_frames, height, width, generator=torch.Generator().manual_seed(0))


def bilinear(image, height, width):
    """Bilinear interpolation between pixel centres, by its formula."""
    old_h, old_w = image.shape[-2:]

    def axis(new, old):
        place = ((torch.arange(new, dtype=torch.float64) + 0.5) * old / new - 0.5).clamp(min=0)
        low = place.floor().long().clamp(max=old - 1)
        return low, (low + 1).clamp(max=old - 1), place - low

    y0, y1, fy = axis(height, old_h)
    x0, x1, fx = axis(width, old_w)
    image = image.double()
    top = image[..., y0, :][..., x0] * (1 - fx) + image[..., y0, :][..., x1] * fx
    bottom = image[..., y1, :][..., x0] * (1 - fx) + image[..., y1, :][..., x1] * fx
    return top * (1 - fy[:, None]) + bottom * fy[:, None]


@pytest.mark.parametrize(("size", "expected"), [((12, 20), (7, 11)), ((20, 12), (11, 7)), ((15, 15), (7, 7))])
def test_the_shorter_side_gets_the_size_and_the_longer_one_is_rounded_down(size, expected):
    assert ShortSideScale(7)(clip(*size)).shape[-2:] == expected


@given(st.integers(1, 2000), st.integers(1, 2000), st.integers(1, 500))
def test_sizes_are_exact(height, width, size):
    new_height, new_width = short_side_size(height, width, size)

    assert min(new_height, new_width) == size
    assert max(new_height, new_width) == max(height, width) * size // min(height, width)


@pytest.mark.parametrize("interpolation", ["bilinear", "linear", "trilinear"])
def test_values_are_those_of_bilinear_interpolation(interpolation):
    x = clip()

    torch.testing.assert_close(F.short_side_scale(x, 7, interpolation).double(), bilinear(x, 7, 11), rtol=0, atol=1e-6)


def test_area_is_the_mean_of_what_a_pixel_covers():
    x = clip(12, 20)

    torch.testing.assert_close(
        F.short_side_scale(x, 6, "area"), x.unflatten(-1, (10, 2)).unflatten(-3, (6, 2)).mean((-1, -3))
    )


def test_nearest_repeats_pixels():
    x = clip(4, 6)

    assert torch.equal(F.short_side_scale(x, 8, "nearest"), x.repeat_interleave(2, -1).repeat_interleave(2, -2))


@pytest.mark.parametrize("interpolation", ["nearest", "linear", "bilinear", "bicubic", "trilinear", "area"])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float64, torch.int32])
def test_every_documented_interpolation_works_on_every_dtype(interpolation, dtype):
    x = (clip() * 255).to(dtype)
    scaled = F.short_side_scale(x, 5, interpolation)

    assert (scaled.dtype, scaled.shape) == (dtype, (3, 3, 5, 8))


def test_uint8_is_rounded_and_never_wraps():
    x = (clip() > 0.5).to(torch.uint8) * 255
    scaled = F.short_side_scale(x, 30, "bicubic")
    exact = F.short_side_scale(x.double(), 30, "bicubic")

    torch.testing.assert_close(scaled.double(), exact.clamp(0, 255), rtol=0, atol=0.51)
    assert exact.max() > 255.5


def test_one_frame_comes_out_as_it_does_among_others_however_it_lies_in_memory():
    x = clip(num_frames=5)
    among = ShortSideScale(7)(x)

    assert torch.equal(ShortSideScale(7)(x[:, 2:3]), among[:, 2:3])
    assert torch.equal(ShortSideScale(7)(x.permute(1, 2, 3, 0).contiguous().permute(3, 0, 1, 2)), among)


def test_random_sizes_cover_the_range_with_both_ends_and_follow_the_seed():
    scale, x = RandomShortSideScale(4, 6), clip()
    torch.manual_seed(0)
    sizes = [scale(x).shape[-2] for _ in range(60)]
    torch.manual_seed(0)

    assert set(sizes) == {4, 5, 6}
    assert sizes == [scale(x).shape[-2] for _ in range(60)]


@pytest.mark.parametrize(("low", "high"), [(0, 4), (5, 4)])
def test_an_empty_range_is_an_error(low, high):
    with pytest.raises(ArgumentError, match="1 <= min_size <= max_size"):
        RandomShortSideScale(low, high)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 0}, "at least 1 pixel"),
        ({"size": 4, "interpolation": "cubic"}, "interpolation is cubic"),
        ({"size": 4, "backend": "pillow"}, "backend is pillow"),
    ],
)
def test_unknown_arguments_name_the_accepted_ones(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        F.short_side_scale(clip(), **arguments)


def test_a_batch_is_refused():
    with pytest.raises(ArgumentError, match=r"5 dimensions; it must be \(C, T, H, W\)"):
        ShortSideScale(4)(clip()[None])


def test_without_opencv_its_backend_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)

    with pytest.raises(OpenCVMissingError, match=r"ptv-transforms\[opencv\]"):
        ShortSideScale(4, backend="opencv")(clip())


def test_opencv_gets_planes_and_a_size_of_width_and_height(monkeypatch):
    calls = []

    def resize(plane, size, interpolation):
        calls.append((plane.shape, size, interpolation))
        return plane[: size[1], : size[0]].copy()

    names = ("NEAREST", "LINEAR", "AREA", "CUBIC")
    fake = types.SimpleNamespace(resize=resize, **{f"INTER_{name}": name for name in names})
    monkeypatch.setitem(sys.modules, "cv2", fake)
    x = clip()

    assert torch.equal(F.short_side_scale(x, 6, "bilinear", "opencv"), x[..., :6, :10])
    assert calls == [((12, 20), (10, 6), "AREA")] * 9
    with pytest.raises(ArgumentError, match="opencv backend has nearest, linear, bilinear, bicubic"):
        F.short_side_scale(x, 6, "area", "opencv")
