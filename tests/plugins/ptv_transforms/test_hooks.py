"""What ptv-transforms objects to."""

import pytest

import ptv_registry
from ptv_registry.errors import PlanRejectedError

SPEC = (
    "dataset:labeled_video(labeled_video_paths=[['a.mp4', 0]], decode_audio=false, "
    "clip_sampler=constant_clips_per_video(clip_duration=1, clips_per_video=2, augs_per_clip={views}), "
    "transform=uniform_crop_video(size=224))"
)


def test_more_views_than_places_to_crop_are_refused_before_anything_is_read() -> None:
    with pytest.raises(PlanRejectedError, match="augs_per_clip=5"):
        ptv_registry.build(SPEC.format(views=5))


def test_three_views_are_fine() -> None:
    assert 6 == len(ptv_registry.build(SPEC.format(views=3)))
