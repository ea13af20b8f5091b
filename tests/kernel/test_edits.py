"""``set=``: edits by path."""

from __future__ import annotations

from typing import Any

import pytest

import ptv_registry as ptv
from ptv_registry.errors import ArgumentError, PtvError
from tests.support.fake_parts import Batch, Ghost
from tests.support.fakes import registry

FOUND = registry()


def build(spec: str, edits: dict[str, Any], **args: Any) -> Any:
    return ptv.build(spec, set=edits, registry=FOUND, **args)


def test_an_edit_is_as_good_as_the_same_written_there() -> None:
    edited = ptv.resolve("net", set={"stage.block.norm": "ghost(eps=2)", "classes": 9}, registry=FOUND)
    written = ptv.resolve("net(stage=plain(block=plain(norm=ghost(eps=2))), classes=9)", registry=FOUND)

    assert ptv.build(edited) == ptv.build(written)


def test_an_edit_named_after_a_kind_reaches_what_is_below() -> None:
    net = build("net", {"stage.norm": "ghost", "norm": "batch"})

    assert Ghost is type(net.stage.blocks[0].norm)
    assert Batch is type(net.stem.norm)


def test_items_of_lists_and_of_nested_lists_are_edited() -> None:
    net = build("pathways", {"stem_function[1].width": 8, "stages[0][1].depth": 3, "stages[1]": "plain(depth=2)"})

    assert [3, 8] == [stem.norm.num_features for stem in net.stems]
    assert [[1, 3], [2]] == [[len(stage.blocks) for stage in row] for row in net.stages]


def test_an_edit_without_an_index_edits_every_item() -> None:
    assert [8, 8] == [stem.norm.num_features for stem in build("pathways", {"stem_function.width": 8}).stems]


def test_a_kind_names_the_only_slot_of_that_kind() -> None:
    assert 8 == build("pathways", {"stem[0].width": 8}).stems[0].norm.num_features


def test_what_is_set_deeper_acts_on_what_is_set_above_whatever_the_order() -> None:
    net = build("net", {"stage.block.norm.eps": 7.0, "stage.block": "plain(norm=ghost(eps=1))", "stage": "plain"})

    assert Ghost is type(net.stage.blocks[0].norm)
    assert 7.0 == net.stage.blocks[0].norm.eps


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("", "not a step of a path"),
        ("a..b", "not a step of a path"),
        ("stem[x].norm", "write it like"),
        ("stem.nomr", "takes no argument 'nomr'. Did you mean norm"),
        ("stme.norm", "has no argument 'stme'. Did you mean stem"),
        ("stem[0].norm", "stem is not a list"),
        ("classes.x", "classes is not a component that has parts"),
        ("head.activation.nothing", "takes no argument 'nothing'"),
        ("head.pool", "reaches nothing"),
    ],
)
def test_a_path_that_leads_nowhere_is_an_error(path: str, complaint: str) -> None:
    with pytest.raises(ArgumentError, match=complaint):
        build("net", {path: 3 if path != "head.pool" else None})


def test_an_index_beyond_the_list_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="stem_function has 2 items, numbered from 0"):
        build("pathways", {"stem_function[2].width": 8})


def test_there_is_nothing_below_none() -> None:
    with pytest.raises(ArgumentError, match="head is none, so there is nothing below"):
        build("net(head=none)", {"head.classes": 3})
    with pytest.raises(ArgumentError, match=r"norms\[1\] is none"):
        build("pathways(norm=ghost)", {"norms[1].eps": 3.0})


def test_a_finished_factory_cannot_be_edited() -> None:
    with pytest.raises(ArgumentError, match="finished factory"):
        build("net", {"stem.width": 3}, stem=ptv.as_factory("stem", "plain", registry=FOUND))


def test_a_bad_value_is_complained_about_with_the_edit_named() -> None:
    with pytest.raises(PtvError, match=r"set\['stem.norm'\]"):
        build("net", {"stem.norm": "gohst"})
