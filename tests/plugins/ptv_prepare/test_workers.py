from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ptv_datasets import Failure
from ptv_prepare import OutputError, WorkerError
from ptv_prepare.workers import perform

sys.path.insert(0, str(Path(__file__).parent))
from worker_functions import Job, act


def test_a_task_that_crashes_hangs_or_raises_is_a_failure_and_the_others_go_on():
    jobs = [
        Job("a"),
        Job("b", "crash"),
        Job("c", "hang"),
        Job("d", "exit"),
        Job("e", "raise"),
        Job("f", "slow"),
        Job("g"),
    ]
    results = {job.source: result for job, result in perform(act, jobs, jobs=3, timeout_s=2)}

    assert ["A", "F", "G"] == [results[source] for source in "afg"]
    assert Failure("b", "ProcessCrash", "the process that read it ended with signal SIGSEGV") == results["b"]
    assert Failure("c", "TimeoutError", "no progress for 2 s") == results["c"]
    assert "exit status 3" in results["d"].message
    assert Failure("e", "ValueError", "is bad") == results["e"]


@pytest.mark.parametrize("jobs", [0, 1])
def test_an_output_that_cannot_be_written_ends_everything(jobs):
    with pytest.raises(OutputError, match="the disk is full"):
        list(perform(act, [Job("a", "full"), Job("b")], jobs=jobs))


def test_this_process_can_do_the_work():
    assert [(Job("a"), "A"), (Job("b"), "B")] == list(perform(act, [Job("a"), Job("b")], jobs=0))


def test_no_tasks_start_no_process():
    assert [] == list(perform(act, [], jobs=4))


def test_a_script_without_a_guard_is_told(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from worker_functions import Job, act\nfrom ptv_prepare.workers import perform\n"
        "list(perform(act, [Job('a')], jobs=1))\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)

    assert 1 == done.returncode
    assert f"{WorkerError.__name__}: the worker processes do not start" in done.stderr
