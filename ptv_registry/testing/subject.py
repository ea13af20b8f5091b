"""``Subject``: a component under examination, loaded, called and used once for all checks."""

from __future__ import annotations

import contextlib
import copy
import inspect
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

import importlib_metadata

from ptv_registry import Registry, Spec, as_factory, build
from ptv_registry._entries import Entry
from ptv_registry._signature import MISSING, Signature, signature
from ptv_registry.contracts import Contract, Made, Sample, Trial, contract_of, providers
from ptv_registry.errors import ContractError, PtvError

_SEED: Final = 0
_OTHER_SEED: Final = 1


class Broken(Exception):
    """A component breaks its contract: what is wrong, and what to do about it."""


class NotApplicable(Exception):
    """There is nothing to check, for this reason."""


class Subject:
    """A component of an installed distribution.

    Args:
        entry: its name and where it comes from.
    """

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.registry = Registry()

    @property
    def key(self) -> str:
        """``kind:name``."""
        return self.entry.key

    @cached_property
    def target(self) -> Callable[..., Any]:
        """The component itself."""
        return self.registry.load(self.entry)

    @cached_property
    def raw(self) -> inspect.Signature:
        """Its signature as Python has it."""
        return inspect.signature(self.target)

    @cached_property
    def signature(self) -> Signature:
        """Its signature as the kernel reads it."""
        return signature(self.target)

    @cached_property
    def contract(self) -> Contract | None:
        """The contract of its kind, if an installed distribution has it."""
        return contract_of(self.entry.kind) if self.entry.kind in providers() else None

    @cached_property
    def samples(self) -> list[Sample]:
        """The calls of its kind whose arguments it takes by their names, and which leave nothing out that it needs."""
        samples = self.contract.samples if self.contract else ()
        return [sample for sample in samples if not self.misfits(sample) and not self.lacking(sample)]

    def lacking(self, sample: Sample) -> list[str]:
        """What it needs and a call leaves to the spec."""
        takes = self.signature
        given = {*takes.positional[: len(sample.positional)], *sample.passes, *sample.usual}
        return [name for name in takes.required if name not in given]

    def misfits(self, sample: Sample) -> list[str]:
        """What stands against a call, as ``takes no NAME``."""
        takes = self.signature
        offers = self.registry.kind(self.entry.kind).offers
        unknown = [f"takes no {name}" for name in sample.passes if not takes.accepts(name) and name not in offers]
        few = len(takes.positional) < len(sample.positional)
        return [*unknown, *(["takes nothing by position"] if few else [])]

    def spec(self, **arguments: Any) -> Spec:
        """Its spec."""
        return Spec(self.entry.name, arguments, self.entry.kind, self.entry.dist)

    def factory(self, sample: Sample, registry: Registry | None = None, **arguments: Any) -> Callable[..., Any]:
        """What a slot would receive, with what users give as far as it takes it."""
        spec = self.spec(**self.usual(sample), **arguments)
        found = as_factory(self.entry.kind, spec, registry=registry or self.registry)
        return found  # type: ignore[return-value]

    def maker(self, sample: Sample) -> Callable[..., Any]:
        """What makes it as users do: ``build`` for what no call site passes anything to, else its factory."""
        if sample.passes or sample.positional:
            return self.factory(sample)
        spec = self.spec(**self.usual(sample))
        return lambda: build(spec, registry=self.registry)

    def usual(self, sample: Sample) -> dict[str, Any]:
        """What users give, as far as it takes it."""
        return {name: realised(value) for name, value in sample.usual.items() if self.signature.accepts(name)}

    def made(self, factory: Callable[..., Any], sample: Sample, seed: int = _SEED) -> Any:
        """What a factory makes of what the call site of a sample passes."""
        positional = [realised(value) for value in sample.positional]
        passed = {name: realised(value) for name, value in sample.passes.items()}
        with seeded(seed), self._device():
            return factory(*positional, **passed)

    def used(self, component: Any, sample: Sample, seed: int = _SEED) -> Any:
        """What comes out of it when the call site of a sample uses it."""
        if sample.use is None:
            return None
        with seeded(seed), self._device():
            return sample.use(component)

    @cached_property
    def trial(self) -> Trial:
        """The component, called and used like the first sample that it can do.

        A call that it cannot do, as it raises something, leaves the next; one that it does wrongly does not.

        Raises:
            Broken: it can do none of them, or does one wrongly.
            NotApplicable: it says what else it wants, and its kind is open.
        """
        first: Broken | None = None
        refusals: list[str] = []
        for sample in self.samples or [Sample("nobody in particular")]:
            try:
                return self._tried(sample)
            except ContractError as error:
                raise Broken(f"{self.key}: {error.message}") from error
            except PtvError as error:
                refusals.append(f"{sample.site}: {error}")
            except Exception as error:  # noqa: BLE001 - whatever a stranger's component raises
                first = first or Broken(
                    f"{self.key} cannot be used as {sample.site} uses a {self.entry.kind}: "
                    f"{type(error).__name__}: {' '.join(str(error).split())}. "
                    f"It is called with {_called_with(sample)}; `ptv show {self.entry.kind} --contract` says what comes next"
                )
        if first is None and self.contract and self.contract.open:
            raise NotApplicable(f"it refuses what the known call sites of its kind give it ({'; '.join(refusals)})")
        raise first or Broken(
            f"{self.key} refuses what every call site of a {self.entry.kind} gives it ({'; '.join(refusals)}); "
            f"`ptv show {self.entry.kind} --contract` says what it has to take"
        )

    @property
    def fresh(self) -> Any:
        """One that nobody has used, made with the seed of all but :attr:`Trial.again`."""
        if self.contract is None or self.contract.travels:
            return self.trial.component  # its twin was used
        return self.made(self.maker(self.trial.sample), self.trial.sample)

    def _tried(self, sample: Sample) -> Trial:
        maker = self.maker(sample)
        component = self.made(maker, sample)
        # It may change in use, and others look at it afterwards.
        travels = self.contract is None or self.contract.travels
        output = self.used(_twin(component) if travels else component, sample)
        return Trial(sample, component, output, lambda: self.made(maker, sample, _OTHER_SEED))

    @contextlib.contextmanager
    def _device(self) -> Iterator[None]:
        if self.contract is None or not self.contract.meta:
            yield
            return
        import torch

        with torch.device("meta"):
            yield

    @property
    def function(self) -> Any:
        """What has its parameters: itself, or the ``__init__`` of a class."""
        return getattr(self.target, "__init__") if isinstance(self.target, type) else self.target  # noqa: B009 - any class

    @cached_property
    def is_own(self) -> bool:
        """Whether its parameters are written in its own distribution and not in a library that this one requires."""
        package = (getattr(self.function, "__module__", None) or "").partition(".")[0]
        return package not in _required_by(self.entry.dist)

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """Its parameters."""
        return self.raw.parameters

    @property
    def defaults(self) -> dict[str, Any]:
        """The defaults of its parameters."""
        return {name: p.default for name, p in self.parameters.items() if p.default is not MISSING}


