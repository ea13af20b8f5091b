"""The original's side of :mod:`defects_of_the_original`: runs the tests of a folder in the original's environment.

Each line of standard output is JSON: first the facts about the original, then a test's result as soon as there is one.
Imports nothing of this repository but `tests.support`, which the tests use themselves.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import sys
from pathlib import Path

import pytest

FOLDER, ROOT = Path(sys.argv[1]), Path(sys.argv[2])
NEEDED = ("pytorchvideo", "torchvision", "av", "PIL", "cv2", "decord")
ONLY_MAIN = "only the repository's main branch has this"


class Reporter:
    """Tells each result, and leaves out what this version of the original does not have."""

    def __init__(self, lines, is_main):
        self._lines, self._is_main = lines, is_main

    def tell(self, **facts):
        self._lines.write(json.dumps(facts) + "\n")
        self._lines.flush()

    def pytest_collection_modifyitems(self, items):
        for item in items:
            if _defect(item).kwargs.get("main") and not self._is_main:
                item.add_marker(pytest.mark.skip(reason=ONLY_MAIN))
        self.tell(tests=len(items))

    def pytest_collectreport(self, report):
        if report.failed:
            self.tell(error=str(report.longrepr))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if report.when == "call" or not report.passed:
            error = "" if call.excinfo is None else _error(call.excinfo)
            defect = _defect(item)
            name = f"{item.path.name}::{item.name}"
            self.tell(
                test=name,
                defect=defect.args[0],
                outcome=report.outcome,
                phase=report.when,
                expected=defect.kwargs["there"],
                reason=error.removeprefix("AssertionError: "),
            )
        return report


def _error(excinfo):
    """What it fails with; an assertion that tells nothing, with its source."""
    message = str(excinfo.value) or str(excinfo.traceback[-1].statement).strip()
    return f"{excinfo.typename}: {message}"


def _defect(item):
    return item.get_closest_marker("defect")


def main():
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what pytest and the tests print is not a result
    if importlib.util.find_spec("ptv_registry") is not None:
        sys.exit("this environment has the package of this repository, not the original")
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(f"this environment lacks {', '.join(missing)}; --help tells how to make one")
    from torchvision.transforms import _functional_tensor

    # torchvision removed the private module that the original imports; this is the same module under its present name.
    sys.modules["torchvision.transforms.functional_tensor"] = _functional_tensor
    from pytorchvideo.data import LabeledVideoDataset

    is_main = "decode_video" in inspect.signature(LabeledVideoDataset).parameters
    reporter = Reporter(lines, is_main)
    reporter.tell(original="the main branch" if is_main else "the release", place=inspect.getfile(LabeledVideoDataset))
    sys.path.insert(0, str(ROOT))
    arguments = [f"--rootdir={FOLDER}", f"--confcutdir={FOLDER}", "--import-mode=importlib", "-pno:cacheprovider"]
    status = pytest.main([str(FOLDER), "-c", os.devnull, *arguments, "-Wignore", "-vv"], plugins=[reporter])
    if status > pytest.ExitCode.TESTS_FAILED:
        sys.exit(f"pytest ended with {status!r}")


if __name__ == "__main__":
    main()
