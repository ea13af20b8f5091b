from __future__ import annotations

import copy
import pickle
from fractions import Fraction

import pytest
import torch

from ptv_registry import build
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import (
    ClipInfo,
    ClipSampler,
    ConstantClipsPerVideoSampler,
    RandomClipSampler,
    RandomMultiClipSampler,
    RandomMultiClipSamplerTruncateFromStart,
    ShortVideoError,
    UniformClipSampler,
    UniformClipSamplerTruncateFromStart,
    WholeVideoSampler,
    make_clip_sampler,
    spans_by_calling,
)


def starts(clips):
    return [clip.clip_start_sec for clip in clips]


def frames(clip, rate, count):
    return [n for n in range(count) if clip.clip_start_sec <= Fraction(n) / rate < clip.clip_end_sec]


def test_uniform_splits_the_video_into_touching_clips_and_marks_the_last():
    assert [
        ClipInfo(0, 1, 0, 0, False),
        ClipInfo(1, 2, 1, 0, False),
        ClipInfo(2, 3, 2, 0, True),
    ] == UniformClipSampler(1).spans(3.2)


def test_uniform_keeps_the_last_clip_that_ends_with_the_video():
    assert len(UniformClipSampler(0.1).spans(1.0)) == 10
    assert len(UniformClipSampler(Fraction(1, 3)).spans(1)) == 3


def test_backpad_last_moves_the_last_clip_back_until_it_fits():
    sampler = UniformClipSampler(Fraction(32, 30), Fraction(16, 30), backpad_last=True)

    assert [Fraction(0), Fraction(7, 30)] == starts(sampler.spans(Fraction(39, 30)))
    assert [Fraction(0)] == starts(UniformClipSampler(Fraction(32, 30), Fraction(16, 30)).spans(Fraction(39, 30)))


def test_backpad_last_adds_nothing_to_a_video_that_divides_evenly():
    assert len(UniformClipSampler(0.5, backpad_last=True).spans(2.0)) == 4


@pytest.mark.parametrize("duration", [2 / 30, 0.1, 0.2, 1 / 3, 16 / 30])
def test_a_float_duration_means_the_fraction_that_was_meant(duration):
    rate = 30
    clips = UniformClipSampler(duration).spans(20)

    assert {round(duration * rate)} == {len(frames(clip, rate, 600)) for clip in clips}


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(30)])
@pytest.mark.parametrize("offset", [0, 0.02, 0.0333, 0.7])
def test_a_clip_as_long_as_n_frames_holds_n_frames_wherever_it_starts(rate, offset):
    sampler = UniformClipSampler(25 / rate)
    start = Fraction(offset)
    clip = ClipInfo(start, start + sampler.clip_duration, 0, 0, True)

    assert len(frames(clip, rate, 200)) == 25


def test_random_clips_lie_in_the_video_and_hold_the_same_number_of_frames():
    sampler = RandomClipSampler(1)
    clips = [sampler.spans(4, seed=1, epoch=e, index=i)[0] for e in range(5) for i in range(20)]

    assert all(clip.clip_start_sec >= 0 and clip.clip_end_sec <= 4 for clip in clips)
    assert {25} == {len(frames(clip, 25, 100)) for clip in clips}
    assert len(set(starts(clips))) == 100


def test_random_spans_depend_on_seed_epoch_and_index_alone():
    sampler = RandomClipSampler(1)
    first = sampler.spans(9, seed=3, epoch=2, index=7)
    torch.manual_seed(0)
    sampler(None, 9, {})

    assert first == sampler.spans(9, seed=3, epoch=2, index=7)
    assert first != sampler.spans(9, seed=4, epoch=2, index=7)
    assert first != sampler.spans(9, seed=3, epoch=1, index=7)
    assert first != sampler.spans(9, seed=3, epoch=2, index=8)


def test_the_documented_call_of_random_follows_torch_manual_seed():
    sampler = RandomClipSampler(1)
    torch.manual_seed(5)
    first = [sampler(None, 100, {}) for _ in range(3)]
    torch.manual_seed(5)

    assert first == [sampler(None, 100, {}) for _ in range(3)]
    assert len(set(first)) == 3
    assert all(clip[2:] == (0, 0, True) for clip in first)


@pytest.mark.parametrize("first", [None, 0.0])
@pytest.mark.parametrize(
    "sampler",
    [
        UniformClipSampler(1, 0.4),
        UniformClipSampler(1, 0.4, backpad_last=True),
        ConstantClipsPerVideoSampler(1, 5, 2),
        UniformClipSamplerTruncateFromStart(1, truncation_duration=2),
    ],
)
def test_calling_repeatedly_gives_the_same_clips_as_spans(sampler, first):
    expected = list(sampler.spans(4.3))
    for _ in range(2):
        clips, last = [], first
        while not clips or not clips[-1].is_last_clip:
            clips.append(sampler(last, 4.3, {}))
            last = float(clips[-1].clip_end_sec)

        assert expected == clips


def test_a_call_behind_the_last_clip_is_an_error_that_tells_how_to_start_over():
    with pytest.raises(ArgumentError, match="None to start over"):
        UniformClipSampler(1)(3.0, 3.0, {})


def test_constant_clips_are_spread_evenly_and_repeat_per_augmentation():
    clips = ConstantClipsPerVideoSampler(2, 4, 2).spans(10)

    assert starts(clips) == [0, 0, 2, 2, 4, 4, 6, 6]
    assert [(c.clip_index, c.aug_index) for c in clips[:4]] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [c.is_last_clip for c in clips] == [False] * 7 + [True]


