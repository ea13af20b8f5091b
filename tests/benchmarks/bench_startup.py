"""How long commands take as processes, against ``python -c "import torch"`` in the same run.

    python tests/benchmarks/bench_startup.py --rounds 9

The commands are run in turn in each round, each once before to warm the disk's cache; what is printed are medians over
the rounds of the wall clock and of the processor's time, which a busy machine disturbs less, and their ratios to those of
``import torch``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from ptv_video import write_video

#: The commands, and the ratios that they are to stay below.
COMMANDS = {
    "import torch": (["-c", "import torch"], 1.0),
    "ptv predict VIDEO --model x3d_xs": (["predict", "VIDEO", "--model", "x3d_xs"], 1.6),
    "ptv plan slowfast": (["plan", "slowfast"], 1.2),
    "ptv zoo list": (["zoo", "list"], 0.1),
    "ptv zoo show slowfast_r50": (["zoo", "show", "slowfast_r50"], 0.1),
    "ptv list": (["list"], 0.1),
}


def command_line(arguments: list[str], video: Path) -> list[str]:
    if arguments[0] == "-c":
        return [sys.executable, *arguments]
    words = [str(video) if word == "VIDEO" else word for word in arguments]
    return [sys.executable, "-c", "from ptv_registry.cli import main; main()", *words]


def seconds(command: list[str]) -> tuple[float, float]:
    """Wall clock and processor time of a process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - began, used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "two_seconds.mp4"
        frames = torch.randint(0, 256, (3, 60, 240, 320), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
        write_video(video, frames, 30)
        commands = {name: command_line(arguments, video) for name, (arguments, _) in COMMANDS.items()}
        for command in commands.values():
            seconds(command)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                times[name].append(seconds(command))
    wall, used = (
        {name: statistics.median(pair[which] for pair in pairs) for name, pairs in times.items()} for which in (0, 1)
    )
    for name, (_, wanted) in COMMANDS.items():
        sys.stdout.write(
            f"{name:34} {wall[name]:6.2f} s, ratio {wall[name] / wall['import torch']:.3f}; "
            f"processor {used[name]:6.2f} s, ratio {used[name] / used['import torch']:.3f}; wanted at most {wanted}\n"
        )


if __name__ == "__main__":
    main()
