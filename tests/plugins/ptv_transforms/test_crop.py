"""Cropping: CenterCrop, uniform_crop, UniformCropVideo, RandomResizedCrop."""

import pytest
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

from ptv_registry.errors import ArgumentError
from ptv_transforms import CenterCrop, MissingKeyError, RandomResizedCrop, UniformCropVideo
from ptv_transforms import functional as F


def coordinates(height, width, num_frames=2):
    """A clip of two channels: y and x of each pixel."""
    grid = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")).float()
    return grid[:, None].expand(2, num_frames, height, width).clone()


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize("height", range(4, 12))
@pytest.mark.parametrize("size", [(5, 9), 7, [8], (12, 3)], ids=str)
def test_the_centre_is_torchvisions(height, size):
    clip = coordinates(height, 10)

    assert torch.equal(v2.CenterCrop(size)(clip), CenterCrop(size)(clip))
    assert torch.equal(v2.CenterCrop(size)(clip), torch.jit.script(CenterCrop(size))(clip))


def test_boxes_of_a_sample_are_cropped_with_its_images_as_torchvision_does():
    sample = {
        "image": tv_tensors.Image(torch.arange(3 * 9 * 9).reshape(3, 9, 9)),
        "boxes": tv_tensors.BoundingBoxes([[2, 2, 8, 8]], format="XYXY", canvas_size=(9, 9)),
        "label": 3,
    }

    cropped, expected = CenterCrop(5)(sample), v2.CenterCrop(5)(sample)

    assert expected["boxes"].tolist() == cropped["boxes"].tolist()
    assert torch.equal(expected["image"], cropped["image"])
    assert cropped["label"] == 3


@pytest.mark.parametrize("size", [0, -3, (4, 0), (1, 2, 3), 4.5, "ab", True, (), (4.0, 4)], ids=str)
def test_a_crop_of_no_size_is_an_error(size):
    with pytest.raises(ArgumentError, match="size is"):
        CenterCrop(size)


@pytest.mark.parametrize(
    ("size", "place", "corner"),
    [
        ((5, 9), 0, (1, 0)),
        ((5, 9), 1, (1, 3)),
        ((5, 9), 2, (1, 5)),
        ((9, 5), 0, (0, 1)),
        ((9, 5), 1, (3, 1)),
        ((9, 5), 2, (5, 1)),
        ((4, 4), 2, (0, 0)),
    ],
)
def test_uniform_crops_lie_along_the_longer_side(size, place, corner):
    cropped = F.uniform_crop(coordinates(*size), 4, place)

    assert cropped.shape == (2, 2, 4, 4)
    assert tuple(cropped[:, 0, 0, 0].int().tolist()) == corner


def test_an_odd_margin_puts_the_centre_after_the_middle_as_documented_code_does():
    assert F.uniform_crop(coordinates(4, 7), 4, 1)[1, 0, 0, 0] == 2


def test_a_crop_larger_than_the_frames_is_an_error():
    with pytest.raises(ArgumentError, match="112x112 does not fit frames of 6x200"):
        F.uniform_crop(torch.zeros(3, 1, 6, 200), 112, 1)


def test_a_place_that_is_none_is_an_error():
    with pytest.raises(ArgumentError, match="spatial_idx is 3"):
        F.uniform_crop(coordinates(5, 9), 4, 3)


def test_the_sample_says_where_to_crop():
    sample = {"video": coordinates(5, 9), "aug_index": 2, "label": 7}
    cropped = UniformCropVideo(4)(sample)

    assert cropped["video"][1, 0, 0, 0] == 5
    assert cropped["label"] == 7
    assert sample["video"].shape == (2, 2, 5, 9)


def test_a_sample_without_the_place_is_an_error():
    with pytest.raises(MissingKeyError, match="'aug_index', which this sample lacks; it has video"):
        UniformCropVideo(4)({"video": coordinates(5, 9)})


def test_a_resized_crop_of_everything_is_a_resize():
    x = torch.rand(3, 2, 8, 8)

    assert torch.equal(RandomResizedCrop(4, 6, (1.0, 1.0), (1.0, 1.0))(x), F.resize(x, 4, 6))


def test_boxes_have_the_asked_area_and_aspect_ratio_and_reach_every_border(monkeypatch):
    boxes = []
    resize = F.crop.resize
    monkeypatch.setattr(F.crop, "resize", lambda box, h, w, mode: boxes.append(box) or resize(box, h, w, mode))
    torch.manual_seed(0)
    for _ in range(200):
        F.random_resized_crop(coordinates(30, 40, 1), 5, 5, (0.3, 0.5), (0.5, 2.0))

    areas = [box.shape[-1] * box.shape[-2] / 1200 for box in boxes]
    ratios = [box.shape[-1] / box.shape[-2] for box in boxes]
    assert 0.27 < min(areas) < 0.33
    assert 0.47 < max(areas) < 0.53
    assert 0.45 < min(ratios) < 0.6
    assert 1.8 < max(ratios) < 2.2
    assert {0.0, 29.0} <= {y for box in boxes for y in (box[0].min().item(), box[0].max().item())}
    assert {0.0, 39.0} <= {x for box in boxes for x in (box[1].min().item(), box[1].max().item())}


def test_a_box_that_never_fits_falls_back_to_the_centre():
    cropped = F.random_resized_crop(coordinates(10, 40), 10, 10, (1.0, 1.0), (1.0, 1.0), interpolation="nearest")

    assert cropped[1, 0, 0].tolist() == list(range(15, 25))


def test_a_shifting_crop_moves_from_one_box_to_another():
    torch.manual_seed(3)
    x = coordinates(64, 64, 5)
    shifted = RandomResizedCrop(4, 4, (0.1, 0.2), (1.0, 1.0), shift=True)(x)
    starts = shifted[:, :, 0, 0]

    assert not torch.equal(starts[:, 0], starts[:, -1])
    steps = starts.diff(dim=1)
    assert ((steps - steps.mean(1, keepdim=True)).abs() < 1.1).all()


def test_a_shifting_crop_keeps_dtype_and_device():
    shifted = RandomResizedCrop(4, 4, shift=True)

    assert shifted(torch.zeros(3, 2, 9, 9, dtype=torch.uint8)).dtype == torch.uint8
    assert shifted(torch.zeros(3, 2, 9, 9, device="meta")).device.type == "meta"


@pytest.mark.parametrize("ranges", [((0.0, 1.0), (1.0, 1.0)), ((0.5, 1.0), (-1.0, 1.0))])
def test_ranges_must_be_positive(ranges):
    with pytest.raises(ArgumentError, match="must be positive"):
        F.random_resized_crop(coordinates(8, 8), 4, 4, *ranges)


def test_there_must_be_a_try():
    with pytest.raises(ArgumentError, match="num_tries is 0"):
        F.random_resized_crop(coordinates(8, 8), 4, 4, (0.5, 1.0), (1.0, 1.0), num_tries=0)