def test_random_multi_gives_its_clips_as_one_sample():
    (clip,) = RandomMultiClipSampler(1, 3).spans(10)

    assert len(set(clip.clip_start_sec)) == 3
    assert [e - s for s, e in zip(clip.clip_start_sec, clip.clip_end_sec, strict=True)] == [1, 1, 1]


def test_truncating_variants_stay_in_the_first_seconds():
    (clip,) = RandomMultiClipSamplerTruncateFromStart(1, 50, 2).spans(100)

    assert max(clip.clip_end_sec) <= 2
    assert len(UniformClipSamplerTruncateFromStart(1, truncation_duration=2).spans(100)) == 2
    assert len(UniformClipSamplerTruncateFromStart(1).spans(100)) == 100


def test_num_frames_and_frame_rate_give_the_duration():
    sampler = UniformClipSampler(num_frames=8, frame_rate=16)

    assert Fraction(1, 2) == sampler.clip_duration
    assert (sampler.num_frames, sampler.frame_rate) == (8, 16)


def test_whole_video_is_one_clip():
    for sampler in (WholeVideoSampler(), make_clip_sampler("whole_video"), build("sampler:whole_video")):
        assert [ClipInfo(0, Fraction(73, 10), 0, 0, True)] == sampler.spans(7.3)


@pytest.mark.parametrize(("policy", "clips"), [("repeat_last", [0]), ("wrap", [0]), ("drop", [])])
def test_short_videos_follow_the_policy(policy, clips):
    for sampler in (UniformClipSampler(2, short=policy), RandomClipSampler(2, short=policy)):
        assert clips == starts(sampler.spans(1))


def test_short_videos_can_be_an_error():
    with pytest.raises(ShortVideoError, match="lasts 1 s, a clip 2 s"):
        UniformClipSampler(2, short="error").spans(1)
    with pytest.raises(ShortVideoError, match="dropped"):
        UniformClipSampler(2, short="drop")(None, 1, {})


def test_a_short_video_has_as_many_constant_clips_as_any_other():
    assert starts(ConstantClipsPerVideoSampler(2, 4).spans(1)) == [0, 0, 0, 0]
    assert [0, Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)] == starts(
        ConstantClipsPerVideoSampler(2, 4, short="wrap").spans(1)
    )


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("random", {"clip_duration": 0}),
        ("random", {"clip_duration": -1}),
        ("random", {"clip_duration": float("nan")}),
        ("random", {"clip_duration": "2"}),
        ("random", {}),
        ("random", {"clip_duration": 1, "short": "loop"}),
        ("random", {"clip_duration": 1, "num_frames": 4, "frame_rate": 4}),
        ("random", {"num_frames": 4}),
        ("random", {"num_frames": 0, "frame_rate": 4}),
        ("uniform", {"clip_duration": 1, "stride": 0}),
        ("constant_clips_per_video", {"clip_duration": 1, "clips_per_video": 0}),
        ("constant_clips_per_video", {"clip_duration": 1, "clips_per_video": 1, "augs_per_clip": 0}),
        ("random_multi", {"clip_duration": 1, "num_clips": 0}),
        ("uniform_truncated", {"clip_duration": 1, "truncation_duration": -1}),
        ("random", {"clip_duration": 1, "no_such": 1}),
        ("nonsense", {}),
        ("random", {"clip_duration": 1, "duration": 1}),
    ],
)
def test_what_makes_no_sense_is_refused(kind, arguments):
    with pytest.raises(ArgumentError):
        make_clip_sampler(kind, **arguments)


def test_an_impossible_video_duration_is_refused():
    with pytest.raises(ArgumentError, match="video_duration"):
        RandomClipSampler(1).spans(-8.0)


def test_make_clip_sampler_takes_positions_names_and_the_documented_duration():
    assert make_clip_sampler("random", 2).clip_duration == 2
    assert make_clip_sampler("random", duration=2).clip_duration == 2
    assert make_clip_sampler("constant_clips_per_video", clip_duration=2, clips_per_video=5).fixed_count == 5


@pytest.mark.parametrize(
    ("sampler", "count"),
    [
        (RandomClipSampler(1, short="drop"), None),
        (RandomClipSampler(1), 1),
        (RandomMultiClipSampler(1, 4), 1),
        (ConstantClipsPerVideoSampler(1, 3, 2), 6),
        (UniformClipSampler(1), None),
    ],
)
def test_samplers_tell_how_many_clips_a_video_has_where_that_is_fixed(sampler, count):
    assert count == sampler.fixed_count
    if count is not None:
        assert count == len(sampler.spans(0.5)) == len(sampler.spans(50))


def test_a_sampler_with_only_the_documented_call_has_spans_too():
    class EverySecond(ClipSampler):
        def __call__(self, last_clip_time, video_duration, annotation):
            start = 0 if last_clip_time is None else last_clip_time
            self._current_clip_index += 1
            return ClipInfo(start, start + 1, self._current_clip_index - 1, 0, start + 2 > video_duration)

    sampler = EverySecond(1)
    sampler(None, 3, {})

    assert [0, 1, 2] == starts(sampler.spans(3)) == starts(sampler.spans(3))
    assert starts(spans_by_calling(sampler, 2)) == [0, 1]


@pytest.mark.parametrize("sampler", [UniformClipSampler(1), RandomClipSampler(1), ConstantClipsPerVideoSampler(1, 3)])
def test_samplers_pickle_and_copy(sampler):
    expected = sampler.spans(5)

    assert expected == pickle.loads(pickle.dumps(sampler)).spans(5) == copy.deepcopy(sampler).spans(5)
