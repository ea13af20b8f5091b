"""The operations of RandAugment and AugMix, and the draw of their magnitude."""

import pytest
import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms import AugmentTransform
from ptv_transforms import augmentation_ops as ops
from ptv_transforms.augmentations import LEVEL_TO_ARG, OPERATIONS, TRANSFORM_MAX_PARAMS

GREY = {"fill": (0.5, 0.5, 0.5)}
FACTORS = {
    "AdjustBrightness": (1.4,),
    "AdjustContrast": (0.4,),
    "AdjustSaturation": (1.7,),
    "AdjustSharpness": (0.3,),
    "AutoContrast": (),
    "Equalize": (),
    "Invert": (),
    "Rotate": (20.0,),
    "Posterize": (3,),
    "Solarize": (0.4,),
    "ShearX": (0.2,),
    "ShearY": (-0.2,),
    "TranslateX": (0.3,),
    "TranslateY": (-0.3,),
}


def video(height=16, width=24):
    generator = torch.Generator().manual_seed(0)
    return torch.randint(20, 230, (2, 3, height, width), dtype=torch.uint8, generator=generator)


@pytest.mark.parametrize("name", FACTORS)
def test_uint8_and_float_videos_look_alike(name):
    of_bytes = OPERATIONS[name](video(), *FACTORS[name], **GREY)
    of_floats = OPERATIONS[name](video() / 255, *FACTORS[name], **GREY)

    assert of_bytes.dtype == torch.uint8
    assert of_floats.dtype == torch.float32
    difference = (of_bytes / 255 - of_floats).abs()
    # What separates values at a threshold may put single ones on the other side of it.
    assert (difference > 2 / 255).float().mean() < 0.01
    assert not torch.equal(of_bytes, video())


def test_there_is_a_test_and_a_level_for_every_operation():
    assert set(FACTORS) == set(OPERATIONS) == set(LEVEL_TO_ARG) == set(TRANSFORM_MAX_PARAMS)


@pytest.mark.parametrize("operation", [ops.translate_x, ops.translate_y, ops.shear_x, ops.shear_y])
def test_what_comes_from_outside_is_grey_in_any_dtype(operation):
    white = torch.full((1, 3, 20, 20), 255, dtype=torch.uint8)

    assert operation(white, 0.45, **GREY)[0, 0, -1, -1] in (127, 128)
    assert operation(white / 255, 0.45, **GREY)[0, 0, -1, -1] == pytest.approx(0.5)


def test_a_rotation_fills_with_grey_too():
    white = torch.full((1, 3, 20, 20), 255, dtype=torch.uint8)

    assert ops.rotate(white, 30.0, **GREY)[0, 0, 0, 0] in (127, 128)


def test_a_fill_may_differ_by_channel():
    moved = ops.translate_x(torch.ones(1, 3, 8, 8), -0.5, fill=(0.1, 0.2, 0.3))

    assert moved[0, :, 0, 0].tolist() == pytest.approx([0.1, 0.2, 0.3])


def test_one_fill_serves_any_number_of_channels():
    assert ops.translate_x(torch.ones(1, 1, 8, 8), -0.5, **GREY)[0, 0, 0, 0] == pytest.approx(0.5)


@pytest.mark.parametrize("fill", [(300, 300, 300), (0.1, 0.2)])
def test_a_fill_that_does_not_suit_is_an_error(fill):
    with pytest.raises(ArgumentError, match="fill is"):
        ops.rotate(video(), 10.0, fill=fill)


def coordinates(height=16, width=16):
    grid = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")).flip(0)
    return (grid / 16).float()[None]


def test_a_horizontal_shear_takes_pixels_from_x_plus_factor_times_y():
    sheared = ops.shear_x(coordinates(), 0.25, fill=(0.0, 0.0))
    y, x = 8, 4

    assert sheared[0, 0, y, x] * 16 == pytest.approx(x + 0.25 * (y + 0.5), abs=1e-3)
    assert sheared[0, 1, y, x] * 16 == pytest.approx(y, abs=1e-3)


def test_a_vertical_shear_takes_pixels_from_y_plus_factor_times_x():
    sheared = ops.shear_y(coordinates(), 0.25, fill=(0.0, 0.0))
    y, x = 4, 8

    assert sheared[0, 1, y, x] * 16 == pytest.approx(y + 0.25 * (x + 0.5), abs=1e-3)
    assert sheared[0, 0, y, x] * 16 == pytest.approx(x, abs=1e-3)


def test_a_translation_moves_by_a_share_of_the_size():
    x = coordinates()

    torch.testing.assert_close(ops.translate_x(x, 0.25, fill=(0.0, 0.0))[..., :-4], x[..., 4:], rtol=0, atol=1e-5)
    torch.testing.assert_close(ops.translate_y(x, 0.25, fill=(0.0, 0.0))[..., :-4, :], x[..., 4:, :], rtol=0, atol=1e-5)


