"""Samples are as the original's: float32 frames in [0, 255], unless the transform converts uint8 itself."""

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from torch import nn

import ptv_datasets
from ptv_video import write_video
from pytorchvideo.data import LabeledVideoDataset, make_clip_sampler
from pytorchvideo.data.documented_samples import OfDocumentedSample, wants_uint8
from pytorchvideo.data.encoded_video import EncodedVideo
from pytorchvideo.data.frame_video import FrameVideo
from pytorchvideo.transforms import (
    ApplyTransformToKey,
    ConvertUint8ToFloat,
    Normalize,
    RemoveKey,
    ShortSideScale,
    UniformTemporalSubsample,
    create_video_transform,
)


def samples(labeled, transform=None, clips=("constant_clips_per_video", 1.0, 1)):
    return list(
        LabeledVideoDataset(
            labeled, make_clip_sampler(*clips), torch.utils.data.SequentialSampler, transform, decode_audio=False
        )
    )


@pytest.fixture
def frame_folder(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(30):
        Image.new("RGB", (24, 16), (number, number, number)).save(folder / f"{number}.png")
    return folder


def test_a_sample_has_the_documented_entries(labeled):
    sample = samples(labeled)[4]

    assert set(sample) == {"video", "label", "video_name", "video_index", "clip_index", "aug_index"}
    assert sample["video"].dtype == torch.float32
    assert sample["video"].shape == (3, 10, 48, 64)
    assert sample["video"].mean() == pytest.approx(80, abs=3)
    assert (sample["label"], sample["video_name"]) == (1, "video 4.mp4")


def test_several_clips_in_one_sample_are_all_float(labeled):
    sample = samples(labeled[:1], clips=("random_multi", 0.5, 3))[0]

    assert [clip.dtype for clip in sample["video"]] == 3 * [torch.float32]


def test_the_pipeline_of_the_tutorials_gives_what_it_says(labeled):
    transform = torchvision.transforms.Compose(
        [
            ApplyTransformToKey(
                key="video",
                transform=torchvision.transforms.Compose(
                    [
                        UniformTemporalSubsample(4),
                        torchvision.transforms.Lambda(lambda x: x / 255.0),
                        Normalize((0.45, 0.45, 0.45), (0.225, 0.225, 0.225)),
                        ShortSideScale(size=32),
                        torchvision.transforms.CenterCrop(32),
                    ]
                ),
            ),
            RemoveKey("label"),
        ]
    )

    sample = samples(labeled, transform)[5]

    assert sample["video"].shape == (3, 4, 32, 32)
    assert sample["video"].mean() == pytest.approx((100 / 255 - 0.45) / 0.225, abs=0.05)
    assert "label" not in sample


def test_a_transform_that_works_in_place_gets_floats(labeled):
    def halve(sample):
        sample["video"] /= 2
        return sample

    assert samples(labeled, halve)[5]["video"].mean() == pytest.approx(50, abs=3)


@pytest.mark.parametrize("mode", ["train", "val"])
def test_the_default_transform_works_on_the_datasets_clips(labeled, mode):
    transform = create_video_transform(mode, video_key="video", num_samples=4, min_size=48, max_size=50, crop_size=32)

    sample = samples(labeled, transform)[5]

    assert sample["video"].shape == (3, 4, 32, 32)
    assert sample["video"].mean() == pytest.approx((100 / 255 - 0.45) / 0.225, abs=0.05)


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        (None, False),
        (Normalize((0.45,) * 3, (0.225,) * 3), False),
        (ConvertUint8ToFloat(), True),
        (nn.Sequential(nn.Identity(), nn.Sequential(ConvertUint8ToFloat())), True),
        (torchvision.transforms.Compose([ApplyTransformToKey("video", ConvertUint8ToFloat())]), True),
        (lambda sample: sample, False),
    ],
)
def test_a_conversion_from_uint8_is_found_wherever_it_stands(transform, expected):
    assert wants_uint8(transform) is expected


def test_a_transform_of_clips_by_manifests_gets_the_documented_sample():
    given = {"video": torch.zeros(3, 2, 4, 4, dtype=torch.uint8), "label": 3}

    assert OfDocumentedSample(None)(given)["video"].dtype == torch.float32
    assert OfDocumentedSample(lambda sample: sample["label"])(given) == 3
    assert given["video"].dtype == torch.uint8


def test_a_folder_of_frames_is_float_too(frame_folder):
    sample = samples([(str(frame_folder), {"label": 0})])[0]

    assert sample["video"].dtype == torch.float32
    assert sample["video"].shape == (3, 30, 16, 24)


def test_an_encoded_video_gives_float_clips(videos):
    with EncodedVideo.from_path(str(videos[5])) as video:
        clip = video.get_clip(start_sec=0.5, end_sec=1.5)

    assert (video.name, video.duration) == ("video 5.mp4", 2.0)
    assert clip["video"].dtype == torch.float32
    assert clip["video"].shape == (3, 10, 48, 64)
    assert clip["audio"] is None


def test_an_encoded_video_of_another_decoder_gives_float_clips_as_well(videos):
    pytest.importorskip("ptv_torchcodec")

    with EncodedVideo.from_path(str(videos[5]), decoder="torchcodec") as video:
        clip = video.get_clip(0.5, 1.5)

        assert (video.name, video.duration, video.fps, video.num_frames) == ("video 5.mp4", 2.0, 10, 20)
        assert (video.size, video.has_video, video.has_audio) == ((48, 64), True, False)
    assert clip["video"].dtype == torch.float32


def test_a_frame_video_gives_float_clips(frame_folder):
    clip = FrameVideo.from_directory(str(frame_folder), fps=30).get_clip(0.5, 1.0)

    assert clip["video"].dtype == torch.float32
    assert clip["video"][0, :, 0, 0].tolist() == list(range(15, 30))


def test_sound_keeps_the_rate_of_its_file(tmp_path):
    path = tmp_path / "sound.mp4"
    wave = torch.from_numpy(np.sin(np.arange(32000) / 10).astype(np.float32))[None]
    write_video(path, torch.zeros(3, 10, 48, 64, dtype=torch.uint8), fps=10, audio=wave, sample_rate=32000)

    sample = next(LabeledVideoDataset([(str(path), {"label": 0})], make_clip_sampler("random", 1.0)))

    assert sample["audio"].shape == (32000,)


def test_the_samples_are_those_of_the_plugin(labeled):
    own = ptv_datasets.LabeledVideoDataset(
        labeled, make_clip_sampler("uniform", 1.0), torch.utils.data.SequentialSampler, decode_audio=False
    )

    found = samples(labeled, clips=("uniform", 1.0))

    assert len(found) == len(own)
    for ours, theirs in zip(found, own, strict=True):
        assert torch.equal(ours["video"], theirs["video"].float())
