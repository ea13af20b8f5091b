"""Which component a name means."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

import ptv_registry as ptv
from ptv_registry import Registry, _entries, _suggest
from ptv_registry.errors import (
    AmbiguousNameError,
    ArgumentError,
    ContractError,
    DeprecatedNameWarning,
    DuplicateNameError,
    PluginLoadError,
    PtvError,
    TrustError,
    UnknownNameError,
)
from tests.support.fakes import entry, registry, scan_of, write_dist

ACME = entry("norm:ghost", "Ghost", "acme-ptv")
OTHER = entry("norm:ghost", "Batch", "other")
OURS = entry("norm:ghost", "NoMomentum", "ptv-layers")


@pytest.fixture(autouse=True)
def _first_party(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_entries, "first_party", lambda: frozenset({"ptv-layers"}))


def of(*entries: Any, **options: Any) -> Registry:
    return Registry(scan=scan_of(entries), **options)


def status(found: Registry) -> dict[str | None, str]:
    return {component.dist: component.status for component in found.components("norm")}


@pytest.mark.parametrize("written", ["acme-ptv", "acme_ptv", "Acme.PTV"])
def test_a_distribution_and_a_name_always_work(written: str) -> None:
    assert ACME is of(ACME, OTHER, OURS).find("norm", "ghost", written)


def test_the_first_party_keeps_the_bare_name_and_the_shadowed_one_is_listed() -> None:
    found = of(ACME, OURS)

    assert OURS is found.find("norm", "ghost")
    assert {"acme-ptv": "shadowed", "ptv-layers": ""} == status(found)


def test_a_first_party_distribution_is_known_by_any_spelling_of_its_name() -> None:
    ours = entry("norm:ghost", "NoMomentum", "ptv_layers")

    assert ours is of(ACME, ours).find("norm", "ghost")


def test_two_third_parties_make_a_name_ambiguous_only_when_it_is_used() -> None:
    found = of(ACME, OTHER, entry("norm:batch", "Batch"))

    assert "batch" == found.find("norm", "batch").name
    assert {"acme-ptv": "ambiguous", "other": "ambiguous", "acme": ""} == status(found)
    with pytest.raises(
        AmbiguousNameError, match=r"acme-ptv and other. Write acme-ptv/ghost, or set PTV_PREFER=norm/gho"
    ):
        found.find("norm", "ghost")


def test_a_preference_has_the_bare_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert OTHER is of(ACME, OTHER, OURS, prefer={"norm/ghost": "other"}).find("norm", "ghost")

    monkeypatch.setenv("PTV_PREFER", " conv/a=b, norm/ghost=Acme_ptv ,")
    found = of(ACME, OTHER, OURS)
    assert ACME is found.find("norm", "ghost")
    assert {"acme-ptv": "", "other": "shadowed", "ptv-layers": "shadowed"} == status(found)


def test_a_preference_for_what_is_not_there_is_an_error_and_no_other_is_taken() -> None:
    with pytest.raises(UnknownNameError, match="asks for norm/ghost of gone"):
        of(ACME, prefer={"norm/ghost": "gone"}).find("norm", "ghost")


@pytest.mark.parametrize("text", ["norm/ghost", "ghost=acme", "norm:ghost=acme"])
def test_a_preference_that_cannot_be_read_is_an_error_that_shows_the_form(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTV_PREFER", text)

    with pytest.raises(ArgumentError, match=r"norm/ghost=acme-ptv"):
        of(ACME).find("norm", "ghost")


def test_names_of_this_process_come_before_preferences_and_the_rest_is_shadowed() -> None:
    found = of(ACME, prefer={"norm/ghost": "acme-ptv"})
    found.register("norm", "ghost", replace=True)(dict)

    assert dict is found.load(found.find("norm", "ghost"))
    assert {None: "", "acme-ptv": "shadowed"} == status(found)
    assert ACME is found.find("norm", "ghost", "acme-ptv")


def test_registering_twice_is_an_error_unless_it_replaces() -> None:
    found = of(ACME)

    found.register("norm", "mine")(dict)
    with pytest.raises(DuplicateNameError, match=r"norm:mine is already provided by this process"):
        found.register("norm", "mine")(list)
    with pytest.raises(DuplicateNameError, match=r"norm:ghost is already provided by acme-ptv 1.0"):
        found.register("norm", "ghost")(dict)
    found.register("norm", "mine", replace=True)(list)
    assert list is found.load(found.find("norm", "mine"))


def test_running_the_same_cell_again_is_no_duplicate() -> None:
    found, cell = of(), "def mine(num_features):\n    return {}\n"
    for _ in range(2):
        scope: dict[str, Any] = {"__name__": "__main__"}
        exec(cell, scope)
        assert scope["mine"] is found.register("norm", "mine")(scope["mine"])

    assert scope["mine"] is found.load(found.find("norm", "mine"))


@pytest.mark.parametrize("name", ["", "Ghost", "a-b", "1a", "é", "a b", "a\n"])
def test_a_name_that_cannot_be_a_components_is_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match="cannot be a component's name"):
        of().register("norm", name)


def test_what_is_no_callable_cannot_be_registered() -> None:
    with pytest.raises(ArgumentError, match="not callable"):
        of().register("norm", "mine")(3)


def test_a_name_in_a_kind_that_nobody_defines_cannot_be_registered() -> None:
    with pytest.raises(UnknownNameError, match=r"'norn' is not a kind. Did you mean norm"):
        of().register("norn", "mine")


def test_a_copy_knows_the_same_names_and_goes_its_own_way() -> None:
    found = of(ACME, trusted_dists=["acme_ptv"], prefer={"norm/x": "y"})
    found.register("norm", "mine")(dict)
    twin = found.copy()
    twin.register("norm", "only_here")(dict)

    assert ACME is twin.find("norm", "ghost")
    assert twin.find("norm", "mine").target is dict
    with pytest.raises(UnknownNameError):
        found.find("norm", "only_here")
    with pytest.raises(UnknownNameError, match="of y"):
        Registry.copy(of(entry("norm:x", "Batch"), prefer={"norm/x": "y"})).find("norm", "x")


def test_refresh_looks_again_in_every_registry_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    from ptv_registry import _registry

    scans = [scan_of([]), scan_of([ACME])]
    monkeypatch.setattr(_registry, "_process_scan", None)
    monkeypatch.setattr(_entries, "scan", lambda: scans.pop(0))
    one, two = Registry(), Registry()
    with pytest.raises(UnknownNameError):
        two.find("norm", "ghost")
    one.refresh()

    assert ACME is one.find("norm", "ghost") is two.find("norm", "ghost")


def test_only_trusted_distributions_can_be_named() -> None:
    found = of(ACME, OTHER, trusted_dists=["Acme.PTV"])
    found.register("norm", "mine")(dict)

    assert ACME is found.find("norm", "ghost", "acme-ptv")
    assert found.find("norm", "mine")
    with pytest.raises(TrustError, match="norm:ghost is of other"):
        found.find("norm", "ghost", "other")


def test_a_kind_of_a_distribution_that_is_not_trusted_is_not_imported() -> None:
    kinds = [entry("kinds:evil", "ptv_fakes_no_such_module:KIND", "evil")]

    with pytest.raises(TrustError):
        Registry(scan=scan_of([], kinds), trusted_dists=["acme"]).kind("evil")


def test_a_deprecated_name_works_warns_and_is_not_listed() -> None:
    found = of(entry("norm:batch", "Batch"), entry("norm:bn", "Batch", deprecated=True))

    with pytest.warns(DeprecatedNameWarning, match=r"norm:bn is a deprecated name; use norm:batch"):
        assert "bn" == found.find("norm", "bn").name
    assert ["batch"] == [component.name for component in found.components("norm")]


def test_a_deprecated_name_does_not_compete_with_a_current_one() -> None:
    old = entry("norm:ghost", "Batch", "other", deprecated=True)

    assert ACME is of(old, ACME).find("norm", "ghost")
    assert {"acme-ptv": ""} == status(of(old, ACME))


@pytest.mark.parametrize("name", ["Ghost", "ghost-norm", "1st", "a b"])
def test_an_entry_point_with_an_impossible_name_is_listed_as_invalid_and_cannot_be_used(name: str) -> None:
    found = of(entry(f"norm:{name}", "Ghost"))

    assert ["invalid"] == [component.status for component in found.components("norm")]
    with pytest.raises(UnknownNameError):
        found.find("norm", name)


def messages_of(found: Registry, kind: str, name: str, dist: str | None = None) -> str:
    with pytest.raises(UnknownNameError) as caught:
        found.find(kind, name, dist)
    return str(caught.value)


def test_an_unknown_name_is_answered_in_the_order_of_the_design(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_suggest, "known_elsewhere", lambda: {"stem:ghost": "ptv-ghost-stem"})
    found = of(entry("norm:ghost", "Ghost"), entry("stem:ghosts", "StemPart"), entry("stem:plain", "StemPart"))

    message = messages_of(found, "stem", "ghost")

    parts = [
        "no stem is called 'ghost'",
        "Did you mean ghosts?",
        "'ghost' is a norm, not a stem",
        "provided by 'ptv-ghost-stem', which is not installed: pip install ptv-ghost-stem",
        "ghosts, plain",
    ]
    places = [message.find(part) for part in parts]
    assert -1 not in places, message
    assert sorted(places) == places


def test_a_name_asked_of_the_wrong_distribution_names_the_right_one() -> None:
    message = messages_of(of(ACME), "norm", "ghost", "other")

    assert "'other/ghost'" in message
    assert "provided by acme-ptv" in message


def test_what_is_installed_is_not_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_suggest, "known_elsewhere", lambda: {"norm:ghost": "acme-ptv"})

    assert "not installed" not in messages_of(of(ACME), "norm", "ghost", "other")


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ("ptv_fakes_no_such_module:x", "No module named"),
        ("tests.support.fake_parts:nothing", "has no attribute 'nothing'"),
        ("tests.support.fake_parts:Batch.nothing", "has no attribute 'nothing'"),
        ("tests.support.fake_parts:OWN_KIND", "is Kind, not a callable"),
        ("ptv_fakes_broken_raise:x", "ZeroDivisionError"),
        ("ptv_fakes_broken_exit:x", "SystemExit"),
        ("ptv_fakes_broken_syntax:x", "SyntaxError"),
    ],
)
def test_a_plugin_that_does_not_load_breaks_its_own_name_and_no_other(
    value: str, cause: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ptv_fakes_broken_raise.py").write_text("1 / 0")
    (tmp_path / "ptv_fakes_broken_exit.py").write_text("import sys; sys.exit(3)")
    (tmp_path / "ptv_fakes_broken_syntax.py").write_text("def (")
    monkeypatch.syspath_prepend(tmp_path)
    found = registry(norm__broken=value)

    with pytest.raises(PluginLoadError) as caught:
        ptv.build("norm:broken(num_features=1)", registry=found)

    message = str(caught.value)
    for part in ("norm:broken", "acme 1.0", repr(value), cause):
        assert part in message
    assert {
        "kind": "norm",
        "component": "broken",
        "dist": "acme",
        "value": value,
    }.items() <= caught.value.fields.items()
    assert "broken" in [component.name for component in found.components("norm")]
    assert ptv.build("norm:batch(num_features=1)", registry=found)


def test_a_module_that_breaks_when_looked_into_does_not_hurt_others(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    import types

    class Nasty(types.ModuleType):
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    monkeypatch.setitem(sys.modules, "ptv_fakes_nasty", Nasty("ptv_fakes_nasty"))
    found = registry(norm__aaa="ptv_fakes_nasty:x")

    assert ptv.build("net", registry=found)


def test_kinds_of_distributions_are_loaded_when_asked_for() -> None:
    kinds = [
        entry("kinds:flavour", "OWN_KIND"),
        entry("kinds:broken", "ptv_fakes_no_such_module:KIND"),
        entry("kinds:wrong", "OWN_KIND"),
    ]
    found = Registry(scan=scan_of([entry("flavour:sour", "Batch")], kinds))

    assert ("what it tastes of", "a kind of acme") == (found.kinds()["flavour"], found.kinds()["broken"])
    assert ("acme", None) == (found.kind_owner("flavour"), found.kind_owner("norm"))
    assert ("sweetness",) == found.kind("flavour").requires
    with pytest.raises(PluginLoadError):
        found.kind("broken")
    with pytest.raises(ContractError, match="not a Kind named wrong"):
        found.kind("wrong")
    with pytest.raises(ContractError, match="does not take sweetness"):
        ptv.build("flavour:sour", registry=found)


def test_describe_explains_a_component_and_imports_no_other() -> None:
    found = registry(norm__broken="ptv_fakes_no_such_module:x")
    described = ptv.describe("norm:ghost", registry=found)

    assert ("norm", "ghost", "acme 1.0", "Another norm.") == (
        described.kind,
        described.name,
        described.origin,
        described.summary,
    )
    assert ("num_features", "int", "") == described.parameters[0]
    assert "net" == ptv.describe("net", registry=found).name
    with pytest.raises(ArgumentError, match="block:plain or conv:plain"):
        ptv.describe("plain", registry=found)
    with pytest.raises(PtvError):
        ptv.describe("nothing", registry=found)


def test_the_default_registry_belongs_to_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    from ptv_registry import _registry

    monkeypatch.setattr(_registry, "default", of(ACME))
    ptv.register("norm", "mine")(dict)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ["ghost", "mine"] == [component.name for component in ptv.components("norm")]
    with pytest.raises(UnknownNameError):
        ptv.components("norn")


def test_a_deprecated_name_warns_where_python_shows_it_by_default() -> None:
    assert not issubclass(DeprecatedNameWarning, DeprecationWarning)
    assert issubclass(DeprecatedNameWarning, FutureWarning)


def test_a_name_of_a_newer_api_says_what_to_upgrade() -> None:
    newer = Registry(scan=scan_of([entry("norm:layer", "Batch")], newer=[entry("norm:later", "Batch", "future")]))

    with pytest.raises(
        UnknownNameError, match=r"norm:later of future 1\.0 is written for a newer plugin API.*pip install"
    ):
        newer.find("norm", "later")


def test_a_name_of_several_kinds_is_said_to_be_of_all_of_them() -> None:
    found = of(entry("conv:ghost", "Batch"), entry("activation:ghost", "Batch"))

    with pytest.raises(UnknownNameError, match=r"'ghost' is an activation and a conv, not a norm"):
        found.find("norm", "ghost")


@pytest.mark.parametrize("value", ["acme_spaced:New [fast]", "acme_spaced : New", "acme_spaced:New[fast]"])
def test_entry_points_load_however_they_are_spaced(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dist(tmp_path, "acme-spaced", {"v1.norm": {"spaced": value}}, {"acme_spaced": "class New: ..."})
    monkeypatch.syspath_prepend(tmp_path)
    found = next(e for e in _entries.scan().entries if e.name == "spaced")

    assert "acme_spaced:New" == found.value
    assert "New" == found.load().__name__
