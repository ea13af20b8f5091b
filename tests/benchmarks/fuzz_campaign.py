"""Many damaged files and nonsense arguments: ``python tests/benchmarks/fuzz_campaign.py --seconds 300 --seed 1 artifacts``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import fuzzing  # type: ignore[import-not-found]


def main() -> int:
    """Run the kinds that are asked for; status 1 if anything but results and errors of the library came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[[], *fuzzing.CASES], help="of cases; all by default")
    parser.add_argument("--seconds", type=float, default=120.0, help="for each kind")
    parser.add_argument("--many", type=int, default=1 << 60, help="cases of each kind at most")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    failed = False
    for kind in asked.kinds or fuzzing.CASES:
        with tempfile.TemporaryDirectory() as folder:
            case = fuzzing.CASES[kind](Path(folder))
            report = fuzzing.run(case, Path(folder), seed=asked.seed, count=asked.many, seconds=asked.seconds)
        print(f"{kind}: {report.cases} cases, {len(report.raw)} raw errors, slowest {report.slowest_s:.2f} s")
        print("   " + ", ".join(f"{name} {count}" for name, count in report.outcomes.most_common()))
        for line in report.raw[:20]:
            print(f"   {line}")
        sys.stdout.flush()
        failed = failed or bool(report.raw)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
