"""Which frames a transform keeps: ``rest`` of the selected frames equals the transform of all."""

import pickle

import pytest
import torch
import torchvision.transforms as v1
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn
from torchvision import tv_tensors
from torchvision.transforms import v2

from ptv_transforms import (
    ApplyTransformToKey,
    Compose,
    ConvertFloatToUint8,
    ConvertUint8ToFloat,
    Div255,
    MoveChannelRear,
    Normalize,
    PackPathway,
    Pushdown,
    RandomResizedCrop,
    RandomShortSideScale,
    RemoveKey,
    ShortSideScale,
    UniformCropVideo,
    UniformTemporalSubsample,
    UniformTemporalSubsampleRepeated,
    create_video_transform,
    pushdown,
)


def sample(num_frames=30, height=20, width=28, frames_last=False):
    generator = torch.Generator().manual_seed(num_frames)
    clip = torch.randint(0, 256, (3, num_frames, height, width), dtype=torch.uint8, generator=generator)
    if frames_last:  # as decoders have it in memory: (T, H, W, C)
        clip = clip.permute(1, 2, 3, 0).contiguous().permute(3, 0, 1, 2)
    return {"video": clip, "audio": torch.zeros(5), "label": 3, "aug_index": 1}


def seeded(transform, x):
    torch.manual_seed(7)
    return transform(dict(x))


def decoded(x, indices):
    """What a decoder gives that converts only these frames, one by one: (T, H, W, C) in memory."""
    frames = [x["video"][:, i].permute(1, 2, 0) for i in indices]
    return {**x, "video": torch.stack(frames).permute(3, 0, 1, 2)}


def assert_same(expected, actual):
    assert expected.keys() == actual.keys()
    for key, value in expected.items():
        if isinstance(value, list):
            assert len(value) == len(actual[key])
            assert all(a.dtype == b.dtype and torch.equal(a, b) for a, b in zip(value, actual[key], strict=True))
        elif isinstance(value, torch.Tensor):
            assert value.dtype == actual[key].dtype
            assert torch.equal(value, actual[key])
        else:
            assert value == actual[key]


def assert_pushes_down(transform, x):
    found = pushdown(transform)
    assert found is not None
    found = pickle.loads(pickle.dumps(found))
    indices = found.select(x["video"].shape[1])
    assert_same(seeded(transform, x), seeded(found.rest, decoded(x, indices)))
    return indices


def on_video(*steps, compose=v1.Compose):
    return compose([ApplyTransformToKey("video", compose(list(steps)))])


MEAN, STD = (0.45, 0.45, 0.45), (0.225, 0.225, 0.225)


