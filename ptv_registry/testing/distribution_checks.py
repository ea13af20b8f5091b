"""What every distribution with components promises beside them: its groups, hooks, kinds and contracts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from difflib import SequenceMatcher
from importlib.util import find_spec
from typing import Any, Final

import importlib_metadata
from attrs import frozen

from ptv_registry import Kind, Registry, hookspecs
from ptv_registry._entries import Entry, canonical
from ptv_registry.contracts import GROUP, Contract, load, providers
from ptv_registry.errors import PtvError
from ptv_registry.testing.subject import Broken

_OURS: Final = "ptv_registry.v1"
_HEAVY: Final = ("torch", "torchvision", "lightning", "av")


@frozen
class DistributionCheck:
    """A check of a distribution; see :class:`ptv_registry.testing.component_checks.ComponentCheck`."""

    name: str
    run: Callable[[str], None]
    needs: tuple[str, ...] = ()


def groups_of(dist: str) -> set[str]:
    """The groups of a distribution's entry points."""
    wanted = canonical(dist)
    return {
        p.group for p in importlib_metadata.entry_points() if canonical(getattr(p.dist, "name", None) or "") == wanted
    }


def _groups(dist: str) -> None:
    kinds = Registry().kinds()
    names = [*kinds, *(f"{kind}.deprecated" for kind in kinds), "hooks", "kinds"]
    known = [*(f"{_OURS}.{name}" for name in names), GROUP]
    for group in sorted(groups_of(dist) - set(known)):
        newer = re.fullmatch(r"ptv_registry\.v(\d+)\..*", group)
        if newer and newer[1] != "1":
            raise Broken(
                f"{dist} has entry points in {group!r}, and this kernel reads version 1; write {group.replace(newer[1], '1', 1)!r}"
            )
        near = max(known, key=lambda name: SequenceMatcher(None, name, group).ratio())
        if group.startswith("ptv_registry") or SequenceMatcher(None, near, group).ratio() > 0.85:
            raise Broken(
                f"{dist} has entry points in {group!r}, which nobody reads: did you mean {near!r}? A kind of your own is "
                f'declared in "{_OURS}.kinds"'
            )


def _declared(dist: str, group: str) -> list[Entry]:
    scan = Registry().scan
    found = {"hooks": scan.hooks, "kinds": scan.kinds}[group]
    return [entry for entry in found if canonical(entry.dist or "") == canonical(dist)]


def _hooks_load(dist: str) -> None:
    for entry in _declared(dist, "hooks"):
        found = _in_a_process(entry)
        if found["error"]:
            raise Broken(
                f"the hooks {entry.value} of {dist} do not load ({found['error']}), so that every command warns and does without "
                "them; import inside the hooks whatever may be missing"
            )


def _hooks_light(dist: str) -> None:
    for entry in _declared(dist, "hooks"):
        heavy = [name for name in _HEAVY if name in _in_a_process(entry)["modules"]]
        if heavy:
            raise Broken(
                f"the hooks {entry.value} of {dist} import {', '.join(heavy)}, and every command waits for that; import it inside "
                "the hooks, and let the package's __init__ import nothing"
            )


def _hooks_known(dist: str) -> None:
    asked = {name for name in vars(hookspecs) if name.startswith("ptv_")}
    for entry in _declared(dist, "hooks"):
        unknown = sorted(set(_in_a_process(entry)["hooks"]) - asked)
        if unknown:
            raise Broken(
                f"{unknown[0]} of {entry.value} of {dist} is not a hook, so that nobody calls it; the hooks are "
                f"{', '.join(sorted(asked))}"
            )


_LOAD: Final = """
import importlib, json, sys
found = {"error": "", "hooks": []}
try:
    module, _, attribute = sys.argv[1].partition(":")
    target = importlib.import_module(module)
    for part in filter(None, attribute.split(".")):
        target = getattr(target, part)
    found["hooks"] = [name for name in dir(target) if hasattr(getattr(target, name), "ptv_registry_impl")]
except Exception as error:
    found["error"] = f"{type(error).__name__}: {error}"
print(json.dumps({**found, "modules": list(sys.modules)}))
"""
_found: dict[str, dict[str, Any]] = {}


def _in_a_process(entry: Entry) -> dict[str, Any]:
    if entry.value not in _found:
        done = subprocess.run([sys.executable, "-c", _LOAD, entry.value], capture_output=True, text=True, check=False)
        lines = done.stdout.splitlines() or [
            json.dumps(
                {"error": done.stderr.strip()[-200:] or f"exit status {done.returncode}", "hooks": [], "modules": []}
            )
        ]
        _found[entry.value] = json.loads(lines[-1])
    return _found[entry.value]


def _kinds(dist: str) -> None:
    for entry in _declared(dist, "kinds"):
        try:
            found = Registry().kind(entry.name)
        except PtvError as error:
            raise Broken(
                f"{error.message.partition(chr(10))[0]}; name a ptv_registry.Kind({entry.name!r}, ...) there"
            ) from error
        if not isinstance(found, Kind) or not found.meaning.strip():
            raise Broken(
                f"the kind {entry.name} of {dist} has no meaning; give Kind({entry.name!r}, ...) one line for people"
            )
        if entry.name not in providers():
            raise Broken(
                f"the kind {entry.name} of {dist} has no contract, so that nobody can learn what its call sites pass; name a "
                f'ptv_registry.contracts.Contract in the group "{GROUP}"'
            )


def _contracts(dist: str) -> None:
    wanted = canonical(dist)
    own = [
        p for points in providers().values() for p in points if canonical(getattr(p.dist, "name", None) or "") == wanted
    ]
    for point in own:
        try:
            _agrees(load(point))
        except PtvError as error:
            raise Broken(error.message) from error


def _agrees(contract: Contract) -> None:
    kind = Registry().kind(contract.kind)
    for words, said, done in (
        ("has to be passed", set(kind.requires) - set(contract.passed), kind.requires),
        ("is offered, and has a default there", set(kind.offers) ^ set(contract.offered), kind.offers),
    ):
        if said:
            raise Broken(
                f"Kind({contract.kind!r}) and the protocol of its contract do not agree about {', '.join(sorted(said))}: by the kind "
                f"{', '.join(done) or 'nothing'} {words}; make __call__ of {contract.protocol.__name__} say the same by keyword-only "
                "parameters"
            )
    for module in (contract.scaffold.module, f"{contract.scaffold.module}_in_use"):
        try:
            found = find_spec(module)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise Broken(
                f"the scaffold of the contract of {contract.kind} is not there: write the module {module}, a component and its "
                "test that `ptv new-plugin` copies"
            )


CHECKS: Final = (
    DistributionCheck("has_groups_that_are_read", _groups),
    DistributionCheck("has_hooks_that_load", _hooks_load),
    DistributionCheck("has_hooks_that_import_little", _hooks_light, ("has_hooks_that_load",)),
    DistributionCheck("has_hooks_that_are_asked_for", _hooks_known, ("has_hooks_that_load",)),
    DistributionCheck("has_kinds_with_contracts", _kinds),
    DistributionCheck("has_contracts_that_agree_with_their_kinds", _contracts, ("has_kinds_with_contracts",)),
)
