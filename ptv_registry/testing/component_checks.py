"""What every component promises, whatever its kind; each check says what is wrong and what to do about it."""

from __future__ import annotations

import copy
import enum
import inspect
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, get_type_hints

from attrs import frozen

from ptv_registry import Spec, build, freeze
from ptv_registry._entries import NAME
from ptv_registry._signature import MISSING
from ptv_registry.contracts import contract_of, providers
from ptv_registry.errors import PtvError
from ptv_registry.testing.override_check import let_overrides_through
from ptv_registry.testing.subject import Broken, NotApplicable, Subject, same, state_of


@frozen
class ComponentCheck:
    """A check of one component.

    Attributes:
        name: what the component promises, as an identifier.
        run: raises :class:`Broken` or :class:`NotApplicable`.
        needs: checks without which this one would only repeat what they say.
    """

    name: str
    run: Callable[[Subject], None]
    needs: tuple[str, ...] = ()


def _name(subject: Subject) -> None:
    if not NAME.match(subject.entry.name):
        raise Broken(
            f"{subject.entry.name!r}, the name of an entry point of {subject.entry.dist}, cannot be written in a spec; "
            "use lower case letters, digits and _, beginning with a letter"
        )


def _unique(subject: Subject) -> None:
    entry = subject.entry
    status = next(
        (c.status for c in subject.registry.components(entry.kind) if (c.name, c.dist) == (entry.name, entry.dist)), ""
    )
    if status in ("shadowed", "ambiguous"):
        others = sorted(
            {str(e.dist) for e in subject.registry.entries(entry.kind) if e.name == entry.name} - {str(entry.dist)}
        )
        raise Broken(
            f"{subject.key} is the name of a component of {' and '.join(others)} as well, so that the bare name does not "
            f"mean this one; choose another name, or users have to write {entry.dist}/{entry.name}"
        )


def _not_imported_by_listing(subject: Subject) -> None:
    package = subject.entry.value.partition(":")[0].partition(".")[0]
    if package != "ptv_registry" and package in _modules_after_listing():
        raise Broken(
            f"listing components imports {package}, the package of {subject.key}; something imports it when Python starts "
            "(a .pth file, sitecustomize, a hook module), or a hook does so at its first call: import it where it is used"
        )


@cache
def _modules_after_listing() -> frozenset[str]:
    code = "import json, sys; from ptv_registry import components; components(); print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


def _loads(subject: Subject) -> None:
    try:
        _ = subject.target
    except PtvError as error:
        cause = error.message.partition("\n")[0]
        raise Broken(
            f"{cause}; the entry point has to be MODULE:NAME, with a module that imports and a callable of that name in it"
        ) from error
    try:
        _ = subject.raw
    except (TypeError, ValueError) as error:
        raise Broken(
            f"{subject.key} has no signature that can be read ({error}); write it as a class or function"
        ) from error


def _docstring(subject: Subject) -> None:
    if not (subject.target.__doc__ or "").partition("\n")[0].strip():  # its own, not that of nn.Module
        raise Broken(
            f"{subject.key} has no docstring, whose first line `ptv show` prints; say in one line what it is, then its Args"
        )


def _called_by_name(subject: Subject) -> None:
    if not subject.is_own:
        return
    takes_nothing = isinstance(subject.target, type) and "__init__" not in vars(subject.target)
    for name, parameter in subject.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD and not takes_nothing:
            raise Broken(
                f"{subject.key} takes **{name}, in which every slip of the pen is lost; name each parameter in the signature"
            )
        if parameter.kind is parameter.VAR_POSITIONAL and not takes_nothing:
            raise Broken(f"{subject.key} takes *{name}, which no spec can give; take one parameter with a list instead")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise Broken(
                f"{subject.key} takes {name} by position only, and specs give arguments by name; remove the / in the signature"
            )


def _annotations_resolve(subject: Subject) -> None:
    try:
        _ = subject.signature
        if inspect.isfunction(subject.function):
            get_type_hints(subject.function, include_extras=True)
    except Exception as error:
        raise Broken(
            f"the annotations of {subject.key} do not resolve ({error}); import what they name at run time, not under "
            "TYPE_CHECKING, since the kernel reads the slots in them"
        ) from error


