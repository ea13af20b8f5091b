"""What each operation on clips becomes on images, and a model made of these."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import fx

from ptv_executorch.clip import Clip, sizes_of
from ptv_executorch.convolution import ImagesConv3d
from ptv_executorch.pooling import ImagesMean, ImagesPool3d, ImagesSoftmax
from ptv_executorch.rewriting import Call, Rewriter, functional, refused, rewrites

_aten: Final = torch.ops.aten
_Size = tuple[int, int, int]
_IMAGES: Final = {"T": 0, "C": 1, "H": 2, "W": 3}


def rewrite(graph_module: fx.GraphModule) -> fx.GraphModule:
    """A graph of clips as one of images; takes and gives flat runs of tensors.

    Raises:
        UnsupportedError: an operation cannot be written with images; the message names it.
    """
    return Rewriter(graph_module).run()


def _arguments(node: Call, *defaults: tuple[str, Any]) -> list[Any]:
    """The arguments of a call after the first, by position or by name, else as the operation has them."""
    rest = node.args[1:]
    return [rest[i] if i < len(rest) else node.kwargs.get(name, default) for i, (name, default) in enumerate(defaults)]


def _triple(value: Any, default: Any = None) -> _Size:
    sizes = list(value) or list(default)
    time, height, width = sizes * 3 if len(sizes) == 1 else sizes
    return time, height, width


def _of_shape(clip: Clip, node: Call, new: fx.Node) -> Clip:
    return Clip(new, sizes_of(node.meta["val"].shape, clip.axes), clip.axes)


@rewrites(_aten.conv3d.default)
def _convolution(rewriter: Rewriter, node: Call) -> Clip:
    clip = rewriter.clip(node, node.args[0])
    weight, bias, stride, padding, dilation, groups = _arguments(
        node, ("weight", None), ("bias", None), ("stride", [1]), ("padding", [0]), ("dilation", [1]), ("groups", 1)
    )
    _in_order(clip, node)
    module = ImagesConv3d(
        rewriter.tensor(node, weight),
        rewriter.tensor(node, bias),
        _triple(stride),
        _triple(padding),
        _triple(dilation),
        groups,
        clip.sizes["T"],
        clip.sizes["B"],
    )
    return _of_shape(clip, node, rewriter.module(module, clip.node))


@rewrites(_aten.linear.default)
def _linear(rewriter: Rewriter, node: Call) -> Clip:
    clip = rewriter.clip(node, node.args[0])
    if clip.axes[-1] != "C":
        raise refused(node, "along another axis than the channels")
    weight, bias = _arguments(node, ("weight", None), ("bias", None))
    module = ImagesConv3d(
        rewriter.tensor(node, weight)[:, :, None, None, None],
        rewriter.tensor(node, bias),
        (1, 1, 1),
        (0, 0, 0),
        (1, 1, 1),
        1,
        clip.sizes["T"],
        clip.sizes["B"],
    )
    return _of_shape(clip, node, rewriter.module(module, clip.node))


@rewrites(_aten.batch_norm.default)
def _batch_norm(rewriter: Rewriter, node: Call) -> Clip:
    clip = rewriter.clip(node, node.args[0])
    _in_order(clip, node)
    if node.args[5]:
        raise refused(node, "in training")
    gamma, beta, mean, variance = (rewriter.tensor(node, arg) for arg in node.args[1:5])
    scale = torch.rsqrt(variance + node.args[7])
    if gamma is not None:
        scale = scale * gamma
    shift = -mean * scale if beta is None else beta - mean * scale
    ones = (1, 1, 1)
    module = ImagesConv3d(
        scale[:, None, None, None, None],
        shift,
        ones,
        (0, 0, 0),
        ones,
        len(scale),
        clip.sizes["T"],
        clip.sizes["B"],
    )
    return clip.now(rewriter.module(module, clip.node))


@rewrites(
    *(_aten.relu.default, _aten.relu6.default, _aten.silu.default, _aten.sigmoid.default, _aten.hardswish.default),
    *(_aten.hardtanh.default, _aten.hardsigmoid.default, _aten.gelu.default, _aten.tanh.default, _aten.neg.default),
    *(_aten.clamp.default, _aten.leaky_relu.default, _aten.elu.default, _aten.exp.default, _aten.sqrt.default),
)
def _of_each_number(rewriter: Rewriter, node: Call) -> Clip:
    clip = rewriter.clip(node, node.args[0])
    return clip.now(rewriter.call(functional(node.target), clip.node, *node.args[1:], **node.kwargs))


@rewrites(
    *(_aten.dropout.default, _aten.feature_dropout.default, _aten.clone.default, _aten.contiguous.default),
    *(_aten.alias.default, _aten.detach.default),
)
def _nothing(rewriter: Rewriter, node: Call) -> Clip:
    if functional(node.target) in (_aten.dropout.default, _aten.feature_dropout.default) and node.args[2]:
        raise refused(node, "in training")
    return rewriter.clip(node, node.args[0])


@rewrites(_aten.add.Tensor, _aten.sub.Tensor, _aten.mul.Tensor, _aten.div.Tensor, _aten.maximum.default)
def _of_two(rewriter: Rewriter, node: Call) -> Clip:
    if isinstance(node.args[1], int | float):
        return _of_each_number(rewriter, node)
    first, second = (rewriter.clip(node, arg) for arg in node.args[:2])
    if first.axes != second.axes:
        raise refused(node, "with operands whose axes are in different orders")
    result = node.meta["val"].shape
    sizes = sizes_of(result, first.axes)
    nodes = [_spread(rewriter, node, clip, sizes) for clip in (first, second)]
    return Clip(rewriter.call(functional(node.target), *nodes, **node.kwargs), sizes, first.axes)


def _spread(rewriter: Rewriter, node: Call, clip: Clip, sizes: dict[str, int]) -> fx.Node:
    """Repeat what lies in the batch of images where broadcasting does not do it."""
    batch, frames = clip.sizes["B"], clip.sizes["T"]
    if batch * frames in (1, sizes["B"] * sizes["T"]):
        return clip.node
    if batch != sizes["B"]:
        raise refused(node, "with operands of different batches")
    return rewriter.call(_aten.cat.default, [clip.node] * sizes["T"])


@rewrites(_aten.permute.default)
def _permute(rewriter: Rewriter, node: Call) -> Clip:
    clip = rewriter.clip(node, node.args[0])
    return Clip(clip.node, clip.sizes, "".join(clip.axes[dim] for dim in node.args[1]))


@rewrites(_aten.transpose.int)
def _transpose(rewriter: Rewriter, node: Call) -> Clip:
    clip = rewriter.clip(node, node.args[0])
    axes = list(clip.axes)
    first, second = node.args[1:3]
    axes[first], axes[second] = axes[second], axes[first]
    return Clip(clip.node, clip.sizes, "".join(axes))


@rewrites(_aten.cat.default)
def _concatenate(rewriter: Rewriter, node: Call) -> Clip:
    clips = [rewriter.clip(node, arg) for arg in node.args[0]]
    (dim,) = _arguments(node, ("dim", 0))
    if len({clip.axes for clip in clips}) > 1:
        raise refused(node, "with operands whose axes are in different orders")
    axis = _axis(clips[0], node, dim)
    return _of_shape(clips[0], node, rewriter.call(_aten.cat.default, [clip.node for clip in clips], _IMAGES[axis]))


@rewrites(_aten.slice.Tensor)
def _slice(rewriter: Rewriter, node: Call) -> Clip:
    clip = rewriter.clip(node, node.args[0])
    dim, start, end, step = _arguments(node, ("dim", 0), ("start", None), ("end", None), ("step", 1))
    axis = _axis(clip, node, dim)
    chosen = range(clip.sizes[axis])[start:end:step]
    each = clip.sizes["B"] if axis == "T" else 1
    runs = [(chosen.start, chosen.stop)] if step == 1 else [(i, i + 1) for i in chosen]
    parts = [rewriter.call(_aten.slice.Tensor, clip.node, _IMAGES[axis], a * each, b * each) for a, b in runs]
    whole = parts[0] if len(parts) == 1 else rewriter.call(_aten.cat.default, parts, _IMAGES[axis])
    return _of_shape(clip, node, whole)


@rewrites(_aten.mean.dim)
def _mean(rewriter: Rewriter, node: Call) -> Any:
    dims, keepdim = _arguments(node, ("dim", None), ("keepdim", False))
    clip = rewriter.clip(node, node.args[0])
    if node.kwargs.get("dtype") is not None:
        raise refused(node, "with another type")
    averaged = {clip.axes[dim] for dim in dims}
    return _averaged(rewriter, node, clip, averaged, keepdim)


@rewrites(_aten.adaptive_avg_pool3d.default)
def _adaptive_pool(rewriter: Rewriter, node: Call) -> Any:
    clip = rewriter.clip(node, node.args[0])
    _in_order(clip, node)
    size = _triple(node.args[1])
    if size == (1, 1, 1):
        return _averaged(rewriter, node, clip, {"T", "H", "W"}, True)
    inputs = [clip.sizes[axis] for axis in "THW"]
    if any(i % o for i, o in zip(inputs, size, strict=True)):
        raise refused(node, f"to {size}, with windows of different sizes,")
    kernel = _triple([i // o for i, o in zip(inputs, size, strict=True)])
    return _pooled(rewriter, node, clip, kernel, kernel, (0, 0, 0), maximum=False)


@rewrites(_aten.avg_pool3d.default)
def _average_pool(rewriter: Rewriter, node: Call) -> Any:
    clip = rewriter.clip(node, node.args[0])
    kernel, stride, padding, ceil, _, divisor = _arguments(
        *(node, ("kernel_size", None), ("stride", []), ("padding", [0]), ("ceil_mode", False)),
        *(("count_include_pad", True), ("divisor_override", None)),
    )
    if any(padding) or ceil or divisor is not None:
        raise refused(node, "with padding, ceil_mode or divisor_override")
    if list(_triple(kernel)) == [clip.sizes[axis] for axis in "THW"]:
        return _averaged(rewriter, node, clip, {"T", "H", "W"}, True)
    return _pooled(rewriter, node, clip, _triple(kernel), _triple(stride, kernel), (0, 0, 0), maximum=False)


@rewrites(_aten.max_pool3d.default)
def _maximum_pool(rewriter: Rewriter, node: Call) -> Any:
    clip = rewriter.clip(node, node.args[0])
    kernel, stride, padding, dilation, ceil = _arguments(
        *(node, ("kernel_size", None), ("stride", []), ("padding", [0]), ("dilation", [1]), ("ceil_mode", False)),
    )
    if _triple(padding)[0] or ceil or set(dilation) != {1}:
        raise refused(node, "with padding in time, ceil_mode or dilation")
    return _pooled(rewriter, node, clip, _triple(kernel), _triple(stride, kernel), _triple(padding), maximum=True)


def _pooled(
    rewriter: Rewriter, node: Call, clip: Clip, kernel: _Size, stride: _Size, padding: _Size, *, maximum: bool
) -> Clip:
    _in_order(clip, node)
    module = ImagesPool3d(kernel, stride, padding, clip.sizes["T"], clip.sizes["B"], maximum=maximum)
    return _of_shape(clip, node, rewriter.module(module, clip.node))


def _averaged(rewriter: Rewriter, node: Call, clip: Clip, averaged: set[str], keepdim: bool) -> Any:
    real = {axis for axis in averaged if clip.sizes[axis] > 1}
    if real & {"B", "C"} or len(real & {"H", "W"}) == 1:
        raise refused(node, f"over the axes {', '.join(sorted(averaged))}")
    given = clip.now(clip.node, **dict.fromkeys(averaged, 1))
    if real:
        frames = clip.sizes["T"] if "T" in real else 1
        given = given.now(rewriter.module(ImagesMean(frames, clip.sizes["B"], "H" in real), clip.node))
    return given if keepdim else _flattened(rewriter, node, given)


@rewrites(
    *(_aten.flatten.using_ints, _aten.view.default, _aten.reshape.default, _aten._unsafe_view.default),
    *(_aten.squeeze.dim, _aten.squeeze.dims, _aten.squeeze.default),
)
def _flatten(rewriter: Rewriter, node: Call) -> Any:
    clip = rewriter.clip(node, node.args[0])
    shape = tuple(node.meta["val"].shape)
    if len(shape) == 5 and shape == tuple(clip.sizes[axis] for axis in clip.axes):
        return clip
    return _flattened(rewriter, node, clip)


def _flattened(rewriter: Rewriter, node: Call, clip: Clip) -> fx.Node:
    shape = tuple(node.meta["val"].shape)
    in_order = clip.axes.index("B") < clip.axes.index("C") or clip.sizes["B"] == 1
    if len(shape) == 5 or not clip.is_one_pixel or not in_order:
        raise refused(node, f"to {shape}")
    return rewriter.call(_aten.view.default, clip.node, list(shape))


@rewrites(_aten.softmax.int, _aten._softmax.default)
def _softmax(rewriter: Rewriter, node: Call) -> Clip:
    clip = rewriter.clip(node, node.args[0])
    if clip.axes[node.args[1]] != "C":
        raise refused(node, "along another axis than the channels")
    return clip.now(rewriter.module(ImagesSoftmax(), clip.node))


def _axis(clip: Clip, node: Call, dim: int) -> str:
    axis = clip.axes[dim]
    if axis == "B":
        raise refused(node, "along the batch")
    return axis


def _in_order(clip: Clip, node: Call) -> None:
    if clip.axes != "BCTHW":
        raise refused(node, f"with the axes in the order {clip.axes}")
