"""What a slot receives: precedence, offers, errors with a place."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Annotated, Any

import pytest

import ptv_registry as ptv
from ptv_registry import Slot, limits
from ptv_registry._factory import Factory
from ptv_registry.errors import ArgumentError, ComponentError, UnfreezableError
from tests.support.fake_parts import Batch, Ghost, Norm
from tests.support.fakes import registry

FOUND = registry()


def factory(kind: str, spec: str) -> Any:
    return ptv.as_factory(kind, spec, registry=FOUND)


def test_the_spec_beats_the_call_site() -> None:
    norm = factory("norm", "ghost(eps=1e-3)")(num_features=4, eps=0.5, momentum=0.25)

    assert (4, 1e-3, 0.25) == (norm.num_features, norm.eps, norm.momentum)


def test_the_call_site_beats_what_is_inherited() -> None:
    stem = factory("stem", "plain")

    assert Ghost is type(stem(norm=Ghost).norm)
    net = ptv.build("net(norm=ghost)", registry=FOUND)
    plan = ptv.resolve("net(norm=ghost)", registry=FOUND)
    inherited = next(node for node in plan.walk() if node.path == "stem")
    assert "inherited" == inherited.arguments["norm"].source
    assert Batch is type(Factory(inherited)(norm=Batch).norm)
    assert Ghost is type(Factory(inherited)().norm)
    assert Ghost is type(net.stem.norm)


def test_what_is_inherited_beats_the_default() -> None:
    stage = ptv.build("stage:plain(norm=ghost)", registry=FOUND)

    assert Ghost is type(stage.blocks[0].norm)


def test_the_default_is_last() -> None:
    assert 1e-5 == factory("norm", "batch")(num_features=4).eps


def test_what_a_kind_offers_is_dropped_where_the_component_does_not_take_it() -> None:
    norm = factory("norm", "no_momentum(groups=2)")(num_features=4, eps=1e-3, momentum=0.1)

    assert {"num_features": 4, "groups": 2} == norm.made_with()


def test_what_a_kind_does_not_offer_is_an_error() -> None:
    with pytest.raises(ArgumentError, match=r"norm:ghost of acme 1.0 does not take momentun.* Did you mean momentum"):
        factory("norm", "ghost")(num_features=4, momentun=0.1)


def test_arguments_by_position_take_their_places() -> None:
    assert (4, 0.5) == (factory("norm", "ghost")(4, 0.5).num_features, factory("norm", "ghost")(4, 0.5).eps)
    with pytest.raises(ArgumentError, match="with num_features twice"):
        factory("norm", "ghost")(4, num_features=4)
    with pytest.raises(ArgumentError, match="takes 3 positional arguments, and its call site passes 4"):
        factory("norm", "ghost")(1, 2, 3, 4)


def test_a_call_without_what_is_required_is_an_error_that_names_it() -> None:
    with pytest.raises(ArgumentError, match="is called without num_features"):
        factory("norm", "ghost")()


@pytest.mark.parametrize(
    "raised",
    [
        ZeroDivisionError("mine"),
        IndexError("mine"),
        KeyError("mine"),
        AssertionError("mine"),
        RuntimeError("mine"),
        UnicodeDecodeError("utf-8", b"", 0, 1, "mine"),
        ExceptionGroup("mine", [ValueError("inner")]),
        json.JSONDecodeError("mine", "", 0),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_a_component_raises_is_an_error_of_its_type_with_the_place_and_crosses_processes(
    raised: Exception,
) -> None:
    found = registry()

    @found.register("stem", "fails")
    def fails(norm: Norm = None, width: int = 1) -> None:
        raise raised

    with pytest.raises(ComponentError, match=r"while building stem .stem:fails of this process.: .*mine") as caught:
        ptv.build("net(stem=fails)", registry=found)
    twin = pickle.loads(pickle.dumps(caught.value))
    resembled = next(
        cls for cls in type(raised).__mro__ if cls.__module__ == "builtins" and cls.__name__[:7] != "Unicode"
    )

    assert isinstance(caught.value, RuntimeError if resembled is ExceptionGroup else resembled)
    assert raised is caught.value.__cause__
    assert (type(caught.value), str(caught.value), "stem") == (type(twin), str(twin), twin.fields["path"])


def test_a_build_makes_no_more_components_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    found = registry()

    @found.register("stem", "many")
    def many(norm: Norm = Ghost, width: int = 1) -> list[Any]:
        return [norm(num_features=1) for _ in range(width)]

    monkeypatch.setattr(limits, "COMPONENTS", 50)
    assert 40 == len(ptv.build("stem:many(width=40)", registry=found))
    assert 40 == len(ptv.build("stem:many(width=40)", registry=found)), "each build counts anew"
    with pytest.raises(ArgumentError, match="makes more than 50 components"):
        ptv.build("stem:many(width=1000000000)", registry=found)


def test_an_error_of_the_library_in_a_component_stays_and_gets_a_note_with_the_place() -> None:
    found = registry()

    @found.register("stem", "fails")
    def fails(norm: Norm = None, width: int = 1) -> None:
        raise ArgumentError("mine")

    with pytest.raises(ArgumentError, match=r"^mine") as caught:
        ptv.build("net(stem=fails)", registry=found)

    assert ["while building stem (stem:fails of this process)"] == caught.value.__notes__


def test_a_factory_is_no_partial_and_shows_its_name() -> None:
    made = factory("stem", "plain(norm=ghost)")

    assert "StemPart" == made.__name__
    assert "stem:plain" in repr(made)
    assert made == copy.deepcopy(made)
    assert made != factory("stem", "plain(norm=ghost)")
    assert 2 == len({made, factory("stem", "plain")})


def test_a_factory_given_none_or_a_callable_returns_it() -> None:
    assert ptv.as_factory("norm", None) is None
    assert ptv.as_factory("norm", Batch) is Batch


def test_a_factory_pickles_by_its_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    from ptv_registry import _registry

    monkeypatch.setattr(_registry, "default", FOUND)
    twin = pickle.loads(pickle.dumps(factory("stem", "plain(norm=ghost(eps=3.0), width=5)")))

    assert (5, 3.0) == (twin().norm.num_features, twin().norm.eps)


def test_a_factory_over_a_raw_callable_says_why_it_cannot_be_pickled() -> None:
    plan = ptv.resolve("net", norm=lambda num_features: None, registry=FOUND)
    stem = next(node for node in plan.walk() if node.path == "stem")

    with pytest.raises(UnfreezableError, match=r"stem.norm is .*raw callable"):
        pickle.dumps(Factory(stem))


def test_slots_are_found_in_every_form_of_annotation() -> None:
    from ptv_registry._signature import signature

    slot = Slot("norm")

    def component(
        a: Annotated[Any, slot] = None,
        b: Annotated[Any, slot] | None = None,
        c: tuple[Annotated[Any, slot], ...] = (),
        d: list[tuple[Annotated[Any, slot], ...]] | None = None,
        e: Annotated[Annotated[Any, slot] | None, "more"] = None,
        f: Annotated[Any, "other"] = None,
        *,
        g: int = 3,
    ) -> None: ...

    component.__annotations__ = {
        "a": Annotated[Any, slot],
        "b": Annotated[Any, slot] | None,
        "c": tuple[Annotated[Any, slot], ...],
        "d": list[tuple[Annotated[Any, slot], ...]] | None,
        "e": Annotated[Annotated[Any, slot] | None, "more"],
        "f": Annotated[Any, "other"],
        "g": int,
    }
    parameters = signature(component).parameters

    assert [slot] * 5 + [None, None] == [parameters[name].slot for name in "abcdefg"]
    assert [False, False, True, True, False] == [parameters[name].takes_list for name in "abcde"]
    assert ("a", "b", "c", "d", "e", "f") == signature(component).positional


def test_annotations_that_do_not_resolve_are_a_contract_error() -> None:
    from ptv_registry._signature import signature
    from ptv_registry.errors import ContractError

    for annotation in ("NotThere", "1 +", "Batch.nothing", "1 / 0"):

        def component(norm: Any = None) -> None: ...

        component.__annotations__ = {"norm": annotation}
        with pytest.raises(ContractError, match="do not resolve"):
            signature(component)


def test_signatures_do_not_keep_callables_alive() -> None:
    import gc
    import weakref

    from ptv_registry._signature import signature

    def component(norm: int = 3) -> None: ...

    signature(component)
    alive = weakref.ref(component)
    del component
    gc.collect()

    assert alive() is None
