"""Specs and locks that stood in files of others: of the kind that is asked for, and without options of the build."""

from __future__ import annotations

import pytest

import ptv_registry as ptv
from ptv_registry.errors import ArgumentError, LockError, TrustError
from tests.support.fakes import registry

FOUND = registry()


def test_a_spec_of_another_kind_is_refused_whatever_it_says_itself() -> None:
    assert "norm" == ptv.resolve("norm:ghost(num_features=4)", registry=FOUND).kind
    with pytest.raises(ArgumentError, match="names a norm, and a stem has to stand here"):
        ptv.resolve("norm:ghost(num_features=4)", kind="stem", registry=FOUND, foreign=True)
    assert "stem" == ptv.resolve("stem:plain", kind="stem", registry=FOUND, foreign=True).kind


def test_a_lock_of_another_kind_is_refused() -> None:
    lock = ptv.freeze(ptv.resolve("stem:plain", registry=FOUND))

    assert "stem" == ptv.resolve(lock, kind="stem", registry=FOUND, foreign=True).kind
    with pytest.raises(LockError, match=r"is of a stem .* and a model has to stand here"):
        ptv.build(lock, registry=FOUND, foreign=True)


def test_a_spec_brings_no_options_but_the_caller_may() -> None:
    spec = "slow_r50(weights='http://127.0.0.1:9/x.pth')"
    with pytest.raises(ArgumentError, match="brings weights, which a spec out of a file may not"):
        ptv.resolve(spec, foreign=True)

    assert {"weights": "kinetics400"} == ptv.resolve("slow_r50", foreign=True, weights="kinetics400").options


def test_distributions_that_are_not_trusted_stay_out() -> None:
    narrow = ptv.Registry(trusted_dists=["ptv-layers"])

    with pytest.raises(TrustError, match="ptv-resnet"):
        ptv.resolve("slow_r50", registry=narrow, foreign=True)


def test_an_address_in_a_lock_is_not_fetched_unasked() -> None:
    lock = ptv.freeze(ptv.resolve("slow_r50(weights='http://127.0.0.1:9/x.pth')"))

    with pytest.raises(ptv.PtvError, match="neither fetched nor read unasked"):
        ptv.build(lock)


def test_a_plan_remembers_its_registry() -> None:
    narrow = ptv.Registry(scan=FOUND.scan, trusted_dists=["acme"])
    plan = ptv.resolve("net", registry=narrow)

    assert narrow is plan.registry
    assert narrow is ptv.resolve(plan, classes=7).registry
    built = ptv.plan_of(ptv.build(plan))
    assert built is not None
    assert narrow is built.registry
    assert narrow is ptv.resolve(ptv.freeze(plan), registry=narrow).registry


def test_a_plan_is_held_to_another_registry() -> None:
    plan = ptv.resolve("net", registry=FOUND)

    with pytest.raises(TrustError, match="acme"):
        ptv.build(plan, registry=ptv.Registry(scan=FOUND.scan, trusted_dists=["other"]))
    assert ptv.build(plan, registry=FOUND.copy())


def test_what_a_component_looks_up_while_it_is_built_is_looked_up_in_the_registry_of_the_build() -> None:
    found = ptv.Registry(scan=FOUND.scan, trusted_dists=["other"])

    @found.register("stem", "looks_up")
    def looks_up() -> object:
        """Finds a norm by itself."""
        return ptv.as_factory("norm", "ghost")

    with pytest.raises(TrustError, match="norm:ghost is of acme"):
        ptv.build("stem:looks_up", registry=found)
    assert ptv.as_factory("norm", "batch"), "outside of the build it is the process's own again"


def test_the_environment_narrows_every_registry_that_is_given_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTV_TRUSTED_DISTS", "Other_Dist, another")

    with pytest.raises(TrustError, match="another, other-dist"):
        ptv.resolve("net", registry=ptv.Registry(scan=FOUND.scan))
    assert ptv.resolve("net", registry=ptv.Registry(scan=FOUND.scan, trusted_dists=["acme"]))
    monkeypatch.setenv("PTV_TRUSTED_DISTS", "")
    assert ptv.Registry().trusted is None
