"""Datasets are iterable, as documented, and as programs written for them use them."""

import copy
import itertools
import logging
import pickle

import pytest
import torch
from torch.utils.data import DataLoader, DistributedSampler, IterableDataset, RandomSampler, SequentialSampler

import ptv_datasets
from pytorchvideo.data import Hmdb51, Kinetics, LabeledVideoDataset, Ucf101, labeled_video_dataset, make_clip_sampler


def video_only(sample):
    return {key: sample[key] for key in ("video", "label", "video_index", "clip_index")}


def dataset_of(labeled, clips="uniform", video_sampler=SequentialSampler, **arguments):
    return LabeledVideoDataset(labeled, make_clip_sampler(clips, 1.0), video_sampler, video_only, False, **arguments)


def places(samples):
    return [(int(sample["video_index"]), int(sample["clip_index"])) for sample in samples]


def batches(dataset, workers=0, **arguments):
    with_time = {"timeout": 120, "multiprocessing_context": "fork"} if workers else {}
    return DataLoader(dataset, batch_size=2, num_workers=workers, **with_time, **arguments)


def flat(loader):
    return [
        place
        for batch in loader
        for place in zip(batch["video_index"].tolist(), batch["clip_index"].tolist(), strict=True)
    ]


# There may be fewer cores than workers.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create:UserWarning")

EVERY_CLIP = [(video, clip) for video in range(6) for clip in range(2)]


def test_a_dataset_is_iterable_and_has_no_length(labeled):
    dataset = dataset_of(labeled)

    assert isinstance(dataset, IterableDataset)
    assert isinstance(dataset, ptv_datasets.LabeledVideoDataset)
    assert dataset
    with pytest.raises(TypeError, match="num_videos"):
        len(dataset)
    assert dataset.num_videos == 6
    assert places(dataset) == EVERY_CLIP
    assert places(list(dataset)) == EVERY_CLIP


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_a_loader_gives_every_clip_once(labeled, workers):
    assert sorted(flat(batches(dataset_of(labeled), workers))) == EVERY_CLIP


def test_next_gives_one_clip_after_the_other_and_begins_anew_after_the_last(labeled):
    dataset = dataset_of(labeled)

    assert places(next(dataset) for _ in range(12)) == EVERY_CLIP
    with pytest.raises(StopIteration):
        next(dataset)
    assert places([next(dataset)]) == [(0, 0)]
    assert places([next(iter(dataset))]) == [(0, 0)]


def test_a_pass_that_was_left_early_does_not_go_on_in_the_next(labeled):
    dataset = dataset_of(labeled)
    for _ in dataset:
        break

    assert places(dataset) == EVERY_CLIP


@pytest.mark.parametrize("workers", [0, 1])
def test_a_repeated_iterator_is_as_many_passes(labeled, workers):
    class LimitDataset(torch.utils.data.Dataset):
        """As in the documentation's tutorial of training a classifier."""

        def __init__(self, dataset):
            self.dataset = dataset
            self.dataset_iter = itertools.chain.from_iterable(itertools.repeat(iter(dataset), 2))

        def __getitem__(self, index):
            return next(self.dataset_iter)

        def __len__(self):
            return 2 * self.dataset.num_videos

    loader = batches(LimitDataset(dataset_of(labeled, "random")), workers)

    assert sorted(flat(loader)) == sorted(2 * [(video, 0) for video in range(6)])


def test_each_pass_has_another_order_and_other_clips(labeled):
    dataset = LabeledVideoDataset(labeled, make_clip_sampler("random", 0.5), decode_audio=False)

    orders = [tuple(sample["video_index"] for sample in dataset) for _ in range(4)]

    assert all(sorted(order) == list(range(6)) for order in orders)
    assert len(set(orders)) > 1


@pytest.mark.parametrize("persistent", [False, True])
def test_each_pass_of_workers_has_another_order(labeled, persistent):
    torch.manual_seed(0)
    dataset = dataset_of(labeled, "random", RandomSampler)
    loader = batches(dataset, 2, persistent_workers=persistent)

    orders = [tuple(flat(loader)) for _ in range(3)]

    assert all(sorted(order) == [(video, 0) for video in range(6)] for order in orders)
    assert len(set(orders)) > 1


