"""The video sampler mine, as the order of a dataset of encoded videos."""

from pathlib import Path

import torch

import ptv_registry as ptv
from ptv_video import write_video


def test_a_dataset_reads_its_videos_in_the_order_of_mine(tmp_path: Path) -> None:
    for number in range(6):
        folder = tmp_path / "videos" / f"class{number}"
        folder.mkdir(parents=True)
        write_video(folder / "0.mp4", torch.full((3, 4, 32, 32), 40 * number, dtype=torch.uint8), 4)
    dataset = ptv.build(
        "dataset:labeled_video_folder(clip_sampler=uniform(clip_duration=1), video_sampler=mine(run=2), decode_audio=false)",
        data_path=str(tmp_path / "videos"),
    )
    epochs = []
    for epoch in range(6):
        dataset.set_epoch(epoch)
        epochs.append([sample["label"] for sample in dataset])

    assert all(sorted(order) == list(range(6)) for order in epochs)
    assert all(order[place] + 1 == order[place + 1] for order in epochs for place in (0, 2, 4))
    assert any(order != epochs[0] for order in epochs)
