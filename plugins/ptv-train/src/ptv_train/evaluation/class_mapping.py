"""Which of a model's classes each class of a dataset is, by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from ptv_registry.errors import ArgumentError
from ptv_train.errors import UnknownClassError

_MOST_LISTED = 5


def map_classes(names: Sequence[str] | None, used: Mapping[int, str], categories: Sequence[str] | None) -> list[int]:
    """The number of the model's class for each class of a dataset.

    A dataset may have fewer classes than the model, in another order. Where no name is equal, one that differs in capitals
    and in ``_`` for a space alone is taken. Labels of a dataset without names are the model's numbers.

    Args:
        names: the dataset's classes; ``None`` if its labels are bare numbers.
        used: the numbers of the labels that occur, each with the path of a video that has it.
        categories: the model's classes; ``None`` if they are not known.

    Returns:
        One number per dataset class; -1 for a class that has no video and that the model does not know.

    Raises:
        UnknownClassError: a class with videos is not one of the model's.
        ArgumentError: a video has no label, or its number is too high; or the model's names are not known.
    """
    unlabelled = [path for label, path in used.items() if label < 0]
    if unlabelled:
        raise ArgumentError(f"{unlabelled[0]} has no label; evaluation needs one for each video")
    if names is None:
        if categories is not None and max(used, default=0) >= len(categories):
            label = max(used)
            raise UnknownClassError(
                f"{used[label]} has label {label}, and the model has classes 0 to {len(categories) - 1}",
                classes=[str(label)],
            )
        return list(range(max(used, default=-1) + 1))
    if categories is None:
        raise ArgumentError(
            f"the dataset's classes have names ({', '.join(names[:3])}...), and the model does not say what its own are "
            "called; give a file with one name per line (--classes)"
        )
    exact = {name: number for number, name in enumerate(categories)}
    if len(exact) < len(categories):
        raise ArgumentError("the model has two classes of the same name; give others (--classes)")
    loose: dict[str, list[int]] = {}
    for number, name in enumerate(categories):
        loose.setdefault(_loosely(name), []).append(number)
    found = []
    for name in names:
        alike = loose.get(_loosely(name), [])
        found.append(exact.get(name, alike[0] if len(alike) == 1 else -1))
    unknown = [names[label] for label in sorted(used) if found[label] < 0]
    if unknown:
        near = difflib.get_close_matches(unknown[0], categories, 1)
        more = "" if len(unknown) <= _MOST_LISTED else f" and {len(unknown) - _MOST_LISTED} more"
        raise UnknownClassError(
            f"the model does not know {', '.join(map(repr, unknown[:_MOST_LISTED]))}{more}"
            + (f" (is {near[0]!r} meant?)" if near else "")
            + f"; its {len(categories)} classes are {', '.join(categories[:_MOST_LISTED])}"
            + (", ..." if len(categories) > _MOST_LISTED else ""),
            classes=unknown,
        )
    merged = [number for number in found if number >= 0]
    double = next((number for number in merged if merged.count(number) > 1), None)
    if double is not None:
        both = [name for name, number in zip(names, found, strict=True) if number == double]
        raise ArgumentError(f"{' and '.join(both)} are both the model's {categories[double]!r}")
    return found


def _loosely(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())
