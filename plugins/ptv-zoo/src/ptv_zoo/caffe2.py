"""Names of VMZ's Caffe2 blobs for the parameters of the same networks in PyTorch.

Blobs are numbered by block over the whole network: ``comp_7_conv_2_w`` belongs to the eighth block. The filter of an
ir-CSN bottleneck is its third convolution there, because the second name is left to the variants that have one more.
See https://github.com/facebookresearch/VMZ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import torch

from ptv_zoo.errors import WeightsFileError

_NORM: Final = {"weight": "s", "bias": "b", "running_mean": "rm", "running_var": "riv"}
_IGNORED: Final = re.compile(r"(_momentum|_grad|^lr|^model_iter|^iter|^optimizer_iteration.*)$")
_BLOCK: Final = re.compile(r"layer(\d+)\.(\d+)\.(conv(\d)|downsample)\.(\d)(?:\.(\d))?\.(\w+)$")


def blob_names(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, str]:
    """Name in the model's state dict to name of its blob.

    Args:
        shapes: the state dict's names and shapes, of a network with ``stem``, ``layer1`` to ``layer4`` and ``fc``.

    Returns:
        An entry for each parameter and statistic that Caffe2 keeps; ``num_batches_tracked`` it does not.

    Raises:
        WeightsFileError: a name is not one of such a network.
    """
    blocks: dict[tuple[int, int], int] = {}
    for name in shapes:
        if found := _BLOCK.match(name):
            blocks.setdefault((int(found[1]), int(found[2])), len(blocks))
    names = {}
    for name in shapes:
        if name.endswith("num_batches_tracked"):
            continue
        blob = _blob(name, shapes, blocks)
        if blob is None:
            raise WeightsFileError(f"{name} has no counterpart in VMZ's Caffe2 networks")
        names[name] = blob
    return names


def _blob(name: str, shapes: Mapping[str, tuple[int, ...]], blocks: Mapping[tuple[int, int], int]) -> str | None:
    if found := re.match(r"fc\.(weight|bias)$", name):
        return f"last_out_L{shapes[name][0]}_{'w' if found[1] == 'weight' else 'b'}"
    if found := re.match(r"stem\.(\d)\.(\w+)$", name):
        split = "stem.3.weight" in shapes
        place, leaf = int(found[1]), found[2]
        prefix = "conv1_middle" if split and place < 2 else "conv1"
        return f"{prefix}_w" if place in (0, 3) else f"{prefix}_spatbn_relu_{_NORM[leaf]}"
    found = _BLOCK.match(name)
    if found is None:
        return None
    layer, index, part, conv, position, inner, leaf = found.groups()
    block = blocks[int(layer), int(index)]
    if part == "downsample":
        prefix = f"shortcut_projection_{block}"
        return f"{prefix}_w" if position == "0" else f"{prefix}_spatbn_{_NORM[leaf]}"
    number = int(conv)
    if number > 1 and _is_depthwise(f"layer{layer}.{index}.", shapes):
        number += 1
    if position == "1":
        return f"comp_{block}_spatbn_{number}_{_NORM[leaf]}"
    if inner is None:
        return f"comp_{block}_conv_{number}_w"
    if inner == "0":
        return f"comp_{block}_conv_{number}_middle_w"
    if inner == "1":
        return f"comp_{block}_spatbn_{number}_middle_{_NORM[leaf]}"
    return f"comp_{block}_conv_{number}_w"


def _is_depthwise(block: str, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether a bottleneck is one of ir-CSN: its filter is one convolution of single channels."""
    shape = shapes.get(f"{block}conv2.0.weight")
    return f"{block}conv3.0.weight" in shapes and shape is not None and shape[1] == 1


def to_state_dict(blobs: Mapping[str, object], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """The blobs under the model's names; blobs that fit none keep theirs, so that a comparison shows them.

    Args:
        blobs: the arrays of the file.
        shapes: names and shapes of the model's state dict.
    """
    arrays = {n: a for n, a in blobs.items() if isinstance(a, np.ndarray) and not _IGNORED.search(n)}
    names = blob_names(shapes)
    classes = _classes(arrays)
    out = {}
    for name, blob in names.items():
        if name.startswith("fc."):
            blob = f"last_out_L{classes}_{blob[-1]}"
        if blob in arrays:
            out[name] = torch.from_numpy(np.array(arrays.pop(blob)))
    return out | {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}


def _classes(names: Iterable[str]) -> int | None:
    return next((int(m[1]) for m in (re.match(r"last_out_L(\d+)_w$", name) for name in names) if m), None)
