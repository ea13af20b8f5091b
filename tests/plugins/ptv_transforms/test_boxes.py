"""Transforms that move boxes along with the clip."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ptv_registry.errors import ArgumentError
from ptv_transforms import functional as F


def marked(box, height=20, width=30):
    """A clip in which the pixels of a box, corners included, are 1."""
    x1, y1, x2, y2 = box
    clip = torch.zeros(3, 2, height, width)
    clip[..., y1 : y2 + 1, x1 : x2 + 1] = 1
    return clip


def marks(clip):
    """The box that is marked in a clip."""
    ys, xs = torch.nonzero(clip[0, 0], as_tuple=True)
    return [xs.min().item(), ys.min().item(), xs.max().item(), ys.max().item()]


boxes = st.tuples(st.integers(10, 14), st.integers(7, 9), st.integers(14, 19), st.integers(9, 12))
seeds = st.integers(0, 2**31)


@given(boxes)
def test_a_flip_moves_boxes_with_their_pixels(box):
    clip, moved = F.horizontal_flip_with_boxes(1.0, marked(box), torch.tensor([box]))

    assert moved[0].tolist() == marks(clip)


@given(boxes)
def test_flipping_twice_gives_back_the_boxes(box):
    given_boxes = torch.tensor([box])
    clip, once = F.horizontal_flip_with_boxes(1.0, marked(box), given_boxes)
    clip, twice = F.horizontal_flip_with_boxes(1.0, clip, once)

    assert torch.equal(twice, given_boxes)
    assert torch.equal(clip, marked(box))


@given(boxes, seeds)
@settings(deadline=None)
def test_a_random_crop_moves_boxes_with_their_pixels(box, seed):
    torch.manual_seed(seed)
    clip, moved = F.random_crop_with_boxes(marked(box), 19, torch.tensor([box]))

    assert clip.shape[-2:] == (19, 19)
    assert moved[0].tolist() == marks(clip)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_uniform_crop_moves_boxes_with_their_pixels_and_clips_them(place):
    box = (4, 1, 25, 18)
    clip, moved = F.uniform_crop_with_boxes(marked(box), 16, place, torch.tensor([box]))

    assert torch.equal(clip, F.uniform_crop(marked(box), 16, place))
    assert moved[0].tolist() == marks(clip)


@given(boxes)
def test_scaling_up_moves_boxes_with_their_pixels(box):
    clip, moved = F.short_side_scale_with_boxes(marked(box), torch.tensor([box]).float(), 40, "nearest")
    x1, y1, x2, y2 = marks(clip)

    assert clip.shape[-2:] == (40, 60)
    assert moved[0].tolist() == [x1, y1, x2 - 1, y2 - 1]


def test_each_axis_is_scaled_by_its_own_factor():
    clip, moved = F.short_side_scale_with_boxes(torch.rand(3, 1, 10, 19), torch.tensor([[0.0, 0.0, 19.0, 10.0]]), 5)

    assert clip.shape[-2:] == (5, 9)
    assert moved.tolist() == [[0.0, 0.0, 9.0, 5.0]]


def test_random_scaling_covers_the_range():
    torch.manual_seed(0)
    sizes = set()
    for _ in range(50):
        clip, moved = F.random_short_side_scale_with_boxes(
            torch.rand(3, 1, 10, 10), torch.tensor([[0.0, 0.0, 10.0, 10.0]]), 4, 6
        )
        assert moved[0, 2] == clip.shape[-1]
        sizes.add(clip.shape[-1])

    assert sizes == {4, 5, 6}


def test_a_random_crop_can_be_at_any_place_the_last_included():
    torch.manual_seed(0)
    box = (10, 8, 15, 10)
    corners = {
        tuple(
            (torch.tensor(box[:2]) - F.random_crop_with_boxes(marked(box), 19, torch.tensor([box]))[1][0, :2]).tolist()
        )
        for _ in range(200)
    }

    assert {y for _, y in corners} == {0, 1}
    assert {x for x, _ in corners} == set(range(11))


def test_a_random_crop_of_the_whole_frame_still_gives_clip_and_boxes():
    clip, moved = F.random_crop_with_boxes(torch.ones(3, 1, 8, 8), 8, torch.tensor([[1.0, 1.0, 3.0, 9.0]]))

    assert clip.shape[-2:] == (8, 8)
    assert moved.tolist() == [[1.0, 1.0, 3.0, 7.0]]


@pytest.mark.parametrize("crop", [F.random_crop_with_boxes, lambda x, s, b: F.uniform_crop_with_boxes(x, s, 1, b)])
def test_a_crop_larger_than_the_frames_is_an_error(crop):
    with pytest.raises(ArgumentError, match="25x25 does not fit frames of 20x30"):
        crop(torch.zeros(3, 1, 20, 30), 25, torch.zeros(1, 4))


ALL = {
    "scale": lambda x, b: F.short_side_scale_with_boxes(x, b, 10)[1],
    "random scale": lambda x, b: F.random_short_side_scale_with_boxes(x, b, 10, 12)[1],
    "random crop": lambda x, b: F.random_crop_with_boxes(x, 10, b)[1],
    "uniform crop": lambda x, b: F.uniform_crop_with_boxes(x, 10, 0, b)[1],
    "flip": lambda x, b: F.horizontal_flip_with_boxes(1.0, x, b)[1],
    "no flip": lambda x, b: F.horizontal_flip_with_boxes(0.0, x, b)[1],
    "clip": lambda x, b: F.clip_boxes_to_image(b, 10, 10),
    "crop": lambda x, b: F.crop_boxes(b, 1, 2),
}


@pytest.mark.parametrize("name", ALL)
def test_boxes_are_not_changed_in_place_and_keep_their_kind(name):
    clip = torch.rand(3, 2, 20, 30)
    as_tensor = torch.tensor([[1.0, 2.0, 25.0, 15.0]])
    as_array = np.array([[1.0, 2.0, 25.0, 15.0]], dtype=np.float32)
    torch.manual_seed(0)
    moved_tensor = ALL[name](clip, as_tensor)
    torch.manual_seed(0)
    moved_array = ALL[name](clip, as_array)
    moved_tensor += 100
    moved_array += 100

    assert isinstance(moved_array, np.ndarray)
    np.testing.assert_array_equal(moved_tensor.numpy(), moved_array)
    assert as_tensor.tolist() == as_array.tolist() == [[1.0, 2.0, 25.0, 15.0]]


@pytest.mark.parametrize("name", ALL)
def test_a_clip_without_boxes_passes(name):
    assert ALL[name](torch.rand(3, 2, 20, 30), torch.zeros(0, 4)).shape == (0, 4)


def test_boxes_of_another_shape_are_an_error():
    with pytest.raises(ArgumentError, match=r"\(2, 5\); it must be \(N, 4\)"):
        F.crop_boxes(torch.zeros(2, 5), 1, 1)


def test_clipping_moves_corners_to_the_last_pixel():
    moved = F.clip_boxes_to_image(torch.tensor([[-3.0, -2.0, 50.0, 60.0]]), height=10, width=20)

    assert moved.tolist() == [[0.0, 0.0, 19.0, 9.0]]


@pytest.mark.parametrize("prob", [-0.1, 1.5])
def test_a_flip_needs_a_probability(prob):
    with pytest.raises(ArgumentError, match="prob is"):
        F.horizontal_flip_with_boxes(prob, torch.zeros(3, 1, 2, 2), torch.zeros(1, 4))


def test_scale_crop_and_flip_keep_box_and_pixels_together():
    torch.manual_seed(1)
    box = (6, 4, 12, 10)
    clip, moved = F.short_side_scale_with_boxes(marked(box), torch.tensor([box]), 40, "nearest")
    moved = moved + torch.tensor([0, 0, 1, 1])  # the last pixel of a box is two pixels wide now
    clip, moved = F.uniform_crop_with_boxes(clip, 36, 0, moved)
    clip, moved = F.horizontal_flip_with_boxes(1.0, clip, moved)

    assert moved[0].tolist() == marks(clip)
