from __future__ import annotations

import copy
import gc
import pickle
from collections import Counter
from fractions import Fraction

import pytest
import torch
from torch.utils.data import DataLoader, DistributedSampler, RandomSampler, SequentialSampler

from ptv_datasets import BrokenVideoError, LabeledVideoDataset
from ptv_registry.errors import ArgumentError
from ptv_video import PyAVVideo
from ptv_video.samplers.factory import make_clip_sampler

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")
SECOND = make_clip_sampler("uniform", 1)


def clips_of(samples):
    return Counter((int(s["video_index"]), int(s["clip_index"]), int(s["aug_index"])) for s in samples)


def unbatched(loader):
    keys = "video_index", "clip_index", "aug_index"
    return [
        dict(zip(keys, row, strict=True))
        for batch in loader
        for row in zip(*(batch[key].tolist() for key in keys), strict=True)
    ]


EVERY_SECOND = Counter({(0, 0, 0): 1, (1, 0, 0): 1, (1, 1, 0): 1, (2, 0, 0): 1, (3, 0, 0): 1, (3, 1, 0): 1,
                        (4, 0, 0): 1, (5, 0, 0): 1, (5, 1, 0): 1})  # fmt: skip


def test_a_sample_has_the_documented_entries(labeled):
    sample = LabeledVideoDataset(labeled, SECOND, SequentialSampler)[2]

    assert set(sample) == {
        "video", "audio", "label", "label_name", "video_name", "video_index", "clip_index", "aug_index"
    }  # fmt: skip
    assert sample["video"].shape == (3, 10, 48, 64)
    assert sample["video"].dtype == torch.uint8
    assert sample["audio"].shape == (16000,)
    assert (sample["label"], sample["label_name"], sample["video_name"]) == (1, "1", "video 1")
    assert (sample["video_index"], sample["clip_index"], sample["aug_index"]) == (1, 1, 0)


def test_a_clip_is_what_the_decoder_gives_for_its_span(labeled):
    sample = LabeledVideoDataset(labeled, SECOND, SequentialSampler)[2]
    with PyAVVideo(labeled[1][0]) as video:
        expected = video.get_clip(1, 2)["video"]

    assert torch.equal(sample["video"], expected)


@pytest.mark.parametrize("item", [["PATH", 0], ("PATH", {"label": 0}), ("PATH", "run"), ("PATH", None), ("PATH", {})])
def test_labels_are_given_as_numbers_names_or_dicts(videos, item):
    sample = LabeledVideoDataset([[str(videos[0]), item[1]]], SECOND, decode_audio=False)[0]

    assert (sample["label"], sample["label_name"]) == {
        0: (0, "0"), "run": (0, "run"), None: (-1, "")
    }[item[1].get("label") if isinstance(item[1], dict) else item[1]]  # fmt: skip


def test_what_else_the_dict_holds_is_part_of_the_sample(videos):
    sample = LabeledVideoDataset([(videos[0], {"label": 0, "meta_tags": ["a"]})], SECOND)[0]

    assert sample["meta_tags"] == ["a"]


def test_names_of_classes_become_numbers_in_alphabetical_order_or_as_given(videos):
    pairs = [(videos[0], "walk"), (videos[1], "run")]

    assert LabeledVideoDataset(pairs, SECOND).class_names == ["run", "walk"]
    assert [s["label"] for s in LabeledVideoDataset(pairs, SECOND, SequentialSampler)] == [1, 0, 0]
    dataset = LabeledVideoDataset(pairs, SECOND, SequentialSampler, class_names=["walk", "jump", "run"])
    assert [s["label"] for s in dataset] == [0, 2, 2]
    with pytest.raises(ArgumentError, match="'run' is not one of"):
        LabeledVideoDataset(pairs, SECOND, class_names=["walk"])


