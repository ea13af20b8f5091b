"""How X3D expands numbers of channels and of blocks."""

from __future__ import annotations

import math


def round_width(
    width: float, multiplier: float | None, min_width: int | None = 8, divisor: int = 8, ceil: bool = False
) -> int:
    """Multiply a number of channels and round it to a multiple of ``divisor``.

    The result is rounded up where rounding down would lose more than a tenth.

    Args:
        width: the number of channels.
        multiplier: by what it is multiplied; ``None`` or 0 leave it as it is.
        min_width: the least number of channels that is returned; ``None`` for ``divisor``.
        divisor: the result is a multiple of it.
        ceil: round up to the next multiple, not to the nearest one.
    """
    if not multiplier:
        return int(width)
    wanted = width * multiplier
    multiples = math.ceil(wanted / divisor) if ceil else int(wanted + divisor / 2) // divisor
    rounded = max(min_width or divisor, multiples * divisor)
    return rounded + divisor if rounded < 0.9 * wanted else rounded


def round_repeats(repeats: int, multiplier: float | None) -> int:
    """Multiply a number of blocks and round it up; ``None`` or 0 leave it as it is."""
    return math.ceil(multiplier * repeats) if multiplier else repeats
