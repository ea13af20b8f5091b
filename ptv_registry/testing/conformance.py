"""The contract of components, as tests: collected by ``pytest --ptv-dist NAME``, one run per component."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from ptv_registry import Registry, build, freeze, resolve
from ptv_registry._entries import Entry
from ptv_registry._plan import Plan
from ptv_registry._signature import MISSING, signature
from ptv_registry._spec import Spec
from ptv_registry.errors import ArgumentError, UnfreezableError
from ptv_registry.testing import samples
from ptv_registry.testing.samples import Sample


def _spec(entry: Entry, **args: Any) -> Spec:
    return Spec(entry.name, args, entry.kind, entry.dist)


@pytest.fixture
def sample(ptv_entry: Entry) -> Sample:
    """Clips, unless the component works with images or sequences only."""
    candidates = samples.candidates(ptv_entry.kind)
    return next(
        (sample for sample in candidates[1:] if not _works(ptv_entry, candidates[0]) and _works(ptv_entry, sample)),
        candidates[0],
    )


def _works(entry: Entry, sample: Sample) -> bool:
    try:
        built = build(_spec(entry, **sample.arguments()))
        return bool(sample.shape == tuple(built.eval()(sample.clip()).shape))
    except Exception:  # noqa: BLE001 - whatever it raises, the tests themselves will show
        return False


@pytest.fixture
def plan(ptv_entry: Entry, sample: Sample) -> Plan:
    """The component's plan, with sample arguments where its kind says what call sites pass."""
    accepts = signature(Registry().load(ptv_entry)).accepts
    try:
        return resolve(_spec(ptv_entry, **sample.arguments(accepts)))
    except ArgumentError as error:
        if "missing" in error.fields:
            pytest.skip(f"{ptv_entry.key} needs {', '.join(error.fields['missing'])}, for which its kind has no sample")
        raise


@pytest.fixture
def built(plan: Plan) -> Any:
    """The component, built; on the meta device where it is a whole model."""
    with samples.device_of(plan.kind):
        return build(plan)


def test_its_name_can_be_written(ptv_entry: Entry) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", ptv_entry.name)


def test_listing_does_not_import_it(ptv_entry: Entry) -> None:
    listed, modules = _after_listing()
    package = ptv_entry.value.partition(":")[0].partition(".")[0]

    assert ptv_entry.key in listed
    assert package == "ptv_registry" or package not in modules


@cache
def _after_listing() -> tuple[list[str], list[str]]:
    code = (
        "import json, sys; from ptv_registry import components; "
        "keys = [f'{c.kind}:{c.name}' for c in components()]; print(json.dumps([keys, list(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    listed, modules = json.loads(done.stdout.splitlines()[-1])
    return listed, modules


def test_its_annotations_resolve(ptv_entry: Entry) -> None:
    parameters = signature(Registry().load(ptv_entry)).parameters

    assert all(p.annotation is not inspect.Parameter.empty for p in parameters.values())


def test_it_takes_no_keyword_dictionary(ptv_entry: Entry) -> None:
    assert not signature(Registry().load(ptv_entry)).takes_any


def test_its_slots_default_to_components(ptv_entry: Entry) -> None:
    registry = Registry()
    parameters = signature(registry.load(ptv_entry)).parameters.values()
    unnamed = [
        p.name
        for p in parameters
        if p.slot and any(registry.entry_of(p.slot.kind, value) is None for value in _callables(p.default))
    ]

    assert unnamed == [], f"the defaults of {unnamed} are not registered, so nothing can be inherited through them"


def _callables(default: Any) -> Iterator[Any]:
    if isinstance(default, list | tuple):
        for item in default:
            yield from _callables(item)
    elif callable(default) and default is not MISSING:
        yield default


def test_it_keeps_the_call_contract_of_its_kind(ptv_entry: Entry) -> None:
    registry = Registry()
    accepts = signature(registry.load(ptv_entry)).accepts

    assert [name for name in registry.kind(ptv_entry.kind).requires if not accepts(name)] == []


def test_its_docstring_has_a_first_line(ptv_entry: Entry) -> None:
    doc = Registry().load(ptv_entry).__doc__  # its own, not that of nn.Module

    assert (doc or "").partition("\n")[0].strip()


def test_its_output_has_the_shape_that_its_kind_promises(plan: Plan, built: Any, sample: Sample) -> None:
    if sample.shape is None:
        pytest.skip(f"a {plan.kind} promises no shape")
    if plan.kind == "pool" and plan.root.signature.accepts("output_size"):
        pytest.skip("an adaptive pool's output has the size that it is asked for")

    assert sample.shape == tuple(built.eval()(sample.clip()).shape)


def test_it_deep_copies_and_pickles(built: Any) -> None:
    for twin in (copy.deepcopy(built), pickle.loads(pickle.dumps(built))):
        assert type(built) is type(twin)
        if hasattr(built, "state_dict"):
            assert list(built.state_dict()) == list(twin.state_dict())


def test_its_lock_builds_the_same(plan: Plan, sample: Sample) -> None:
    if plan.kind in ("transform", "loss"):
        # A parameter may be a function by its documented signature; then there is nothing to freeze.
        try:
            freeze(plan)
        except UnfreezableError as error:
            pytest.skip(str(error))
    with samples.device_of(plan.kind):
        samples.seed()
        first = build(plan)
        samples.seed()
        second = build(freeze(plan))

    assert type(first) is type(second)
    if hasattr(first, "state_dict"):
        assert list(first.state_dict()) == list(second.state_dict())
    if sample.shape is not None:
        assert samples.same(first.eval()(sample.clip()), second.eval()(sample.clip()))


@pytest.mark.parametrize("kind", samples.PROBED)
def test_an_override_reaches_every_slot(ptv_entry: Entry, plan: Plan, sample: Sample, kind: str) -> None:
    slots = [n for n in plan.walk() for p in n.signature.parameters.values() if p.slot and p.slot.kind == kind]
    if not slots or plan.kind == kind:
        pytest.skip(f"there is no {kind} slot in it")
    probe = samples.probe(kind)
    registry = Registry()
    registry.register(kind, "probe")(probe)
    arguments = sample.arguments()
    try:
        probed = resolve(_spec(ptv_entry, **arguments, **{kind: Spec("probe")}), registry=registry)
    except ArgumentError as error:
        if "reaches nothing" in str(error):
            pytest.skip(f"every {kind} slot is none by default")
        raise
    with samples.device_of(plan.kind):
        model = build(probed)

    assert samples.escaped(model, kind, probe) == []
