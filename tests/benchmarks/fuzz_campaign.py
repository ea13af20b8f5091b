"""Damaged files and nonsense arguments by the thousand: nothing but results and errors of the library, soon and in little memory.

    python tests/benchmarks/fuzz_campaign.py --seed 1 --state fuzz.jsonl specs=500000 locks=50000 videos=2000
    python tests/benchmarks/fuzz_campaign.py --seed 1 --strace artifacts=300 videos=300

Cases have numbers, and a number is the same case wherever it runs. They run in parts, each in a process of its own, which
may die; with ``--state`` a campaign that was broken off goes on behind the parts in that file. ``--strace`` watches the
processes by strace: no case may make a socket, start a program, or open a file beside its own folder, but for reading what
is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.support import fuzzing
from tests.support.fuzzing import Report

LONGEST_S: Final = 2.0
MOST_MIB: Final = 500.0
PART: Final = 2000
_STUCK_S: Final = 300
#: Cases after which everything is imported that reading imports at its first use; opened to mark the place in the trace.
_WARM: Final = 100
_BEGIN: Final = "/the cases begin here"
_END: Final = "/the cases end here"
_TRACED: Final = "trace=%network,%process,stat,newfstatat,open,openat,openat2,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,link,symlink"
_HARMLESS: Final = ("exit_group", "exit", "wait4", "clone", "clone3", "stat", "newfstatat", "sendfile")
#: Torch's shared memory has names, for a moment; the last one is the campaign's own.
_FREE: Final = ("/dev/null", "/dev/urandom", "/dev/shm/torch_", "/proc/self/clear_refs")
_CALL: Final = re.compile(r"^(?:\d+ +)?(?P<name>\w+)\((?P<rest>.*)")
_PATH: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')


def main() -> int:
    """Run the kinds that are asked for; status 1 if a case went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="+", metavar="KIND=COUNT", help="how many cases of which kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--state", type=Path, help="a file that remembers the parts that are done")
    parser.add_argument("--strace", action="store_true", help="watch system calls")
    parser.add_argument("--part", type=int, default=PART, help="cases in one process")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        _child(asked.kinds[0], asked.seed, asked.first, asked.part, _WARM if asked.strace else 5)
        return 0
    failed = False
    for kind, _, count in (text.partition("=") for text in asked.kinds):
        report = Report()
        for first, number in _parts(asked.first, int(count), asked.part):
            name = f"{kind} seed {asked.seed} from {first} to {first + number}"
            done = _done(asked.state, name)
            if done is None:
                done = _part(kind, asked.seed, first, number, asked.strace)
                _note(asked.state, name, done)
            report.add(done)
        failed = _tell(kind, report) or failed
    return int(failed)


def _parts(first: int, count: int, size: int) -> Iterator[tuple[int, int]]:
    for start in range(first, first + count, size):
        yield start, min(size, first + count - start)


def _tell(kind: str, report: Report) -> bool:
    print(
        f"{kind}: {report.cases} cases, {len(report.raw)} wrong, slowest {report.slowest_s[0]:.2f} s of CPU (case "
        f"{report.slowest_s[1]}), {report.peak_mib[0]:.0f} MiB above import at most (case {report.peak_mib[1]})"
    )
    print("   " + ", ".join(f"{name} {count}" for name, count in report.outcomes.most_common()))
    for line in report.raw[:20]:
        print(f"   {line}")
    sys.stdout.flush()
    return bool(report.raw) or report.slowest_s[0] > LONGEST_S or report.peak_mib[0] > MOST_MIB


