"""Hooks: each is called, and a plugin that fails is left out with a warning."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

import ptv_registry as ptv
from ptv_registry import Registry, _hooks, _registry, hookimpl
from ptv_registry._hooks import PluginWarning
from ptv_registry.errors import ArgumentError, HookError, PlanRejectedError
from tests.support.fakes import PART_NAMES, entry, scan_of

Plugins = Any


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugins]:
    """Install modules with these functions as plugins: ``install(acme={"ptv_doctor": lambda: {}})``."""

    def do(**plugins: dict[str, Any]) -> None:
        hooks = []
        for name, functions in plugins.items():
            module = types.ModuleType(f"ptv_fakes_hooks_{name}")
            for hook, function in functions.items():
                setattr(module, hook, hookimpl(function))
            monkeypatch.setitem(sys.modules, module.__name__, module)
            hooks.append(entry("hooks:main", f"{module.__name__}:", name))
        parts = [entry(key, value) for key, value in PART_NAMES.items()]
        monkeypatch.setattr(_registry, "default", Registry(scan=scan_of(parts, hooks=hooks)))

    from ptv_registry import _entries

    _entries._load.cache_clear()
    yield do
    _entries._load.cache_clear()


def test_any_plugin_may_object_to_a_plan(install: Plugins) -> None:
    install(
        one={"ptv_check_plan": lambda plan: f"no {plan.root.name}"},
        two={"ptv_check_plan": lambda plan: ["again", "no"]},
        three={"ptv_check_plan": lambda plan: None},
    )

    with pytest.raises(PlanRejectedError, match="the plan is refused: ") as caught:
        ptv.build("net")
    assert {"no model:net", "again", "no"} == set(caught.value.fields["objections"])


def test_what_is_answered_after_a_build_is_in_the_lock(install: Plugins) -> None:
    install(
        one={"ptv_after_build": lambda obj, plan: {"type": type(obj).__name__, "kind": plan.kind}},
        two={"ptv_after_build": lambda obj: None},
    )

    assert {"one:main": {"type": "NetPart", "kind": "model"}} == json.loads(ptv.freeze(ptv.build("net")))["after_build"]


def test_an_error_after_a_build_is_the_builds_error(install: Plugins) -> None:
    def fails(obj: Any) -> None:
        raise OSError("no weights")

    install(one={"ptv_after_build": fails})

    with pytest.raises(OSError, match="no weights"):
        ptv.build("net")


def test_options_of_plugins_do_not_reach_the_component_and_are_in_the_lock(install: Plugins) -> None:
    install(one={"ptv_build_options": lambda spec: ["weights"]}, two={"ptv_build_options": lambda: "tag"})

    plan = ptv.resolve("net(weights='best', classes=3)", tag="x")

    assert {"weights": "best", "tag": "x"} == plan.options
    assert plan.options == ptv.resolve(ptv.freeze(plan)).options
    with pytest.raises(ArgumentError, match="wieghts"):
        ptv.build("net", wieghts="best")


def test_the_first_answer_to_a_question_counts(install: Plugins) -> None:
    install(
        one={"ptv_guess_decoder": lambda uri, head: None},
        two={"ptv_guess_decoder": lambda uri, head: "mine" if uri.endswith(".mp4") else None},
    )

    assert "mine" == ptv.call_hook("ptv_guess_decoder", uri="a.mp4", head=b"")
    assert ptv.call_hook("ptv_guess_decoder", uri="a.avi", head=b"") is None


def test_every_candidate_of_a_conversion_is_collected(install: Plugins) -> None:
    install(one={"ptv_convert": lambda module: "a"}, two={"ptv_convert": lambda module, target, path: target + path})

    assert {"a", "mobilex.y"} == set(ptv.call_hook("ptv_convert", module=None, target="mobile", path="x.y"))


def test_pushdown_doctor_and_commands_are_asked(install: Plugins) -> None:
    import click

    group = click.Group()
    install(
        one={
            "ptv_pushdown": lambda transform, key: key,
            "ptv_doctor": lambda: {"gpu": "none"},
            "ptv_add_commands": lambda group: group.add_command(click.Command("mine")),
        }
    )

    assert "video" == ptv.call_hook("ptv_pushdown", transform=None, key="video")
    assert {"one:main": {"gpu": "none"}} == _hooks.call_each("ptv_doctor")
    assert {} == _hooks.call_each("ptv_add_commands", group=group)
    assert ["mine"] == list(group.commands)


def broken_hooks(hook: str) -> dict[str, Any]:
    def fails(**_: Any) -> None:
        raise ZeroDivisionError("mine")

    return {hook: (lambda: fails())}


@pytest.mark.parametrize("hook", ["ptv_check_plan", "ptv_build_options"])
def test_a_hook_that_fails_is_reported_and_the_build_goes_on(install: Plugins, hook: str) -> None:
    install(bad=broken_hooks(hook), good={"ptv_after_build": lambda obj: 1})

    with pytest.warns(PluginWarning, match=f"{hook} of bad:main failed: ZeroDivisionError: mine"):
        assert ptv.build("net")


def test_a_hook_that_fails_does_not_silence_the_others(install: Plugins) -> None:
    install(bad=broken_hooks("ptv_doctor"), good={"ptv_doctor": lambda: {"a": "b"}})

    with pytest.warns(PluginWarning):
        assert {"good:main": {"a": "b"}} == _hooks.call_each("ptv_doctor")


def test_strict_makes_a_failure_an_error(install: Plugins, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTV_STRICT", "1")
    install(bad=broken_hooks("ptv_doctor"))

    with pytest.raises(HookError, match="ptv_doctor of bad:main failed"):
        _hooks.call_each("ptv_doctor")


@pytest.mark.parametrize(
    "functions",
    [
        {"ptv_check_plan": lambda plan, nothing: None},
        {"ptv_chekc_plan": lambda plan: None},
    ],
    ids=["an argument that the hook does not have", "a hook that is none"],
)
def test_a_plugin_with_wrong_hooks_is_left_out_whole(install: Plugins, functions: dict[str, Any]) -> None:
    answers = {"ptv_doctor": lambda: {"a": "b"}}
    install(bad=answers | functions, good=answers)

    with pytest.warns(PluginWarning, match="the hooks of bad 1.0 are left out"):
        assert ["good:main"] == list(_hooks.call_each("ptv_doctor"))


@pytest.mark.parametrize("code", ["1 / 0", "import sys; sys.exit(3)", "import ptv_fakes_no_such_module"])
def test_a_plugin_whose_hooks_do_not_import_is_left_out(
    code: str, install: Plugins, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ptv_fakes_broken_hooks.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    install(good={"ptv_doctor": lambda: {"a": "b"}})
    good = _registry.default.scan.hooks
    bad = entry("hooks:main", "ptv_fakes_broken_hooks:", "bad")
    monkeypatch.setattr(_registry, "default", Registry(scan=scan_of([], hooks=[bad, *good])))

    with pytest.warns(PluginWarning, match="the hooks of bad 1.0 are left out"):
        assert ["good:main"] == list(_hooks.call_each("ptv_doctor"))
    monkeypatch.setattr(_hooks, "_loaded", {})
    monkeypatch.setenv("PTV_STRICT", "1")
    with pytest.raises(HookError, match="left out"):
        _hooks.manager()


@pytest.mark.parametrize(("disabled", "left"), [("Bad_One", ["good"]), ("all", []), ("other", ["bad-one", "good"])])
def test_plugins_can_be_disabled(
    install: Plugins, monkeypatch: pytest.MonkeyPatch, disabled: str, left: list[str]
) -> None:
    monkeypatch.setenv("PTV_DISABLE_PLUGINS", f"x, {disabled}")
    answers = {"ptv_doctor": lambda: {"a": "b"}}
    install(**{"bad-one": answers, "good": answers})

    assert {f"{name}:main" for name in left} == set(_hooks.call_each("ptv_doctor"))


def test_plugins_are_loaded_again_after_an_install(install: Plugins) -> None:
    install(one={"ptv_doctor": lambda: {"a": "b"}})
    assert ["one:main"] == list(_hooks.call_each("ptv_doctor"))
    install(two={"ptv_doctor": lambda: {"a": "b"}})

    assert ["two:main"] == list(_hooks.call_each("ptv_doctor"))


def test_plugins_of_distributions_that_are_not_trusted_are_not_even_imported(install: Plugins) -> None:
    asked: list[str] = []
    install(
        good={"ptv_check_plan": lambda plan: asked.append("good")},
        evil={
            "ptv_check_plan": lambda plan: asked.append("evil"),
            "ptv_build_options": lambda spec: ["weights"],
            "ptv_after_build": lambda obj: asked.append("evil"),
        },
    )
    narrow = Registry(scan=_registry.default.scan, trusted_dists=["good", "acme"])
    sys.modules.pop("ptv_fakes_hooks_evil")
    ptv.build("net", registry=narrow)

    assert ["good"] == asked
    with pytest.raises(ArgumentError, match="weights"):
        ptv.resolve("net", registry=narrow, weights="x")
