"""``TorchBackend``: what the backends have in common that PyTorch itself runs."""

from __future__ import annotations

from typing import ClassVar

from ptv_deploy.artifacts.artifact import Precision
from ptv_deploy.backend import Backend
from ptv_deploy.program import Program
from ptv_deploy.torch_backends.device import absent, device_of


class TorchBackend(Backend):
    """Runs on any device of PyTorch.

    Args:
        device: ``cpu``, ``cuda``, ``cuda:1`` and so on.

    Raises:
        ArgumentError: PyTorch knows no such device.
    """

    precisions: ClassVar[tuple[Precision, ...]] = ("fp32", "bf16")

    def __init__(self, *, device: str = "cpu") -> None:
        self.device = device_of(device)

    def cannot_run(self) -> str:
        """The device may be another machine's."""
        return absent(self.device)

    def obstacle(self, program: Program, precision: Precision) -> str:
        """Tracing says what it cannot follow."""
        _ = program.exported
        return ""