def test_the_length_is_exact_for_every_sampler(labeled):
    for sampler, length in [
        (SECOND, 9),
        (make_clip_sampler("uniform", 1, backpad_last=True), 10),
        (make_clip_sampler("random", 1), 6),
        (make_clip_sampler("constant_clips_per_video", 1, 4, 2), 48),
        (make_clip_sampler("random_multi", 1, 3), 6),
        (make_clip_sampler("uniform", 1.6, short="drop"), 3),
        (make_clip_sampler("random", 1.6, short="drop"), 3),
    ]:
        dataset = LabeledVideoDataset(labeled, sampler, decode_audio=False)

        assert len(dataset) == length == sum(1 for _ in dataset)


def test_the_length_of_a_loader_is_its_number_of_batches(labeled):
    loader = DataLoader(LabeledVideoDataset(labeled, SECOND, decode_audio=False), batch_size=4)

    assert len(loader) == 3 == sum(1 for _ in loader)


def test_a_loader_of_samples_with_and_without_sound_makes_batches(labeled):
    batch = next(iter(DataLoader(LabeledVideoDataset(labeled, SECOND, SequentialSampler), batch_size=4)))

    assert batch["video"].shape == (4, 3, 10, 48, 64)
    assert batch["audio"].shape == (4, 16000)
    assert batch["audio"][0].abs().max() > 0.3
    assert batch["audio"][1].abs().max() == 0
    assert torch.nn.functional.cross_entropy(torch.zeros(4, 3), batch["label"]) > 0


@pytest.mark.parametrize("workers", [0, 1, 3])
@pytest.mark.parametrize("batch", [1, 4])
def test_every_clip_comes_once_for_any_number_of_workers(labeled, workers, batch):
    dataset = LabeledVideoDataset(labeled, SECOND, decode_audio=False)

    assert clips_of(unbatched(DataLoader(dataset, batch, num_workers=workers))) == EVERY_SECOND
    assert clips_of(unbatched(DataLoader(dataset, batch, num_workers=workers))) == EVERY_SECOND


@pytest.mark.parametrize("workers", [1, 3])
def test_every_clip_comes_once_from_the_iterable_view(labeled, workers):
    stream = LabeledVideoDataset(labeled, SECOND, decode_audio=False).as_iterable()

    assert len(stream) == 9
    assert clips_of(stream) == EVERY_SECOND
    assert clips_of(unbatched(DataLoader(stream, 2, num_workers=workers))) == EVERY_SECOND


def test_samples_do_not_depend_on_the_process_that_reads_them(labeled):
    def noisy(sample):
        return {"video_index": sample["video_index"], "noise": torch.rand(()), "video": sample["video"][:, :3]}

    dataset = LabeledVideoDataset(labeled, make_clip_sampler("random", 0.5), transform=noisy, decode_audio=False)
    alone = list(DataLoader(dataset))
    torch.manual_seed(7)
    together = list(DataLoader(dataset, num_workers=3))

    for a, b in zip(alone, together, strict=True):
        assert a["video_index"] == b["video_index"]
        assert a["noise"] == b["noise"]
        assert torch.equal(a["video"], b["video"])
    assert len({float(a["noise"]) for a in alone}) == 6


def test_a_transform_does_not_disturb_the_global_generators(labeled):
    dataset = LabeledVideoDataset(labeled, SECOND, transform=lambda s: torch.rand(3), decode_audio=False)
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    dataset[0]

    assert torch.equal(torch.rand(3), expected)


def test_videos_come_in_the_order_of_the_video_sampler(labeled):
    def order(**arguments):
        return [s["video_index"] for s in LabeledVideoDataset(labeled, make_clip_sampler("random", 0.2), **arguments)]

    assert order(video_sampler=SequentialSampler) == [0, 1, 2, 3, 4, 5]
    assert sorted(order()) == [0, 1, 2, 3, 4, 5]
    assert order() == order()
    assert order(seed=1) != order(seed=2)


