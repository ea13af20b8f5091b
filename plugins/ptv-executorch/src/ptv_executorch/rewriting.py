"""Rewrite the graph of a model of clips to one of images, which mobile runtimes have operations for."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

import torch
from torch import fx, nn

from ptv_deploy import UnsupportedError
from ptv_executorch.clip import Clip, FromImages, ToImages, images_of, sizes_of
from ptv_executorch.runtime_operations import can_run

Call = Any
"""A node of a graph; its arguments have the types that its operation takes."""
Handler = Callable[["Rewriter", Call], Any]
HANDLERS: Final[dict[Any, Handler]] = {}


def rewrites(*targets: Any) -> Callable[[Handler], Handler]:
    """Name the operations that a function rewrites where they read or give clips."""

    def named(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(targets, handler))
        return handler

    return named


class Rewriter:
    """One pass over a graph; what is made is in ``graph`` and ``root``."""

    def __init__(self, source: fx.GraphModule) -> None:
        self.source, self.root, self.graph = source, nn.Module(), fx.Graph()
        self.made: dict[fx.Node, Any] = {}
        self._count = 0

    def run(self) -> fx.GraphModule:
        """The rewritten graph; takes and gives flat runs of tensors.

        Raises:
            UnsupportedError: an operation cannot be written with images; the message names it.
        """
        for node in self.source.graph.nodes:
            if node.op == "output":
                self.graph.output(tuple(self._given(value) for value in _flat(node.args[0])))
            else:
                self.made[node] = self._rewritten(node)
        rewritten = fx.GraphModule(self.root, self.graph)
        rewritten.graph.eliminate_dead_code()
        rewritten.recompile()
        return rewritten.eval()

    # What handlers ask for

    def value(self, arg: Any) -> Any:
        """What an argument has become: a clip, a node, or the constant that it is."""
        if isinstance(arg, list | tuple):
            return type(arg)(self.value(item) for item in arg)
        return self.made[arg] if isinstance(arg, fx.Node) else arg

    def clip(self, node: Call, arg: Any) -> Clip:
        """The clip that an argument is, or the constant of five axes as one."""
        found = self.value(arg)
        if isinstance(found, Clip):
            return found
        if isinstance(arg, fx.Node) and arg.op == "get_attr":
            tensor = self.tensor(node, arg)
            clip = tensor.reshape((1,) * (5 - tensor.ndim) + tensor.shape)
            return Clip(self.constant(images_of(clip)), sizes_of(clip.shape))
        raise refused(node, "with an operand that is not a clip")

    def tensor(self, node: Call, arg: Any) -> Any:
        """The weights that an argument is; ``None`` for none."""
        if arg is None:
            return None
        if not isinstance(arg, fx.Node) or arg.op != "get_attr":
            raise refused(node, "with weights that are computed")
        return operator.attrgetter(str(arg.target))(self.source).detach()

    def call(self, target: Any, *args: Any, **kwargs: Any) -> fx.Node:
        """Call an operation."""
        return self.graph.call_function(target, args, kwargs)

    def module(self, module: nn.Module, *args: fx.Node) -> fx.Node:
        """Call a module."""
        return self.graph.call_module(self._add(module), args)

    def constant(self, tensor: torch.Tensor) -> fx.Node:
        """A tensor that is stored."""
        name = f"constant_{self._next()}"
        self.root.register_buffer(name, tensor.contiguous())
        return self.graph.get_attr(name)

    # How

    def _rewritten(self, node: Call) -> Any:
        has_clips = any(isinstance(self.made.get(arg), Clip) for arg in node.all_input_nodes)
        if node.op == "get_attr":
            return _Stored(self, node)
        if node.op == "placeholder":
            placed = self.graph.placeholder(node.name)
            shape = node.meta["val"].shape
            return Clip(self.module(ToImages(), placed), sizes_of(shape)) if len(shape) == 5 else placed
        if node.op != "call_function":
            raise refused(node, f"({node.op})")
        if has_clips:
            handler = HANDLERS.get(functional(node.target))
            if handler is None:
                raise refused(node)
            result = handler(self, node)
            if is_in_place(node.target):
                self.made[node.args[0]] = result
            return result
        if any(value.ndim == 5 for value in _values(node)):
            raise refused(node, "gives five axes out of fewer")
        if not can_run(node.target):
            raise UnsupportedError(f"neither ExecuTorch nor XNNPACK has {node.target}")
        return self.graph.node_copy(node, lambda arg: _node(self.made[arg]))

    def _given(self, value: Any) -> Any:
        made = self.value(value)
        if isinstance(made, Clip):
            return self.module(FromImages(made.sizes["B"], made.axes), made.node)
        return _node(made)

    def _add(self, module: nn.Module) -> str:
        name = f"{type(module).__name__.lower()}_{self._next()}"
        self.root.add_module(name, module)
        return name

    def _next(self) -> int:
        self._count += 1
        return self._count


class _Stored:
    """A stored tensor, which enters the graph where it is read as it is."""

    def __init__(self, rewriter: Rewriter, node: Call) -> None:
        self._rewriter, self._source = rewriter, node
        self._node: Call | None = None

    @property
    def node(self) -> fx.Node:
        if self._node is None:
            self._node = self._rewriter.constant(self._rewriter.tensor(self._source, self._source))
        return self._node


def _node(made: Any) -> Any:
    return made.node if isinstance(made, _Stored) else made


def _flat(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in _flat(item)] if isinstance(value, list | tuple) else [value]


def _values(node: Call) -> list[torch.Tensor]:
    return [value for value in _flat(node.meta.get("val")) if isinstance(value, torch.Tensor)]


def functional(target: Any) -> Any:
    """The operation that gives what one that writes in place would have written."""
    if not is_in_place(target):
        return target
    packet = getattr(torch.ops.aten, target.overloadpacket.__name__.removesuffix("_"), None)
    return getattr(packet, target._overloadname, target)


def is_in_place(target: Any) -> bool:
    """Whether an operation writes into its first argument."""
    return isinstance(target, torch._ops.OpOverload) and target.overloadpacket.__name__.endswith("_")


def refused(node: Call, why: str = "") -> UnsupportedError:
    """The error for an operation that cannot be written with images."""
    read = ", ".join(str(tuple(v.shape)) for arg in node.all_input_nodes for v in _values(arg))
    return UnsupportedError(f"{node.target} {why + ' ' if why else ''}on {read} cannot be written with images")