def _annotated(subject: Subject) -> None:
    if not subject.is_own:
        return
    bare = [
        name
        for name, p in subject.parameters.items()
        if p.annotation is inspect.Parameter.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    ]
    if bare:
        raise Broken(
            f"{subject.key} has no annotation for {', '.join(bare)}, so that any value passes and no part can stand there; "
            "annotate it, with Annotated[..., Slot(KIND)] where it takes another component"
        )


def _defaults_immutable(subject: Subject) -> None:
    for name, value in subject.defaults.items():
        if isinstance(value, list | dict | set | bytearray):
            instead = f"the tuple {tuple(value)!r}" if isinstance(value, list) else "None, and make it inside,"
            raise Broken(
                f"the default of {name} of {subject.key} is the {type(value).__name__} {value!r}, which all calls share and "
                f"any of them may change; write {instead} instead"
            )


def _defaults_have_text(subject: Subject) -> None:
    for name, value in subject.defaults.items():
        parameter = subject.signature.parameters.get(name)
        if parameter is None or parameter.slot or isinstance(value, list | dict | set | enum.Enum):
            continue
        try:
            Spec("x", {"value": value})
        except PtvError:
            raise Broken(
                f"the default of {name} of {subject.key} is {value!r}, which no spec and no lock can hold; take a number, "
                "a text, a list of such or None, and make the object inside"
            ) from None


def _slot_defaults(subject: Subject) -> None:
    unnamed = [
        (p.name, p.slot.kind)
        for p in subject.signature.parameters.values()
        if p.slot and any(subject.registry.entry_of(p.slot.kind, value) is None for value in _callables(p.default))
    ]
    for name, kind in unnamed:
        raise Broken(
            f"the default of the slot {name} of {subject.key} is not registered, so that nothing can be inherited through it "
            f'and no lock can name it; give it a name in the group "ptv_registry.v1.{kind}"'
        )


def _callables(default: Any) -> Iterator[Any]:
    if isinstance(default, list | tuple):
        for item in default:
            yield from _callables(item)
    elif callable(default) and default is not MISSING:
        yield default


def _call_contract(subject: Subject) -> None:
    accepts = subject.signature.accepts
    kind = subject.registry.kind(subject.entry.kind)
    lacking = [name for name in kind.requires if not accepts(name)]
    if lacking:
        raise Broken(
            f"{subject.key} does not take {', '.join(lacking)}, which every call site of a {kind.name} passes; add the "
            f"parameter, or call it {lacking[0]} if it has another name"
        )
    contract = subject.contract
    if (
        contract is None
        or contract.open
        or not contract.samples
        or not all(subject.misfits(sample) for sample in contract.samples)
    ):
        return
    reasons = "; ".join(f"{s.site}: it {' and '.join(subject.misfits(s))}" for s in contract.samples)
    raise Broken(
        f"{subject.key} cannot be called by any call site of a {kind.name} ({reasons}); take what they pass, under these "
        f"names: `ptv show {kind.name} --contract`"
    )


def _works(subject: Subject) -> None:
    if not subject.samples and subject.signature.required:
        needs = ", ".join(subject.signature.required)
        raise NotApplicable(f"it needs {needs}, and none of the known call sites of its kind passes all of that")
    _ = subject.trial


def _repeatable(subject: Subject) -> None:
    trial = subject.trial
    first, second = subject.fresh, subject.made(subject.maker(trial.sample), trial.sample)
    where = None
    if not same(state_of(first), state_of(second)):
        where = "its parameters or their names"
    elif not same(trial.output, subject.used(second, trial.sample)):
        where = "its output"
    if where:
        raise Broken(
            f"{subject.key} is another one each time that it is made from one spec and seed: {where} differ; keep what it "
            "remembers in the object instead of in a module's global, and draw random numbers from torch's generator"
        )