def test_a_new_epoch_reshuffles_and_draws_other_clips(labeled):
    dataset = LabeledVideoDataset(labeled, make_clip_sampler("random", 0.2), decode_audio=False)
    first = [(s["video_index"], s["video"].sum().item()) for s in dataset]
    dataset.video_sampler.set_epoch(1)
    second = [(s["video_index"], s["video"].sum().item()) for s in dataset]

    assert dataset.epoch == 1
    assert [video for video, _ in first] != [video for video, _ in second]
    assert set(first) != set(second)


def test_set_epoch_reaches_persistent_workers(labeled):
    dataset = LabeledVideoDataset(labeled, make_clip_sampler("random", 0.2), decode_audio=False)
    expected = []
    for epoch in range(3):
        dataset.set_epoch(epoch)
        expected.append([s["video_index"] for s in dataset])
    dataset.set_epoch(0)
    loader = DataLoader(dataset, num_workers=2, persistent_workers=True)
    found = []
    for epoch in range(3):
        dataset.set_epoch(epoch)
        found.append([int(batch["video_index"]) for batch in loader])

    assert found == expected
    assert len({tuple(order) for order in found}) == 3


def test_a_break_does_not_carry_over_into_the_next_iteration(labeled):
    dataset = LabeledVideoDataset(labeled, SECOND, SequentialSampler, decode_audio=False)
    for stream in (dataset, dataset.as_iterable()):
        for sample in stream:
            assert sample["video_index"] == 0
            break

        assert clips_of(stream) == EVERY_SECOND == clips_of(stream)


def test_next_gives_one_sample_after_the_other(labeled):
    dataset = LabeledVideoDataset(labeled[:2], SECOND, SequentialSampler, decode_audio=False)

    assert [next(dataset)["video_index"] for _ in range(3)] == [0, 1, 1]
    with pytest.raises(StopIteration):
        next(dataset)


@pytest.mark.parametrize("world", [2, 3])
def test_a_distributed_video_sampler_shares_the_videos(labeled, world):
    seen = Counter()
    for rank in range(world):
        dataset = LabeledVideoDataset(
            labeled, SECOND, lambda v, rank=rank: DistributedSampler(v, world, rank), decode_audio=False
        )
        assert dataset.num_videos == 6 // world
        dataset.video_sampler.set_epoch(3)
        seen += clips_of(unbatched(DataLoader(dataset, num_workers=2)))

    assert seen == EVERY_SECOND


def test_an_unseeded_random_sampler_gives_all_workers_one_order(labeled):
    dataset = LabeledVideoDataset(labeled, SECOND, lambda v: RandomSampler(v), decode_audio=False)

    assert clips_of(unbatched(DataLoader(dataset, num_workers=3))) == EVERY_SECOND


def test_audio_alone(videos):
    dataset = LabeledVideoDataset([(videos[0], 0)], SECOND, decode_video=False)

    assert "video" not in dataset[0]
    assert dataset[0]["audio"].shape == (16000,)
    with pytest.raises(ArgumentError, match="both off"):
        LabeledVideoDataset([(videos[0], 0)], SECOND, decode_video=False, decode_audio=False)


def test_a_folder_of_frames_is_a_video_with_silence(frame_folder):
    dataset = LabeledVideoDataset([(frame_folder, 0)], SECOND, frame_rate=10)

    assert len(dataset) == 2
    assert dataset[1]["video_name"] == "wave v1.0"
    assert dataset[1]["video"][0, :, 0, 0].tolist() == list(range(100, 200, 10))
    assert dataset[1]["audio"].shape == (16000,)
    assert len(LabeledVideoDataset([(frame_folder, 0)], SECOND, frame_rate=5)) == 4


def test_a_list_of_frames_is_a_video(frame_folder):
    frames = [str(frame_folder / f"img_{number}.png") for number in (3, 1, 2)]
    sample = LabeledVideoDataset([(frames, 0)], make_clip_sampler("whole_video"), decode_audio=False)[0]

    assert sample["video"][0, :, 0, 0].tolist() == [30, 10, 20]
    assert sample["video_name"] == "wave v1.0"


