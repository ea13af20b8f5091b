"""Functions of one's own that treat every element alone are pushed down; all others stay as they are."""

import functools
import math
import operator
import random
from types import FunctionType

import numpy as np
import pytest
import torch
import torchvision.transforms as v1
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torchvision.transforms import v2

from ptv_transforms import ApplyTransformToKey, Div255, Normalize, ShortSideScale, UniformTemporalSubsample, pushdown
from ptv_transforms.elementwise import elementwise

SCALE = 255.0
MEAN = torch.tensor(0.45)
COUNT = 0


def centred(x, mean=0.45, *, std=0.225):
    """What many write."""
    x = x.float() / SCALE
    return (x - mean) / std


def brighter(x):
    return torch.clamp(centred(x) * 1.5, min=-1, max=1)


def repeated(x):
    for _ in range(3):
        x = x * 0.5
    return x


def factory(scale):
    return lambda x: x / scale


TRACED = [
    lambda x: x / 255.0,
    lambda x: x / SCALE,
    lambda x: x.float() / 255,
    lambda x: x.to(torch.float32).div(255.0),
    lambda x: x.to(dtype=torch.float64) * (1 / 255),
    lambda x: 1 - x / 255,
    lambda x: -abs(x - 128.0) + 3,
    lambda x: x * x - x,
    lambda x: torch.where(x > 128, x, 0) / 2,
    lambda x: (x.float() ** 2).sqrt().round(),
    lambda x, scale=255: torch.true_divide(x, scale).clamp(0.1, 0.9),
    lambda x: x,
    lambda x: x if random is None else x / 255,
    centred,
    brighter,
    repeated,
    factory(127.5),
    functools.partial(centred, mean=0.5),
    functools.partial(torch.mul, other=2),
    torch.Tensor.float,
    torch.sqrt,
]


def in_place(x):
    x /= 255.0
    return x


def counting(x):
    global COUNT
    COUNT += 1
    return x / 255


def closing_over(value):
    def apply(x):
        return x - value

    return apply


def counting_within():
    calls = 0

    def apply(x):
        nonlocal calls
        calls += 1
        return x / 255

    return apply


def trying(x):
    try:
        return x.mean()
    except Exception:  # noqa: BLE001
        return x / 255


def remembered(x, seen=[]):  # noqa: B006
    seen.append(x)
    return x / 255


def asking(x):
    return x / 255 if x.dtype == torch.uint8 else x


def over(x, other=torch):
    return x / other.pi


def printing(x):
    print(x)
    return x / 255


def importing(x):
    import random as chance

    return x * chance.random()


class Scaling:
    def __call__(self, x):
        return x / 255

    def method(self, x):
        return x / 255


OPAQUE = [
    lambda x: x * random.random(),
    lambda x: x + torch.rand(1),
    lambda x: x + torch.rand_like(x),
    lambda x: x - MEAN,
    closing_over(torch.tensor(0.45)),
    closing_over(np.float64(0.45)),
    closing_over([1]),
    in_place,
    lambda x: x.div_(255.0),
    lambda x: torch.add(x, x, out=x),
    lambda x: x / x.max(),
    lambda x: x - x.mean(),
    lambda x: x * x.shape[1],
    lambda x: x.flip(1),
    lambda x: x[:, ::2],
    lambda x: x.permute(1, 0, 2, 3),
    lambda x: x.cumsum(1) / 255,
    lambda x: [x],
    lambda x: (x / 255, x),
    lambda x: None,
    lambda x: x.exp(),
    lambda x: x**0.3,
    lambda x: 2**x,
    lambda x: x.to(torch.uint8),
    lambda x: x.to("meta"),
    lambda x: x.sub(x, alpha=0.3),
    lambda x: x if x.sum() > 3 else x / 255,
    lambda x: x if not random.getstate else x / 255,
    lambda x: math.sqrt(3) * x,
    lambda x: sorted([x / 255])[0],
    lambda x: np.asarray(x),
    lambda x: 3,
    counting,
    counting_within(),
    trying,
    remembered,
    asking,
    over,
    printing,
    importing,
    Scaling(),
    Scaling().method,
    functools.partial(operator.truediv, 255),
    torch.rand_like,
    nn.Dropout(),
    lambda x, y: x + y,
]