@pytest.mark.parametrize("compose", [v1.Compose, v2.Compose, Compose, lambda steps: nn.Sequential(*steps)])
def test_the_documented_pipeline_keeps_its_samples(compose):
    inner = compose(
        [
            UniformTemporalSubsample(8),
            Normalize(MEAN, STD),
            RandomShortSideScale(min_size=12, max_size=16),
            v1.RandomCrop(10),
            v1.RandomHorizontalFlip(p=0.5),
        ]
    )
    transform = v1.Compose([ApplyTransformToKey(key="video", transform=inner)])

    assert assert_pushes_down(transform, sample()) == [i * 29 // 7 for i in range(8)]


def test_slowfast_keeps_the_fast_pathways_frames():
    transform = on_video(
        UniformTemporalSubsample(8),
        v1.Lambda(lambda x: x / 255.0),
        ShortSideScale(12),
        v1.CenterCrop(10),
        PackPathway(4),
    )
    found = pushdown(transform)
    x = sample()

    assert len(found.select(30)) == 8
    assert_same(seeded(transform, x), seeded(found.rest, decoded(x, found.select(30))))


@given(
    num_frames=st.integers(8, 90),
    ratios=st.lists(st.integers(2, 8), min_size=1, max_size=3),
)
@example(num_frames=9, ratios=[2, 4])
@settings(deadline=None, max_examples=40)
def test_pathways_of_fewer_frames_keep_what_any_of_them_keeps(num_frames, ratios):
    x = sample(num_frames, 2, 3)
    indices = assert_pushes_down(on_video(Div255(), UniformTemporalSubsampleRepeated(ratios)), x)

    assert len(indices) == sum(num_frames // ratio for ratio in ratios)


@pytest.mark.parametrize("mode", ["train", "val"])
@pytest.mark.parametrize("augmentation", ["default", "randaug", "augmix"])
def test_the_factorys_transforms_keep_their_samples(mode, augmentation):
    transform = create_video_transform(
        mode,
        video_key="video",
        remove_key=["audio"],
        num_samples=6,
        min_size=12,
        max_size=16,
        crop_size=10,
        aug_type=augmentation,
    )

    assert len(assert_pushes_down(transform, sample())) == 6


def framewise():
    """A step that treats each frame alone and without chance, and the dtype that it needs and gives."""
    return st.sampled_from(
        [
            ("any", "same", lambda: ShortSideScale(11)),
            ("any", "same", lambda: ShortSideScale(17, "bicubic")),
            ("any", "same", lambda: ShortSideScale(9, "area")),
            ("any", "same", lambda: ShortSideScale(10, "nearest")),
            ("any", "same", lambda: v1.CenterCrop(8)),
            ("any", "same", lambda: v2.CenterCrop((9, 12))),
            ("any", "same", nn.Identity),
            ("any", "float", lambda: v1.ConvertImageDtype(torch.float32)),
            ("any", "float", lambda: v2.ToDtype(torch.float32, scale=True)),
            ("any", "float", ConvertUint8ToFloat),
            ("float", "uint8", lambda: ConvertFloatToUint8()),
            ("uint8", "float", Div255),
            ("any", "same", lambda: UniformTemporalSubsample(5)),
            ("any", "same", lambda: UniformTemporalSubsample(40)),
            ("any", "same", lambda: nn.Sequential(ShortSideScale(12), UniformTemporalSubsample(7), ShortSideScale(9))),
        ]
    )


def anything():
    """A step of which nothing is known, or which chance has a part in."""
    return st.sampled_from(
        [
            lambda: v1.Lambda(lambda x: x.float().flip(1).cumsum(1)),
            lambda: RandomShortSideScale(9, 13),
            lambda: RandomShortSideScale(12, 22, "bicubic"),
            lambda: RandomResizedCrop(8, 8, shift=True),
            lambda: v2.RandomHorizontalFlip(),
            lambda: v2.Resize((9, 9)),
            lambda: UniformTemporalSubsampleRepeated((3, 2)),
            lambda: PackPathway(2),
            lambda: MoveChannelRear(),
        ]
    )


@st.composite
def pipelines(draw):
    steps, dtype = [], "uint8"
    for needs, gives, make in draw(st.lists(framewise(), max_size=4)):
        if needs in ("any", dtype):
            steps.append(make())
            dtype = dtype if gives == "same" else gives
    steps.append(UniformTemporalSubsample(draw(st.integers(6, 12))))
    for needs, gives, make in draw(st.lists(framewise(), max_size=3)):
        if needs in ("any", dtype):
            steps.append(make())
            dtype = dtype if gives == "same" else gives
    for last in draw(st.lists(anything(), max_size=1)):
        steps.append(last())
        if draw(st.booleans()) and isinstance(steps[-1], RandomShortSideScale):
            steps += [ShortSideScale(8), UniformTemporalSubsample(3), v2.RandomHorizontalFlip()]
        if isinstance(steps[-1], v1.Lambda | RandomResizedCrop | v2.RandomHorizontalFlip | v2.Resize):
            again = [
                lambda: ShortSideScale(11),
                lambda: ShortSideScale(17, "bicubic"),
                lambda: v1.CenterCrop(8),
                Div255,
            ]
            steps += [make() for make in draw(st.lists(st.sampled_from(again), max_size=4))]
    return draw(st.sampled_from([v1.Compose, v2.Compose, Compose]))(steps)


@given(pipelines(), st.integers(1, 40), st.booleans())
@settings(deadline=None, max_examples=150)
def test_any_pipeline_gives_the_same_from_the_frames_that_it_keeps(pipeline, num_frames, frames_last):
    whole = v2.Compose(
        [
            UniformCropVideo(19),
            RemoveKey("audio"),
            ApplyTransformToKey("label", str),
            ApplyTransformToKey("video", pipeline),
        ]
    )
    found = pushdown(whole)
    x = sample(num_frames, frames_last=frames_last)
    kept = decoded(x, found.select(num_frames))

    assert_same(seeded(whole, x), seeded(found.rest, kept))


def test_what_is_between_steps_is_as_small_as_one_frame():
    sizes = []

    class Watched(Normalize):
        def forward(self, x):
            sizes.append(tuple(x.shape))
            return super().forward(x)

    transform = on_video(
        UniformTemporalSubsample(4),
        Div255(),
        Watched(MEAN, STD),
        RandomShortSideScale(9, 13),
        v1.RandomCrop(8),
        PackPathway(2),
    )
    x = sample()
    found = pushdown(transform)
    expected = seeded(transform, x)
    sizes.clear()

    assert_same(expected, seeded(found.rest, decoded(x, found.select(30))))
    assert sizes == [(3, 1, 20, 28)] * 4


@pytest.mark.parametrize("divide", [Div255(), v1.Lambda(lambda x: x / 255.0), v1.Lambda(lambda x: (x - 3) * 0.5)])
@pytest.mark.parametrize("values", [1, 250, 1 << 18])
def test_some_rows_at_a_time_give_what_all_of_them_give(monkeypatch, divide, values):
    monkeypatch.setattr("ptv_transforms.frame_pushdown._VALUES", values)
    steps = [UniformTemporalSubsample(8), divide, Normalize([0.4, 0.5, 0.6], [0.2, 0.3, 0.4]), v1.CenterCrop(13)]
    transform = ApplyTransformToKey("video", Compose(steps))
    given = sample(30, frames_last=True)
    before = given["video"].clone()
    split = pushdown(transform)
    kept = {**given, "video": given["video"][:, split.select(30)]}

    assert torch.equal(split.rest(kept)["video"], transform(given)["video"])
    assert torch.equal(given["video"], before)


def test_a_division_makes_the_floats_of_all_frames_in_the_same_memory(monkeypatch):
    places = []
    monkeypatch.setattr(v1.CenterCrop, "forward", lambda self, x: (places.append(x.data_ptr()), x[..., :3, :3])[1])
    steps = [
        UniformTemporalSubsample(8),
        v1.Lambda(lambda x: x / 255.0),
        Normalize([0.4] * 3, [0.2] * 3),
        v1.CenterCrop(3),
    ]
    split = pushdown(ApplyTransformToKey("video", Compose(steps)))
    given = sample(8)
    split.rest(given)

    assert (len(places), len(set(places))) == (8, 1)


def test_steps_after_an_opaque_one_run_frame_by_frame_again():
    sizes = []

    class Watched(Div255):
        def forward(self, x):
            sizes.append(tuple(x.shape))
            return super().forward(x)

    transform = on_video(UniformTemporalSubsample(4), v1.Lambda(lambda x: x.sum(0, keepdim=True)), *[Watched()] * 3)
    x = sample()
    found = pushdown(transform)
    expected = transform(x)
    sizes.clear()

    assert_same(expected, found.rest(decoded(x, found.select(30))))
    assert set(sizes) == {(1, 1, 20, 28)}


@pytest.mark.parametrize("made", [lambda x: [x], tv_tensors.Video, lambda x: x[:, 0]])
def test_what_an_opaque_step_gives_reaches_the_next_whole_unless_it_is_a_plain_clip(made):
    seen = []

    class Watched(nn.Identity):
        def clip_pushdown(self):
            return Pushdown(rest=self)

        def forward(self, x):
            seen.append(x)
            return x

    transform = on_video(UniformTemporalSubsample(4), v1.Lambda(made), *[Watched()] * 3)
    x = sample()
    found = pushdown(transform)
    kept = decoded(x, found.select(30))
    found.rest(kept)

    assert len(seen) == 3
    assert {type(value) for value in seen} == {type(made(kept["video"]))}


@pytest.mark.parametrize("before", [[], [nn.Identity()], [Div255()], [v1.Lambda(lambda x: x)]])
def test_only_what_nobody_else_has_is_changed_in_place(before):
    transform = on_video(
        UniformTemporalSubsample(4), *before, Normalize(MEAN, STD), ShortSideScale(9), v1.CenterCrop(8)
    )
    found = pushdown(transform)
    x = {"video": torch.rand(3, 30, 20, 28)}
    kept = decoded(x, found.select(30))
    untouched = kept["video"].clone()

    assert_same(transform(x), found.rest(kept))
    assert torch.equal(kept["video"], untouched)


def test_selections_after_one_another_are_one_selection():
    transform = on_video(UniformTemporalSubsample(10), Div255(), UniformTemporalSubsample(3))

    assert assert_pushes_down(transform, sample(28)) == [0, 12, 27]


def test_steps_on_the_clip_may_be_spread_over_the_sample():
    transform = v1.Compose(
        [
            ApplyTransformToKey("video", Compose([Div255(), ShortSideScale(12)])),
            RemoveKey("audio"),
            ApplyTransformToKey("video", UniformTemporalSubsample(5)),
            ApplyTransformToKey("video", RandomShortSideScale(9, 13)),
        ]
    )

    assert len(assert_pushes_down(transform, sample())) == 5


def test_a_crop_of_the_sample_before_the_selection_commutes():
    transform = v1.Compose([UniformCropVideo(9), ApplyTransformToKey("video", UniformTemporalSubsample(4))])

    assert len(assert_pushes_down(transform, sample())) == 4


def test_steps_on_other_keys_before_the_selection_commute():
    transform = v1.Compose(
        [
            RemoveKey("audio"),
            ApplyTransformToKey("label", str),
            ApplyTransformToKey("video", UniformTemporalSubsample(4)),
        ]
    )

    assert len(assert_pushes_down(transform, sample())) == 4


class _Reversed(nn.Sequential):
    def forward(self, x):
        for step in reversed(self):
            x = step(x)
        return x


@pytest.mark.parametrize(
    "transform",
    [
        lambda x: x,
        on_video(v1.Lambda(lambda x: x.flip(1)), UniformTemporalSubsample(4)),
        on_video(RandomShortSideScale(9, 12), UniformTemporalSubsample(4)),
        on_video(Div255(), ShortSideScale(9)),
        on_video(MoveChannelRear(), UniformTemporalSubsample(4)),
        on_video(PackPathway(4)),
        on_video(_Reversed(UniformTemporalSubsample(4), MoveChannelRear())),
        v1.Compose([lambda x: x, ApplyTransformToKey("video", UniformTemporalSubsample(4))]),
        v1.Compose([RemoveKey("video")]),
        v1.Compose([ApplyTransformToKey("audio", UniformTemporalSubsample(4))]),
        UniformTemporalSubsample(4),
        nn.Sequential(),
    ],
)
def test_a_transform_that_may_need_every_frame_gets_every_frame(transform):
    assert pushdown(transform) is None


def test_the_clip_may_have_another_key():
    transform = ApplyTransformToKey("frames", UniformTemporalSubsample(4))

    assert pushdown(transform) is None
    assert pushdown(transform, key="frames").select(4) == [0, 1, 2, 3]


class _FirstFrame:
    """A stranger's transform that takes part."""

    def __call__(self, x):
        return x[:, :1]

    def clip_pushdown(self):
        return Pushdown(select=lambda num_frames: [0])


def test_a_strangers_transform_takes_part_by_its_method():
    transform = on_video(Div255(), _FirstFrame(), ShortSideScale(9))
    x = sample()
    found = pushdown(transform)

    assert found.select(30) == [0]
    assert_same(transform(x), found.rest(decoded(x, [0])))


def test_nothing_left_to_do_is_no_special_case():
    found = pushdown(ApplyTransformToKey("video", _FirstFrame()))

    assert found.rest({"video": 1}) == {"video": 1}
