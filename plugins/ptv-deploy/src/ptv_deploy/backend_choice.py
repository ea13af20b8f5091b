"""The backend used when none is named."""

from __future__ import annotations

from typing import Any, Final

import ptv_registry
from ptv_deploy.errors import UnsupportedError

PREFERRED: Final = ("openvino", "eager")
"""In this order: OpenVINO was the fastest on every model that was measured; eager runs wherever PyTorch does."""


def default_backend(precision: str = "fp32", *, registry: ptv_registry.Registry | None = None) -> Any:
    """The backend for the CPU: the first of :data:`PREFERRED` that is installed and does the precision.

    Args:
        precision: of the artifact.
        registry: where backends are looked up, for instance one with ``trusted_dists``.

    Raises:
        UnsupportedError: none does; the message says why each does not.
    """
    known = registry or ptv_registry.default_registry()
    installed = {entry.name: entry for entry in known.components("backend") if entry.status == ""}
    reasons = []
    for name in PREFERRED:
        if name not in installed:
            reasons.append(f"{name} is not installed (pip install ptv-{name})")
            continue
        if not known.trusts(installed[name]):
            reasons.append(f"{name} is not trusted")
            continue
        backend = ptv_registry.build(name, kind="backend", registry=registry)
        facts = backend.describe()
        if precision in facts["precisions"] and precision not in facts["missing"]:
            return backend
        reasons.append(f"{name}: {facts['missing'].get(precision, f'does not do {precision}')}")
    raise UnsupportedError(f"no backend does {precision} here: {'; '.join(reasons)}")
