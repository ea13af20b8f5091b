"""The transform mine, on the clips of a dataset of encoded videos."""

from pathlib import Path

import torch

import ptv_registry as ptv
from ptv_video import write_video

SPEC = (
    "dataset:labeled_video_folder(clip_sampler=uniform(clip_duration=1), decode_audio=false, "
    "transform=apply_transform_to_key(key='video', transform=mine(change={change})))"
)


def test_mine_changes_the_clips_of_a_dataset(tmp_path: Path) -> None:
    (tmp_path / "videos" / "grey").mkdir(parents=True)
    write_video(tmp_path / "videos" / "grey" / "0.mp4", torch.full((3, 20, 32, 32), 100, dtype=torch.uint8), 10)
    plain, changed = (
        [sample["video"] for sample in ptv.build(SPEC.format(change=change), data_path=str(tmp_path / "videos"))]
        for change in (0.0, 0.5)
    )

    assert len(plain) == len(changed) == 2
    assert all(before.dtype == after.dtype == torch.uint8 for before, after in zip(plain, changed, strict=True))
    assert any(not torch.equal(before, after) for before, after in zip(plain, changed, strict=True))
    assert all(len(after.float().mean((0, 2, 3)).round().unique()) <= 2 for after in changed)  # all frames alike
