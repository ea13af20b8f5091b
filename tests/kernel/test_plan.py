"""Plans do not change, and two builds of one plan share nothing that does."""

from __future__ import annotations

import copy
import json
import pickle
import pickletools
import sys
import types
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError

import ptv_registry as ptv
from ptv_registry import Registry, _registry, hookimpl
from tests.support.fakes import entry, registry

FOUND = registry()


def test_plans_nodes_and_arguments_cannot_be_changed() -> None:
    plan = ptv.resolve("net(norm=ghost)", registry=FOUND, set={"classes": 3})
    node = plan.root

    for thing, name in ((plan, "records"), (node, "arguments"), (node.arguments["classes"], "value"), (node, "new")):
        with pytest.raises((FrozenInstanceError, AttributeError)):
            setattr(thing, name, None)
    for mapping in (plan.arguments, plan.edits, plan.options, plan.records, node.arguments):
        with pytest.raises(TypeError):
            mapping["new"] = 1  # type: ignore[index]


def test_a_factory_shows_its_node_and_cannot_be_changed() -> None:
    factory = ptv.as_factory("stem", "plain(width=5)", registry=FOUND)

    assert isinstance(factory, ptv.Factory)
    plan = ptv.plan_of(factory)
    assert plan is not None
    assert plan.root is factory.node
    assert isinstance(factory.node, ptv.Node)
    assert isinstance(factory.node.entry, ptv.Entry)
    assert ("plain", 5) == (factory.node.entry.name, factory.node.arguments["width"].value)
    with pytest.raises(AttributeError):
        factory.node = None  # type: ignore[misc]


def test_an_argument_holds_its_slot() -> None:
    arguments = ptv.resolve("net", registry=FOUND).root.arguments

    assert ptv.Slot("norm") == arguments["norm"].slot
    assert arguments["classes"].slot is None


@pytest.mark.parametrize("given", [[1, 2], {"a": [1]}, ([1], 2)])
def test_two_builds_get_lists_and_dictionaries_of_their_own(given: Any) -> None:
    plan = ptv.resolve("layer:literal", registry=FOUND, anything=given)
    one, two = (ptv.build(plan).all["anything"] for _ in range(2))

    assert given == one == two
    assert type(given) is type(one)
    assert one is not two or isinstance(given, tuple)
    inside = [
        value["a"] if isinstance(value, dict) else value[0] if isinstance(value, tuple) else value
        for value in (one, two)
    ]
    inside[0].append(3)
    assert given == two == plan.root.arguments["anything"].value == ptv.build(plan).all["anything"]


def test_records_of_one_build_are_not_those_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter(range(10))

    def after(plan: ptv.Plan) -> dict[str, Any]:
        before = plan.records.get("one:main", {"seen": []})
        before["seen"].append("changed by a hook")
        return {"number": next(numbers), "seen": before["seen"][:1]}

    module: Any = types.ModuleType("hooks_of_one")
    module.ptv_after_build = hookimpl(after)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    scan = registry().scan
    found = Registry(scan=type(scan)(scan.entries, (), (entry("hooks:main", "hooks_of_one:", "one"),), (), ()))
    plan = ptv.resolve("net", registry=found)
    built = [ptv.plan_of(ptv.build(plan)) for _ in range(2)]

    assert [0, 1] == [one.records["one:main"]["number"] for one in built if one is not None]
    assert {} == plan.records
    locked = ptv.resolve(ptv.freeze(ptv.build(plan)), registry=found)
    first, second = ptv.build(locked), ptv.build(locked)
    assert {"number": 2, "seen": ["changed by a hook"]} == locked.records["one:main"]
    assert json.loads(ptv.freeze(first)) != json.loads(ptv.freeze(second))


def test_a_plan_copies_as_itself_and_pickles_by_its_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_registry, "default", FOUND)
    plan = ptv.resolve("net(norm=ghost)")
    twin = pickle.loads(pickle.dumps(plan))

    assert plan is copy.deepcopy(plan)
    assert isinstance(twin, ptv.Plan)
    assert ptv.freeze(plan) == ptv.freeze(twin)
    assert ptv.build(plan) == ptv.build(twin)


def test_of_the_kernel_a_pickle_names_one_function_only() -> None:
    data = pickle.dumps(ptv.build("net(norm=ghost)", registry=FOUND), protocol=2)
    named = [argument for opcode, argument, _ in pickletools.genops(data) if opcode.name == "GLOBAL"]

    assert ["ptv_registry._pickling built_from"] == [name for name in named if name.startswith("ptv_registry")]
