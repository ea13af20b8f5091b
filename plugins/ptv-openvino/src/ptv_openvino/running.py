"""A model of OpenVINO that takes tensors of any batch size."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any, Final

import torch

from ptv_deploy.artifacts.signature import Nested, Signature, arrays_of, leaves
from ptv_openvino.core import core

# Each holds a copy of the weights in the layout of its kernels.
_KEPT: Final = 3


class BatchSizes:
    """Compiles the model for each batch size that it meets, as fixed shapes are faster; keeps the latest few."""

    def __init__(self, file: Path, signature: Signature, config: dict[str, Any]) -> None:
        self._model = core().read_model(file)
        self._signature, self._config = signature, config
        self._compiled: OrderedDict[int, Any] = OrderedDict()
        self._lock = Lock()

    def __call__(self, args: tuple[Any, ...]) -> Nested:
        """The output tensors."""
        arrays = arrays_of(args)
        with self._lock:
            compiled = self._for(arrays[0].shape[0], [array.shape for array in arrays])
            found = compiled(arrays, share_inputs=True)  # without it a copy of the clips is made first
            outputs = [torch.from_numpy(found[i].copy()) for i in range(len(found))]
        return outputs

    def prepare(self, args: tuple[Any, ...]) -> None:
        """Compile for the batch size of these inputs."""
        shapes = [tuple(leaf.shape) for leaf in leaves(args)]
        with self._lock:
            self._for(shapes[0][0], shapes)

    def _for(self, size: int, shapes: list[tuple[int, ...]]) -> Any:
        if size not in self._compiled:
            model = self._model.clone()
            model.reshape({port: list(shape) for port, shape in zip(model.inputs, shapes, strict=True)})
            self._compiled[size] = core().compile_model(model, "CPU", self._config)
            while len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(size)
        return self._compiled[size]
