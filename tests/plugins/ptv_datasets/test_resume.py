from __future__ import annotations

import pickle
from collections import Counter

import pytest
import torch
import torch.distributed
import torch.multiprocessing
from torch.utils.data import DataLoader

from ptv_datasets import ClipLoader, LabeledVideoDataset, ResumableSampler
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import make_clip_sampler

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")
SECOND = make_clip_sampler("uniform", 1)


class Clips:
    """As much of a dataset as the sampler needs."""

    seed = 0
    epoch = 0

    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length

    def set_epoch(self, epoch):
        self.epoch = epoch


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 12, 13, 25])
@pytest.mark.parametrize("batch", [1, 2, 4])
@pytest.mark.parametrize("world", [1, 2, 3])
def test_ranks_take_equal_steps_and_give_every_clip_once_where_that_can_be(length, batch, world):
    samplers = [ResumableSampler(Clips(length), batch, rank=rank, world_size=world) for rank in range(world)]
    batches = [list(sampler) for sampler in samplers]
    seen = Counter(clip for rank in batches for clips in rank for clip in clips)

    assert {len(rank) for rank in batches} == {len(samplers[0])} == {-(-length // (batch * world))}
    assert all(1 <= len(clips) <= batch for rank in batches for clips in rank)
    assert set(seen) == set(range(length))
    assert sum(seen.values()) == length + samplers[0].num_repeated
    if batch > 1 and length >= world:
        assert samplers[0].num_repeated == 0


@pytest.mark.parametrize("shuffle", [True, False])
def test_drop_last_leaves_out_what_does_not_fill_a_step(shuffle):
    samplers = [
        ResumableSampler(Clips(13), 2, rank=rank, world_size=3, drop_last=True, shuffle_clips=shuffle)
        for rank in range(3)
    ]
    batches = [clips for sampler in samplers for clips in sampler]

    assert len(samplers[0]) == 2
    assert len({clip for clips in batches for clip in clips}) == 12
    assert {len(clips) for clips in batches} == {2}


def test_clips_of_a_video_stay_together_unless_mixed():
    def order(epoch, **arguments):
        sampler = ResumableSampler(Clips(12), 4, **arguments)
        sampler.set_epoch(epoch)
        return [clip for clips in sampler for clip in clips]

    assert order(0) == list(range(12))
    assert order(0, shuffle_clips=True) == order(0, shuffle_clips=True) != order(1, shuffle_clips=True)
    assert sorted(order(0, shuffle_clips=True)) == list(range(12))


def test_a_pass_sets_the_epoch_of_the_dataset_and_the_next_one_advances():
    clips = Clips(4)
    sampler = ResumableSampler(clips, 2)
    for epoch in range(3):
        list(sampler)

        assert clips.epoch == epoch
    sampler.set_epoch(9)
    list(sampler)
    assert clips.epoch == 9


def test_breaking_off_begins_the_same_epoch_anew():
    sampler = ResumableSampler(Clips(8), 2)
    next(iter(sampler))

    assert len(list(sampler)) == 4


@pytest.mark.parametrize(
    "arguments", [{"batch_size": 0}, {"batch_size": 1, "rank": 2, "world_size": 2}, {"batch_size": 1, "rank": -1}]
)
def test_impossible_numbers_are_refused(arguments):
    with pytest.raises(ArgumentError):
        ResumableSampler(Clips(4), **arguments)


@pytest.fixture
def dataset(labeled):
    sampler = make_clip_sampler("constant_clips_per_video", 0.3, 4)

    def noisy(sample):
        place = sample["video_index"], sample["clip_index"]
        return {"place": torch.tensor(place), "noise": torch.rand(()), "sum": sample["video"].sum()}

    def make(**arguments):
        return LabeledVideoDataset(labeled, sampler, transform=noisy, decode_audio=False, **arguments)

    return make


def facts(batches):
    return [[tuple(row) for row in batch["place"].tolist()] + batch["noise"].tolist() for batch in batches]


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("done", [1, 4, 6])
def test_a_loader_goes_on_where_it_was(dataset, workers, done):
    whole = ClipLoader(dataset(), 4, num_workers=workers)
    list(whole)
    expected = facts(whole)
    first = ClipLoader(dataset(), 4, num_workers=workers)
    list(first)
    iterator = iter(first)
    seen = facts(next(iterator) for _ in range(done))
    state = pickle.loads(pickle.dumps(first.state_dict()))
    second = ClipLoader(dataset(), 4, num_workers=2 - workers)
    second.load_state_dict(state)
    assert second.state_dict() == state or done == 6
    seen += facts(second) if done < 6 else []

    assert (state["epoch"], state["steps_done"], state["clips_done"]) == (1, done, 4 * done)
    assert seen == expected
    assert len(list(second)) == 6
    assert second.state_dict()["epoch"] == 3


def test_ranks_resume_each_their_share(dataset):
    places = []
    for rank in range(2):
        loader = ClipLoader(dataset(), 4, rank=rank, world_size=2)
        iterator = iter(loader)
        places += facts([next(iterator)])
        again = ClipLoader(dataset(), 4, rank=rank, world_size=2)
        again.load_state_dict(loader.state_dict())
        places += facts(again)
    seen = [fact for batch in places for fact in batch if isinstance(fact, tuple)]

    assert len(seen) == len(set(seen)) == 24


def test_a_position_of_other_data_is_refused(dataset):
    state = ClipLoader(dataset(), 4).state_dict()
    for loader in (ClipLoader(dataset(), 3), ClipLoader(dataset(seed=1), 4), ClipLoader(dataset(), 4, world_size=2)):
        with pytest.raises(ArgumentError, match="must agree"):
            loader.load_state_dict(state)


def test_the_length_of_a_loader_is_its_number_of_batches(dataset):
    loader = ClipLoader(dataset(), 5)

    assert len(loader) == 5 == len(list(loader))


def test_persistent_workers_follow_the_epochs(dataset):
    loader = ClipLoader(dataset(), 4, num_workers=2, persistent_workers=True)
    other = ClipLoader(dataset(), 4)

    epochs = [facts(loader) for _ in range(3)]
    assert epochs == [facts(other) for _ in range(3)]
    assert len({str(epoch) for epoch in epochs}) == 3


def test_a_loader_tells_at_the_end_which_videos_were_broken(labeled, broken, caplog):
    dataset = LabeledVideoDataset([(broken[0], 0), *labeled], SECOND, on_error="skip", decode_audio=False)
    list(ClipLoader(dataset, 4, num_workers=1))

    assert "broken 0.mp4" in caplog.text


def _rank(rank, world, labeled, out):
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", init_method=f"file://{out}/group", rank=rank, world_size=world)
    dataset = LabeledVideoDataset(labeled, SECOND, decode_audio=False)
    loader = ClipLoader(dataset, 2, num_workers=2)
    epochs = []
    for _ in range(2):
        rows = []
        for batch in loader:
            rows.append(list(zip(batch["video_index"].tolist(), batch["clip_index"].tolist(), strict=True)))
            torch.distributed.barrier()
        epochs.append(rows)
    torch.save(epochs, f"{out}/{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.mark.slow
@pytest.mark.parametrize("world", [2, 3])
def test_processes_of_a_group_share_the_clips_and_reshuffle(labeled, tmp_path, world):
    context = torch.multiprocessing.start_processes(
        _rank, (world, labeled, str(tmp_path)), nprocs=world, join=False, start_method="fork"
    )
    while not context.join(timeout=120):
        pass
    ranks = [torch.load(tmp_path / f"{rank}.pt") for rank in range(world)]
    for epoch in range(2):
        seen = Counter(clip for rank in ranks for batch in rank[epoch] for clip in batch)

        assert len({len(rank[epoch]) for rank in ranks}) == 1
        assert len(seen) == 9 == sum(seen.values())
    assert ranks[0][0] != ranks[0][1]


def test_it_serves_an_ordinary_loader_too(labeled):
    dataset = LabeledVideoDataset(labeled, SECOND, decode_audio=False)
    sampler = ResumableSampler(dataset, 4, rank=0, world_size=2)
    batches = list(DataLoader(dataset, batch_sampler=sampler, num_workers=1))

    assert sum(len(batch["label"]) for batch in batches) == 4
    assert len(batches) == 2