def test_several_clips_form_one_sample(labeled):
    sample = LabeledVideoDataset(labeled, make_clip_sampler("random_multi", 0.5, 3))[0]

    assert [tuple(clip.shape) for clip in sample["video"]] == [(3, 5, 48, 64)] * 3
    assert [tuple(clip.shape) for clip in sample["audio"]] == [(8000,)] * 3
    assert "audio" not in LabeledVideoDataset(labeled, make_clip_sampler("random_multi", 1, 2), decode_audio=False)[0]


def test_augmentations_of_a_clip_do_not_share_memory(labeled):
    def darken(sample):
        sample["video"] //= 2
        return sample

    dataset = LabeledVideoDataset(
        labeled[:1], make_clip_sampler("constant_clips_per_video", 1, 1, 3), transform=darken, decode_audio=False
    )
    samples = dataset.__getitems__([0, 1, 2])

    assert [s["aug_index"] for s in samples] == [0, 1, 2]
    assert torch.equal(samples[0]["video"], samples[2]["video"])


@pytest.mark.parametrize(
    ("short", "expected"), [("repeat_last", [*range(10), *[9] * 10]), ("wrap", [*range(10), *range(10)])]
)
def test_a_short_video_is_filled_up_as_the_policy_says(videos, short, expected):
    dataset = LabeledVideoDataset([(videos[0], 0)], make_clip_sampler("random", 2, short=short))
    sample = dataset[0]
    with PyAVVideo(videos[0]) as video:
        whole = video.get_clip(0, 1)

    assert torch.equal(sample["video"], whole["video"][:, expected])
    assert sample["audio"].shape == (32000,)
    assert (sample["audio"][20000:].abs().max() > 0.3) == (short == "wrap")


def test_a_wrapping_clip_starts_where_the_sampler_says(videos):
    sampler = make_clip_sampler("constant_clips_per_video", 2, 2, short="wrap")
    sample = LabeledVideoDataset([(videos[0], 0)], sampler, decode_audio=False)[1]
    with PyAVVideo(videos[0]) as video:
        whole = video.get_clip(0, 1)["video"]

    assert torch.equal(sample["video"], whole[:, [*range(5, 10), *range(10), *range(5)]])


def test_a_number_of_frames_is_kept_whatever_the_rate(tmp_path, make_video):
    paths = [(make_video(tmp_path / f"{rate}.mp4", 2, rate), 0) for rate in (25, 30)]
    dataset = LabeledVideoDataset(paths, make_clip_sampler("uniform", num_frames=8, frame_rate=8), decode_audio=False)

    (batch,) = DataLoader(dataset, batch_size=4)
    assert batch["video"].shape == (4, 3, 8, 48, 64)


def test_a_clip_of_one_second_at_25_frames_per_second_has_25_frames(tmp_path, make_video):
    path = make_video(tmp_path / "a.mp4", 2, 25)
    for seed in range(8):
        dataset = LabeledVideoDataset([(path, 0)], make_clip_sampler("random", 1), decode_audio=False, seed=seed)

        assert dataset[0]["video"].shape[1] == 25


@pytest.mark.parametrize("length", [0.5, 1, 1.5, 2.5])
@pytest.mark.parametrize("short", ["repeat_last", "wrap"])
def test_reading_only_the_kept_frames_changes_nothing(labeled, length, short):
    transforms = pytest.importorskip("ptv_transforms")
    transform = transforms.ApplyTransformToKey("video", transforms.UniformTemporalSubsample(4))
    both = []
    for pushdown in True, False:
        sampler = make_clip_sampler("constant_clips_per_video", length, 3, short=short)
        both.append(list(LabeledVideoDataset(labeled, sampler, transform=transform, pushdown=pushdown)))

    for a, b in zip(*both, strict=True):
        assert torch.equal(a["video"], b["video"])


class Halving:
    """A transform that tells which frames it keeps."""

    def __call__(self, sample):
        return {**sample, "video": sample["video"][:, ::2]}


