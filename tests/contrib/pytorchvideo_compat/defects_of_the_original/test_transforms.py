"""Defects of the original's transforms."""

import pytest
import torch

from pytorchvideo import transforms
from pytorchvideo.transforms import AugMix, CutMix, MixUp, MixVideo, create_video_transform, functional
from pytorchvideo.transforms.augmentations import AugmentTransform

WHOLE = {"scale": (1.0, 1.0), "aspect_ratio": (1.0, 1.0)}


def clip(frames=4, height=40, width=40):
    return torch.rand(3, frames, height, width, generator=torch.Generator().manual_seed(0))


def factory(mode="train", **arguments):
    """The factory's transform, with the sizes of small clips."""
    sizes = {"num_samples": 4, "min_size": 32, "max_size": 32, "crop_size": 32}
    return create_video_transform(mode, **{**sizes, **arguments})


@pytest.mark.defect(32, there=r"assert not tensor\(-\d\.\d*\) < tensor\(\d\.\d*\)")
def test_a_clip_that_is_cropped_and_resized_is_flipped_as_well():
    x = torch.arange(32.0).expand(3, 4, 32, 32) / 32

    made = factory(convert_to_float=False, horizontal_flip_prob=1.0, random_resized_crop_paras=dict(WHOLE))(x)

    assert not made[0, 0, 0, 0] < made[0, 0, 0, -1]


@pytest.mark.defect(32, there=r"assert \{.*target_height.*\} == \{")
def test_the_factory_leaves_the_dict_that_it_is_given():
    given = dict(WHOLE)
    factory(random_resized_crop_paras=given)

    assert given == WHOLE


@pytest.mark.defect(32, there="TypeError: expected size to be one of int or Tuple")
def test_a_crop_may_have_height_and_width():
    made = factory(convert_to_float=False, crop_size=(24, 32), random_resized_crop_paras=dict(WHOLE))(clip())

    assert made.shape == (3, 4, 24, 32)


@pytest.mark.defect(32, there="image must have dtype torch.uint8")
@pytest.mark.parametrize("mode", ["train", "val"])
def test_the_default_takes_float_clips(mode):
    assert factory(mode)(clip()).shape == (3, 4, 32, 32)


@pytest.mark.defect(32, there="DID NOT RAISE")
def test_a_mode_that_there_is_not_is_an_error():
    with pytest.raises(ValueError, match="trian"):
        factory("trian")


@pytest.mark.defect(32, there="assert 0 > 0")
@pytest.mark.parametrize("kind", ["randaug", "augmix"])
def test_augmentations_of_the_factory_get_their_fill(kind):
    def made(fill, seed):
        torch.manual_seed(seed)
        paras = {"transform_hparas": {"fill": (fill,) * 3}}
        transform = factory(convert_to_float=False, horizontal_flip_prob=0.0, aug_type=kind, aug_paras=paras)
        return transform(clip())

    assert sum(not torch.equal(made(0.0, seed), made(1.0, seed)) for seed in range(20)) > 0


def augmented(name, x, magnitude=10):
    """A (T, C, H, W) video after one operation at its full magnitude."""
    torch.manual_seed(0)
    return AugmentTransform(name, magnitude, prob=1.0, sampling_hparas={"sampling_std": 0.0})(x)


@pytest.mark.defect(33, there="assert 0 in ")
@pytest.mark.parametrize("name", ["Rotate", "TranslateX", "ShearY"])
def test_what_comes_from_outside_a_uint8_video_is_grey(name):
    white = torch.full((2, 3, 32, 32), 255, dtype=torch.uint8)

    corners = augmented(name, white)[..., [0, 0, -1, -1], [0, -1, 0, -1]]

    assert int(corners.min()) in (126, 127, 128)


@pytest.mark.defect(33, there="DID NOT RAISE")
@pytest.mark.parametrize("name", ["Solarize", "Posterize", "AdjustBrightness"])
def test_a_float_video_of_0_to_255_is_refused(name):
    with pytest.raises(ValueError, match=name):
        augmented(name, 255 * clip().transpose(0, 1))


@pytest.mark.defect(33, there=r"assert 0\.0 > 0")
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_posterize_leaves_something_to_see(dtype):
    x = clip().transpose(0, 1)

    made = augmented("Posterize", x if dtype == torch.float32 else x.mul(255).to(dtype))

    assert float(made.max()) > 0


MIXES = [MixUp(num_classes=4), CutMix(num_classes=4), MixVideo(num_classes=4)]
LABELS = torch.tensor([1, 3])


@pytest.mark.defect(34, there=r"assert 0\.\d+ == 0")
@pytest.mark.parametrize("mix", MIXES)
def test_what_is_mixed_stays_as_it_was(mix):
    torch.manual_seed(0)
    x = torch.stack([clip(), 1 - clip()])
    before = x.clone()
    mix(x, LABELS)

    assert float((x - before).abs().max()) == 0


