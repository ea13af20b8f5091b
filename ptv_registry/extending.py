"""Functions that take the arguments of another one: signature, annotations and documentation are written once."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, get_type_hints

from ptv_registry.errors import ContractError

_P = ParamSpec("_P")
_R = TypeVar("_R")
_SECTION: Final = re.compile(r"^(Args|Returns|Yields|Raises|Example|Examples|Note):$")
_ENTRY: Final = re.compile(r"^ {4}(\*{0,2}\w+)(?: \(.*?\))?:")


def extends(base: Callable[..., Any]) -> Callable[[Callable[Concatenate[dict[str, Any], ...], _R]], Callable[..., _R]]:
    """Give a function the parameters of another one as well.

    The function declares what differs: new parameters, and those of the base with another default, annotation or
    description. Those that it takes by position come first. It gets the arguments of all parameters that the base has as a dictionary, and its own ones by name::

        @extends(create_resnet)
        def create_resnet_with_roi_head(
            arguments: dict[str, Any], *, model_num_class: int = 80, head_sampling_ratio: int = 0
        ) -> nn.Module:
            \"\"\"Build a ResNet that scores boxes.

            Args:
                head_sampling_ratio: samples for each output sample.
            \"\"\"
            model = create_resnet(**{**arguments, "head": None})

    ``inspect.signature``, ``typing.get_type_hints`` and ``help`` show one function with all parameters. What it does not
    describe is described as in the base, and so is what it returns and raises unless it says it.

    Args:
        base: the function whose parameters are taken over.

    Raises:
        ContractError: both take parameters by position, or the base takes any keyword.
    """

    def extend(function: Callable[Concatenate[dict[str, Any], ...], _R]) -> Callable[..., _R]:
        return _composed(base, function)

    return extend


def takes_arguments_of(base: Callable[_P, Any]) -> Callable[[Callable[[dict[str, Any]], _R]], Callable[_P, _R]]:
    """Give a function the parameters of another one and no others, which type checkers know, too; see :func:`extends`.

    Args:
        base: the function whose parameters are taken over.
    """

    def extend(function: Callable[[dict[str, Any]], _R]) -> Callable[_P, _R]:
        return _composed(base, function)

    return extend


def _composed(base: Callable[..., Any], function: Callable[..., _R]) -> Callable[..., _R]:
    inherited = inspect.signature(base).parameters
    first, *own = inspect.signature(function).parameters.values()
    name = function.__qualname__
    leading = [parameter for parameter in own if parameter.kind is not inspect.Parameter.KEYWORD_ONLY]
    if leading and any(parameter.kind is not inspect.Parameter.KEYWORD_ONLY for parameter in inherited.values()):
        raise ContractError(f"{name} extends {base.__qualname__}, and both take parameters by position")
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in inherited.values()):
        raise ContractError(
            f"{name} extends {base.__qualname__}, which takes any keyword and so says nothing to take over"
        )
    hints = get_type_hints(base, include_extras=True) | get_type_hints(function, include_extras=True)
    hints.pop(first.name)
    changed = {parameter.name: parameter for parameter in own}
    taken = [
        parameter.replace(default=changed[parameter.name].default) if parameter.name in changed else parameter
        for parameter in inherited.values()
        if parameter.name not in {parameter.name for parameter in leading}
    ]
    added = [parameter for parameter in own if parameter not in leading and parameter.name not in inherited]
    parameters = [*leading, *taken, *added]
    returned = hints.get("return", inspect.Signature.empty)
    signature = inspect.Signature(
        [parameter.replace(annotation=hints.get(parameter.name, parameter.annotation)) for parameter in parameters],
        return_annotation=returned,
    )

    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> _R:
        try:
            bound = signature.bind(*args, **named)
        except TypeError as error:
            raise TypeError(f"{name}() {error}") from None
        bound.apply_defaults()
        given = bound.arguments
        return function(
            {key: value for key, value in given.items() if key in inherited},
            **{key: value for key, value in given.items() if key in changed},
        )

    call.__signature__ = signature  # type: ignore[attr-defined]
    call.__annotations__ = hints
    call.__doc__ = composed_doc(base.__doc__, function.__doc__, list(signature.parameters))
    return call


def composed_doc(base: str | None, own: str | None, parameters: list[str]) -> str | None:
    """A docstring whose ``Args:`` has an entry for each parameter: its own, or else the base's.

    Args:
        base: docstring of the base, in Google style.
        own: docstring of the function that extends it.
        parameters: names in the order of the signature.
    """
    if own is None:
        return None
    theirs, ours = _sections(base or ""), _sections(own)
    entries = _entries(theirs.get("Args", [])) | _entries(ours.get("Args", []))
    listed = [line for name in parameters for line in entries.get(name, [])]
    sections = {**{key: lines for key, lines in theirs.items() if key in ("Returns", "Raises")}, **ours, "Args": listed}
    order = [key for key in ("Args", "Returns", "Yields", "Raises", "Example", "Examples", "Note") if sections.get(key)]
    text = "\n".join(sections[""]).strip()
    for key in order:
        text += f"\n\n{key}:\n" + "\n".join(sections[key]).rstrip()
    return text


def _sections(doc: str) -> dict[str, list[str]]:
    """The lines below each heading of a docstring; those before the first one below an empty name."""
    found: dict[str, list[str]] = {"": []}
    section = ""
    for line in inspect.cleandoc(doc).splitlines():
        if heading := _SECTION.match(line):
            section = heading[1]
            found[section] = []
        elif section and line and not line.startswith(" "):
            section = ""  # prose after a section belongs to the text
            found[""] += ["", line]
        else:
            found[section].append(line)
    return found


def _entries(lines: list[str]) -> dict[str, list[str]]:
    """The lines that describe each parameter; one entry may be for several, ``mean, std: per channel``."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines:
        if entry := _ENTRY.match(line):
            current = found.setdefault(entry[1], [])
            current.clear()
        if line.strip():
            current.append(line)
    return found
