"""Many durations, exactly and in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, overload

if TYPE_CHECKING:
    import numpy as np

LONGEST: Final = 10**9  # seconds
_FINEST: Final = 10**9
_MOST_DIGITS: Final = 17
_MOST_TEXTS: Final = 4096


class ExactSeconds(Sequence[Fraction | None]):
    """Numbers of seconds, exactly, in sixteen bytes each; ``None`` for one that is not known.

    Args:
        values: the numbers, none above a thousand million.
    """

    def __init__(self, values: Iterable[Fraction | None] = ()) -> None:
        self.upper: Any = array("q")  # or a tensor, if they are shared
        self.lower: Any = array("q")
        self._texts: dict[str, tuple[int, int]] = {}  # what was added as text lately
        for value in values:
            self.append(value)

    @classmethod
    def of(cls, upper: Iterable[int], lower: Iterable[int]) -> ExactSeconds:
        """From numerators and denominators; both 0 for one that is not known."""
        found = cls()
        found.upper, found.lower = array("q", upper), array("q", lower)
        return found

    def append(self, value: Fraction | None) -> None:
        """Add a number."""
        upper, lower = (0, 0) if value is None else value.limit_denominator(_FINEST).as_integer_ratio()
        self.upper.append(upper)
        self.lower.append(lower)

    def append_text(self, text: str) -> bool:
        """Add a plain decimal number such as ``10.01``; ``False`` if the text is another or too long."""
        known = self._texts.get(text)
        if known is not None:
            self.upper.append(known[0])
            self.lower.append(known[1])
            return True
        whole, _, part = text.partition(".")
        digits = whole + part
        if len(digits) > _MOST_DIGITS or not (digits.isascii() and digits.isdecimal()):
            return False
        number = int(digits)
        if not number or len(whole) > len(str(LONGEST)) - 1:
            return False
        lower = 10 ** len(part)
        self.upper.append(number)
        self.lower.append(lower)
        if len(self._texts) < _MOST_TEXTS:
            self._texts[text] = number, lower
        return True

    def share(self) -> ExactSeconds:
        """Move them to memory that worker processes share, and return them."""
        import numpy as np
        import torch

        self._texts = {}
        if isinstance(self.upper, array) and len(self):
            self.upper, self.lower = (torch.from_numpy(np.asarray(part)) for part in (self.upper, self.lower))
        return self

    @property
    def complete(self) -> bool:
        """Whether all are known."""
        import numpy as np

        return bool(np.asarray(self.lower).all())

    def __len__(self) -> int:
        return len(self.upper)

    @overload
    def __getitem__(self, index: int) -> Fraction | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[Fraction | None]: ...
    def __getitem__(self, index: int | slice) -> Fraction | list[Fraction | None] | None:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        index = checked(index, len(self))
        lower = int(self.lower[index])
        return Fraction(int(self.upper[index]), lower) if lower else None

    def distinct(self) -> tuple[list[Fraction | None], np.ndarray[Any, Any]]:
        """The different values, and for each of all its place among them."""
        import numpy as np

        upper, lower = np.asarray(self.upper, np.int64), np.asarray(self.lower, np.int64)
        places = np.empty(len(self), np.int64)
        values: list[Fraction | None] = []
        for divisor in np.unique(lower).tolist():
            chosen = lower == divisor
            found, inverse = np.unique(upper[chosen], return_inverse=True)
            places[chosen] = inverse + len(values)
            values += [Fraction(number, divisor) if divisor else None for number in found.tolist()]
        return values, places


def checked(index: int, length: int) -> int:
    """The index from the start; ``IndexError`` if it is out of range."""
    if not -length <= index < length:
        raise IndexError(f"{index} of {length}")
    return index % length
