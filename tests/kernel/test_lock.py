"""Locks: what they record, what they refuse, and that a damaged one is a typed error."""

from __future__ import annotations

import copy
import json
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ptv_registry as ptv
from ptv_registry import Registry, _drift, _registry
from ptv_registry._drift import LockDriftWarning
from ptv_registry.errors import ArgumentError, LockError, PtvError, UnfreezableError, UnknownNameError
from tests.support.fake_parts import Ghost
from tests.support.fakes import PARTS, entry, registry, scan_of

SPEC = "net(norm=ghost(eps=0.125), stage=plain(depth=2), activation=swish)"


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> Registry:
    fakes = registry()
    monkeypatch.setattr(_registry, "default", fakes)
    return fakes


def lock_of(spec: str = SPEC, **args: Any) -> str:
    return ptv.freeze(ptv.build(spec, **args))


@pytest.mark.parametrize(
    ("spec", "args"),
    [
        (SPEC, {}),
        ("net", {"stem": "plain(width=9)", "set": {"stage.depth": 3}}),
        ("pathways(stem=[plain, plain(norm=none)], many=[batch, ghost])", {}),
        ("layer:literal(mode=linear, words=[a, 'b'], ratio=1e-300)", {}),
        ("transform:compose(transforms=[flip, flip(p=1)])", {}),
    ],
)
def test_a_lock_builds_the_same_and_freezes_to_itself(spec: str, args: Any) -> None:
    built = ptv.build(spec, **args)
    lock = ptv.freeze(built)
    again = ptv.build(lock)

    assert built == again
    assert lock == ptv.freeze(again) == ptv.freeze(ptv.resolve(lock)) == ptv.freeze(ptv.resolve(spec, **args))
    assert built == ptv.build(json.loads(lock))


def test_a_lock_records_what_was_asked_and_what_it_was_resolved_with() -> None:
    data = json.loads(lock_of(classes=7))

    assert {"spec": SPEC, "arguments": {"classes": 7}, "set": {}} == data["asked"]
    assert {"acme": "1.0"} == data["distributions"]
    assert {"kernel", "torch", "python"} <= set(data)
    assert ("inherited", "norm") == (
        data["tree"]["arguments"]["stem"]["value"]["node"]["arguments"]["norm"]["source"],
        data["tree"]["arguments"]["stem"]["value"]["node"]["arguments"]["norm"]["given_at"],
    )
    assert f"{PARTS}:NetPart" == data["tree"]["entry"]


def test_todays_defaults_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    from ptv_registry import _signature

    lock = lock_of("net")
    from tests.support import fake_parts as parts

    for cls, index, value in ((parts.HeadPart, 0, 99), (parts.StagePart, 0, 5), (parts.StagePart, 1, None)):
        changed = list(cls.__init__.__defaults__)
        changed[index] = value
        monkeypatch.setattr(cls.__init__, "__defaults__", tuple(changed))
    _signature._cache.clear()

    net = ptv.build(lock)
    _signature._cache.clear()
    assert 1 == len(net.stage.blocks)
    assert 4 == net.head.classes


def test_a_drift_of_versions_warns_and_strict_refuses() -> None:
    lock = lock_of()
    newer = Registry(scan=scan_of([entry(e.key, e.value, version="2.0") for e in _registry.default.scan.entries]))

    with pytest.warns(LockDriftWarning, match=r"acme: locked 1.0, installed 2.0"):
        ptv.build(lock, registry=newer)
    with pytest.raises(LockError, match=r"acme: locked 1.0, installed 2.0") as caught:
        ptv.build(lock, registry=newer, strict=True)
    assert ["acme: locked 1.0, installed 2.0"] == caught.value.fields["drift"]
    assert ptv.build(lock, strict=True)


@pytest.mark.parametrize("key", ["kernel", "torch"])
def test_another_kernel_or_torch_is_a_drift(key: str) -> None:
    data = json.loads(lock_of())
    data[key] = "0.0.1"

    with pytest.raises(LockError, match=r"locked 0.0.1, installed"):
        ptv.build(data, strict=True)


