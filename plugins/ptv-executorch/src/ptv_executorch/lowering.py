"""From a graph of images to a program of ExecuTorch, as much of it as can be done by XNNPACK."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch
from attrs import asdict, frozen
from torch import fx, nn

from ptv_deploy.muted_logging import quietly

with quietly():
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.backends.xnnpack.utils.configs import get_xnnpack_edge_compile_config
    from executorch.exir import to_edge_transform_and_lower

_DELEGATE: Final = "executorch_call_delegate"
_NO_WORK: Final = ("getitem", "quantized_decomposed::")


@frozen
class Share:
    """What the delegate took of a program.

    Attributes:
        delegated: number of operations that XNNPACK runs, without those that only change to int8 and back.
        others: how often each other operation is run, by kernels of ExecuTorch.
        calls: how often the program calls the delegate.
    """

    delegated: int
    others: dict[str, int]
    calls: int

    def to_dict(self) -> dict[str, Any]:
        """JSON data, with the share."""
        total = self.delegated + sum(self.others.values())
        return {**asdict(self), "share": self.delegated / total if total else 0.0}


def traced(module: nn.Module, clips: tuple[torch.Tensor, ...]) -> torch.export.ExportedProgram:
    """The graph of a module that takes a flat run of tensors."""
    with quietly(), torch.no_grad():
        return torch.export.export(module, clips)


def lower(exported: torch.export.ExportedProgram) -> tuple[bytes, Share]:
    """The bytes of the program, and what the delegate took of it."""
    with quietly(), _without_collection():
        edge = to_edge_transform_and_lower(
            exported, partitioner=[XnnpackPartitioner()], compile_config=get_xnnpack_edge_compile_config()
        )
        share = _share_of(edge.exported_program().graph_module)
        return bytes(edge.to_executorch().buffer), share


def _share_of(graph_module: fx.GraphModule) -> Share:
    delegated, calls = 0, 0
    others: dict[str, int] = {}
    for node in graph_module.graph.nodes:
        name = _name_of(node.target) if node.op == "call_function" else ""
        if name == _DELEGATE:
            lowered = getattr(graph_module, node.args[0].target).original_module.graph_module
            delegated += sum(map(_is_work, lowered.graph.nodes))
            calls += 1
        elif _is_work(node):
            others[name] = others.get(name, 0) + 1
    return Share(delegated, others, calls)


def _is_work(node: fx.Node) -> bool:
    return node.op == "call_function" and not _name_of(node.target).startswith(_NO_WORK)


def _name_of(target: Any) -> str:
    schema = getattr(target, "_schema", None)
    return str(schema.name) if schema is not None else str(getattr(target, "__name__", target))


@contextmanager
def _without_collection() -> Iterator[None]:
    # Lowering makes millions of objects of which few are garbage; looking for it takes a part of the time.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
