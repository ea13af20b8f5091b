"""OpSampler."""

from collections import Counter

import pytest
import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms import OpSampler

LETTERS = [lambda x: x + "a", lambda x: x + "b", lambda x: x + "c"]


def drawn(sampler, times=300):
    torch.manual_seed(0)
    return Counter(sampler("") for _ in range(times))


def test_draws_follow_the_weights():
    counts = drawn(OpSampler(LETTERS, transforms_prob=[6.0, 3.0, 1.0]), 2000)

    assert counts["a"] / 2000 == pytest.approx(0.6, abs=0.05)
    assert counts["c"] / 2000 == pytest.approx(0.1, abs=0.03)


def test_without_replacement_none_is_drawn_twice():
    assert set(drawn(OpSampler(LETTERS, num_sample_op=2))) == {"ab", "ba", "ac", "ca", "bc", "cb"}


def test_with_replacement_one_may_be_drawn_again_and_more_often_than_there_are():
    assert {"aaaa", "bbbb"} & set(drawn(OpSampler(LETTERS[:2], num_sample_op=4, replacement=True)))


def test_a_random_depth_is_between_one_and_the_number():
    assert {len(text) for text in drawn(OpSampler(LETTERS, num_sample_op=3, randomly_sample_depth=True))} == {1, 2, 3}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"transforms_list": []}, "is empty"),
        ({"transforms_list": LETTERS, "num_sample_op": 0}, "num_sample_op is 0"),
        ({"transforms_list": LETTERS, "num_sample_op": 4}, "1 to 3 can be drawn"),
        ({"transforms_list": LETTERS, "transforms_prob": [1.0]}, "each of the 3 transforms"),
        ({"transforms_list": LETTERS, "transforms_prob": [1.0, 0.0, 1.0]}, "positive weight"),
    ],
)
def test_what_cannot_be_drawn_is_an_error(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        OpSampler(**arguments)
