"""``Slot`` and ``Role``: what a signature says of its parameters beyond their types."""

from __future__ import annotations

from attrs import frozen


@frozen
class Slot:
    """Marks a parameter that takes a component of ``kind``; used inside :class:`typing.Annotated`.

    ``Norm = Annotated[Callable[..., nn.Module] | None, Slot("norm")]``

    Attributes:
        kind: the only kind in which a name given to the parameter is looked up.
        built: the component wants the finished object instead of a factory; the kernel calls the factory (with
            nothing) before it passes it on. For parameters such as ``transform`` whose value is called per sample.
        many: a list is accepted as well as one value, although the default is not a list. The component checks
            the length. (A parameter whose default is a list always accepts a list of that shape.)
    """

    kind: str
    built: bool = False
    many: bool = False


@frozen
class Role:
    """Says what a plain parameter stands for, whatever it is called; used inside :class:`typing.Annotated`.

    ``Classes = Annotated[int, Role("classes")]``

    Who trains or feeds a component finds the parameter by its role, see :meth:`ptv_registry.Plan.of_role`, so that a
    stranger's ``labels: Classes = 10`` is as good as a published model's ``model_num_class: Classes = 400``.

    Attributes:
        name: the role. Those of models are in ``ptv_cards.roles``.
    """

    name: str