@pytest.mark.defect(34, there="TypeError: .*takes 3 positional arguments", main=True)
@pytest.mark.parametrize("prob", [0.0, 1.0])
def test_sound_is_mixed_along(prob):
    video, sound = torch.stack([clip(), 1 - clip()]), torch.rand(2, 1, 1, 20, 10)

    video, sound, labels = MixVideo(prob, num_classes=4)(video, LABELS, x_audio=sound)

    assert (video.shape, sound.shape, labels.shape) == ((2, 3, 4, 40, 40), (2, 1, 1, 20, 10), (2, 4))


@pytest.mark.defect(34, there="Expected index .* to be no larger than self", main=True)
def test_vectors_as_labels_reach_the_mix_that_cuts():
    vectors = torch.eye(4)[LABELS]

    _, labels = MixVideo(1.0, num_classes=4, one_hot=True)(torch.stack([clip(), 1 - clip()]), vectors)

    assert labels.sum(dim=1).tolist() == pytest.approx([1, 1])


@pytest.mark.defect(35, there="align_corners option can only be set|Got 4D input, but")
@pytest.mark.parametrize("interpolation", ["nearest", "area", "linear", "trilinear"])
def test_every_documented_interpolation_works(interpolation):
    assert functional.short_side_scale(clip(), 20, interpolation).shape == (3, 4, 20, 20)


@pytest.mark.defect(35, there="DID NOT RAISE")
@pytest.mark.parametrize(
    "crop",
    [
        lambda x: functional.uniform_crop(x, 112, 1),
        lambda x: functional.uniform_crop_with_boxes(x, 112, 1, torch.zeros(1, 4)),
        lambda x: functional.random_crop_with_boxes(x, 112, torch.zeros(1, 4)),
    ],
)
def test_a_crop_that_is_larger_than_the_clip_is_an_error(crop):
    with pytest.raises(ValueError, match="112"):
        crop(clip(height=60, width=200))


@pytest.mark.defect(35, there=r"assert \[\(4, 40, 40\), ")
def test_a_crop_of_the_whole_clip_returns_the_boxes_too():
    found = functional.random_crop_with_boxes(clip(), 40, torch.tensor([[1.0, 2, 3, 4]]))

    assert [tuple(part.shape) for part in found] == [(3, 4, 40, 40), (1, 4)]


@pytest.mark.defect(35, there=r"assert \[\[1\.0, 2\.0, 3\.0, 4\.0\]\] == \[\[2, 4, 6, 8\]\]")
def test_boxes_that_are_scaled_stay_as_they_were():
    boxes = torch.tensor([[2.0, 4, 6, 8]])
    functional.short_side_scale_with_boxes(clip(), boxes, 20)

    assert boxes.tolist() == [[2, 4, 6, 8]]


@pytest.mark.defect(35, there=r"assert \[\d+[^]]*\] == \[\]")
def test_frames_are_subsampled_exactly():
    numbers = torch.arange(148).view(1, 148, 1, 1)

    found = functional.uniform_temporal_subsample(numbers, 64).flatten().tolist()

    assert [number for number in range(64) if found[number] != number * 147 // 63] == []


@pytest.mark.defect(35, there=r"assert \{0\.0\} == \{0\.0, 1\.0\}")
def test_a_random_crop_may_lie_at_the_very_end():
    x = torch.arange(9.0).expand(3, 1, 8, 9)

    places = {float(functional.random_crop_with_boxes(x, 8, torch.zeros(1, 4))[0][0, 0, 0, 0]) for _ in range(60)}

    assert places == {0.0, 1.0}


@pytest.mark.defect(36, there="'ScriptMethodStub' object is not callable")
def test_channels_are_moved():
    x = clip()

    rear = transforms.MoveChannelRear()(x)

    assert torch.equal(rear, x.permute(1, 2, 3, 0))
    assert torch.equal(transforms.MoveChannelFront()(rear), x)


@pytest.mark.defect(36, there="DID NOT RAISE")
@pytest.mark.parametrize("dims", [(0, 1, 2, 2), (1, 2, 3, 4)])
def test_a_permutation_has_every_dimension_once(dims):
    with pytest.raises(ValueError, match=str(dims[-1])):
        transforms.Permute(dims)


@pytest.mark.defect(36, there="DID NOT RAISE")
def test_a_float_clip_of_0_to_255_is_not_made_white():
    with pytest.raises(ValueError, match="255"):
        transforms.ConvertFloatToUint8()(255 * clip())


@pytest.mark.defect(37, there=r"assert \[-1, 0\] == \[0\]")
def test_augmix_loses_nothing_to_rounding():
    """Chains that change nothing give the video, which is less than it was where fractions are cut off."""
    mix, x = AugMix(), torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(2, 3, 16, 16)
    mix.augmix_fn = lambda video: video

    lost = set()
    for seed in range(20):
        torch.manual_seed(seed)
        lost |= set((mix(x).int() - x.int()).unique().tolist())

    assert sorted(lost) == [0]


@pytest.mark.defect(37, there="meta")
def test_augmix_mixes_on_the_device_of_the_video():
    mix = AugMix()
    mix.augmix_fn = lambda video: video

    assert mix(torch.zeros(2, 3, 8, 8, device="meta")).device.type == "meta"
