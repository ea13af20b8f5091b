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
