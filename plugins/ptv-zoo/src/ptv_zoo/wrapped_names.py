"""What wrappers leave in the names of parameters, found from the names themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from attrs import frozen

from ptv_zoo.errors import WeightsMismatchError

_SEGMENTS: Final = ("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
"""Names of attributes that torch's own wrappers put between a module and its parameters, anywhere in a name."""


@frozen
class Unwrapping:
    """How names of a file become names of a model.

    Attributes:
        prefix: what all of the model's parameters begin with in the file.
        segments: torch's wrappers that stand inside the names.
    """

    prefix: str = ""
    segments: tuple[str, ...] = ()

    @property
    def taken_off(self) -> tuple[str, ...]:
        """Everything that is taken off, the prefix first."""
        return tuple(filter(None, (self.prefix, *(f"{segment}." for segment in self.segments))))

    def inner(self, name: str) -> str:
        """The name without torch's wrappers, the prefix still before it."""
        return ".".join(part for part in name.split(".") if part not in self.segments) if self.segments else name


def unwrapping(names: Collection[str], own: Collection[str], *, prefer: str | None = None) -> Unwrapping:
    """What to take off the names of a file so that all of the model's are there.

    Names that fit as they are stay so. If nothing makes all fit, it is what makes most fit, for a message to start from.

    Args:
        names: in the file.
        own: the model's.
        prefer: the prefix to take if several fit.

    Raises:
        WeightsMismatchError: several prefixes make all fit, as where a model and its average are in one file.
    """
    plain = Unwrapping()
    counts = _counts(names, own)
    if not _fitting(counts, own):
        present = {part for name in names for part in name.split(".")} - {p for n in own for p in n.split(".")}
        without = Unwrapping(segments=tuple(segment for segment in _SEGMENTS if segment in present))
        inner = [without.inner(name) for name in names]
        if without.segments and len(set(inner)) == len(inner):
            plain, counts = without, _counts(inner, own)
    fitting = _fitting(counts, own)
    if len(fitting) > 1 and "" not in fitting and prefer not in fitting:
        raise WeightsMismatchError(
            f"the file holds the model several times, below {', '.join(map(repr, sorted(fitting)))}; write the one that is "
            "meant to a file of its own",
            prefixes=sorted(fitting),
        )
    if prefer in fitting and "" not in fitting:
        best = prefer or ""
    else:
        best = max(counts, key=lambda prefix: (counts[prefix], -len(prefix)), default="")
    return Unwrapping(best, plain.segments)


def _counts(names: Iterable[str], own: Collection[str]) -> Counter[str]:
    """For each prefix, how many of the model's names stand behind it."""
    known, counts = set(own), Counter[str]()
    for name in names:
        start = 0
        while True:
            if name[start:] in known:
                counts[name[:start]] += 1
            dot = name.find(".", start)
            if dot < 0:
                break
            start = dot + 1
    return counts


def _fitting(counts: Counter[str], own: Collection[str]) -> set[str]:
    return {prefix for prefix, count in counts.items() if count == len(set(own))}