def _travels(subject: Subject) -> None:
    if subject.contract and not subject.contract.travels:
        return
    component = subject.trial.component
    for what, copied in (("deep-copied", copy.deepcopy), ("pickled", _pickled)):
        try:
            twin = copied(component)
        except Exception as error:
            raise Broken(
                f"{subject.key} cannot be {what} ({type(error).__name__}: {error}), as worker processes and averages of "
                "weights need it; keep no lambda, nested function, open file or lock in it, or leave it out in __getstate__"
            ) from error
        if type(component) is not type(twin) or not same(state_of(component), state_of(twin)):
            raise Broken(f"{subject.key} is not the same after it was {what}; see its __getstate__ and __setstate__")


def _pickled(component: Any) -> Any:
    return pickle.loads(pickle.dumps(component))


def _lock(subject: Subject) -> None:
    trial = subject.trial
    sample = trial.sample
    first, maker = subject.fresh, subject.maker(sample)
    try:
        if sample.passes or sample.positional:
            again = _pickled(maker)  # by its lock
            second = subject.made(again, sample)
        else:
            text = freeze(subject.spec(**subject.usual(sample)))
            second = subject.made(lambda: build(text, kind=subject.entry.kind), sample)
    except PtvError as error:
        raise Broken(
            f"{subject.key} cannot be built from its lock: {error}; its arguments and defaults have to be names, numbers, "
            "texts or lists of these"
        ) from error
    if not same(state_of(first), state_of(second)) or not same(trial.output, subject.used(second, sample)):
        raise Broken(
            f"{subject.key} built from its lock is not what it was built from its spec; let it depend on nothing but its "
            "arguments (no environment, no file of the working directory, no global)"
        )


_READ: Final = ("loads", "has_annotations_that_resolve")
_CALLED: Final = (*_READ, "has_a_name_for_specs", "takes_what_call_sites_pass")
_WORKING: Final = (*_CALLED, "works_where_it_is_used")
_LOCKED: Final = (
    *_WORKING,
    "is_the_same_each_time",
    "has_defaults_that_specs_can_hold",
    "has_defaults_that_nobody_changes",
    "has_slots_with_registered_defaults",
)

CHECKS: Final = (
    ComponentCheck("has_a_name_for_specs", _name),
    ComponentCheck("has_a_name_of_its_own", _unique),
    ComponentCheck("is_not_imported_by_listing", _not_imported_by_listing),
    ComponentCheck("loads", _loads),
    ComponentCheck("has_a_docstring", _docstring, ("loads",)),
    ComponentCheck("takes_arguments_by_name", _called_by_name, ("loads",)),
    ComponentCheck("has_annotations_that_resolve", _annotations_resolve, ("loads",)),
    ComponentCheck("has_annotations", _annotated, _READ),
    ComponentCheck("has_defaults_that_nobody_changes", _defaults_immutable, ("loads",)),
    ComponentCheck("has_defaults_that_specs_can_hold", _defaults_have_text, _READ),
    ComponentCheck("has_slots_with_registered_defaults", _slot_defaults, _READ),
    ComponentCheck("takes_what_call_sites_pass", _call_contract, (*_READ, "takes_arguments_by_name")),
    ComponentCheck("works_where_it_is_used", _works, _CALLED),
    ComponentCheck("is_the_same_each_time", _repeatable, _WORKING),
    ComponentCheck("can_be_copied_and_pickled", _travels, _WORKING),
    ComponentCheck("builds_the_same_from_its_lock", _lock, (*_LOCKED, "can_be_copied_and_pickled")),
    ComponentCheck(
        "lets_overrides_reach_every_slot", let_overrides_through, (*_WORKING, "has_slots_with_registered_defaults")
    ),
)


def checks_for(kind: str) -> list[ComponentCheck]:
    """The checks of a component of a kind: those of all kinds, then those of its contract."""
    contract = contract_of(kind) if kind in providers() else None
    if contract is None:
        return list(CHECKS)

    def of(problem: Callable[..., str | None]) -> Callable[[Subject], None]:
        def run(subject: Subject) -> None:
            if not subject.samples:
                raise NotApplicable("it is not called as the known call sites of its kind call")
            found = problem(subject.trial)
            if found:
                raise Broken(f"{subject.key}: {found}")

        return run

    needed = (*_WORKING, "is_the_same_each_time")
    return [*CHECKS, *(ComponentCheck(check.name, of(check.problem), needed) for check in contract.checks)]
