"""What real code does with the namespace: each test is something that a published program was seen to do."""

import functools
import logging
import pickle
import warnings

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, DistributedSampler, RandomSampler, SequentialSampler
from torchvision.transforms import Compose

from ptv_registry.errors import PtvError
from pytorchvideo.data import LabeledVideoDataset, labeled_video_dataset, make_clip_sampler
from pytorchvideo.data.encoded_video import EncodedVideo, select_video_class
from pytorchvideo.data.frame_video import FrameVideo
from pytorchvideo.data.labeled_video_paths import LabeledVideoPaths
from pytorchvideo.data.utils import MultiProcessSampler
from pytorchvideo.data.video import VideoPathHandler
from pytorchvideo.transforms import ApplyTransformToKey, AugMix, ConvertUint8ToFloat, Normalize


def dataset_of(pairs, clips=("uniform", 1.0), video_sampler=SequentialSampler, kind=LabeledVideoDataset, **arguments):
    return kind(pairs, make_clip_sampler(*clips), video_sampler, decode_audio=False, **arguments)


@pytest.fixture
def pairs(videos):
    return [(str(videos[0]), {"label": "7"}), (str(videos[1]), {"label": "archery"}), (str(videos[2]), {"cid": 3})]


def test_what_is_known_of_a_video_is_passed_through_and_no_key_is_added(pairs):
    samples = list(dataset_of(pairs, ("uniform", 2.0)))

    common = {"video", "video_name", "video_index", "clip_index", "aug_index"}
    assert [set(sample) - common for sample in samples] == [{"label"}, {"label"}, {"cid"}]
    assert [sample.get("label", sample.get("cid")) for sample in samples] == ["7", "archery", 3]


def test_a_video_is_called_as_its_file(pairs):
    assert [sample["video_name"] for sample in dataset_of(pairs, ("uniform", 2.0))] == [
        "video 0.mp4",
        "video 1.mp4",
        "video 2.mp4",
    ]


