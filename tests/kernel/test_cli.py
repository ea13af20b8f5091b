"""The ``ptv`` command: in this process, and as the real console script."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from ptv_registry import Registry, _hooks, _registry, _suggest
from ptv_registry.cli import _commands
from ptv_registry.cli import ptv as command
from ptv_registry.cli.options import ComponentName, KindName
from ptv_registry.errors import ArgumentError, LockError, PtvError
from tests.support.fakes import entry, ptv, python, registry, scan_of, write_dist

BROKEN = {
    "acme_raise": "1 / 0",
    "acme_exit": "import sys; sys.exit(0)",
    "acme_crash": "import os; os._exit(7)",
    "acme_noisy": 'print(\'{"plugins": {}}\\n{\')\nclass Good:\n    """Fine."""\n    def __init__(self, num_features): pass\n',
}


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_registry, "default", registry())
    monkeypatch.setattr(_commands.ptv, "_plugins_loaded", True)


def run(*args: str) -> Result:
    return CliRunner().invoke(command, list(args), catch_exceptions=False)


def output(*args: str) -> str:
    result = run(*args)
    assert 0 == result.exit_code, result.output
    return result.output


def test_list_shows_kinds_names_and_distributions() -> None:
    text = output("list", "norm")

    assert text.startswith("norm  (normalises features)\n")
    assert "  ghost            acme 1.0  Another norm.\n" in text
    assert "stem" not in text
    assert "stem  (the first layers of a pathway)" in output("list")


def test_list_marks_what_is_shadowed_ambiguous_or_invalid(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [entry("norm:ghost", "Ghost", dist) for dist in ("a", "b")] + [entry("norm:Bad", "Ghost")]
    newer = [entry("norm:later", "x", "future")]
    monkeypatch.setattr(_registry, "default", Registry(scan=scan_of(entries, newer=newer)))
    result = run("list")

    assert "ambiguous: write a/ghost" in result.stdout
    assert "invalid: the name is not of the form" in result.stdout
    assert "future: norm:later is written for a newer kernel; upgrade ptv-registry" in result.stderr


def test_list_prints_json() -> None:
    rows = json.loads(output("list", "norm", "--json"))

    assert {"kind", "name", "dist", "version", "value", "status", "meaning"} == set(rows[0])
    assert "ghost" in [row["name"] for row in rows]


def test_show_explains_a_component() -> None:
    text = output("show", "norm:ghost")

    assert "norm:ghost  [acme 1.0, tests.support.fake_parts:Ghost]" in text
    assert "num_features  int  (required)" in text
    assert "Another norm." == json.loads(output("show", "norm:ghost", "--json"))["summary"]


def test_plan_prints_the_tree() -> None:
    text = output("plan", "net(norm=ghost)", "--set", "stage.depth=3")

    assert "* norm = norm:ghost" in text
    assert "^ norm = norm:ghost  [acme 1.0]   (from norm)" in text
    assert "* depth = 3" in text
    assert "classes" not in output("plan", "net", "--no-defaults")
    assert "net" == json.loads(output("plan", "net", "--json"))["name"]


def test_build_prints_what_came_out() -> None:
    assert "NetPart" in output("build", "net")
    assert {"type": "Batch", "parameters": None} == json.loads(
        output("build", "batch(num_features=3)", "--kind", "norm", "--json")
    )


def test_freeze_verify_and_building_from_a_lock(tmp_path: Path) -> None:
    lock = tmp_path / "net.json"
    output("freeze", "net(norm=ghost)", "-o", str(lock))

    assert lock.read_text() == output("freeze", "net(norm=ghost)") == output("freeze", str(lock))
    assert "NetPart" in output("build", str(lock))
    assert 0 == run("verify", str(lock)).exit_code
    assert {"lock": str(lock), "drift": []} == json.loads(output("verify", str(lock), "--json"))


def test_verify_says_what_differs_with_status_1(tmp_path: Path) -> None:
    lock = tmp_path / "net.json"
    lock.write_text(output("freeze", "net").replace('"acme": "1.0"', '"acme": "0.9"'))
    result = run("verify", str(lock))

    assert 1 == result.exit_code
    assert "acme: locked 0.9, installed 1.0" in result.output


@pytest.mark.parametrize(
    ("args", "error", "text"),
    [
        (["build", "nte"], PtvError, "Did you mean net"),
        (["plan", "net", "--set", "classes"], ArgumentError, "not of the form PATH=VALUE"),
        (["build", "gone.json"], LockError, "no lock at gone.json"),
        (["list", "norn"], PtvError, "Did you mean norm"),
        (["new-plugin", "norn", "mine"], PtvError, "Did you mean norm"),
        (["new-plugin", "norm", "none"], ArgumentError, "cannot be a component's name"),
        (["new-plugin", "norm", "Mine"], ArgumentError, "cannot be a component's name"),
        (["new-plugin", "norm", "mine", "--dist", "../x"], ArgumentError, "cannot be the name of a distribution"),
    ],
)
def test_errors_are_typed(args: list[str], error: type[PtvError], text: str) -> None:
    with pytest.raises(error, match=text):
        run(*args)


def test_an_unknown_command_gets_a_near_name() -> None:
    result = run("biuld")

    assert 2 == result.exit_code
    assert "Did you mean build" in result.output


def test_an_interrupted_command_ends_with_the_status_of_shells(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command.commands["list"], "callback", interrupted)
    result = CliRunner().invoke(command, ["list"])

    assert 130 == result.exit_code
    assert "Interrupted." in result.stderr


def test_names_are_completed() -> None:
    complete = ComponentName().shell_complete

    def words(text: str) -> list[str]:
        return [item.value for item in complete(None, None, text)]  # type: ignore[arg-type]

    assert ["net"] == words("ne")
    assert ["norm:ghost"] == words("norm:g")
    assert "pathways" in words("")


def test_plugins_add_commands(tmp_path: Path) -> None:
    code = (
        "import click, ptv_registry\n@ptv_registry.hookimpl\ndef ptv_add_commands(group):\n"
        "    group.add_command(click.Command('hello', callback=lambda: click.echo('hello there')))\n"
    )
    write_dist(tmp_path, "acme", {"v1.hooks": {"main": "acme_hooks"}}, {"acme_hooks": code})

    assert "hello there\n" == ptv(["hello"], path=tmp_path).stdout
    assert "hello" in ptv(["--help"], path=tmp_path).stdout


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    points = {name.removeprefix("acme_"): f"{name}:Good" for name in BROKEN}
    points |= {"missing": "acme_noisy:Nothing", "uncallable": "acme_noisy:__name__"}
    groups = {"v1.norm": points, "v2.norm": {"later": "acme_raise:x"}, "v1.hooks": {"main": "acme_raise"}}
    return write_dist(tmp_path, "acme", groups, BROKEN)


@pytest.mark.slow
def test_doctor_finds_every_way_to_break_and_goes_on(broken: Path) -> None:
    done = ptv(["doctor", "--json"], path=broken, check=False)

    rows = json.loads(done.stdout)["components"]
    found = {(row["kind"], row["name"]): row["error"] for row in rows if row["dist"] == "acme"}
    assert 1 == done.returncode
    assert found.pop(("norm", "noisy")) is None
    assert "exit status 7" in found.pop(("norm", "crash"))
    for key, cause in {
        ("norm", "raise"): "ZeroDivisionError",
        ("norm", "exit"): "SystemExit",
        ("norm", "missing"): "no attribute 'Nothing'",
        ("norm", "uncallable"): "not a callable",
        ("hooks", "main"): "ZeroDivisionError",
    }.items():
        assert cause in found.pop(key)
    assert {} == found
    assert "FAILS  norm:raise of acme" in ptv(["doctor"], path=broken, check=False).stdout


def test_listing_imports_none_of_them_and_names_what_needs_a_newer_kernel(broken: Path) -> None:
    done = ptv(["list", "norm"], path=broken)

    assert {"raise", "exit", "crash", "noisy", "missing", "uncallable"} <= {
        line.split()[0] for line in done.stdout.splitlines()
    }
    assert "acme: norm:later is written for a newer kernel" in done.stderr


def test_an_unreadable_distribution_breaks_only_its_own_names(tmp_path: Path) -> None:
    write_dist(tmp_path, "good", {"v1.norm": {"fine": "acme_good:Good"}}, {"acme_good": BROKEN["acme_noisy"]})
    write_dist(tmp_path, "acme", {"v1.norm": {"lost": "acme_lost:x"}})
    (tmp_path / "acme-1.0.dist-info" / "METADATA").unlink()

    text = ptv(["list", "norm"], path=tmp_path).stdout
    assert "fine" in text


def script(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    ptv_script = Path(sys.executable).with_name("ptv")
    return subprocess.run(
        [ptv_script, *args], capture_output=True, text=True, env={**os.environ, **env}, check=False, timeout=60
    )


def test_the_console_script_works() -> None:
    assert 0 == script("list").returncode
    assert script("--version").stdout.startswith("ptv, version ")
    assert "new-plugin" in script("--help").stdout


@pytest.mark.parametrize(("args", "env"), [(["build", "no_such_model"], {}), (["list"], {"PTV_PREFER": "nonsense"})])
def test_the_console_script_ends_errors_in_a_message_and_status_1(args: list[str], env: Any) -> None:
    if env:
        args = ["build", "norm:batch(num_features=3)"]
    done = script(*args, **env)

    assert 1 == done.returncode
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert "Traceback" in script(*args, **env, PTV_TRACEBACK="1").stderr


def test_a_warning_given_on_purpose_is_one_line_without_its_place_in_the_code() -> None:
    done = python(
        [
            "-c",
            "import warnings; from ptv_registry import cli; from ptv_registry.errors import PtvWarning\n"
            "@cli.ptv.command()\ndef warn():\n    warnings.warn('the head was left out', PtvWarning)\n"
            "    warnings.warn('a stranger warns')\n"
            "import sys; sys.argv = ['ptv', 'warn']; cli.main()",
        ]
    )

    first, *rest = done.stderr.splitlines()
    assert "Warning: the head was left out" == first
    assert "UserWarning: a stranger warns" in rest[0]


def test_list_searches_names_meanings_and_distributions() -> None:
    def found(text: str) -> list[str]:
        return [row["name"] for row in json.loads(output("list", "norm", "--search", text, "--json"))]

    assert ["ghost"] == found("GHO")
    assert ["batch"] == found("The default")
    assert "ghost" in found("acme")
    assert "No component of kind norm with 'nowhere' in it is installed." in output(
        "list", "norm", "--search", "nowhere"
    )


def test_show_gives_defaults_as_they_stand_in_a_spec() -> None:
    text = output("show", "model:net")

    assert "<function" not in text
    assert "0x" not in text
    assert "stem     a stem = plain" in text


def test_a_command_of_a_distribution_that_is_not_installed_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"command:fly": "ptv-wings", "command:hide": "ptv-registry"}
    monkeypatch.setattr(_suggest, "known_elsewhere", lambda: known)

    assert "It is provided by 'ptv-wings', which is not installed: pip install ptv-wings" in run("fly").output
    assert "It is provided by 'ptv-registry', whose commands did not load" in run("hide").output
    assert "provided by" not in run("swim").output


def test_every_command_that_takes_a_component_or_a_kind_completes_it() -> None:
    group = click.Group(commands=dict(_commands.ptv.commands))
    _hooks.call_each("ptv_add_commands", registry=Registry(), group=group)
    found = {
        f"{path} {parameter.name}": parameter.type
        for path, one in commands_of(group, "ptv")
        for parameter in one.params
        if parameter.name in COMPONENTS
    }
    lacking = {name for name, kind in found.items() if not isinstance(kind, ComponentName | KindName)}

    assert {"ptv build spec", "ptv list kind", "ptv train optimizer", "ptv zoo list model"} <= set(found)
    assert set() == lacking


#: Names of parameters whose values are components or kinds, whichever command has them.
COMPONENTS = (
    *("spec", "kind", "model", "models", "backend", "backends", "decoder", "transform", "calibrate", "task", "loss"),
    *("optimizer", "schedule", "batch_transforms", "callbacks", "metrics"),
)


def commands_of(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, one in group.commands.items():
        yield f"{path} {name}", one
        if isinstance(one, click.Group):
            yield from commands_of(one, f"{path} {name}")


def test_a_shell_completes_names_of_a_kind_several_of_them_and_files() -> None:
    def words(kind: str | None, text: str, **options: str) -> list[str]:
        return [item.value for item in ComponentName(kind, **options).shell_complete(None, None, text)]  # type: ignore[arg-type]

    assert ["ghost"] == words("norm", "gh")
    assert ["batch,ghost"] == words("norm", "batch,gh", separator=",")
    assert ["file"] == [item.type for item in ComponentName().shell_complete(None, None, "runs/fir")]  # type: ignore[arg-type]
    assert ["norm"] == [item.value for item in KindName().shell_complete(None, None, "nor")]  # type: ignore[arg-type]
