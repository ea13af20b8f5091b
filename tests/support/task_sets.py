"""Small generated sets, each of which only that can solve which its task is about.

Every function writes encoded videos and their annotations into a folder, as people have them, and says where they are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch

from ptv_video import write_video

FPS: Final = 8
COLOURS: Final = ("blue", "green", "red")
MOVES: Final = ("left", "right", "still")
TONES: Final = (400, 800, 1600, 3200)
RATE: Final = 16000


def _noise(rng: np.random.Generator, frames: int, side: int) -> np.ndarray:
    """A grey ground with noise, (T, H, W, 3) of uint8."""
    return rng.integers(70, 110, (frames, side, side, 3)).astype(np.uint8)


def _write(path: Path, frames: np.ndarray, audio: np.ndarray | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = None if audio is None else torch.from_numpy(audio.astype(np.float32))
    write_video(
        path,
        torch.from_numpy(frames).permute(3, 0, 1, 2),
        FPS,
        audio=sound,
        sample_rate=None if audio is None else RATE,
        threads=1,
    )


def several_colours(folder: Path, videos: int, seed: int) -> Path:
    """Squares of one to three colours: a CSV whose labels are the colours that there are, such as ``blue;red``."""
    rng = np.random.default_rng(seed)
    rows = ["path,label"]
    for number in range(videos):
        frames = _noise(rng, 8, 32)
        chosen = [c for c in range(3) if rng.random() < 0.5] or [int(rng.integers(3))]
        for colour in chosen:
            x, y = rng.integers(0, 22, 2)
            frames[:, y : y + 10, x : x + 10, 2 - colour] = 240
        _write(folder / "videos" / f"{number:03}.mp4", frames)
        rows.append(f"videos/{number:03}.mp4,{';'.join(COLOURS[colour] for colour in chosen)}")
    listed = folder / "labels.csv"
    listed.write_text("\n".join(rows) + "\n")
    return listed


def people(folder: Path, videos: int, seed: int, *, side: int = 64) -> tuple[Path, Path]:
    """Two squares in every video, each of which moves left, right, or stays: a folder, and a CSV as that of AVA-Kinetics.

    The label map is ``actions.pbtxt`` beside the CSV.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(videos):
        frames = _noise(rng, 2 * FPS, side)
        for person in range(2):
            size = int(rng.integers(14, 20))
            y = int(rng.integers(0, side // 2 - size)) + person * side // 2
            x, move = int(rng.integers(14, side - size - 14)), int(rng.integers(3))
            colour = rng.integers(150, 255, 3)
            for time in range(2 * FPS):
                shift = round({0: -1.5, 1: 1.5, 2: 0.0}[move] * (time - FPS))
                at = min(max(x + shift, 0), side - size)
                frames[time, y : y + size, at : at + size] = colour
            box = ",".join(f"{corner / side:.4f}" for corner in (x, y, x + size, y + size))
            rows.append(f"clip{number:03},1,{box},{move + 1},{person}")
        _write(folder / "videos" / f"clip{number:03}_000000_000002.mp4", frames)
    listed = folder / "boxes.csv"
    listed.write_text("\n".join(rows) + "\n")
    entries = [f'item {{\n  name: "{name}"\n  id: {number}\n}}\n' for number, name in enumerate(MOVES, 1)]
    (folder / "actions.pbtxt").write_text("".join(entries))
    return folder / "videos", listed


def _tone(rng: np.random.Generator, hertz: float, seconds: float) -> np.ndarray:
    """A tone of a random loudness in noise."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = rng.uniform(0.2, 0.5) * np.sin(2 * np.pi * (hertz * time + rng.random()))
    return (wave + rng.normal(0, 0.05, len(time))).clip(-1, 1)


def tones(folder: Path, per_class: int, seed: int, *, seconds: float = 1.0) -> Path:
    """Videos of noise whose class is the pitch of their sound: a folder for each."""
    rng = np.random.default_rng(seed)
    for hertz in TONES:
        for number in range(per_class):
            frames = _noise(rng, round(seconds * FPS), 32)
            _write(folder / f"{hertz} Hz" / f"{number:03}.mp4", frames, _tone(rng, hertz, seconds))
    return folder


def pairs(folder: Path, per_class: int, seed: int, *, seconds: float = 1.0) -> Path:
    """Videos of a colour and a tone, whose class is the pair of both: neither alone tells more than half of it."""
    rng = np.random.default_rng(seed)
    for colour in (0, 2):
        for hertz in TONES[::2]:
            for number in range(per_class):
                frames = _noise(rng, round(seconds * FPS), 32)
                x, y = rng.integers(0, 20, 2)
                frames[:, y : y + 12, x : x + 12, 2 - colour] = 240
                name = f"{COLOURS[colour]} {hertz} Hz"
                _write(folder / name / f"{number:03}.mp4", frames, _tone(rng, hertz, seconds))
    return folder


def textures(folder: Path, per_class: int, seed: int) -> Path:
    """Stripes that drift over each video: the class is their slope, whatever their colour, width and speed are."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:40, :40]
    for number_of_class, angle in enumerate((0.0, 45.0, 90.0, 135.0)):
        for number in range(per_class):
            slope = np.deg2rad(angle + rng.uniform(-8, 8))
            across = rows * np.cos(slope) + columns * np.sin(slope)
            width, speed = rng.uniform(4, 8), rng.uniform(0.3, 1.5)
            low, high = rng.integers(0, 100, 3), rng.integers(150, 255, 3)
            frames = np.stack([_stripes(across, width, speed * time, low, high) for time in range(8)])
            noise = rng.integers(-15, 15, frames.shape)
            _write(
                folder / f"slope {number_of_class}" / f"{number:03}.mp4",
                (frames + noise).clip(0, 255).astype(np.uint8),
            )
    return folder


def _stripes(across: np.ndarray, width: float, shift: float, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    share = (np.sin(2 * np.pi * (across + shift) / width)[..., None] + 1) / 2
    return low + share * (high - low)
