"""Fold batch norms into the convolutions before them."""

from __future__ import annotations

from typing import Final

import torch
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

_CONVS: Final = {torch.ops.aten.conv1d.default, torch.ops.aten.conv2d.default, torch.ops.aten.conv3d.default}
_BATCH_NORM: Final = torch.ops.aten.batch_norm.default


def fold_batch_norms(graph_module: fx.GraphModule) -> int:
    """Fold every batch norm whose input is a convolution that nothing else reads; in place, gives their number.

    The graph says what really follows what, which the order of modules does not.
    """
    graph = graph_module.graph
    folded = 0
    for norm in [node for node in graph.nodes if node.target is _BATCH_NORM]:
        conv = norm.args[0]
        if conv.target not in _CONVS or len(conv.users) != 1 or norm.args[5] or norm.args[3] is None:
            continue
        weight, bias = conv.args[1], conv.args[2] if len(conv.args) > 2 else None
        stored = [weight, bias, *norm.args[1:5]]
        if any(node is not None and node.op != "get_attr" for node in stored):
            continue
        tensors = [None if node is None else _attribute(graph_module, node.target) for node in stored]
        conv_weight, conv_bias, gamma, beta, mean, variance = tensors
        if conv_weight is None or mean is None or variance is None:
            continue
        new = fuse_conv_bn_weights(conv_weight, conv_bias, mean, variance, norm.args[7], gamma, beta)
        with graph.inserting_before(conv):
            nodes = [
                _added(graph_module, f"folded_{folded}_{name}", tensor)
                for name, tensor in zip(("weight", "bias"), new, strict=True)
            ]
        conv.args = (conv.args[0], *nodes, *conv.args[3:])
        norm.replace_all_uses_with(conv)
        graph.erase_node(norm)
        folded += 1
    _drop_unread(graph_module)
    graph_module.recompile()
    return folded


def _attribute(root: nn.Module, name: str) -> torch.Tensor:
    path, _, last = name.rpartition(".")
    tensor: torch.Tensor = getattr(root.get_submodule(path), last)
    return tensor


def _added(root: fx.GraphModule, name: str, tensor: torch.Tensor) -> fx.Node:
    root.register_parameter(name, nn.Parameter(tensor.detach(), requires_grad=False))
    return root.graph.get_attr(name)


def _drop_unread(root: fx.GraphModule) -> None:
    for node in reversed(root.graph.nodes):
        if node.op == "get_attr" and not node.users:
            root.graph.erase_node(node)
    read = {node.target for node in root.graph.nodes if node.op == "get_attr"}
    for name, _ in [*root.named_parameters(), *root.named_buffers()]:
        if name not in read:
            path, _, last = name.rpartition(".")
            delattr(root.get_submodule(path), last)
