"""``Factory``: what a slot receives, and how a node of a plan becomes an object."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from attrs import frozen

from ptv_registry import _suggest, limits
from ptv_registry._plan import Argument, Node
from ptv_registry.errors import ArgumentError, ComponentError, PtvError, component_error


@frozen(eq=False, repr=False)
class Factory:
    """A component with the arguments that its spec gave it; calling it builds the component.

    Each argument is, in this order: what the spec gave this node; what the call site passes; what is inherited from
    the nearest node above; the component's own default. What the kind offers is dropped if the component does not
    take it.

    Attributes:
        node: what it builds.
    """

    node: Node

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return construct(self.node, args, kwargs)

    def __repr__(self) -> str:
        return f"<factory of {self.node.name}{' at ' + self.node.path if self.node.path else ''}>"

    @property
    def __name__(self) -> str:
        return getattr(self.node.target, "__name__", type(self.node.target).__name__)

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(self.node.target)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Factory) and other.node is self.node

    def __hash__(self) -> int:
        return hash((Factory, id(self.node)))

    def __deepcopy__(self, memo: dict[int, Any]) -> Factory:
        return self


_COUNT: Final[ContextVar[list[int] | None]] = ContextVar("_COUNT", default=None)


@contextmanager
def counted() -> Iterator[None]:
    """Within it no more components are made than :data:`ptv_registry.limits.COMPONENTS`, those of builds in it included."""
    token = _COUNT.set([0]) if _COUNT.get() is None else None
    try:
        yield
    finally:
        if token is not None:
            _COUNT.reset(token)


def construct(node: Node, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None) -> Any:
    """Build a node with what its call site passes.

    Raises:
        ArgumentError: the call site passes what the component does not take, or an argument is missing.
    """
    signature = node.signature
    count = _COUNT.get()
    if count is not None:
        count[0] += 1
        if count[0] > limits.COMPONENTS:
            msg = (
                f"the build makes more than {limits.COMPONENTS} components; ptv_registry.limits.COMPONENTS allows more"
            )
            raise ArgumentError(msg)
    final = _from_call_site(node, args, kwargs or {})
    for name, argument in node.passed:
        if name not in final or argument.source == "explicit":
            final[name] = _realised(argument)
    if not signature.required_names <= final.keys():
        missing = [name for name in signature.required if name not in final]
        raise ArgumentError(f"{_place(node)} is called without {', '.join(missing)}", missing=missing)
    try:
        return node.target(**final)
    except (PtvError, Warning) as error:
        # The outermost note is the whole story for a part that was written by hand; the rest is its way up.
        if not isinstance(error, ComponentError) and not getattr(error, "__notes__", None):
            error.add_note(f"while building {_place(node)}")
        raise
    except Exception as error:  # a component's own code may raise anything at arguments that it does not expect
        raise component_error(error, f"while building {_place(node)}", node.path) from error


def _from_call_site(node: Node, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    signature = node.signature
    if not args and kwargs.keys() <= signature.parameters.keys():
        return dict(kwargs)
    if len(args) > len(signature.positional):
        msg = f"{_place(node)} takes {len(signature.positional)} positional arguments, and its call site passes {len(args)}"
        raise ArgumentError(msg)
    final = dict(zip(signature.positional, args, strict=False))
    for name, value in kwargs.items():
        if name in final:
            raise ArgumentError(f"{_place(node)} is called with {name} twice")
        if signature.accepts(name):
            final[name] = value
        elif name not in node.kind.offers:
            near = _suggest.near(name, signature.parameters)
            msg = f"{_place(node)} does not take {name}, which its call site passes.{near} It takes {_suggest.listed(signature.parameters, 60)}"
            raise ArgumentError(msg, argument=name)
    return final


def _realised(argument: Argument) -> Any:
    """The value that a component receives: factories for nodes, or finished objects where the slot wants them."""
    if argument.slot is None:
        return _own(argument.value)
    return _component(argument.value, argument.slot.built)


def _component(value: Any, built: bool) -> Any:
    if isinstance(value, Node):
        return construct(value) if built else Factory(value)
    return tuple(_component(item, built) for item in value) if isinstance(value, tuple) else value


def _own(value: Any) -> Any:
    """A literal that no other build has: lists and dictionaries may be changed by who receives them."""
    if type(value) in (list, tuple):
        return type(value)(map(_own, value))
    return {key: _own(item) for key, item in value.items()} if type(value) is dict else value


def _place(node: Node) -> str:
    place = f"{node.name} of {node.origin}"
    return f"{node.path} ({place})" if node.path else place
