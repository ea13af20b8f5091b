"""Damaged copies of files, always the same for one seed."""

from __future__ import annotations

import random


def damaged(data: bytes, seed: int) -> bytes:
    """Truncates, flips bytes, puts noise into the header, drops a block, or replaces all, as the seed decides."""
    chance = random.Random(seed)
    kind = seed % 5
    broken = bytearray(data)
    if kind == 0:
        return bytes(broken[: chance.randrange(len(broken))])
    if kind == 1:
        for _ in range(chance.choice([1, 10, 100, 1000])):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        return bytes(broken)
    if kind == 2:
        end = min(len(broken), 2048)
        for _ in range(chance.choice([1, 4, 16, 64])):
            broken[chance.randrange(end)] = chance.randrange(256)
        return bytes(broken)
    if kind == 3:
        start = chance.randrange(len(broken))
        del broken[start : start + chance.randrange(1, max(2, len(broken) // 4))]
        return bytes(broken)
    return chance.randbytes(chance.randrange(1, 20000))
