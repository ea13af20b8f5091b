"""Reads damaged files and reads for long, and tells what broke: ``--count`` damaged files, ``--opens`` openings.

A damaged file ends in frames or in a typed error that names it, in at most 10 s, and never takes the process down; so
each batch is read by a process of its own. Opening and reading again and again takes no more memory and no more open
files after 5,000 times than after the first few hundred.

    .venv/bin/python tests/benchmarks/damage_campaign.py --count 1000 --opens 5000 [--decoder torchcodec] [--json FILE]
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[2]))

LONGEST: Final = 10.0
BATCH: Final = 50


def sources(folder: Path) -> list[Path]:
    """The undamaged files: of every container, small, and two real ones."""
    from tests.support import video_files
    from tests.support.fuzz_files import REAL, VIDEOS

    folder.mkdir(exist_ok=True)
    made = [folder / name if (folder / name).exists() else _made(name, folder) for name in VIDEOS]
    return made + [video_files.CLIPS / name for name in REAL]


def _made(name: str, folder: Path) -> Path:
    from tests.support import video_files

    return video_files.write(video_files.RECIPES[name], folder)


def decoder_named(name: str) -> Any:
    """The decoder's class."""
    if name == "pyav":
        from ptv_video import PyAVVideo

        return PyAVVideo
    from ptv_torchcodec import TorchCodecVideo

    warnings.simplefilter("ignore")  # it tells about every file that PyAV decodes in its place
    return TorchCodecVideo


def read_batch(seeds: Sequence[int], folder: Path, decoder: str) -> None:
    """Prints a line of JSON for each seed before and after its file is read."""
    from ptv_video import ClipRangeError, VideoDecodeError
    from tests.support.damage import damaged

    opened = decoder_named(decoder)
    originals = sources(folder)
    for seed in seeds:
        original = originals[seed // 5 % len(originals)]  # the kind of damage goes by the seed's rest of 5
        path = folder / f"damaged_{seed}{original.suffix}"
        path.write_bytes(damaged(original.read_bytes(), seed))
        print(json.dumps({"seed": seed, "file": original.name}), flush=True)
        began, result = time.perf_counter(), "frames"
        try:
            with opened(path) as video:
                video.get_clip(0, 1, select=lambda count: [0, count - 1])
                video.get_clips([(0, 0.5), (video.duration / 2, video.duration)])
        except (VideoDecodeError, ClipRangeError) as error:
            result = type(error).__name__ if path.name in str(error) else f"no path: {error}"
        except Exception as error:  # noqa: BLE001 - what must not happen is what is counted here
            result = f"untyped {type(error).__name__}: {error}"
        print(json.dumps({"seed": seed, "result": result, "seconds": time.perf_counter() - began}), flush=True)
        path.unlink()


def campaign(count: int, decoder: str, first: int = 0) -> dict[str, Any]:
    """Reads damaged files ``first`` to ``first + count``; what went wrong is listed under ``bad``."""
    outcomes: Counter[str] = Counter()
    bad: list[str] = []
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        sources(Path(folder))
        todo = list(range(first, first + count))
        while todo:
            batch, todo = todo[:BATCH], todo[BATCH:]
            command = [sys.executable, __file__, "--decoder", decoder, "--batch", folder, *map(str, batch)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST * BATCH)
                output, code, noise = done.stdout, done.returncode, done.stderr
            except subprocess.TimeoutExpired as error:
                output, code, noise = (error.stdout or b"").decode(), -1, "it hangs"
            lines = [json.loads(line) for line in output.splitlines()]
            for line in lines:
                if "result" not in line:
                    continue
                slowest = max(slowest, line["seconds"])
                kind = line["result"].split(":")[0]
                outcomes[kind] += 1
                if kind not in {"frames", "VideoDecodeError", "ClipRangeError"} or line["seconds"] > LONGEST:
                    bad.append(f"seed {line['seed']}: {line['result']}, {line['seconds']:.1f} s")
            if code != 0:
                last = lines[-1]["seed"] if lines else batch[0]
                outcomes["crash"] += 1
                bad.append(f"seed {last}: the process ended with {code}: {noise[-300:]}")
                todo = [seed for seed in batch if seed > last] + todo
    return {"files": count, "outcomes": dict(outcomes), "slowest_s": slowest, "bad": bad}


def endurance(opens: int, decoder: str) -> dict[str, Any]:
    """Opens and reads clips ``opens`` times, a third of them with an error; memory and open files along the way."""
    from ptv_video import ClipRangeError, VideoDecodeError

    opened = decoder_named(decoder)
    marks = []
    with tempfile.TemporaryDirectory() as folder:
        paths = sources(Path(folder))
        broken = paths[0].read_bytes()[:9000]
        for number in range(opens):
            path = paths[number % len(paths)]
            try:
                if number % 3 == 1:
                    with opened(path) as video:
                        video.get_clip(1000, 1001)
                elif number % 30 == 2:
                    with opened(broken, video_name="broken") as video:
                        video.get_clip(0, 1)
                else:
                    with opened(path) as video:
                        video.get_clips([(0.1, 0.4), (1, 1.3)], select=lambda count: [0, count - 1])
            except (VideoDecodeError, ClipRangeError):
                pass
            if (number + 1) % max(1, opens // 10) == 0:
                gc.collect()
                marks.append({"opens": number + 1, "mib": resident_mib(), "files": len(os.listdir("/proc/self/fd"))})
    growth = marks[-1]["mib"] - marks[0]["mib"]
    return {
        "opens": opens,
        "growth_mib": growth,
        "growth_files": marks[-1]["files"] - marks[0]["files"],
        "marks": marks,
    }


def resident_mib() -> float:
    """Memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=0, help="damaged files to read")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--opens", type=int, default=0, help="openings in one process")
    parser.add_argument("--decoder", choices=["pyav", "torchcodec"], default="pyav")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--batch", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.batch:
        folder, *seeds = arguments.batch
        read_batch([int(seed) for seed in seeds], Path(folder), arguments.decoder)
        return
    report: dict[str, Any] = {}
    if arguments.count:
        report["damage"] = campaign(arguments.count, arguments.decoder, arguments.first)
    if arguments.opens:
        report["endurance"] = endurance(arguments.opens, arguments.decoder)
    text = json.dumps(report, indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n")
    if report.get("damage", {}).get("bad"):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
