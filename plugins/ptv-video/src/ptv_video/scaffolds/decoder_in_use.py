"""The decoder mine, as the one that a dataset reads an encoded video with."""

from pathlib import Path

import pytest
import torch

import ptv_registry as ptv
from ptv_video import VideoDecodeError, open_video, write_video


def greys() -> torch.Tensor:
    """Twenty frames, each of another grey."""
    return torch.linspace(20, 230, 20).to(torch.uint8).reshape(1, -1, 1, 1).expand(3, 20, 32, 32).contiguous()


def test_mine_opens_a_video_and_gives_its_frames(tmp_path: Path) -> None:
    write_video(tmp_path / "greys.mp4", greys(), 10)
    with open_video(str(tmp_path / "greys.mp4"), decoder=ptv.as_factory("decoder", "mine")) as video:
        frames = video.get_clip(0.5, 1.5)["video"]

    assert (3, 10, 32, 32) == tuple(frames.shape)
    assert (frames.float() - greys()[:, 5:15].float()).abs().mean() < 12


def test_a_dataset_reads_with_mine(tmp_path: Path) -> None:
    (tmp_path / "videos" / "greys").mkdir(parents=True)
    write_video(tmp_path / "videos" / "greys" / "0.mp4", greys(), 10)
    dataset = ptv.build(
        "dataset:labeled_video_folder(clip_sampler=uniform(clip_duration=1), decoder=mine, decode_audio=false)",
        data_path=str(tmp_path / "videos"),
    )

    assert [(3, 10, 32, 32), (3, 10, 32, 32)] == [tuple(sample["video"].shape) for sample in dataset]


def test_what_is_not_a_video_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("not a video")

    with pytest.raises(VideoDecodeError, match=r"text\.mp4"):
        ptv.build("decoder:mine", source=str(tmp_path / "text.mp4"))
