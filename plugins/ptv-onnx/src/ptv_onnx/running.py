"""Sessions of ONNX Runtime, and a runner that takes tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime as ort
import torch
from onnxruntime.capi import onnxruntime_pybind11_state as state

from ptv_deploy.loaded import Runner
from ptv_deploy.signature import Nested, leaves

OrtError = (
    state.EPFail,
    state.Fail,
    state.InvalidArgument,
    state.InvalidGraph,
    state.InvalidProtobuf,
    state.NoModel,
    state.NoSuchFile,
    state.NotImplemented,
    state.RuntimeException,
)
"""What ONNX Runtime raises; its exceptions have no base of their own."""


def open_session(model: bytes | Path, *, threads: int) -> Any:
    """A session on the CPU with that many threads; what it waits for is computed one operation after the other."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    source = model if isinstance(model, bytes) else str(model)
    return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def runner(session: Any) -> Runner:
    """Call a session with tensors."""
    names = [taken.name for taken in session.get_inputs()]

    def run(args: tuple[Any, ...]) -> Nested:
        arrays = [leaf.detach().contiguous().numpy() for leaf in leaves(args)]
        return [torch.from_numpy(array) for array in session.run(None, dict(zip(names, arrays, strict=True)))]

    return run
