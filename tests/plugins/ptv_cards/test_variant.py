"""Published models as rows of arguments."""

import inspect
import pickle

import torch
from torch import nn

from ptv_cards.clip_input import ClipInput
from ptv_cards.variant import variant


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


def test_a_variant_pickles() -> None:
    twin = pickle.loads(pickle.dumps(wide))
    torch.manual_seed(0)
    first = twin().weight
    torch.manual_seed(0)

    assert torch.equal(first, wide().weight)
