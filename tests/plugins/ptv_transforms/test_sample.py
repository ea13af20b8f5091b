"""Transforms of samples, and of the order of dimensions."""

import pickle

import pytest
import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms import (
    ApplyTransformToKey,
    Compose,
    MissingKeyError,
    MoveChannelFront,
    MoveChannelRear,
    Permute,
    RemoveKey,
)


def test_a_transform_is_applied_to_one_key_and_the_sample_given_stays():
    sample = {"video": 1, "label": 2}
    changed = ApplyTransformToKey(key="video", transform=lambda x: x + 10)(sample)

    assert changed == {"video": 11, "label": 2}
    assert sample == {"video": 1, "label": 2}


def test_a_missing_key_is_named_with_those_there_are():
    with pytest.raises(MissingKeyError, match="'video', which this sample lacks; it has audio, label") as raised:
        ApplyTransformToKey("video", torch.neg)({"audio": 1, "label": 2})

    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_a_removed_key_is_gone_and_the_sample_given_stays():
    sample = {"video": 1, "audio": 2}

    assert RemoveKey("audio")(sample) == {"video": 1}
    assert RemoveKey("text")(sample) == sample == {"video": 1, "audio": 2}


def test_remove_key_is_a_working_module():
    assert "RemoveKey(key='audio')" in repr(torch.nn.Sequential(RemoveKey("audio")))


def test_composed_transforms_run_in_order():
    assert Compose([lambda x: x + 1, lambda x: x * 10])(1) == 20


def test_channels_move_to_the_rear_and_back():
    x = torch.rand(2, 3, 4, 5)

    assert torch.equal(MoveChannelRear()(x), x.movedim(0, -1))
    assert torch.equal(MoveChannelFront()(MoveChannelRear()(x)), x)


def test_permute_reorders_dimensions():
    x = torch.rand(2, 3, 4, 5)

    assert torch.equal(Permute((1, 0, 3, 2))(x), x.permute(1, 0, 3, 2))


@pytest.mark.parametrize("dims", [(0, 0), (1, 2, 3), (0, -1)])
def test_permute_needs_every_dimension_once(dims):
    with pytest.raises(ArgumentError, match="once"):
        Permute(dims)


@pytest.mark.parametrize("transforms", [[], "normalize", 3, None])
def test_to_compose_nothing_is_an_error(transforms):
    with pytest.raises(ArgumentError, match="at least one transform"):
        Compose(transforms)


def test_several_values_go_through_a_compose_together():
    swap = Compose([lambda clip, label: (clip + 1, label), lambda clip, label: (label, clip)])

    assert swap(1, "label") == ("label", 2)
