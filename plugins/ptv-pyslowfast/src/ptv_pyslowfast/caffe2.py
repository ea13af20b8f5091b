"""Names of the blobs in PySlowFast's Caffe2 files (``TRAIN.CHECKPOINT_TYPE caffe2``), for its own in PyTorch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch

_NORM: Final = {"weight": "s", "bias": "b", "running_mean": "rm", "running_var": "riv"}
_LEFT_OUT: Final = re.compile(r"(_momentum|_grad)$|^(lr|model_iter|iter|weight_order)|^optimizer_iteration")


def is_caffe2(tensors: Mapping[str, Any]) -> bool:
    """Whether the names of a file are those of PySlowFast's Caffe2 networks."""
    return "conv1_w" in tensors and "pred_w" in tensors


def from_caffe2(
    blobs: Mapping[str, Any], theirs: Mapping[str, str], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, torch.Tensor]:
    """Blobs under a model's names; those that fit none keep theirs.

    A blob with fewer dimensions than the model's gets such of size 1. Counts of batches are not in the file.

    Args:
        blobs: the arrays of the file.
        theirs: what PySlowFast calls the model's parameters in PyTorch.
        shapes: names and shapes of the model's state dict.
    """
    arrays = {n: np.array(a) for n, a in blobs.items() if isinstance(a, np.ndarray) and not _LEFT_OUT.search(n)}
    last = _last_blocks(theirs.values())
    found = {}
    for name, in_torch in theirs.items():
        blob = _blob(in_torch, last)
        if blob is not None and blob in arrays:
            tensor = torch.from_numpy(arrays.pop(blob))
            missing = len(shapes[name]) - tensor.ndim
            found[name] = tensor.reshape([*tensor.shape, *[1] * missing]) if missing > 0 else tensor
    return found | {name: torch.from_numpy(array) for name, array in arrays.items() if array.dtype.kind == "f"}


def _last_blocks(names: Any) -> dict[str, int]:
    """The last block of each stage of the fast pathway, which the fusion after it is called after."""
    last: dict[str, int] = {}
    for name in names:
        if found := re.match(r"s(\d)\.pathway1_res(\d+)\.", name):
            last[found[1]] = max(last.get(found[1], 0), int(found[2]))
    return last


def _blob(name: str, last: Mapping[str, int]) -> str | None:
    if found := re.match(r"head\.projection\.(weight|bias)$", name):
        return f"pred_{found[1][0]}"
    if found := re.match(r"s1\.pathway(\d)_stem\.(conv|bn)\.(\w+)$", name):
        prefix = "t_" if found[1] == "1" else ""
        return f"{prefix}conv1_w" if found[2] == "conv" else _norm(f"{prefix}res_conv1_bn", found[3])
    if found := re.match(r"s(\d)_fuse\.(conv_f2s|bn)\.(\w+)$", name):
        stage = found[1]
        place = "t_pool1" if stage == "1" else f"t_res{stage}_{last.get(stage, 0)}_branch2c_bn"
        return f"{place}_subsample_w" if found[2] == "conv_f2s" else _norm(f"{place}_subsample_bn", found[3])
    found = re.match(r"s(\d)\.pathway(\d)_res(\d+)\.branch(\d)(?:\.([abc]))?(_bn)?\.(\w+)$", name)
    if found is None:
        return None
    stage, pathway, block, branch, letter, norm, leaf = found.groups()
    place = f"{'t_' if pathway == '1' else ''}res{stage}_{block}_branch{branch}{letter or ''}"
    return _norm(f"{place}_bn", leaf) if norm else f"{place}_w"


def _norm(place: str, leaf: str) -> str | None:
    return f"{place}_{_NORM[leaf]}" if leaf in _NORM else None
