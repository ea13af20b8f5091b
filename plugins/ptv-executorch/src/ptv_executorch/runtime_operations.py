"""Which operations the runtime and its delegate have, asked before anything is lowered."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch._decomp import core_aten_decompositions

from ptv_deploy.muted_logging import quietly

with quietly():
    from executorch.backends.xnnpack.partition.config import ALL_PARTITIONER_CONFIGS
    from executorch.runtime import Runtime


def can_run(target: Any) -> bool:
    """Whether an operation is among those of the runtime or of XNNPACK, or is made of smaller ones when lowered."""
    if not isinstance(target, torch._ops.OpOverload):
        return True
    made_of_others = target in core_aten_decompositions() or target._can_decompose()
    return made_of_others or target._schema.name.partition("::")[2].removesuffix("_") in _names()


@cache
def _names() -> frozenset[str]:
    kernels = {name.partition("::")[2].partition(".")[0] for name in Runtime.get().operator_registry.operator_names}
    delegated = {config.target_name.partition(".")[0] for config in ALL_PARTITIONER_CONFIGS if _is_named(config)}
    return frozenset(name.removesuffix("_copy").removesuffix("_") for name in kernels | delegated)


def _is_named(config: Any) -> bool:
    return isinstance(getattr(config, "target_name", None), str)
