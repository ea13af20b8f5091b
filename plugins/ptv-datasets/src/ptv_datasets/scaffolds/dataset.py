"""A dataset."""

from collections.abc import Callable
from typing import Annotated, Any

import torch
from torch.utils.data import Dataset

from ptv_registry import Slot

BuiltTransform = Annotated[Callable[[dict[str, Any]], Any] | None, Slot("transform", built=True)]


class MineDataset(Dataset[Any]):
    """Two clips, a dark and a bright one that move to the right; replace them with yours.

    Args:
        transform: called with each sample.
        frames: of a clip.
        edge: side of a clip in pixels.
    """

    class_names = ("dark", "bright")

    def __init__(self, transform: BuiltTransform = None, frames: int = 16, edge: int = 64) -> None:
        self.transform, self.frames, self.edge = transform, frames, edge

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.class_names)

    def __getitem__(self, index: int) -> Any:
        """A sample with ``video``, uint8 (C, T, H, W), and ``label``, the number of its class."""
        if not 0 <= index < len(self):
            raise IndexError(f"clip {index} of {len(self)}")
        video = torch.full((3, self.frames, self.edge, self.edge), 60 + 120 * index, dtype=torch.uint8)
        for frame in range(self.frames):
            video[:, frame, :, frame * self.edge // self.frames] = 255
        sample = {
            "video": video,
            "label": index,
            "label_name": self.class_names[index],
            "video_name": self.class_names[index],
            "video_index": index,
            "clip_index": 0,
            "aug_index": 0,
        }
        return sample if self.transform is None else self.transform(sample)
