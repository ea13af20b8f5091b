"""Selection of frames: UniformTemporalSubsample, pathways."""

from fractions import Fraction
from math import floor

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptv_registry.errors import ArgumentError
from ptv_transforms import PackPathway, UniformTemporalSubsample, UniformTemporalSubsampleRepeated
from ptv_transforms import functional as F


def frames(num_frames, **kwargs):
    """A (3, T, 2, 2) clip whose values are the numbers of its frames."""
    return torch.arange(num_frames, **kwargs).view(1, -1, 1, 1).expand(3, num_frames, 2, 2).clone()


@given(st.integers(1, 400), st.integers(2, 400))
def test_indices_are_the_exact_linspace_rounded_down(num_frames, num_samples):
    step = Fraction(num_frames - 1, num_samples - 1)

    assert F.uniform_temporal_indices(num_frames, num_samples) == [floor(i * step) for i in range(num_samples)]


def test_no_frame_is_one_too_early_where_a_float_linspace_is():
    exact = [i * 147 // 63 for i in range(64)]
    original = torch.linspace(0, 147, 64).clamp(0, 147).long().tolist()

    assert F.uniform_temporal_indices(148, 64) == exact
    assert original != exact


def test_one_sample_is_the_first_frame():
    assert F.uniform_temporal_indices(10, 1) == [0]


def test_more_samples_than_frames_repeat_frames():
    kept = UniformTemporalSubsample(5)(frames(2))

    assert kept[0, :, 0, 0].tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float16, torch.float32, torch.complex64])
def test_any_dtype_is_kept(dtype):
    kept = UniformTemporalSubsample(3)(frames(9).to(dtype))

    assert kept.dtype == dtype
    assert kept[1, :, 1, 0].real.tolist() == [0, 4, 8]


def test_the_temporal_dimension_can_be_chosen():
    clip = frames(9).transpose(0, 1)

    assert torch.equal(F.uniform_temporal_subsample(clip, 3, temporal_dim=0), clip[[0, 4, 8]])


def test_a_batch_is_sampled_along_its_frames_by_default():
    assert F.uniform_temporal_subsample(frames(9)[None], 3).shape == (1, 3, 3, 2, 2)


@pytest.mark.parametrize("num_samples", [0, -1])
def test_samples_must_be_positive(num_samples):
    with pytest.raises(ArgumentError, match=f"num_samples is {num_samples}"):
        UniformTemporalSubsample(num_samples)
    with pytest.raises(ArgumentError, match="at least 1"):
        F.uniform_temporal_subsample(frames(3), num_samples)


def test_an_empty_clip_is_an_error():
    with pytest.raises(ArgumentError, match="0 frames"):
        UniformTemporalSubsample(2)(torch.zeros(3, 0, 2, 2))


def test_repeated_subsampling_gives_a_clip_of_its_own_per_ratio():
    clip = frames(8)
    every, half, fourth = UniformTemporalSubsampleRepeated((1, 2, 4))(clip)

    assert torch.equal(every, clip)
    assert half[0, :, 0, 0].tolist() == [0, 2, 4, 7]
    assert fourth[0, :, 0, 0].tolist() == [0, 7]
    every.zero_()
    assert clip.any()


@pytest.mark.parametrize("ratios", [(), (0,), (4, -1)])
def test_ratios_must_be_positive(ratios):
    with pytest.raises(ArgumentError, match="at least 1"):
        UniformTemporalSubsampleRepeated(ratios)


def test_a_pathway_without_frames_is_an_error():
    with pytest.raises(ArgumentError, match="3 frames at a frame ratio of 4"):
        PackPathway(alpha=4)(frames(3))


def test_pathways_are_slow_then_fast_as_in_the_tutorial():
    clip = frames(32)
    slow, fast = PackPathway(alpha=4)(clip)

    assert torch.equal(fast, clip)
    assert torch.equal(slow, clip[:, torch.linspace(0, 31, 8).long()])
