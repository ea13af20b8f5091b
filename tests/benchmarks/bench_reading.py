"""Reading clips: this library, the original package and TorchCodec used by hand, at the same task.

One thread (each side is bound to one core), four clips of 2 s of each video, 8 frames of each clip, and the documented
pipeline: divide by 255, normalize, short side to 256, crop of 224. Sides take turns; times are CPU seconds of a pass
over one video, in processes that have read it once before; what is printed are medians.

    uv venv /tmp/ptv-original
    uv pip install --python /tmp/ptv-original/bin/python pytorchvideo torch==2.15.0 torchvision==0.29.2 av==18.1.0
    .venv/bin/python tests/benchmarks/bench_reading.py --original /tmp/ptv-original/bin/python [--json FILE]

Give the original the versions of torch and av of this environment, so that the same arithmetic is compared. It imports
a private module that torchvision has renamed since; the worker puts the renamed one in its place.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from bench_videos import videos

WORKER = Path(__file__).with_name("bench_reading_worker.py")


class Side:
    """A process that reads videos when told to."""

    def __init__(self, name: str, python: str, division: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [python, str(WORKER), name, division], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def read(self, path: Path, keep: str = "") -> dict[str, float]:
        """One pass; ``keep`` names a file for the clips."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"path": str(path), "keep": keep}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} failed on {path}")
        answer: dict[str, float] = json.loads(line)
        return answer

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def compare(name: str, path: Path, pythons: dict[str, str], division: str, repeats: int) -> dict[str, Any]:
    """All sides in turn on one video, each in a process of its own."""
    sides = [Side(side, python, division) for side, python in pythons.items()]
    times: dict[str, list[float]] = {side.name: [] for side in sides}
    peaks: dict[str, float] = {}
    idle: dict[str, float] = {}
    for _ in range(repeats + 1):
        for side in sides:
            answer = side.read(path)
            times[side.name].append(answer["seconds"])
            idle[side.name] = answer["idle"]
            peaks[side.name] = max(peaks.get(side.name, 0), answer["peak"])
    clips = {}
    with tempfile.TemporaryDirectory() as folder:
        for side in sides:
            if side.name != "decoding":
                keep = f"{folder}/{side.name}.npy"
                side.read(path, keep)
                clips[side.name] = np.load(keep)
    for side in sides:
        side.close()
    seconds = {side: statistics.median(values[1:]) for side, values in times.items()}
    ours = clips["ours"]
    differences = {
        side: float(np.abs(values - ours).max()) if values.shape == ours.shape else None
        for side, values in clips.items()
        if side != "ours"
    }
    return {"video": name, "seconds": seconds, "peak_mib": peaks, "idle_mib": idle, "largest_difference": differences}


def row(result: dict[str, Any]) -> str:
    seconds, peak, differences = result["seconds"], result["peak_mib"], result["largest_difference"]
    cells = [f"{result['video']:34} ours {seconds['ours']:7.3f} s"]
    for side in seconds:
        if side != "ours":
            cells.append(f"{side} {seconds[side]:7.3f} s = {seconds[side] / seconds['ours']:5.2f}x")
    idle = result["idle_mib"]
    memories = [f"{side} {mib:.0f} ({mib - idle[side]:.0f} of them for reading)" for side, mib in peak.items()]
    cells.append("peak in MiB: " + ", ".join(memories))
    cells.append("largest difference " + ", ".join(f"{side} {value}" for side, value in differences.items()))
    return "\n    ".join(cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--original", metavar="PYTHON", help="interpreter of the environment of the original")
    parser.add_argument("--sides", default="original,ours,torchcodec,decoding")
    parser.add_argument(
        "--division",
        choices=["div255", "lambda"],
        default="div255",
        help="how the pipeline divides by 255: the documented transform, or a lambda, into which nobody can look",
    )
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "ptv-bench-videos")
    parser.add_argument("--only", default="", help="only videos whose name contains this")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    arguments = parser.parse_args()
    pythons = {side: sys.executable for side in arguments.sides.split(",") if side != "original"}
    if arguments.original and "original" in arguments.sides.split(","):
        pythons = {"original": arguments.original, **pythons}
    results = []
    for name, path in videos(arguments.folder).items():
        if arguments.only in name:
            results.append(compare(name, path, pythons, arguments.division, arguments.repeats))
            print(row(results[-1]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
