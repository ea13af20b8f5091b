"""Functions that take the arguments of another one."""

from __future__ import annotations

import inspect
import pickle
from typing import Annotated, Any, get_type_hints

import pytest

from ptv_registry import Slot
from ptv_registry.errors import ContractError
from ptv_registry.extending import extends, takes_arguments_of

Norm = Annotated[Any, Slot("norm")]


def base(width: int, depth: int = 2, *, norm: Norm = None, rate: float = 0.5) -> dict[str, Any]:
    """Make a net.

    Args:
        width: channels.
        depth: how many layers there are, which
            takes two lines to say.
        norm: makes each norm.
        rate: of dropping.

    Returns:
        A net.

    Raises:
        ValueError: never.
    """
    return {"width": width, "depth": depth, "norm": norm, "rate": rate}


@extends(base)
def wider(arguments: dict[str, Any], *, rate: float = 0.25, boxes: int = 4) -> tuple[dict[str, Any], float, int]:
    """Make a net that scores boxes.

    It is wider.

    Args:
        width: channels of the widest layer.
        boxes: how many.

    Returns:
        A net of boxes.
    """
    return base(**arguments), rate, boxes


@takes_arguments_of(base)
def same(arguments: dict[str, Any]) -> dict[str, Any]:
    """Make the same net."""
    return base(**arguments)


def test_the_signature_has_the_parameters_of_both_once() -> None:
    parameters = inspect.signature(wider).parameters

    assert ["width", "depth", "norm", "rate", "boxes"] == list(parameters)
    assert [inspect.Parameter.empty, 2, None, 0.25, 4] == [p.default for p in parameters.values()]
    assert inspect.signature(same).parameters.keys() == inspect.signature(base).parameters.keys()


def test_the_annotations_are_resolved_with_their_slots() -> None:
    hints = get_type_hints(wider, include_extras=True)

    assert [int, int, Norm, float, int] == [hints[name] for name in inspect.signature(wider).parameters]
    assert tuple[dict[str, Any], float, int] == hints["return"]


def test_the_function_gets_the_arguments_of_the_base_and_its_own() -> None:
    expected = {"width": 3, "depth": 5, "norm": None, "rate": 0.25}

    assert (expected, 0.25, 4) == wider(3, depth=5)
    assert ({**expected, "rate": 1.0}, 1.0, 7) == wider(3, 5, rate=1.0, boxes=7)
    assert base(3) == same(3)


def test_what_is_not_described_is_described_as_in_the_base() -> None:
    expected = """Make a net that scores boxes.

It is wider.

Args:
    width: channels of the widest layer.
    depth: how many layers there are, which
        takes two lines to say.
    norm: makes each norm.
    rate: of dropping.
    boxes: how many.

Returns:
    A net of boxes.

Raises:
    ValueError: never."""

    assert expected == wider.__doc__


def test_a_wrong_call_names_the_function() -> None:
    with pytest.raises(TypeError, match=r"wider\(\) got an unexpected keyword argument 'height'"):
        wider(3, height=1)
    with pytest.raises(TypeError, match=r"same\(\) missing a required argument: 'width'"):
        same()  # type: ignore[call-arg]


def test_it_pickles_and_shows_its_own_source() -> None:
    assert wider is pickle.loads(pickle.dumps(wider))
    assert "scores boxes" in inspect.getsource(wider)


def keywords(*, width: int = 1, rate: float = 0.5) -> tuple[int, float]:
    return width, rate


@extends(keywords)
def by_position(arguments: dict[str, Any], name: str = "", rate: float = 0.25, *, boxes: int = 4) -> Any:
    """Takes a name and a rate by position."""
    return name, keywords(**arguments), boxes


def test_parameters_by_position_come_first() -> None:
    assert ["name", "rate", "width", "boxes"] == list(inspect.signature(by_position).parameters)
    assert ("a", (3, 1.0), 4) == by_position("a", 1.0, width=3)
    assert ("", (1, 0.25), 5) == by_position(boxes=5)


def test_what_cannot_be_composed_is_refused() -> None:
    def positional(arguments: dict[str, Any], boxes: int = 4) -> None: ...

    def anything(**named: Any) -> None: ...

    with pytest.raises(ContractError, match="both take parameters by position"):
        extends(base)(positional)
    with pytest.raises(ContractError, match="takes any keyword"):
        extends(anything)(lambda arguments: None)
