"""Every defect of the original that concerns data, transforms or losses has a test that shows it.

``tests/benchmarks/defects_of_the_original.py`` runs these tests with the original, where they fail.
"""

import ast
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).with_name("defects_of_the_original")
TESTS = Path(__file__).parents[2]
RUNNER = TESTS / "benchmarks" / "defects_of_the_original.py"

# The chapters Data, and Transforms and losses, of the list of defects.
DEFECTS = range(1, 39)

# Number: why the two packages have no call in common that shows it, and the test here that holds what is right.
NOT_SHARED = {
    21: (
        "perform_seek=False, after which an earlier clip is None, is neither in the release nor documented",
        "plugins/ptv_video/test_decoder_contract.py::test_an_earlier_clip_can_follow_a_later_one",
    ),
    31: (
        "the export of videos, black for floats, is neither in the release nor documented; write_video does it here",
        "plugins/ptv_video/test_reading.py::test_written_video_reads_back",
    ),
}


def functions_in(path):
    return [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]


def marks():
    """The arguments of each ``pytest.mark.defect``: the number, and the others by name."""
    for path in sorted(FOLDER.glob("test_*.py")):
        for test in functions_in(path):
            if not test.name.startswith("test_"):
                continue
            calls = [call for call in test.decorator_list if ast.unparse(call).startswith("pytest.mark.defect(")]
            assert len(calls) == 1, f"{path.name}::{test.name} needs one pytest.mark.defect"
            (number,) = calls[0].args
            yield ast.literal_eval(number), {word.arg: ast.literal_eval(word.value) for word in calls[0].keywords}


def test_every_defect_has_a_test():
    shown = {number for number, _ in marks()}

    assert sorted(shown | set(NOT_SHARED)) == list(DEFECTS)
    assert not shown & set(NOT_SHARED)


def test_every_test_tells_how_it_fails_with_the_original():
    for number, words in marks():
        assert re.compile(words["there"]).pattern, f"defect {number}"
        assert set(words) <= {"there", "main"}, f"defect {number}"


def test_what_cannot_be_shown_by_both_is_held_by_a_test_here():
    for _, test in NOT_SHARED.values():
        path, name = test.split("::")

        assert name in {node.name for node in functions_in(TESTS / path)}


@pytest.mark.parametrize(
    ("outcome", "phase", "reason", "verdict"),
    [
        ("failed", "call", "assert 1.9 == 2.0", "fails there"),
        ("failed", "call", "ImportError: no module", "FAILS FOR ANOTHER REASON"),
        ("failed", "setup", "assert 1.9 == 2.0", "FAILS FOR ANOTHER REASON"),
        ("passed", "call", "", "PASSES THERE"),
        ("skipped", "setup", "", "not in the release"),
    ],
)
def test_a_test_counts_if_it_fails_with_its_defect(outcome, phase, reason, verdict):
    judged = runpy.run_path(str(RUNNER))["judged"]

    assert judged({"outcome": outcome, "phase": phase, "reason": reason, "expected": r"1\.9"})["verdict"] == verdict


@pytest.mark.parametrize(
    ("python", "message"),
    [("/nowhere/python", "/nowhere/python does not start"), (sys.executable, "not the original")],
)
def test_an_interpreter_without_the_original_is_refused(python, message):
    ended = subprocess.run(
        [sys.executable, str(RUNNER), "--original", python], capture_output=True, text=True, check=False, timeout=120
    )

    assert ended.returncode == 2
    assert message in ended.stderr