class Split:
    def select(self, num_frames):
        return list(range(0, num_frames, 2))

    def rest(self, sample):
        return sample


@pytest.mark.parametrize("short", ["repeat_last", "wrap"])
def test_the_decoder_is_asked_for_the_kept_frames_alone(monkeypatch, videos, short):
    asked = []
    real = PyAVVideo._wanted

    def spy(self, spans, select):
        def counted(number):
            asked.append(list(select(number)))
            return asked[-1]

        return real(self, spans, counted)

    monkeypatch.setattr(PyAVVideo, "_wanted", spy)
    monkeypatch.setattr(
        "ptv_datasets.labeled_video.call_hook", lambda name, transform, key: Split() if key == "video" else None
    )
    sampler = make_clip_sampler("uniform", 1.4, short=short)
    pair = [(videos[0], 0), (videos[1], 0)]
    pushed = list(LabeledVideoDataset(pair, sampler, SequentialSampler, Halving(), decode_audio=False))
    assert [len(frames) for frames in asked] == [7, 7]
    plain = list(LabeledVideoDataset(pair, sampler, SequentialSampler, Halving(), decode_audio=False, pushdown=False))

    for a, b in zip(pushed, plain, strict=True):
        assert torch.equal(a["video"], b["video"])


def test_a_transform_that_returns_none_leaves_the_sample_out(labeled):
    dataset = LabeledVideoDataset(
        labeled, SECOND, transform=lambda s: None if s["video_index"] == 1 else s, decode_audio=False
    )
    expected = Counter({clip: n for clip, n in EVERY_SECOND.items() if clip[0] != 1})

    assert clips_of(dataset) == expected
    assert clips_of(unbatched(DataLoader(dataset, batch_size=9))) == expected


def test_one_video_is_opened_once_for_a_batch(labeled):
    opened = []

    def decoder(source, decode_audio):
        opened.append(source)
        return PyAVVideo(source, decode_audio=decode_audio)

    sampler = make_clip_sampler("constant_clips_per_video", 0.2, 4)
    dataset = LabeledVideoDataset(labeled[:1], sampler, decoder=decoder, decode_audio=False)
    dataset.__getitems__([0, 1, 2, 3])

    assert opened == [labeled[0][0]]


def test_every_video_is_closed_again(labeled):
    opened, closed = [], []

    class Counted(PyAVVideo):
        def __init__(self, source, decode_audio):
            super().__init__(source, decode_audio=decode_audio)
            opened.append(source)

        def close(self):
            super().close()
            closed.append(self)

        def get_clips(self, spans, *, select=None):
            if "video 3" in self.name:
                raise ValueError("no clips today")
            return super().get_clips(spans, select=select)

    dataset = LabeledVideoDataset(labeled, SECOND, decoder=Counted, decode_audio=False, on_error="substitute")
    list(dataset)

    assert len(opened) == len({id(video) for video in closed}) > 6


def test_given_durations_are_believed_and_nothing_is_opened(labeled, tmp_path):
    def decoder(source):
        raise RuntimeError("not to be opened")

    table = tmp_path / "durations.csv"
    table.write_text("path,duration\n" + "".join(f"{path},3.0\n" for path, _ in labeled))
    for durations in ({path: 3 for path, _ in labeled}, table):
        dataset = LabeledVideoDataset(labeled, SECOND, decoder=decoder, durations=durations)

        assert len(dataset) == 18


def test_durations_are_read_once_for_all_processes(labeled, tmp_path):
    log = tmp_path / "log"

    def decoder(source, decode_audio):
        with log.open("a") as file:
            file.write("x")
        return PyAVVideo(source, decode_audio=decode_audio)

    dataset = LabeledVideoDataset(labeled, SECOND, decoder=decoder)
    list(DataLoader(dataset, batch_size=3, num_workers=3))

    assert len(log.read_text()) <= 6 + 9


