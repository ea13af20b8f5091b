"""Does each test of a defect fail with the original package, and for the reason that it names?

The tests of ``tests/contrib/pytorchvideo_compat/defects_of_the_original`` pass in this repository's own suite. Here the
same files run in an environment with the original; a row per test tells what it fails with there. The exit status is 1
if a test passes there, or fails with something else than its defect.

    uv venv /tmp/ptv-original
    uv pip install --python /tmp/ptv-original/bin/python \
        pytorchvideo torch==2.15.0 torchvision==0.29.2 av==18.1.0 pytest opencv-python-headless decord
    .venv/bin/python tests/benchmarks/defects_of_the_original.py --original /tmp/ptv-original/bin/python [--json FILE]

Some defects are in the main branch of the original's repository only, and are left out with the release (0.1.5).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("defects_of_the_original_worker.py")
TESTS = Path(__file__).parents[1]
FOLDER = TESTS / "contrib" / "pytorchvideo_compat" / "defects_of_the_original"


class OriginalError(RuntimeError):
    """The tests cannot be run with the original; the message tells why."""


def results(python: str) -> Iterator[dict[str, Any]]:
    """What the worker tells, line by line.

    Raises:
        OriginalError: the interpreter does not start, or lacks the original or what the tests need.
    """
    command = [python, str(WORKER), str(FOLDER), str(TESTS.parent)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "1"}
    environment.pop("PYTHONPATH", None)
    with tempfile.TemporaryFile("w+") as printed:
        try:
            worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=printed, text=True, env=environment)
        except OSError as error:
            raise OriginalError(f"{python} does not start: {error}") from error
        with worker:
            assert worker.stdout is not None
            for line in worker.stdout:
                yield json.loads(line)
        if worker.returncode:
            printed.seek(0)
            raise OriginalError(f"{python} ended with status {worker.returncode}: {printed.read().strip()}")


def judged(result: dict[str, Any]) -> dict[str, Any]:
    """The result with a verdict."""
    if result["outcome"] == "skipped":
        verdict = "not in the release"
    elif result["outcome"] == "passed":
        verdict = "PASSES THERE"
    elif result["phase"] != "call" or not re.search(result["expected"], result["reason"], re.DOTALL):
        verdict = "FAILS FOR ANOTHER REASON"
    else:
        verdict = "fails there"
    return {**result, "verdict": verdict}


def row(result: dict[str, Any]) -> str:
    """The result as a line of the table."""
    reason = "" if result["outcome"] == "skipped" else result["reason"].strip().split("\n")[0]
    return f"{result['defect']:>6}  {result['test'][:100]:100}  {result['verdict']:24}  {reason[:120]}".rstrip()


def main() -> None:
    """Runs the tests and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--original", metavar="PYTHON", required=True, help="interpreter of the environment of the original"
    )
    parser.add_argument("--json", type=Path, help="write the results here as well")
    arguments = parser.parse_args()
    found: list[dict[str, Any]] = []
    facts: dict[str, Any] = {}
    try:
        for told in results(arguments.original):
            if "error" in told:
                raise OriginalError(told["error"])
            if "test" not in told:
                facts.update(told)
                continue
            found.append(judged(told))
            if sys.stderr.isatty():
                print(f"\r{len(found)}/{facts['tests']} tests", end="", file=sys.stderr, flush=True)
    except OriginalError as error:
        parser.exit(2, f"{error}\n")
    found.sort(key=lambda result: (result["defect"], result["test"]))
    print(f"\nThe original: {facts['original']}, {facts['place']}\n\ndefect  test")
    for result in found:
        print(row(result))
    verdicts = [result["verdict"] for result in found]
    defects = {result["defect"] for result in found if result["verdict"] == "fails there"}
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in sorted(set(verdicts)))
    print(f"\n{len(found)} tests: {counts}; {len(defects)} defects shown")
    if arguments.json:
        arguments.json.write_text(json.dumps({**facts, "results": found}, indent=1) + "\n")
    parser.exit(0 if set(verdicts) <= {"fails there", "not in the release"} else 1)


if __name__ == "__main__":
    main()
