"""The original's side of :mod:`defects_of_the_original`: runs the tests of a folder in the original's environment.

Each line of standard output is JSON: first the facts about the original, then a test's result as soon as there is one.
Imports nothing of this repository but the support module that the tests use themselves.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
from pathlib import Path

import pytest

FOLDER, SUPPORT = Path(sys.argv[1]), Path(sys.argv[2])
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
            error = "" if call.excinfo is None else f"{call.excinfo.typename}: {call.excinfo.value}"
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


def _defect(item):
    return item.get_closest_marker("defect")


def main():
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what pytest and the tests print is no result
    from torchvision.transforms import _functional_tensor

    # torchvision removed the private module that the original imports; this is the same module under its present name.
    sys.modules["torchvision.transforms.functional_tensor"] = _functional_tensor
    for needed in ("pytorchvideo", "cv2", "decord", "av", "PIL"):
        importlib.import_module(needed)
    from pytorchvideo.data import LabeledVideoDataset

    is_main = "decode_video" in inspect.signature(LabeledVideoDataset).parameters
    reporter = Reporter(lines, is_main)
    reporter.tell(original="the main branch" if is_main else "the release", place=inspect.getfile(LabeledVideoDataset))
    sys.path.insert(0, str(SUPPORT))
    arguments = [f"--rootdir={FOLDER}", f"--confcutdir={FOLDER}", "--import-mode=importlib", "-pno:cacheprovider"]
    pytest.main([str(FOLDER), "-c", os.devnull, *arguments, "-Wignore", "-q"], plugins=[reporter])


if __name__ == "__main__":
    main()