@pytest.mark.parametrize("copied", [lambda d: pickle.loads(pickle.dumps(d)), copy.deepcopy])
def test_datasets_pickle_and_copy(labeled, copied):
    dataset = LabeledVideoDataset(labeled, SECOND, decode_audio=False)
    next(dataset)
    other = copied(dataset)

    assert clips_of(other) == EVERY_SECOND


@pytest.mark.slow
def test_workers_that_are_spawned_read_too(labeled):
    dataset = LabeledVideoDataset(labeled, SECOND, decode_audio=False)
    loader = DataLoader(dataset, 5, num_workers=1, multiprocessing_context="spawn")
    dataset.set_epoch(1)

    assert [s["video_index"] for s in unbatched(loader)] == [s["video_index"] for s in dataset]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"on_error": "ignore"}, "ignore"),
        ({"decoder": "no_such_decoder"}, "no_such_decoder"),
        ({"labeled_video_paths": []}, "no videos"),
        ({"labeled_video_paths": ["a.mp4"]}, "path and its label"),
        ({"labeled_video_paths": [([], 0)]}, "empty list"),
        ({"clip_sampler": 2}, "clip_sampler"),
    ],
)
def test_wrong_arguments_are_refused_at_once(labeled, arguments, message):
    with pytest.raises((ArgumentError, LookupError), match=message):
        LabeledVideoDataset(**{"labeled_video_paths": labeled, "clip_sampler": SECOND, **arguments})


def test_an_index_out_of_range_is_an_index_error(labeled):
    dataset = LabeledVideoDataset(labeled, SECOND, decode_audio=False)

    assert dataset[-1]["video_index"] == dataset[8]["video_index"]
    for index in (9, -10):
        with pytest.raises(IndexError, match="of 9"):
            dataset[index]


def test_a_broken_video_raises_with_path_and_cause(labeled, broken):
    dataset = LabeledVideoDataset([(broken[1], 0), *labeled], make_clip_sampler("random", 1), SequentialSampler)
    with pytest.raises(BrokenVideoError, match=r"broken 1.mp4") as caught:
        dataset[0]

    assert caught.value.fields["paths"] == [str(broken[1])]
    with pytest.raises(BrokenVideoError, match=r"broken 1.mp4"):
        list(DataLoader(dataset, num_workers=1))


def test_all_broken_videos_are_named_when_their_durations_are_needed(labeled, broken):
    dataset = LabeledVideoDataset([*((path, 0) for path in broken), labeled[0]], SECOND)
    with pytest.raises(BrokenVideoError, match="10 videos cannot be read") as caught:
        len(dataset)

    assert all(str(path) in str(caught.value) for path in broken)


@pytest.mark.parametrize("sampler", [SECOND, make_clip_sampler("random", 1)])
def test_skip_leaves_exactly_the_readable_videos(labeled, broken, sampler):
    dataset = LabeledVideoDataset([*((path, 0) for path in broken), labeled[0]], sampler, on_error="skip")

    assert len(dataset) == 1 == len(list(dataset)) == len(list(DataLoader(dataset, num_workers=2)))
    assert len(list(dataset.as_iterable())) == 1
    assert [failure.path for failure in dataset.failures.failures()] == sorted(map(str, broken))
    assert "broken 3.mp4: VideoDecodeError" in str(dataset.failures)


def test_substitute_puts_readable_clips_in_place_and_reports_from_workers(labeled, broken):
    pairs = [*((path, 0) for path in broken), *labeled]
    dataset = LabeledVideoDataset(pairs, make_clip_sampler("random", 1), on_error="substitute", decode_audio=False)
    batches = list(DataLoader(dataset, batch_size=4, num_workers=2))

    assert len(dataset) == 16 == sum(len(batch["label"]) for batch in batches)
    assert all(int(index) >= 10 for batch in batches for index in batch["video_index"])
    assert len(dataset.failures) == 10


