"""A small labelled set of real encoded videos whose classes differ only in the direction of movement.

Textured shapes drift over a textured ground, on a torus: what leaves at one side comes in at the other. Where a shape
is at the middle of the video is drawn without regard to the class, and so is everything else but the direction.
Therefore every single frame has the same distribution in all classes, and only a model that sees movement can tell them
apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from tqdm import tqdm

from ptv_video import write_video

CLASSES: Final = ("east", "northeast", "north", "northwest", "west", "southwest", "south", "southeast")
SIDE: Final = 80
FPS: Final = 16
FRAMES: Final = 32
_SHAPES: Final = 6


def write_set(folder: Path, videos_per_class: int, seed: int, *, name: str, progress: bool = True) -> Path:
    """Write ``folder/CLASS/NUMBER.mp4`` for each class.

    Args:
        folder: created if need be.
        videos_per_class: how many.
        seed: sets with different seeds share no video.
        name: what the progress bar says.
        progress: whether there is one.

    Returns:
        The folder.
    """
    total = videos_per_class * len(CLASSES)
    with tqdm(total=total, desc=f"writing {name}", unit="video", disable=not progress, leave=False) as bar:
        for label, direction in enumerate(CLASSES):
            (folder / direction).mkdir(parents=True, exist_ok=True)
            for number in range(videos_per_class):
                rng = np.random.default_rng((seed, label, number))
                write_video(folder / direction / f"{number:03}.mp4", render(rng, [label]), FPS, threads=1)
                bar.update()
    return folder


def render(rng: np.random.Generator, labels: Sequence[int], frames: int = FRAMES) -> torch.Tensor:
    """Frames of one video, uint8 (3, T, H, W).

    Args:
        rng: decides everything but the direction.
        labels: the directions that follow one another, ``frames`` frames each.
        frames: per direction.
    """
    ground = _texture(rng, SIDE, smooth=6) * 0.5 + 0.25
    shapes = [_Shape(rng) for _ in range(_SHAPES)]
    speed = rng.uniform(1.6, 3.0)
    offset = np.zeros(2)
    pictures = []
    for part, label in enumerate(labels):
        angle = 2 * math.pi * label / len(CLASSES)
        step = speed * np.array([-math.sin(angle), math.cos(angle)])  # rows grow downwards
        if part == 0:
            offset = -step * (frames // 2)
        for _ in range(frames):
            picture = ground.copy()
            for shape in shapes:
                shape.paint(picture, offset)
            pictures.append((picture * 255).astype(np.uint8))
            offset = offset + step
    return torch.from_numpy(np.stack(pictures)).permute(3, 0, 1, 2)


class _Shape:
    """A disc or a square with a texture of its own."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.radius = int(rng.integers(8, 14))
        size = 2 * self.radius + 1
        self.texture = _texture(rng, size, smooth=2)
        rows, columns = np.mgrid[-self.radius : self.radius + 1, -self.radius : self.radius + 1]
        disc = rows**2 + columns**2 <= self.radius**2
        self.mask = disc if rng.random() < 0.5 else np.ones((size, size), bool)
        self.place = rng.uniform(0, SIDE, 2)

    def paint(self, picture: np.ndarray, offset: np.ndarray) -> None:
        """Paint it where it is after moving by ``offset``, around the edges of the torus."""
        top, left = np.round(self.place + offset).astype(int)
        rows = (np.arange(self.texture.shape[0]) + top) % SIDE
        columns = (np.arange(self.texture.shape[1]) + left) % SIDE
        patch = picture[np.ix_(rows, columns)]
        picture[np.ix_(rows, columns)] = np.where(self.mask[..., None], self.texture, patch)


def _texture(rng: np.random.Generator, side: int, smooth: int) -> np.ndarray:
    """Smooth colour noise in [0, 1], (side, side, 3)."""
    coarse = torch.from_numpy(rng.random((1, 3, max(2, side // smooth), max(2, side // smooth))))
    fine = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=False)
    return fine[0].clamp(0, 1).permute(1, 2, 0).numpy()
