"""Which backend is used where none is named."""

from __future__ import annotations

from typing import Any, Final

import ptv_registry
from ptv_deploy.errors import UnsupportedError

PREFERRED: Final = ("openvino", "eager")
"""In this order: OpenVINO was the fastest on every model that was measured; eager runs wherever PyTorch does."""


def default_backend(precision: str = "fp32") -> Any:
    """The backend for the CPU: the first of :data:`PREFERRED` that is installed and does the precision.

    Raises:
        UnsupportedError: none does; the message says why each does not.
    """
    installed = {component.name for component in ptv_registry.components("backend")}
    reasons = []
    for name in PREFERRED:
        if name not in installed:
            reasons.append(f"{name} is not installed (pip install ptv-{name})")
            continue
        backend = ptv_registry.build(name, kind="backend")
        facts = backend.describe()
        if precision in facts["precisions"] and precision not in facts["missing"]:
            return backend
        reasons.append(f"{name}: {facts['missing'].get(precision, f'does not do {precision}')}")
    raise UnsupportedError(f"no backend does {precision} here: {'; '.join(reasons)}")
