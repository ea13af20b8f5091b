"""Defects of the original's ``LabeledVideoDataset`` and of what it reads the videos' paths from."""

import functools
import inspect
import logging
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader, DistributedSampler, SequentialSampler

from pytorchvideo.data import LabeledVideoDataset, make_clip_sampler
from pytorchvideo.data.labeled_video_paths import LabeledVideoPaths
from tests.support import video_files

HALF_SECOND = ("uniform", 0.5)
ONE_CLIP = ("constant_clips_per_video", 1.0, 1)


def dataset(paths, clips=ONE_CLIP, video_sampler=SequentialSampler, **arguments):
    """The videos in the order given, without sound unless told otherwise."""
    labeled = [(str(path), {"label": number}) for number, path in enumerate(paths)]
    arguments = {"decode_audio": False, **arguments}
    return LabeledVideoDataset(labeled, make_clip_sampler(*clips), video_sampler, **arguments)


def order(samples):
    return [sample["video_index"] for sample in samples]


@pytest.fixture
def broken(tmp_path):
    def write(number):
        paths = [tmp_path / f"broken{index}.mp4" for index in range(number)]
        for path in paths:
            path.write_bytes(b"no video")
        return paths

    return write


@pytest.mark.defect(1, there=r"assert \[\(0, 2\), \(0, 3\), \(0, 0\)")
def test_an_epoch_begins_with_the_first_clip_even_if_the_one_before_was_left(recorded):
    videos = dataset(2 * [recorded()], HALF_SECOND)
    left = iter(videos)
    for _ in range(2):
        next(left)

    found = [(sample["video_index"], sample["clip_index"]) for sample in videos]

    assert found == [(video, clip) for video in range(2) for clip in range(4)]


@pytest.mark.defect(2, there="Failed to load video after 10 retries", main=True)
def test_sound_is_read_without_pictures(recorded):
    path = recorded("sound.mp4", audio=video_files.sine(2, 44100))

    samples = list(dataset(12 * [path], decode_audio=True, decode_video=False))

    assert [sample["audio"].shape for sample in samples] == 12 * [(44100,)]


@pytest.mark.defect(3, there=r"assert 0 == 1")
def test_a_folder_of_frames_is_read_with_the_default_arguments(frame_folder):
    videos = LabeledVideoDataset([(frame_folder("frames", 40), {"label": 0})], make_clip_sampler(*ONE_CLIP))

    assert len(list(videos)) == 1


@pytest.mark.defect(4, there=r"assert \['broken0.mp4', 'broken1.mp4', 'broken2.mp4'\] == \[\]")
def test_broken_videos_are_reported(recorded, broken, caplog):
    paths = broken(3)

    with caplog.at_level(logging.WARNING):
        assert order(dataset([recorded(), *paths])) == [0]

    assert [path.name for path in paths if path.name not in caplog.text] == []


@pytest.mark.defect(4, there="RuntimeError: Failed to load video after 10 retries")
def test_many_broken_videos_in_a_row_do_not_end_the_pass(recorded, broken):
    assert order(dataset([*broken(11), recorded()])) == [11]


@pytest.mark.defect(5, there="error: OpenCV")
def test_a_video_that_opens_but_cannot_be_decoded_does_not_end_the_pass(frame_folder):
    damaged, whole = frame_folder("damaged", 30), frame_folder("whole", 30)
    Path(damaged, "frame_0005.png").write_bytes(b"no image")

    assert order(dataset([damaged, whole])) == [1]


@pytest.mark.defect(6, there=r"assert 1 > 1")
def test_the_order_can_be_seeded_without_workers(recorded):
    path = recorded()

    def seeded(seed):
        # The seed is an argument, and in the original there is nothing but the seed of torch.
        torch.manual_seed(seed)
        seeds = {"seed": seed} if "seed" in inspect.signature(LabeledVideoDataset).parameters else {}
        return tuple(order(dataset(8 * [path], video_sampler=torch.utils.data.RandomSampler, **seeds)))

    assert len({seeded(seed) for seed in range(4)}) > 1
    assert seeded(3) == seeded(3)


@pytest.mark.defect(7, there=r"assert \['aug_index', [^]]*\] == \['audio', 'aug_index', ")
def test_samples_have_the_same_entries_with_and_without_sound(recorded):
    paths = [recorded("sound.mp4", audio=video_files.sine(2, 44100)), recorded()]

    loud, silent = dataset(paths, decode_audio=True)

    assert sorted(silent) == sorted(loud)


@pytest.mark.defect(7, there=r"assert \[None, None\]")
def test_several_clips_of_a_silent_video_have_no_list_of_nothing(recorded):
    (sample,) = dataset([recorded()], ("random_multi", 0.5, 2), decode_audio=True)

    assert sample.get("audio") != [None, None]


@pytest.mark.defect(8, there=r"assert (\[.*\]) != \1")
def test_the_epoch_reaches_workers_that_persist(recorded):
    sampler = functools.partial(DistributedSampler, num_replicas=1, rank=0)
    videos = dataset(8 * [recorded()], video_sampler=sampler)
    loader = DataLoader(
        videos, batch_size=None, num_workers=1, persistent_workers=True, multiprocessing_context="fork", timeout=60
    )

    orders = []
    for epoch in range(2):
        videos.video_sampler.set_epoch(epoch)
        orders.append(order(loader))

    assert sorted(orders[0]) == list(range(8))
    assert orders[0] != orders[1]


@pytest.mark.defect(12, there="unexpected keyword argument 'frame_rate'")
def test_the_rate_of_a_folder_of_frames_is_told(frame_folder):
    (sample,) = dataset([frame_folder("frames", 20)], frame_rate=10)

    assert sample["video"][0, :, 0, 0].tolist() == list(range(10))


@pytest.mark.defect(16, there=r"assert \[0, 1, 2\] == \[0, 1, 2, 3\]")
def test_sound_that_is_longer_costs_no_views(recorded):
    path = recorded("long.mp4", audio=video_files.sine(4, 44100))

    samples = list(dataset([path], ("constant_clips_per_video", 0.5, 4), decode_audio=True))

    assert [sample["clip_index"] for sample in samples] == [0, 1, 2, 3]


@pytest.mark.defect(28, there=r"assert \('a.mp4,3', -1\) == \('a.mp4', 3\)")
def test_a_label_after_a_comma_is_a_label(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text("a.mp4,3\nb.mp4,4\n")

    file, info = LabeledVideoPaths.from_path(str(path))[0]

    assert (file, info["label"]) == ("a.mp4", 3)


@pytest.mark.defect(28, there=r"ValueError: invalid literal for int\(\)")
def test_a_path_may_have_a_space_in_it(tmp_path):
    path = tmp_path / "test.csv"
    path.write_text("my video.mp4\nother.mp4\n")

    file, info = LabeledVideoPaths.from_path(str(path))[0]

    assert (file, info["label"]) == ("my video.mp4", -1)


@pytest.mark.defect(28, there="assert 1 == 3")
def test_videos_of_all_kinds_are_found_in_a_folder(tmp_path):
    (tmp_path / "class").mkdir()
    for suffix in ("mp4", "webm", "mkv"):
        (tmp_path / "class" / f"video.{suffix}").write_bytes(b"")

    assert len(LabeledVideoPaths.from_path(str(tmp_path))) == 3