@pytest.mark.parametrize("policy", ["skip", "substitute"])
@pytest.mark.parametrize("sampler", [SECOND, make_clip_sampler("random", 1)])
def test_nothing_but_broken_videos_is_an_error_that_lists_them(broken, policy, sampler):
    dataset = LabeledVideoDataset([(path, 0) for path in broken], sampler, on_error=policy)
    with pytest.raises(BrokenVideoError, match="10 videos cannot be read; none is left") as caught:
        list(dataset)

    assert all(str(path) in str(caught.value) for path in broken)


@pytest.mark.parametrize("batch", [1, 9])
def test_a_clip_that_fails_after_opening_follows_the_policy(labeled, batch):
    class Late(PyAVVideo):
        def get_clips(self, spans, *, select=None):
            if "video 1" in self.name:
                raise ValueError("damaged in the middle")
            return super().get_clips(spans, select=select)

    def dataset(policy):
        return LabeledVideoDataset(labeled, SECOND, decoder=Late, decode_audio=False, on_error=policy)

    rest = Counter({clip: n for clip, n in EVERY_SECOND.items() if clip[0] != 1})
    skipping = dataset("skip")
    assert clips_of(skipping) == rest
    assert clips_of(unbatched(DataLoader(skipping, batch))) >= rest
    assert [f.message for f in skipping.failures.failures()] == ["damaged in the middle"]
    assert sum(clips_of(unbatched(DataLoader(dataset("substitute"), batch))).values()) == 9
    with pytest.raises(BrokenVideoError, match=r"video 1.mp4: ValueError: damaged in the middle"):
        list(DataLoader(dataset("raise"), batch))


def test_the_report_disappears_with_its_dataset(labeled, broken):
    dataset = LabeledVideoDataset([(broken[0], 0), *labeled], SECOND, on_error="skip", decode_audio=False)
    len(dataset)
    folder = dataset._scratch.path
    assert folder.is_dir()
    del dataset
    gc.collect()

    assert not folder.exists()


def test_a_file_without_pictures_is_told_apart(tmp_path, make_video, videos):
    import av
    import numpy as np

    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(BrokenVideoError, match="no pictures"):
        LabeledVideoDataset([(path, 0)], SECOND)[0]
    assert LabeledVideoDataset([(path, 0)], SECOND, decode_video=False)[0]["audio"].shape == (16000,)


def test_fractions_of_seconds_are_exact(labeled):
    dataset = LabeledVideoDataset(labeled, make_clip_sampler("uniform", Fraction(1, 10)), decode_audio=False)

    assert len(dataset) == 95
    assert {s["video"].shape[1] for s in dataset} == {1}


def test_longer_sound_drops_no_clip_of_a_video(tmp_path, make_video):
    path = make_video(tmp_path / "long.mp4", 2.0, sound=True, sound_seconds=4.0)
    dataset = LabeledVideoDataset([(path, 0)], make_clip_sampler("constant_clips_per_video", 1, 4), SequentialSampler)

    assert [(s["clip_index"], s["video"].shape[1], s["audio"].shape) for s in dataset] == [
        (clip, 10, (16000,)) for clip in range(4)
    ]


def test_datasets_share_a_clip_sampler_without_disturbing_each_other(labeled):
    sampler = make_clip_sampler("uniform", 1)
    first, second = (
        LabeledVideoDataset(part, sampler, SequentialSampler, decode_audio=False) for part in (labeled[:3], labeled[3:])
    )
    turns = [
        (a["clip_index"], b["clip_index"], a["video_name"], b["video_name"])
        for a, b in zip(first, second, strict=False)
    ]

    assert [turn[0] for turn in turns] == [s["clip_index"] for s in first][: len(turns)]
    assert [turn[1] for turn in turns] == [s["clip_index"] for s in second][: len(turns)]
    assert len(turns) == min(len(first), len(second)) > 2


def test_several_clips_of_a_silent_video_have_sound_of_silence(labeled):
    silent = LabeledVideoDataset(labeled[1:2], make_clip_sampler("random_multi", 0.5, 2))[0]

    assert [clip.abs().max().item() for clip in silent["audio"]] == [0, 0]
