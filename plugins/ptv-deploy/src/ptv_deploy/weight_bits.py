"""How much of the 8-bit range the weights of int8 use.

x86 processors without VNNI add two products of 8-bit numbers in 16 bits, and a sum that does not fit is cut off: two
activations of 255 with weights of 127 are 64,770, where 32,767 is the largest. With weights from -64 to 64 every sum fits.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from ptv_registry.errors import ArgumentError

WeightBits = Literal[7, 8]
"""7 is exact on every x86 processor; 8 is finer, and exact on those with VNNI only."""


def checked(bits: Any) -> WeightBits:
    """The number of bits, if it is one of those.

    Raises:
        ArgumentError: it is another.
    """
    if bits not in get_args(WeightBits):
        raise ArgumentError(
            f"weight_bits={bits!r} must be 7, which is exact on every x86 processor, or 8, for processors with VNNI only"
        )
    found: WeightBits = bits
    return found
