"""``Contract``: all that a kind promises, from what its call sites pass to a component that ``ptv new-plugin`` writes.

The kernel knows the names and meanings of kinds. What else there is to say of a kind is said once, by the distribution that
has its call sites, in an entry point of group ``ptv_registry.contracts`` whose name is that of the kind::

    [project.entry-points."ptv_registry.contracts"]
    flavour = "acme_flavours.contracts:FLAVOUR"

Contracts are imported by those who need them: ``pytest --ptv-dist``, ``ptv new-plugin`` and ``ptv show KIND --contract``. The
module of a contract imports little; whatever needs torch is imported by the functions in it.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import importlib_metadata
from attrs import field, frozen

from ptv_registry.errors import AmbiguousNameError, ContractError, PluginLoadError, UnknownNameError

GROUP: Final = "ptv_registry.contracts"


@frozen
class Made:
    """A value of a sample that is made when it is used, for what needs torch or a file.

    Attributes:
        make: makes it.
    """

    make: Callable[[], Any]


@frozen
class Sample:
    """One call of a component, as a call site of its kind makes it, and what the call site does with the result.

    Attributes:
        site: who calls like this, in words.
        positional: what is passed by position.
        passes: what is passed by name; the component has to take all of it.
        usual: what users give in specs; passed as far as the component takes it.
        use: what the call site does with what the component made; gives the output that the checks look at.
    """

    site: str
    positional: tuple[Any, ...] = ()
    passes: Mapping[str, Any] = field(factory=dict)
    usual: Mapping[str, Any] = field(factory=dict)
    use: Callable[[Any], Any] | None = None


@frozen
class Trial:
    """A component of a kind that was called and used like a sample.

    Attributes:
        sample: the sample.
        component: what the component made.
        output: what came out of :attr:`Sample.use`.
        again: makes another one, with other random numbers.
    """

    sample: Sample
    component: Any
    output: Any
    again: Callable[[], Any]


@frozen
class Check:
    """One thing that components of a kind promise.

    Attributes:
        name: says what is promised, as an identifier.
        problem: what is wrong with a component and what to do about it; ``None`` if all is well.
    """

    name: str
    problem: Callable[[Trial], str | None]


@frozen
class Probe:
    """A component that can be recognised in a model, for showing that an override reaches every slot.

    Attributes:
        make: makes the component.
        escaped: given a model and the probe, the names of the modules of this kind that are not the probe.
    """

    make: Callable[[], Any]
    escaped: Callable[[Any, Any], list[str]]


@frozen
class Scaffold:
    """A component that works, as the source of ``ptv new-plugin``, with a test that uses it where it will be used.

    Both are modules of the plugin that has the contract. ``mine`` and ``Mine`` in them become the new component's name; the
    test is the module with ``_in_use`` at the end of its name.

    Attributes:
        module: of the component.
        component: its name in the module.
        requires: distributions that the component imports.
        testing: distributions that its test needs beside them.
    """

    module: str
    component: str
    requires: tuple[str, ...] = ("torch",)
    testing: tuple[str, ...] = ()


@frozen
class Contract:
    """What a kind promises.

    Attributes:
        kind: its name.
        words: what call sites pass and offer, what a component makes of it, and what it raises; for people.
        protocol: a :class:`typing.Protocol` of the component, whose ``__call__`` says what call sites pass. What they offer
            and drop where it is not taken has a default.
        product: a :class:`typing.Protocol` of what the component makes, or ``None`` if ``protocol`` says it all.
        samples: calls; the first that a component can do is the one that it is checked with.
        checks: what is checked of a component that was used.
        probe: for kinds that slots of models take everywhere.
        scaffold: what ``ptv new-plugin`` writes.
        open: components may be called in ways of their own as well, by call sites that know them.
        travels: what a component makes is copied and sent to other processes.
        meta: what a component makes is large, and is made without memory to be checked.
        tests: a module of further tests, which ``pytest --ptv-dist`` runs for distributions with components of this kind.
    """

    kind: str
    words: str
    protocol: type
    scaffold: Scaffold
    product: type | None = None
    samples: tuple[Sample, ...] = ()
    checks: tuple[Check, ...] = ()
    probe: Probe | None = None
    open: bool = False
    travels: bool = True
    meta: bool = False
    tests: str | None = None

    @property
    def passed(self) -> tuple[str, ...]:
        """Names of what every call site passes by name."""
        return tuple(name for name, parameter in self._parameters() if parameter.default is parameter.empty)

    @property
    def offered(self) -> tuple[str, ...]:
        """Names of what call sites pass to the components that take it."""
        return tuple(name for name, parameter in self._parameters() if parameter.default is not parameter.empty)

    def _parameters(self) -> list[tuple[str, inspect.Parameter]]:
        call = vars(self.protocol).get("__call__")
        found = inspect.signature(call).parameters if call else {}
        return [(name, p) for name, p in found.items() if p.kind is p.KEYWORD_ONLY]

    def __str__(self) -> str:
        """What ``ptv show KIND --contract`` prints."""
        return "\n".join(_lines(self))


def signature_text(protocol: type, method: str) -> str:
    """The signature of a protocol's method as one would write it, without ``self``."""
    found = inspect.signature(vars(protocol)[method])
    parameters = [p for name, p in found.parameters.items() if name != "self"]
    # Annotations are texts in a module that does not evaluate them, and ``str`` puts texts in quotes.
    return str(found.replace(parameters=parameters)).replace("'", "").replace("Ellipsis", "...")


