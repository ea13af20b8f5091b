"""The real command, killed or interrupted in the middle, and run again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from ptv_prepare.commands import prepare

from .conftest import clip, contents

COUNT = 16
PTV = [sys.executable, "-m", "ptv_registry.cli"]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Videos that take a while each; one is broken."""
    root = tmp_path_factory.mktemp("to be killed")
    first = clip(root / "run" / "video00.mp4", frames=60, sound=True, height=120, width=160)
    for number in range(1, COUNT):
        shutil.copy(first, root / "run" / f"video{number:02}.mp4")
    (root / "run" / "video05.mp4").write_bytes(first.read_bytes()[:5000])
    (root / "train.csv").write_text(
        "id,actions\n" + "".join(f"video{number:02},c001 0.5 1\n" for number in range(COUNT))
    )
    return root


def arguments(dataset, source, out, jobs):
    extra = {"charades": ["--train", str(source / "train.csv")]}.get(dataset, [])
    return [dataset, str(source), str(out), "--jobs", str(jobs), *extra]


def outputs(out):
    """What has its final name by now."""
    return [*out.glob("videos/*/video*"), *out.glob("frames/video*")]


def start(dataset, source, out):
    command = [*PTV, "prepare", *arguments(dataset, source, out, 2)]
    # What a shell starts in the background ignores Ctrl-C, and so would what we start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(running, out, count):
    deadline = time.monotonic() + 120
    while len(outputs(out)) < count:
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)


def stopped(dataset, source, folder, count, number):
    """A run that a signal reached in the middle: its folder, status and messages.

    On a busy machine a run can end between the look at its files and the signal; then there is another one.
    """
    for attempt in range(10):
        out = folder / f"attempt{attempt}" / "out"
        running = start(dataset, source, out)
        wait_for(running, out, count)
        os.killpg(running.pid, number)
        _, errors = running.communicate(timeout=120)
        if len(outputs(out)) < COUNT - 1:
            return out, running.returncode, errors
    raise AssertionError("every run ended before the signal reached it")


@pytest.mark.parametrize("dataset", ["kinetics", "charades"])
def test_a_killed_run_ends_with_the_same_files_as_an_undisturbed_one(dataset, source, tmp_path):
    undisturbed = tmp_path / "undisturbed"
    CliRunner().invoke(prepare, [*arguments(dataset, source, undisturbed, 0), "--json"])
    killed, _, _ = stopped(dataset, source, tmp_path, 3, signal.SIGKILL)
    complete = {path: contents(path) if path.is_dir() else path.stat().st_ino for path in outputs(killed)}
    result = CliRunner().invoke(prepare, [*arguments(dataset, source, killed, 0), "--json"])

    assert 3 <= len(complete) < COUNT - 1
    report = json.loads(result.stdout)
    assert COUNT - 1 == report["made"] + report["complete"]
    assert report["complete"] >= len(complete) - 2  # a process may have been killed between the name and the journal
    assert 1 == result.exit_code
    assert [str(source / "run" / "video05.mp4")] == [failure["path"] for failure in report["failures"]]
    assert contents(undisturbed) == contents(killed)
    assert COUNT - 1 == len(outputs(killed))


def test_an_interrupted_run_ends_cleanly_and_says_how_to_go_on(source, tmp_path):
    out, status, errors = stopped("kinetics", source, tmp_path, 2, signal.SIGINT)

    assert 130 == status, errors
    assert "run the same command again" in errors
    assert "Traceback" not in errors
    assert [] == list(out.rglob(".*part-*"))


def test_the_commands_are_offered_without_torch_or_pyav():
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom ptv_prepare.commands import prepare, scan\n"
        "for command in (prepare, scan, *prepare.commands.values()):\n"
        "    assert CliRunner().invoke(command, ['--help']).exit_code == 0\n"
        "assert not {'torch', 'av', 'numpy', 'ptv_prepare.run'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_ptv_knows_the_commands():
    done = subprocess.run([*PTV, "prepare", "--help"], capture_output=True, text=True, check=True)

    assert all(name in done.stdout for name in ("kinetics", "ava", "ssv2", "charades"))


def test_the_text_lists_what_is_broken_and_missing(source, tmp_path):
    out = str(tmp_path / "out")
    (tmp_path / "list.csv").write_text("run/video01.mp4 0\nrun/video05.mp4 0\nrun/none.mp4 1\n")
    options = ["--train", str(tmp_path / "list.csv"), "--jobs", "0", "--short-side", "32", "--quiet"]
    result = CliRunner().invoke(prepare, ["kinetics", str(source), out, *options])

    assert 1 == result.exit_code
    assert "1 made, 0 already complete, 1 broken." in result.stdout
    assert "video05.mp4: VideoDecodeError: " in result.stdout
    assert "run/none.mp4" in result.stdout
    assert f"dataset:kinetics(data_path='{out}/train.csv', video_path_prefix='{out}'" in result.stdout
    assert "" == result.stderr