def test_an_epoch_that_was_told_decides_everything(labeled):
    def order(dataset, epoch):
        dataset.video_sampler.set_epoch(epoch)
        return places(dataset)

    dataset, other = (dataset_of(labeled, "random", RandomSampler) for _ in range(2))

    assert order(dataset, 3) == order(dataset, 3) == order(other, 3)
    assert len({tuple(order(dataset, epoch)) for epoch in range(4)}) > 1


@pytest.mark.parametrize("workers", [0, 2])
def test_ranks_share_the_videos_and_the_epoch_reaches_persistent_workers(labeled, workers):
    class Rank(DistributedSampler):
        def __init__(self, videos, rank=0):
            super().__init__(videos, num_replicas=2, rank=rank)

    def other_rank(videos):
        return Rank(videos, 1)

    ranks = [dataset_of(labeled, "random", sampler) for sampler in (Rank, other_rank)]
    loaders = [batches(dataset, workers, persistent_workers=workers > 0) for dataset in ranks]

    seen = []
    for epoch in range(3):
        for dataset in ranks:
            dataset.video_sampler.set_epoch(epoch)
        shares = [sorted(video for video, _ in flat(loader)) for loader in loaders]
        assert sorted(shares[0] + shares[1]) == list(range(6))
        seen.append(tuple(shares[0]))
    assert len(set(seen)) > 1


def test_a_dataset_and_its_iterator_can_be_pickled_and_copied(labeled):
    dataset = dataset_of(labeled)
    next(dataset)

    for twin in (
        pickle.loads(pickle.dumps(dataset)),
        copy.deepcopy(dataset),
        pickle.loads(pickle.dumps(iter(dataset))),
    ):
        assert places(twin) == EVERY_CLIP


@pytest.mark.parametrize("dataset_named", [Kinetics, Ucf101, labeled_video_dataset])
def test_the_documented_arguments_can_be_given_by_position(dataset_named, train_csv, videos):
    dataset = dataset_named(
        str(train_csv),
        make_clip_sampler("uniform", 1.0),
        SequentialSampler,
        video_only,
        str(videos[0].parent),
        False,
        "pyav",
    )

    assert isinstance(dataset, LabeledVideoDataset)
    assert places(dataset) == EVERY_CLIP
    assert [sample["label"] for sample in dataset] == [number % 3 for number in range(6) for _ in range(2)]


def test_hmdb51_takes_its_documented_arguments_by_position(videos, tmp_path):
    names = [path.name for path in videos[:2]]
    (tmp_path / "jump_test_split1.txt").write_text(f"{names[0]} 1\n{names[1]} 2\n")
    (tmp_path / "videos/jump").mkdir(parents=True)
    for path in videos[:2]:
        (tmp_path / "videos/jump" / path.name).symlink_to(path)

    dataset = Hmdb51(
        tmp_path,
        make_clip_sampler("random", 1.0),
        RandomSampler,
        None,
        str(tmp_path / "videos"),
        1,
        "test",
        False,
        "pyav",
    )

    assert [sample["video_name"] for sample in dataset] == ["video 1.mp4"]


@pytest.mark.parametrize(("clips", "number"), [("random", 6), ("uniform", 10)])
def test_a_broken_video_does_not_end_a_pass_and_is_named_in_the_log(labeled, tmp_path, caplog, clips, number):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    dataset = dataset_of([*labeled[:5], (str(broken), {"label": 0})], clips)

    with caplog.at_level(logging.WARNING):
        found = places(dataset)

    assert len(found) == number
    assert {video for video, _ in found} <= set(range(6))
    assert str(broken) in caplog.text
    assert [failure.path for failure in dataset.failures.failures()] == [str(broken)]


def test_a_broken_video_ends_the_pass_where_that_is_asked_for(tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")

    with pytest.raises(ptv_datasets.BrokenVideoError, match="broken"):
        list(dataset_of([(str(broken), {"label": 0})], on_error="raise"))