def _lines(contract: Contract) -> Iterator[str]:
    yield from textwrap.wrap(contract.words, 110)
    yield ""
    for what, protocol in (("A component", contract.protocol), ("What it makes", contract.product)):
        if protocol is None:
            continue
        yield f"{what}: {(protocol.__doc__ or '').strip()}"
        for name, member in vars(protocol).items():
            if callable(member) and (name == "__call__" or not name.startswith("_")):
                yield f"  {'' if name == '__call__' else '.' + name}{signature_text(protocol, name)}"
            elif isinstance(member, property):
                yield f"  .{name}: {member.fget.__annotations__.get('return', 'Any')!s}"
            elif name in ("__len__", "__getitem__", "__iter__"):
                yield f"  {name}{signature_text(protocol, name)}"
        yield ""
    for sample in contract.samples:
        yield f"Called by {sample.site}" + (f" with {', '.join(sample.passes)}" if sample.passes else "")
    checks = [check.name.replace("_", " ") for check in contract.checks]
    if checks:
        yield f"Checked by pytest --ptv-dist: {', '.join(checks)}"
    yield f"Begin with: ptv new-plugin {contract.kind} NAME"


def providers() -> dict[str, list[importlib_metadata.EntryPoint]]:
    """The entry points of contracts by kind; imports none of them."""
    found: dict[str, list[importlib_metadata.EntryPoint]] = {}
    for point in importlib_metadata.entry_points(group=GROUP):
        if all(point.value != other.value for other in found.get(point.name, [])):
            found.setdefault(point.name, []).append(point)
    return found


def contract_of(kind: str) -> Contract:
    """The contract of a kind; imports its module.

    Raises:
        UnknownNameError: no such kind, or no installed distribution has its contract.
        AmbiguousNameError: several have it.
        PluginLoadError: its module does not import.
        ContractError: what the entry point names is not the contract of this kind.
    """
    points = providers().get(kind, [])
    if not points:
        msg = f"no installed distribution has the contract of kind {kind!r}: {_remedy(kind)}"
        raise UnknownNameError(msg, kind=kind)
    if len(points) > 1:
        dists = " and ".join(sorted(str(getattr(point.dist, "name", "?")) for point in points))
        raise AmbiguousNameError(
            f"the contract of kind {kind!r} is provided by {dists}; uninstall one of them", kind=kind
        )
    return load(points[0])


def load(point: importlib_metadata.EntryPoint) -> Contract:
    """The contract that an entry point names.

    Raises:
        PluginLoadError: its module does not import.
        ContractError: it is not the contract of the kind that the entry point is called.
    """
    origin = getattr(point.dist, "name", "?")
    try:
        found = point.load()
    except Exception as error:
        msg = f"the contract of kind {point.name!r} of {origin} ({point.value}) does not load: {type(error).__name__}: {error}"
        raise PluginLoadError(msg, kind=point.name) from error
    if not isinstance(found, Contract) or found.kind != point.name:
        msg = (
            f"{point.value} of {origin} is not the contract of kind {point.name!r}; name a ptv_registry.contracts.Contract "
            f"with kind={point.name!r} there"
        )
        raise ContractError(msg, kind=point.name)
    return found


def _remedy(kind: str) -> str:
    from ptv_registry import Registry

    owner = Registry().kind_owner(kind)
    if owner:
        return f"{owner}, which declares the kind, has to name it in the entry-point group {GROUP!r}"
    return "the plugins of this project have it: pip install 'ptv-registry[all]'"
