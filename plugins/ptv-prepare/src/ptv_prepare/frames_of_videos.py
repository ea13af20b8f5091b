"""Folders of frames for many videos."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from ptv_prepare.extraction import ExtractFrames
from ptv_prepare.journal import Journal
from ptv_prepare.lists import FramesOf
from ptv_prepare.run import Report, Settings, Task, make_all


def extract_all(
    journal: Journal,
    videos: Mapping[str, tuple[str, tuple[str, str]]],
    pattern: str,
    fps: float | Fraction,
    settings: Settings,
    report: Report,
) -> dict[str, FramesOf]:
    """Extracts the frames of videos to ``frames/NAME/``; what there is in the end, by name, with paths below ``frames``.

    Args:
        journal: of the output folder.
        videos: by name, the path to read and the origin of a :class:`Task`.
        pattern: of the images' names, with ``{}`` for the video's name, such as ``"{}_%06d.jpg"``.
        fps: images per second.
        settings: processes, policy and the like.
        report: is told what happens.
    """
    rate = Fraction(fps).limit_denominator(1001)
    tasks = []
    for name, (path, origin) in videos.items():
        output = os.path.join("frames", name)
        recipe = ExtractFrames(pattern.format(name.replace("%", "%%")), rate)
        tasks.append(Task(path, output, recipe, origin, journal.out / output))
    made = make_all(journal, tasks, settings, report, "Extracting frames")
    return {
        Path(task.output).name: _frames_of(task, made[task.output]["frames"]) for task in tasks if task.output in made
    }


def _frames_of(task: Task, count: int) -> FramesOf:
    name = Path(task.output).name
    recipe = task.recipe
    pattern = recipe.pattern if isinstance(recipe, ExtractFrames) else ""
    return FramesOf(name, count, f"{name.replace('%', '%%')}/{pattern}")