def sample(dtype=torch.uint8, num_frames=13):
    generator = torch.Generator().manual_seed(num_frames)
    clip = torch.randint(0, 256, (num_frames, 10, 14, 3), dtype=torch.uint8, generator=generator)
    return {"video": clip.permute(3, 0, 1, 2).to(dtype)}


def same(expected, actual):
    return expected.dtype == actual.dtype and torch.equal(expected, actual)


@pytest.mark.parametrize(
    ("function", "wrap"),
    [(function, wrap) for function in TRACED for wrap in (lambda f: f, v2.Lambda)]
    + [(function, v1.Lambda) for function in TRACED if isinstance(function, FunctionType)],
)
def test_functions_of_elements_are_pushed_down_with_the_same_bits(function, wrap):
    transform = ApplyTransformToKey(
        "video", v1.Compose([wrap(function), UniformTemporalSubsample(4), ShortSideScale(8)])
    )
    found = pushdown(transform)
    x = sample(torch.float32 if function is torch.sqrt else torch.uint8)
    kept = x["video"][:, found.select(13)]
    frames = torch.cat([found.each_frame(part) for part in kept.split(1, 1)], 1)

    assert found.select(13) == [0, 4, 8, 12]
    assert same(transform(dict(x))["video"], found.rest({"video": kept})["video"])
    assert frames.shape[1] == 4


@pytest.mark.parametrize("function", OPAQUE)
def test_all_other_functions_get_every_frame(function):
    before = COUNT
    transform = ApplyTransformToKey("video", v1.Compose([function, UniformTemporalSubsample(4)]))

    assert elementwise(function) is None
    assert pushdown(transform) is None
    assert before == COUNT


def test_a_function_of_clips_is_not_called_to_look_into_it():
    calls = []

    def seen(x):
        calls.append(x)
        return x / 255

    assert elementwise(seen) is None
    assert calls == []


def test_what_a_function_returns_is_changed_in_place_only_if_it_is_new():
    assert [elementwise(f).fresh for f in (lambda x: x, lambda x: x.float(), lambda x: x / 255)] == [False, False, True]
    x = sample(torch.float32)
    before = x["video"].clone()
    steps = [v1.Lambda(lambda x: x.float()), Normalize((0.45,) * 3, (0.2,) * 3), ShortSideScale(8), Div255()]
    found = pushdown(ApplyTransformToKey("video", v1.Compose([UniformTemporalSubsample(13), *steps])))
    found.rest(x)

    assert torch.equal(before, x["video"])


def written(draw_from):
    """Expressions as text, so that each is a lambda such as people write."""
    number = st.one_of(st.integers(-300, 300), st.floats(-300, 300, width=16)).map(lambda n: f"({n})")
    leaf = st.one_of(st.just("x"), number)

    def grow(inner):
        return st.one_of(
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            st.tuples(st.sampled_from(["-", "abs"]), inner).map(lambda t: f"{t[0]}(x * {t[1]})"),
            inner.map(lambda e: f"torch.square(x + {e})"),
            inner.map(lambda e: f"(x.float() - {e}).clamp(-3, max=7)"),
            inner.map(lambda e: f"torch.where(x > {e}, x, 2.5)"),
            inner.map(lambda e: f"(x / 7 + {e}).floor()"),
        )

    return st.recursive(leaf, grow, max_leaves=draw_from)


@given(written(8), st.sampled_from([torch.uint8, torch.float32, torch.int16]))
@settings(deadline=None, max_examples=150)
def test_any_expression_gives_the_same_bits_frame_by_frame(expression, dtype):
    function = eval(f"lambda x: x + ({expression})", {"torch": torch})
    x = sample(dtype, 5)["video"]
    try:
        expected = function(x)
    except ZeroDivisionError:  # of two numbers
        return
    found = elementwise(function)
    actual = torch.cat([function(part) for part in x.split(1, 1)], 1)

    assert found is not None
    assert expected.dtype == actual.dtype
    assert torch.equal(expected.nan_to_num(7.5), actual.nan_to_num(7.5))
