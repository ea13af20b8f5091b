"""Sessions of ONNX Runtime, and a runner that takes tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import onnxruntime as ort
import torch
from onnxruntime.capi import onnxruntime_pybind11_state as _raised

from ptv_deploy.artifacts.loaded_model import Runner
from ptv_deploy.artifacts.signature import Nested, arrays_of

OrtError: Final = tuple(
    item for item in vars(_raised).values() if isinstance(item, type) and issubclass(item, Exception)
)
"""What ONNX Runtime raises; its exceptions have no base of their own."""


def open_session(model: bytes | Path, *, threads: int) -> Any:
    """A session on the CPU; one operation runs at a time, on that many threads."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    source = model if isinstance(model, bytes) else str(model)
    return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def runner(session: Any) -> Runner:
    """Call a session with tensors, in any batch size."""
    names = [given.name for given in session.get_inputs()]

    def run(args: tuple[Any, ...]) -> Nested:
        arrays = arrays_of(args)
        return [torch.from_numpy(array) for array in session.run(None, dict(zip(names, arrays, strict=True)))]

    return run