def test_another_entry_behind_a_name_is_a_drift() -> None:
    data = json.loads(lock_of())
    data["tree"]["entry"] = "elsewhere:Net"

    with pytest.raises(LockError, match="model:net was elsewhere:Net"):
        ptv.build(data, strict=True)


def test_a_component_that_is_not_installed_any_more_is_named() -> None:
    fewer = Registry(scan=scan_of([e for e in _registry.default.scan.entries if e.name != "ghost"]))

    with pytest.raises(UnknownNameError, match="ghost"):
        ptv.build(lock_of(), registry=fewer)


def test_a_component_that_no_longer_takes_an_argument_is_named() -> None:
    data = json.loads(lock_of())
    data["tree"]["arguments"]["stage"]["value"]["node"]["arguments"]["gone"] = {"source": "default", "value": 3}

    with pytest.raises(LockError, match=r"stage:plain at stage of acme 1.0 no longer takes gone"):
        ptv.build(data)


@pytest.mark.parametrize(
    ("args", "path"),
    [
        ({"norm": lambda num_features: None}, "norm"),
        ({"stage": lambda: None}, "stage"),
    ],
)
def test_what_cannot_be_named_is_unfreezable_with_its_path(args: Any, path: str) -> None:
    built = ptv.build("net", **args)

    with pytest.raises(UnfreezableError) as caught:
        ptv.freeze(built)
    assert path == caught.value.fields["path"]
    assert str(caught.value).startswith(f"{path} is ")


def test_objects_and_functions_among_the_arguments_are_unfreezable_with_their_path() -> None:
    with pytest.raises(UnfreezableError, match="transform is a builtin_function_or_method object"):
        lock_of("transform:compose", transform=abs)
    with pytest.raises(UnfreezableError, match=r"function is .*no lock can hold"):
        lock_of("layer:literal", function=abs)


@pytest.mark.parametrize("thing", [object(), 3, print, dict, None])
def test_what_was_not_built_cannot_be_frozen(thing: Any) -> None:
    with pytest.raises(UnfreezableError):
        ptv.freeze(thing)


def test_what_a_plugin_records_must_be_json() -> None:
    plan = evolve(ptv.resolve(SPEC), records={"acme:hooks": object()})

    with pytest.raises(UnfreezableError, match="acme:hooks"):
        ptv.freeze(plan)


def test_a_lock_takes_plain_arguments_of_the_outermost_call_and_no_other() -> None:
    lock = lock_of()
    plan = ptv.resolve(lock)

    assert 9 == ptv.build(lock, classes=9).head.classes
    assert 9 == ptv.build(plan, classes=9).head.classes
    assert 4 == ptv.build(plan).head.classes
    for wrong in ({"norm": "batch"}, {"nothing": 1}, {"set": {"classes": 3}}):
        with pytest.raises(ArgumentError, match="a lock is resolved already"):
            ptv.build(lock, **wrong)
    with pytest.raises(ArgumentError, match="classes of model:net takes int"):
        ptv.build(lock, classes="x")


def test_built_objects_copy_and_pickle_and_can_still_be_frozen() -> None:
    built = ptv.build(SPEC)
    for twin in (copy.deepcopy(built), pickle.loads(pickle.dumps(built)), copy.copy(built)):
        assert built == twin
        assert ptv.freeze(built) == ptv.freeze(twin)
        assert ptv.freeze(built) == ptv.freeze(pickle.loads(pickle.dumps(copy.deepcopy(twin))))


def test_an_unfreezable_object_pickles_and_remembers_why() -> None:
    built = ptv.build("stem:plain", norm=Ghost)
    assert ptv.freeze(built)
    built = ptv.build("transform:compose", transform=abs)
    twin = pickle.loads(pickle.dumps(built))

    assert abs is twin.transform
    with pytest.raises(UnfreezableError, match="transform is a builtin"):
        ptv.freeze(twin)