def test_a_rotation_is_counter_clockwise():
    x = torch.rand(1, 3, 9, 9)

    torch.testing.assert_close(ops.rotate(x, 90.0, **GREY), x.rot90(dims=(-2, -1)), rtol=0, atol=1e-5)


def test_solarize_inverts_from_a_share_of_the_range_on():
    row = torch.tensor([0, 100, 127, 128, 255], dtype=torch.uint8).view(1, 1, 1, 5).expand(1, 3, 1, 5)

    assert ops.solarize(row, 0.5)[0, 0, 0].tolist() == [0, 100, 127, 127, 0]
    assert ops.solarize(row / 255, 0.5)[0, 0, 0].mul(255).round().tolist() == [0, 100, 127, 127, 0]


@pytest.mark.parametrize("x", [video(), video() / 255])
def test_posterize_at_full_magnitude_does_not_blacken(x):
    augment = AugmentTransform("Posterize", magnitude=10, prob=1.0, sampling_hparas={"sampling_std": 0.0})

    assert 0 < (augment(x) > 0).float().mean() < 1


def test_posterize_keeps_the_upper_bits():
    assert torch.equal(ops.posterize(video(), 3), video() & 0b11100000)
    assert torch.equal(ops.posterize(video(), 8), video())


@pytest.mark.parametrize("name", FACTORS)
def test_a_float_video_of_0_to_255_is_an_error_instead_of_garbage(name):
    with pytest.raises(ArgumentError, match=rf"{name} got a float clip .* Div255"):
        AugmentTransform(name, prob=1.0)(video().float())


def recorder(calls):
    def record(x, *factors, **hparas):
        calls.append((factors, hparas))
        return x

    return record


def draw(times=400, **arguments):
    calls = []
    augment = AugmentTransform(
        "Rotate",
        name_to_transform_func={"Rotate": recorder(calls)},
        level_to_arg={"Rotate": lambda level, paras: (level,)},
        **arguments,
    )
    torch.manual_seed(0)
    for _ in range(times):
        augment(torch.rand(1, 3, 2, 2))
    return [factors[0] for factors, _ in calls]


def test_it_is_applied_with_the_asked_probability():
    assert len(draw(1000, prob=0.3)) / 1000 == pytest.approx(0.3, abs=0.05)
    assert draw(prob=0.0) == []
    assert len(draw(prob=1.0)) == 400


def test_gaussian_magnitudes_lie_around_the_magnitude_within_the_levels():
    levels = torch.tensor(draw(magnitude=5, prob=1.0, sampling_hparas={"sampling_std": 2.0}))

    assert levels.mean() == pytest.approx(5.0, abs=0.3)
    assert levels.std() == pytest.approx(2.0, abs=0.3)
    assert max(draw(magnitude=10, prob=1.0)) == 10.0


def test_uniform_magnitudes_are_whole_numbers_up_to_the_magnitude():
    assert set(draw(magnitude=3, prob=1.0, sampling_type="uniform")) == {0.0, 1.0, 2.0, 3.0}


def test_uniform_magnitudes_may_be_fractions_from_a_minimum_on():
    hparas = {"sampling_data_type": "float", "sampling_min": 1.0}
    levels = draw(magnitude=3, prob=1.0, sampling_type="uniform", sampling_hparas=hparas)

    assert 1.0 <= min(levels) < 1.1
    assert 2.9 < max(levels) <= 3.0


def test_a_level_is_a_share_of_the_largest_change():
    torch.manual_seed(0)
    factors = {LEVEL_TO_ARG["Rotate"](5, (0, 30))[0] for _ in range(20)}

    assert factors == {15.0, -15.0}
    assert LEVEL_TO_ARG["Solarize"](3, (1, 1)) == (0.7,)
    assert LEVEL_TO_ARG["Posterize"](7, (4, 4)) == (2,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"transform_name": "Blur"}, "'Blur'; the operations are AdjustBrightness"),
        ({"transform_name": "Rotate", "magnitude": 11}, r"magnitude is 11; it must be in \[0, 10\]"),
        ({"transform_name": "Rotate", "prob": 1.1}, "prob is 1.1"),
        ({"transform_name": "Rotate", "sampling_type": "normal"}, "'gaussian' or 'uniform'"),
        ({"transform_name": "Rotate", "sampling_hparas": {}}, "sampling_std"),
        ({"transform_name": "Rotate", "transform_hparas": {}}, "'fill'"),
        ({"transform_name": "Rotate", "sampling_hparas": {"sampling_std": 1, "sampling_data_type": "x"}}, "'int' or"),
    ],
)
def test_unknown_arguments_name_the_accepted_ones(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        AugmentTransform(**arguments)
