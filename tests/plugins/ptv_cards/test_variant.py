"""Published models as rows of arguments."""

import inspect
import pickle

import pytest
import torch
from torch import nn

from ptv_cards.clip_input import ClipInput
from ptv_cards.published_weights import PublishedModel, PublishedWeights, weights_of
from ptv_cards.variant import variant
from ptv_registry.errors import ArgumentError


def build(*, width: int = 1, bias: bool = True) -> nn.Module:
    """A layer."""
    return nn.Linear(width, width, bias=bias)


wide = variant("wide", build, "A wide layer.", clips=ClipInput(8, 8), row={"width": 3})


def test_a_variant_is_its_builder_with_other_defaults() -> None:
    defaults = {name: parameter.default for name, parameter in inspect.signature(wide).parameters.items()}

    assert {"width": 3, "bias": True} == defaults
    assert (3, 3) == tuple(wide().weight.shape)
    assert ("wide", "A wide layer.", 8) == (wide.__name__, wide.__doc__, wide.clip_input.num_frames)


def test_every_argument_may_be_given_anew() -> None:
    assert wide(width=2, bias=False).bias is None
    assert (2, 2) == tuple(wide(width=2).weight.shape)


def ordered(width: int = 1, bias: bool = True, *, name: str = "") -> nn.Module:
    return nn.Linear(width, width, bias=bias)


def test_arguments_keep_their_places() -> None:
    made = variant("made", ordered, "A layer.", row={"width": 3, "name": "a"})

    assert ["width", "bias", "name"] == list(inspect.signature(made).parameters)
    assert made(2, False).bias is None
    assert (3, 3) == tuple(made(bias=False).weight.shape)
    with pytest.raises(TypeError, match=r"made\(\) multiple values for argument 'width'"):
        made(2, width=3)
    with pytest.raises(TypeError, match=r"made\(\) got an unexpected keyword argument 'height'"):
        made(height=3)


def test_a_variant_pickles() -> None:
    twin = pickle.loads(pickle.dumps(wide))
    torch.manual_seed(0)
    first = twin().weight
    torch.manual_seed(0)

    assert torch.equal(first, wide().weight)


def test_a_variant_has_what_the_table_of_its_family_says() -> None:
    row = PublishedWeights("mine", "https://acme.example/a.pth", "wide", "Acme")
    table = {"wide": PublishedModel(clip_input=ClipInput(4, 2), weights=(row,))}
    made = variant("wide", build, "A wide layer.", table=table, row={"width": 3})

    assert (row,) == weights_of(made)
    assert 4 == made.clip_input.num_frames
    with pytest.raises(ArgumentError, match=r"has no \[broad\]; it has wide"):
        variant("broad", build, "A broad layer.", table=table, row={})
