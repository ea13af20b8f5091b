"""The sampler mine, as the one of a dataset of encoded videos."""

from pathlib import Path

import torch

import ptv_registry as ptv
from ptv_video import write_video


def test_a_dataset_takes_the_clips_that_mine_chooses(tmp_path: Path) -> None:
    frames = torch.linspace(20, 230, 30).to(torch.uint8).reshape(1, -1, 1, 1).expand(3, 30, 32, 32).contiguous()
    (tmp_path / "videos" / "greys").mkdir(parents=True)
    write_video(tmp_path / "videos" / "greys" / "0.mp4", frames, 10)
    dataset = ptv.build(
        "dataset:labeled_video_folder(clip_sampler=mine(clip_duration=1, gap=0.5), decode_audio=false)",
        data_path=str(tmp_path / "videos"),
    )
    samples = list(dataset)

    assert [0, 1] == [sample["clip_index"] for sample in samples]
    for sample, first in zip(samples, (0, 15), strict=True):
        wanted = frames[:, first : first + 10].float()
        assert (sample["video"].float() - wanted).abs().mean() < 12
