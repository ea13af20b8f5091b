"""Every operation that is rewritten to images gives what the operation on clips gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ptv_deploy import Program, UnsupportedError, compare
from ptv_executorch.convolution import ImagesConv3d
from ptv_executorch.operations import rewrite

# weight (out, in / groups, T, H, W), stride, padding, dilation, groups
CONVOLUTIONS: dict[str, tuple[Any, ...]] = {
    "pointwise": ((6, 4, 1, 1, 1), (1, 1, 1), (0, 0, 0), (1, 1, 1), 1),
    "depthwise": ((4, 1, 3, 3, 3), (1, 2, 2), (1, 1, 1), (1, 1, 1), 4),
    "dense": ((6, 4, 3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1), 1),
    "of time": ((4, 1, 5, 1, 1), (1, 1, 1), (2, 0, 0), (1, 1, 1), 4),
    "of space": ((6, 2, 1, 3, 5), (1, 2, 1), (0, 1, 2), (1, 1, 1), 2),
    "strided in time": ((6, 4, 3, 1, 1), (2, 1, 1), (1, 0, 0), (1, 1, 1), 1),
    "without padding in time": ((6, 4, 3, 3, 3), (1, 1, 1), (0, 1, 1), (1, 1, 1), 1),
    "dilated in time": ((6, 4, 3, 3, 3), (1, 1, 1), (2, 1, 1), (2, 1, 1), 1),
    "longer than the clip": ((6, 4, 7, 1, 1), (4, 1, 1), (3, 0, 0), (1, 1, 1), 1),
    "with padding alone at the ends": ((6, 4, 1, 1, 1), (1, 1, 1), (1, 0, 0), (1, 1, 1), 1),
}


class Calls(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        return self.function(clips)


def rewritten(model: nn.Module, *clips: Any) -> nn.Module:
    program = Program(model, clips, batch="example")
    return rewrite(program.exported.module(check_guards=False))


def images(clips: torch.Tensor) -> torch.Tensor:
    return clips.permute(2, 0, 1, 3, 4).flatten(0, 1)


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("with_bias", [True, False])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_a_convolution_of_images_equals_that_of_clips(name: str, with_bias: bool, batch: int) -> None:
    shape, *sizes = CONVOLUTIONS[name]
    torch.manual_seed(0)
    weight, bias = torch.randn(shape), torch.randn(shape[0]) if with_bias else None
    clips = torch.randn(batch, 4, 5, 8, 7)
    wanted = F.conv3d(clips, weight, bias, *sizes)
    conv = ImagesConv3d(weight, bias, *sizes, frames=5, batch=batch)

    assert compare([images(wanted)], [conv(images(clips))]).max_rel_diff < 1e-6
    assert wanted.shape[2] == conv.frames


OPERATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "mean of all": lambda x: x.mean((2, 3, 4)),
    "mean that keeps axes": lambda x: x * x.mean((2, 3, 4), keepdim=True).sigmoid(),
    "mean over time": lambda x: x.mean(2, keepdim=True),
    "mean over space": lambda x: x.mean((3, 4), keepdim=True),
    "average pool": lambda x: F.avg_pool3d(x, (2, 3, 3), (2, 2, 1)),
    "average pool of all": lambda x: F.avg_pool3d(x, (6, 8, 8)).flatten(1),
    "average pool of frames": lambda x: F.avg_pool3d(x, (6, 1, 1), 1),
    "maximum pool": lambda x: F.max_pool3d(x, (2, 3, 3), (1, 2, 2), (0, 1, 1)),
    "maximum pool in place of a stride": lambda x: F.max_pool3d(x, (2, 1, 1)),
    "adaptive pool to one": lambda x: F.adaptive_avg_pool3d(x, 1).flatten(1),
    "adaptive pool to some": lambda x: F.adaptive_avg_pool3d(x, (3, 2, 4)),
    "in place": lambda x: F.relu(F.relu6(x + 1).mul_(2), inplace=True) + x,
    "read again after writing": lambda x: (lambda y: torch.cat([F.silu(y, inplace=True), y], 1))(x + 0),
    "activations": lambda x: F.hardswish(x) + F.gelu(x) * F.hardsigmoid(x) - F.leaky_relu(x).tanh() / 2,
    "softmax over channels": lambda x: x.softmax(1),
    "softmax over channels that are last": lambda x: x.permute(0, 2, 3, 4, 1).softmax(-1),
    "order of axes": lambda x: x.transpose(1, 2).permute(0, 2, 1, 4, 3),
    "concatenated channels": lambda x: torch.cat([x, x * 2], 1),
    "concatenated frames": lambda x: torch.cat([x, x * 2], 2),
    "cut frames": lambda x: x[:, :, 1:4],
    "every second frame": lambda x: x[:, :, ::2],
    "cut rows": lambda x: x[:, 1:3, :, 2:, :-1],
    "number on the right": lambda x: (x - 1) * 3,
    "nothing": lambda x: F.dropout(x, 0.5, training=False).contiguous().clone(),
    "in order of axes and flat": lambda x: x.mean((2, 3, 4), keepdim=True).permute(0, 2, 3, 4, 1).reshape(-1, 4),
}


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_on_images_equals_that_on_clips(name: str, batch: int) -> None:
    torch.manual_seed(0)
    model, clips = Calls(OPERATIONS[name]), torch.randn(batch, 4, 6, 8, 8)
    (given,) = rewritten(model, clips)(clips)

    assert compare([model(clips)], [given]).max_rel_diff < 1e-6


@pytest.mark.parametrize("batch", [1, 2])
def test_norms_that_follow_no_convolution_linear_layers_and_constants_are_rewritten(batch: int) -> None:
    torch.manual_seed(0)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.plain_norm = nn.BatchNorm3d(4), nn.BatchNorm3d(4, affine=False)
            self.linear = nn.Linear(4, 3)
            self.gate = nn.Parameter(torch.rand(1, 4, 1, 1, 1))
            nn.init.uniform_(self.norm.weight)
            self.norm.running_mean.uniform_()
            self.plain_norm.running_var.uniform_(1, 2)

        def forward(self, clips: torch.Tensor) -> torch.Tensor:
            return self.linear((self.plain_norm(self.norm(clips).relu()) * self.gate).permute(0, 2, 3, 4, 1))

    model, clips = Model().eval(), torch.randn(batch, 4, 3, 5, 5)
    (given,) = rewritten(model, clips)(clips)

    assert compare([model(clips)], [given]).max_rel_diff < 1e-6


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (lambda x: x.flatten(2), "aten.flatten.using_ints"),
        (lambda x: x.flip(2), "aten.flip.default"),
        (lambda x: x.mean(1), "aten.mean.dim"),
        (lambda x: F.avg_pool3d(x, 3, padding=1), "aten.avg_pool3d.default"),
        (lambda x: F.max_pool3d(x, 3, padding=1), "aten.max_pool3d.default"),
        (lambda x: F.adaptive_avg_pool3d(x, 5), "aten.adaptive_avg_pool3d.default"),
        (lambda x: x.softmax(2), "aten.softmax.int"),
        (lambda x: x + x.transpose(2, 3), "aten.add.Tensor"),
        (lambda x: torch.cat([x, x]), "aten.cat.default"),
        (lambda x: torch.linalg.qr(x.mean((2, 3, 4)))[0], "aten.linalg_qr.default"),
        (lambda x: x.mean((2, 3, 4))[:, :, None, None, None], "aten.unsqueeze.default"),
    ],
)
def test_what_has_no_form_for_images_is_named(function: Callable[..., torch.Tensor], named: str) -> None:
    clips = torch.randn(4, 4, 4, 4, 4)
    with pytest.raises(UnsupportedError, match=named.replace(".", r"\.")):
        rewritten(Calls(function), clips)
