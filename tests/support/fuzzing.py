"""Damaged files and nonsense arguments by the thousand, from a seed: nothing but results and errors of the library.

``tests/fuzz/`` runs a few of each, ``tests/benchmarks/fuzz_campaign.py`` many.
"""

from __future__ import annotations

import copy
import random
import shutil
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from ptv_registry.errors import PtvError

JUNK: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 7, 1 << 31, 1 << 70, 10**400, 0.5, -0.0, 1e308, "", "x", "../../x", "a" * 3000, "\x00",
    "résumé", "model:resnet", "none", [], [[]], [None], [1, -1], ["a", 2], {}, {"a": {}}, {"name": "x"}, {"node": {}},
)  # fmt: skip
PIECES: Final = (
    "1e9999999",
    "9" * 5000,
    "nan",
    "inf",
    "-1",
    "[" * 2000,
    '"',
    "\x00",
    ",",
    "\t",
    "\n",
    "{",
    "\ufeff",
    "😀",
    "1/0",
)
Case = Callable[[random.Random, Path], None]


@define
class Report:
    """What became of the cases.

    Attributes:
        outcomes: how often a result or which error of the library.
        raw: the case's number and the error, where it was none of the library.
        slowest_s: CPU seconds, of all threads, of the case that took most, and its number.
        peak_mib: memory above that before the first case, at its highest, and the number of the case.
    """

    outcomes: Counter[str] = field(factory=Counter)
    raw: list[str] = field(factory=list)
    slowest_s: tuple[float, int] = (0.0, -1)
    peak_mib: tuple[float, int] = (0.0, -1)

    @property
    def cases(self) -> int:
        """How many there were."""
        return sum(self.outcomes.values()) + len(self.raw)

    def add(self, other: Report) -> None:
        """Takes over what another part of the same cases found."""
        self.outcomes += other.outcomes
        self.raw += other.raw
        self.slowest_s = max(self.slowest_s, other.slowest_s)
        self.peak_mib = max(self.peak_mib, other.peak_mib)


def run(case: Case, folder: Path, *, seed: int, count: int = 1 << 60, seconds: float = 1e9, first: int = 0) -> Report:
    """Cases of one kind from number ``first`` on, each with a generator of its own, until there are enough or time is over.

    A process that dies leaves the folder of the case it died in, which bears its number.
    """
    report, started = Report(), time.monotonic()
    before = _memory_mib("VmRSS")
    for number in range(first, first + count):
        if time.monotonic() - started > seconds:
            break
        place = folder / f"case_{number}"
        place.mkdir(parents=True)
        begun = time.process_time()
        _CLEAR.write_text("5")  # the peak starts anew
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                case(random.Random(f"{seed} {number}"), place)
            report.outcomes["a result"] += 1
        except PtvError as error:
            report.outcomes[type(error).__name__] += 1
        except Exception as error:  # noqa: BLE001 - these are what is looked for
            report.raw.append(f"case {number}: {type(error).__name__}: {str(error)[:200]}")
        report.slowest_s = max(report.slowest_s, (time.process_time() - begun, number))
        report.peak_mib = max(report.peak_mib, (_memory_mib("VmHWM") - before, number))
        shutil.rmtree(place, ignore_errors=True)
    return report


_CLEAR = Path("/proc/self/clear_refs")


def _memory_mib(name: str) -> float:
    """Memory of this process; 0 where there is no ``/proc``."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


# Damage


def places_in(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in nested dicts and lists."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places_in(value, (*path, key))


def damaged_data(data: Any, rng: random.Random) -> Any:
    """A copy with one to three values replaced, removed, doubled or swapped for another of its own."""
    data = copy.deepcopy(data)
    for _ in range(rng.randint(1, 3)):
        places = list(places_in(data))
        if not places:
            break
        *path, last = rng.choice(places)
        holder = data
        for key in path:
            holder = holder[key]
        how = rng.randrange(4)
        if how == 0:
            del holder[last]
        elif how == 1 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        elif how == 2:
            *other, leaf = rng.choice(places)
            found = data
            try:
                for key in (*other, leaf):
                    found = found[key]
            except (KeyError, IndexError, TypeError):
                continue
            holder[last] = copy.deepcopy(found)
        else:
            holder[last] = copy.deepcopy(rng.choice(JUNK))
    return data


def damaged_bytes(data: bytes, rng: random.Random) -> bytes:
    """Bytes flipped, cut off, left out or doubled."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if not out:
            break
        at = rng.randrange(len(out))
        how = rng.randrange(5)
        if how < 2:
            out[at] ^= 1 << rng.randrange(8)
        elif how == 2:
            out[at] = rng.randrange(256)
        elif how == 3:
            del out[at : at + rng.randrange(1, 40)]
        else:
            out[at:at] = out[at : at + rng.randrange(1, 40)]
    return bytes(out[: rng.randrange(len(out) + 1)] if rng.random() < 0.1 else out)
