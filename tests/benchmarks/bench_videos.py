"""Videos for the benchmarks of reading: made here, with content that costs a codec about what real films cost."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np

SECONDS: Final = 10
RATE: Final = 30
SIZES: Final = ((340, 256), (854, 480), (1920, 1080))


def texture(height: int, width: int, seed: int) -> np.ndarray:
    """Noise of all scales, as natural images have: uint8 (height, width, 3)."""
    chance = np.random.default_rng(seed)
    image = np.zeros((height, width, 3), np.float32)
    for octave in range(8):
        cell = 1 << octave
        coarse = chance.random((height // cell + 2, width // cell + 2, 3), np.float32) - 0.5
        rows, columns = (np.linspace(0, n // cell, n) for n in (height, width))
        top, left = rows.astype(int), columns.astype(int)
        down, right = (rows - top)[:, None, None], (columns - left)[None, :, None]
        upper = coarse[top][:, left] * (1 - right) + coarse[top][:, left + 1] * right
        lower = coarse[top + 1][:, left] * (1 - right) + coarse[top + 1][:, left + 1] * right
        image += cell**0.6 * (upper * (1 - down) + lower * down)
    image -= image.min()
    return (image * (255 / image.max())).astype(np.uint8)


def write(path: Path, width: int, height: int, gop: int) -> None:
    """Ten seconds at 30 fps: a camera that pans over a texture, three things that move before it, grain, one cut."""
    part = path.with_suffix(".part.mp4")
    chance = np.random.default_rng(0)
    grain = chance.integers(-3, 4, (height + 64, width + 64, 1), np.int16)
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "medium", "crf": "23", "g": str(gop)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(SECONDS * RATE):
            if number % 170 == 0:
                world = texture(height + 400, width + 400, number)
                things = [texture(height // 3, width // 4, number + 1 + thing) for thing in range(3)]
            shift = number % 170
            image = world[shift : shift + height, 2 * shift : 2 * shift + width].astype(np.int16)
            for thing, picture in enumerate(things):
                top = round((0.3 + 0.3 * np.sin(shift / 20 + 2 * thing)) * height)
                left = round((0.35 + 0.3 * np.cos(shift / 30 + 3 * thing)) * width)
                image[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
            row, column = chance.integers(0, 64, 2)
            image += grain[row : row + height, column : column + width]
            frame = av.VideoFrame.from_ndarray(np.clip(image, 0, 255).astype(np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    os.replace(part, path)


def videos(folder: Path, gops: tuple[int, ...] = (250, 48)) -> dict[str, Path]:
    """The videos by what to call them; made once per folder. 250 is FFmpeg's default distance of keyframes."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for width, height in SIZES:
        for gop in gops:
            path = folder / f"texture_{width}x{height}_gop{gop}.mp4"
            if not path.exists():
                write(path, width, height, gop)
            found[f"{width}x{height} gop {gop}"] = path
    for path in sorted((Path(__file__).parents[1] / "support" / "clips").glob("*.mp4")):
        found[path.stem] = path
    return found