def _part(kind: str, seed: int, first: int, count: int, strace: bool) -> Report:
    """Cases in a process of their own; where it dies, those before that are repeated and those behind it follow."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cases").mkdir()
        trace = folder / "trace"
        arguments = [kind, "--seed", str(seed), "--first", str(first), "--part", str(count)]
        command = [sys.executable, __file__, "--child", *arguments, *(["--strace"] if strace else [])]
        watched = ["strace", "-f", "-qq", "-s", "4096", "-e", _TRACED, "-o", str(trace), *command]
        with (folder / "output").open("wb") as output, (folder / "noise").open("wb") as noise:
            process = subprocess.Popen(
                watched if strace else command, cwd=folder / "cases", stdout=output, stderr=noise
            )
            ended = _ended(process, folder / "cases")
        if ended == 0:
            report = _report(json.loads((folder / "output").read_text()))
            report.raw += seen(trace, folder / "cases") if strace else []
            return report
        died = [int(path.name.removeprefix("case_")) for path in (folder / "cases").glob("case_*")]
        if not died:
            noise_of = (folder / "noise").read_text(errors="replace")[-2000:]
            raise SystemExit(f"{kind}: the process ended with {ended} outside of a case\n{noise_of}")
    report = Report(raw=[f"case {died[0]}: the process {'hangs' if ended is None else f'ended with {ended}'}"])
    for start, number in ((first, died[0] - first), (died[0] + 1, first + count - died[0] - 1)):
        if number:
            report.add(_part(kind, seed, start, number, strace))
    return report


def _ended(process: subprocess.Popen[bytes], folder: Path) -> int | None:
    """The status; ``None`` if one case took so long that the process was killed."""
    case, since = "", time.monotonic()
    while True:
        try:
            return process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            now = next((path.name for path in folder.glob("case_*")), "")
            if now != case or not now:
                case, since = now, time.monotonic()
            elif time.monotonic() - since > _STUCK_S:
                process.kill()
                process.wait()
                return None


def _child(kind: str, seed: int, first: int, count: int, warm: int) -> None:
    from tests.support.fuzz_cases import CASES

    place = Path.cwd()
    sources = place.parent / "sources"
    sources.mkdir()
    case = CASES[kind](sources)
    fuzzing.run(case, sources, seed=seed, count=warm, first=1 << 40)
    os.path.exists(_BEGIN)
    report = fuzzing.run(case, place, seed=seed, count=count, first=first)
    os.path.exists(_END)
    outcomes, raw = dict(report.outcomes), report.raw
    sys.stdout.write(json.dumps([outcomes, raw, report.slowest_s, report.peak_mib]))


def _report(data: Any) -> Report:
    outcomes, raw, slowest, peak = data
    return Report(Counter(outcomes), raw, tuple(slowest), tuple(peak))


def _done(state: Path | None, name: str) -> Report | None:
    if state is None or not state.exists():
        return None
    found = [json.loads(line) for line in state.read_text().splitlines()]
    return next((_report(part["report"]) for part in found if part["part"] == name), None)


def _note(state: Path | None, name: str, report: Report) -> None:
    if state is not None:
        data = [dict(report.outcomes), report.raw, report.slowest_s, report.peak_mib]
        with state.open("a") as file:
            file.write(json.dumps({"part": name, "report": data}) + "\n")


def seen(trace: Path, folder: Path) -> list[str]:
    """What the trace shows behind the mark that no case may do."""
    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    begin, end = (next((n for n, line in enumerate(lines) if mark in line), None) for mark in (_BEGIN, _END))
    if begin is None or end is None:
        return ["the trace has no marks"]
    installed = (
        sys.prefix,
        sys.base_prefix,
        str(Path(__file__).resolve().parents[2]),
        "/usr/",
        "/lib",
        "/proc/self/",
        "/sys/",
        "/etc/ld.so.cache",
    )
    found = []
    for line in lines[begin + 1 : end]:
        call = _CALL.match(line)
        if call is None or call["name"] in _HARMLESS:
            continue
        paths = [os.path.join(folder, path) for path in _PATH.findall(call["rest"])]
        reads = call["name"].startswith("open") and not re.search(r"O_WRONLY|O_RDWR|O_CREAT", call["rest"])
        allowed = bool(paths)
        for path in map(os.path.normpath, paths):
            own = path.startswith(f"{folder.parent}/")
            allowed = allowed and (own or (reads and path.startswith(installed)) or path.startswith(_FREE))
        if not allowed:
            found.append(line[:300])
    return found


if __name__ == "__main__":
    sys.exit(main())