@pytest.mark.parametrize(
    "text",
    ["{", "{}", '{"ptv_lock": 1}', '{"ptv_lock": 1, "tree": []}', '{"ptv_lock": 2, "tree": {}}', "{" * 100_000]
    + ['{"ptv_lock": 1, "tree": {}}', '{"ptv_lock": null, "tree": {}}', '{"a":' * 50_000],
)
def test_what_is_no_lock_is_a_lock_error(text: str) -> None:
    with pytest.raises(LockError):
        ptv.build(text)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, value in children for place in places(value, (*path, key)))]


def changed(data: Any, path: tuple[Any, ...], value: Any, how: str) -> Any:
    if not path:
        return value
    data = copy.deepcopy(data)
    target = data
    for key in path[:-1]:
        target = target[key]
    if how == "remove" or (how == "rename" and isinstance(target, list)):
        del target[path[-1]]
    elif how == "rename":
        target[str(value)] = target.pop(path[-1])
    else:
        target[path[-1]] = value
    return data


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["node", "list", "float", "opaque", "kind", "name", "entry"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(st.data())
def test_a_lock_changed_anywhere_builds_or_is_a_typed_error(data: st.DataObject) -> None:
    spec = data.draw(st.sampled_from([SPEC, "pathways(stem=[plain, plain])", "stem:plain(width=2)"]))
    lock = json.loads(ptv.freeze(ptv.resolve(spec, classes=3) if spec == SPEC else ptv.resolve(spec)))
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(places(lock)[1:]))
        lock = changed(lock, path, data.draw(_json), data.draw(st.sampled_from(["replace", "remove", "rename"])))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LockDriftWarning)
        try:
            plan = ptv.resolve(json.dumps(lock))
            str(plan)
            ptv.freeze(plan)
            ptv.build(plan)
        except PtvError as error:
            assert error.message


def test_a_lock_cannot_put_a_list_where_one_component_belongs() -> None:
    data = json.loads(ptv.freeze(ptv.resolve("pathways(stem=[plain, plain])")))
    path = ("tree", "arguments", "stages", "value", "list", 1, "list", 0)
    for value in ([], {"list": []}):
        with pytest.raises(LockError, match=r"damaged.*stages"):
            ptv.build(changed(data, path, value, "replace"))


def test_a_lock_cannot_put_a_component_where_none_is_taken() -> None:
    data = json.loads(lock_of())
    stem = data["tree"]["arguments"]["stem"]["value"]
    for name in ("classes", "norm"):
        damaged = changed(data, ("tree", "arguments", name, "value"), stem, "replace")
        with pytest.raises(LockError, match="damaged"):
            ptv.build(damaged)


def test_a_lock_names_only_trusted_components() -> None:
    with pytest.raises(PtvError, match="not among the trusted"):
        ptv.build(lock_of(), registry=Registry(scan=_registry.default.scan, trusted_dists=["other"]))


def test_the_version_of_torch_is_that_of_its_distribution() -> None:
    import importlib_metadata

    assert importlib_metadata.version("torch") == _drift.installed_version("torch")
    assert _drift.installed_version("no-such-distribution") is None


@pytest.mark.parametrize(
    ("name", "value", "plain"),
    [
        ("number", np.int64(7), 7),
        ("ratio", np.float32(0.5), 0.5),
        ("anything", np.bool_(True), True),
        ("text", np.str_("a"), "a"),
        ("sizes", range(3), (0, 1, 2)),
        ("sizes", [np.int32(1), np.int64(2)], [1, 2]),
        ("anything", Path("a/b"), Path("a/b")),
    ],
)
def test_values_that_stand_for_plain_ones_are_built_and_locked(name: str, value: Any, plain: Any) -> None:
    built = ptv.build("layer:literal", kind="layer", **{name: value})
    again = ptv.build(ptv.freeze(built), kind="layer")

    assert plain == built.all[name]
    assert type(plain) is type(built.all[name])
    assert plain == again.all[name] or tuple(plain) == again.all[name]
    assert ptv.freeze(built) == ptv.freeze(again)