def realised(value: Any) -> Any:
    """A value of a sample."""
    return value.make() if isinstance(value, Made) else value


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within it the global generators depend on the seed."""
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)
    yield


def same(left: Any, right: Any) -> bool:
    """Whether two outputs are equal to the bit, as far as they can be compared."""
    torch = sys.modules.get("torch")
    if type(left) is not type(right):
        return False
    if torch and isinstance(left, torch.Tensor):
        return bool(left.shape == right.shape and (left.is_meta or torch.equal(left, right)))
    if isinstance(left, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, str | bytes | int | float | bool | None):
        return bool(left == right)
    return True


def state_of(component: Any) -> Any:
    """The tensors that a module keeps."""
    state = getattr(component, "state_dict", None)
    return dict(state()) if callable(state) and hasattr(component, "parameters") else None


def _twin(component: Any) -> Any:
    try:
        return copy.deepcopy(component)
    except Exception:  # noqa: BLE001 - a check of its own says so
        return component


def _called_with(sample: Sample) -> str:
    names = [*(f"argument {number + 1}" for number in range(len(sample.positional))), *sample.passes]
    return ", ".join(names) or "nothing"


def _required_by(dist: str | None) -> set[str]:
    import re

    try:
        lines = importlib_metadata.requires(dist or "") or []
    except importlib_metadata.PackageNotFoundError:
        return set()
    except ValueError:
        return set()
    return {match[0].replace("-", "_").lower() for line in lines if (match := re.match(r"[\w-]+", line))}