def test_a_class_of_torchvision_without_init_of_a_module_is_a_transform(pairs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torchvision's own, about a module that programs still use
        from torchvision.transforms._transforms_video import RandomCropVideo
    transform = ApplyTransformToKey("video", Compose([RandomCropVideo(16)]))

    assert next(dataset_of(pairs, transform=transform))["video"].shape[-2:] == (16, 16)


def test_a_transform_whose_transforms_are_a_compose_or_raise_is_one(pairs):
    class Wrapped:
        transforms = Compose([ConvertUint8ToFloat()])

        @property
        def transform(self):
            raise RuntimeError("nobody asks")

        def __call__(self, sample):
            return {**sample, "video": self.transforms(sample["video"])}

    assert next(dataset_of(pairs, transform=Wrapped()))["video"].max() <= 1


class Marked(LabeledVideoDataset):
    """Adds to each sample."""

    def __next__(self):
        return {**super().__next__(), "mark": True}


@pytest.mark.parametrize("workers", [0, 2])
def test_a_dataset_with_a_next_of_its_own_is_iterated_through_it(pairs, workers):
    dataset = dataset_of(pairs, kind=Marked)
    settings = {"multiprocessing_context": "fork", "timeout": 120} if workers else {}
    loader = DataLoader(dataset, batch_size=None, num_workers=workers, **settings)

    for _ in range(2):
        assert [sample["mark"] for sample in loader] == 6 * [True]
        assert [sample["mark"] for sample in dataset] == 6 * [True]


class OwnNext(LabeledVideoDataset):
    """Reads one clip of each video by itself, with the attributes of the base."""

    def __next__(self):
        if not self._video_sampler_iter:
            self._video_sampler_iter = iter(MultiProcessSampler(self._video_sampler))
        index = next(self._video_sampler_iter)
        path, info = self._labeled_videos[index]
        video = self.video_path_handler.video_from_path(path, decode_audio=self._decode_audio, decoder=self._decoder)
        start, end, *_ = self._clip_sampler(self._last_clip_end_time, video.duration, info)
        clip = video.get_clip(start, end)
        self._loaded_video_label = (video, info, index)
        self._clip_sampler.reset()
        return {"video": clip["video"], "index": index, **info}


def test_a_next_that_reads_by_itself_finds_the_attributes_of_the_original(pairs):
    dataset = dataset_of(pairs, kind=OwnNext)

    for _ in range(2):
        assert [sample["index"] for sample in dataset] == [0, 1, 2]
    assert dataset._loaded_video_label[2] == 2
    assert dataset._MAX_CONSECUTIVE_FAILURES == 10


def test_the_workers_of_a_dataset_with_its_own_next_share_its_random_order(pairs):
    dataset = dataset_of(pairs, video_sampler=RandomSampler, kind=OwnNext)
    loader = DataLoader(dataset, batch_size=None, num_workers=2, multiprocessing_context="fork", timeout=120)

    assert sorted(sample["index"] for sample in loader) == [0, 1, 2]


def test_the_video_sampler_is_torchs(pairs):
    dataset = dataset_of(pairs, video_sampler=RandomSampler)

    assert type(dataset.video_sampler) is type(dataset._video_sampler) is RandomSampler
    assert len(dataset.video_sampler) == dataset.num_videos == 3


def test_an_attribute_that_is_set_has_its_effect_in_the_next_pass(pairs):
    dataset = dataset_of(pairs)
    assert len(list(dataset)) == 6

    dataset._clip_sampler = make_clip_sampler("uniform", 2.0)
    assert len(list(dataset)) == 3
    dataset._transform = lambda sample: sample["video_index"]
    assert list(dataset) == [0, 1, 2]
    dataset._labeled_videos = pairs[1:]
    assert list(dataset) == [0, 1]


def test_a_sampler_that_is_set_gives_the_share_of_the_process(pairs):
    dataset = dataset_of(pairs, ("uniform", 2.0), transform=lambda sample: sample["video_index"])
    dataset._video_sampler = DistributedSampler(dataset._labeled_videos, num_replicas=3, rank=1, shuffle=False)
    dataset._video_sampler.set_epoch(1)

    assert list(dataset) == [1]


def test_the_list_of_paths_and_labels_can_be_changed(train_csv, videos):
    dataset = labeled_video_dataset(
        str(train_csv),
        make_clip_sampler("uniform", 2.0),
        SequentialSampler,
        lambda sample: sample["label"],
        str(videos[0].parent),
        decode_audio=False,
    )
    paths = dataset._labeled_videos

    assert paths._paths_and_labels[0] == ("video 0.mp4", 0)
    assert paths[1] == (str(videos[1]), {"label": 1})
    paths._paths_and_labels = [pair for pair in paths._paths_and_labels if pair[1] == 2]
    assert list(dataset) == [2, 2]


def test_a_handler_of_ones_own_opens_the_videos(pairs):
    class Black:
        duration = 2.0
        name = "black"

        def get_clip(self, start, end):
            return {"video": torch.zeros(3, 4, 8, 8), "audio": None}

    class Handler(VideoPathHandler):
        def video_from_path(self, filepath, decode_audio=False, decoder="pyav"):
            return Black()

    dataset = dataset_of(pairs)
    dataset.video_path_handler = Handler()

    assert [sample["video"].shape for sample in dataset] == 6 * [(3, 4, 8, 8)]


def test_so_many_broken_videos_in_a_row_end_a_pass_as_the_attribute_says(pairs, tmp_path):
    broken = [(str(tmp_path / f"{number}.mp4"), {}) for number in range(3)]
    dataset = dataset_of([*broken, *pairs], ("constant_clips_per_video", 1.0, 1))
    dataset._MAX_CONSECUTIVE_FAILURES = 3

    with pytest.raises(RuntimeError):
        list(dataset)


def test_the_arguments_of_both_versions_are_told_apart_by_position(pairs, videos):
    sampler = make_clip_sampler("uniform", 2.0)

    released = LabeledVideoDataset(pairs, sampler, SequentialSampler, None, False, "pyav")
    main = LabeledVideoDataset(pairs, sampler, SequentialSampler, None, True, False, "pyav")

    assert set(next(released)) >= {"video"}
    assert "video" not in next(main)
    path = str(videos[0])
    assert EncodedVideo.from_path(path, False, "pyav").has_video
    assert not EncodedVideo.from_path(path, False, True).has_video


def test_further_arguments_are_those_of_the_decoder(videos):
    with EncodedVideo.from_path(str(videos[0]), decode_audio=False, decoder="pyav", short_side=24) as video:
        assert video.get_clip(0, 0.5)["video"].shape == (3, 5, 24, 32)


def test_a_video_has_the_attributes_that_programs_read(videos):
    video = VideoPathHandler().video_from_path(str(videos[0]))

    assert isinstance(video, select_video_class("pyav"))
    assert video._container.streams.video[0].frames == 20
    assert (video._duration, video._video_name, video._has_audio) == (2.0, "video 0.mp4", False)
    assert (video._video_start_pts, video.rate) == (0, 10)
    assert video._video_time_base > 0


def test_a_clip_is_pictures_and_sound_and_nothing_outside_of_the_video(videos):
    with EncodedVideo.from_path(str(videos[0])) as video:
        assert set(video.get_clip(0, 1)) == {"video", "audio"}
        assert video.get_clip(5, 6) == {"video": None, "audio": None}


def test_a_missing_file_is_not_found(tmp_path):
    for open_it in (EncodedVideo.from_path, VideoPathHandler().video_from_path, LabeledVideoPaths.from_path):
        with pytest.raises(FileNotFoundError) as caught:
            open_it(str(tmp_path / "absent.mp4"))
        assert isinstance(caught.value, PtvError)


def test_what_is_no_video_is_a_runtime_error(tmp_path):
    (tmp_path / "no.mp4").write_bytes(b"no video")

    with pytest.raises(RuntimeError):
        EncodedVideo.from_path(str(tmp_path / "no.mp4"))


def test_a_dataset_with_an_attribute_set_can_go_to_a_worker(pairs):
    dataset = dataset_of(pairs, video_sampler=RandomSampler)
    dataset._labeled_videos = pairs[:2]
    next(dataset)

    assert len(list(pickle.loads(pickle.dumps(dataset)))) == 4


def test_a_video_that_is_shorter_than_a_clip_is_given_as_it_is(pairs):
    assert next(dataset_of(pairs, ("random", 5.0)))["video"].shape[1] == 20


def test_a_stride_longer_than_the_clip_is_sparse_sampling(pairs):
    starts = [clip.clip_start_sec for clip in make_clip_sampler("uniform", 0.1, 0.5).spans(2.0)]

    assert starts == pytest.approx([0, 0.5, 1, 1.5])


def test_normalize_takes_one_number_and_tensors():
    clip = torch.rand(3, 2, 4, 4)
    expected = Normalize([0.5] * 3, [0.2] * 3)(clip)

    assert torch.equal(Normalize(0.5, 0.2)(clip), expected)
    assert torch.equal(Normalize(torch.full((3,), 0.5), torch.full((3,), 0.2))(clip), expected)


def test_fill_is_a_pixel_value_for_uint8():
    clip = torch.full((2, 3, 8, 8), 128, dtype=torch.uint8)
    torch.manual_seed(0)

    mixed = AugMix(transform_hparas={"fill": (128, 128, 128)})(clip)

    assert mixed.dtype == torch.uint8


def test_layer_norm_is_a_norm_of_a_perceptron():
    from pytorchvideo.layers import make_multilayer_perceptron

    model, _ = make_multilayer_perceptron([4, 6, 2], norm=nn.LayerNorm)

    assert any(isinstance(layer, nn.LayerNorm) for layer in model)


def test_a_folder_of_frames_ignores_the_decoder(tmp_path, caplog):
    from PIL import Image

    for number in range(10):
        Image.new("RGB", (8, 8), (number,) * 3).save(tmp_path / f"{number}.png")
    with caplog.at_level(logging.WARNING):
        (sample,) = dataset_of([(str(tmp_path), {})], ("random", 1.0), decoder="frame", frame_rate=10)

    assert sample["video"].shape == (3, 10, 8, 8)
    assert FrameVideo.from_directory(str(tmp_path), fps=10).get_clip(5, 6) is None
    assert FrameVideo.from_directory(str(tmp_path), fps=10).get_clip(0, 1, lambda frames: frames[::5])[
        "frame_indices"
    ] == [0, 5]


def test_a_partial_of_a_sampler_tells_epochs(pairs):
    sampler = functools.partial(DistributedSampler, num_replicas=1, rank=0)
    dataset = dataset_of(pairs, ("uniform", 2.0), sampler, transform=lambda sample: sample["video_index"])

    orders = set()
    for epoch in range(6):
        dataset.video_sampler.set_epoch(epoch)
        orders.add(tuple(dataset))
    assert len(orders) > 1
