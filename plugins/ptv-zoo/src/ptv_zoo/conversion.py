"""Weights of any known layout as safetensors, or as a plain torch file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

import ptv_registry
from ptv_registry.errors import ArgumentError
from ptv_registry.files import appearing
from ptv_zoo.addresses import fetch
from ptv_zoo.errors import WeightsMismatchError
from ptv_zoo.loading import compare, named_for
from ptv_zoo.reading import read_weights


def convert(source: str, output: Path, model: str | None = None) -> dict[str, Any]:
    """Read weights, rename them for a model, and write them.

    Args:
        source: a path or an address.
        output: ``.safetensors``, or ``.pth``, ``.pt`` or ``.pyth`` for torch.
        model: spec of the model; without it the names stay as they are in the file, which VMZ's do not allow.

    Raises:
        WeightsMismatchError: the weights are not the model's.
    """
    if output.suffix not in (".safetensors", ".pth", ".pt", ".pyth"):
        raise ArgumentError(f"{output}: the ending says what is written; use .safetensors or .pth")
    path = fetch(source).path if "://" in source or source.startswith("file:") else Path(source)
    file = read_weights(path)
    if model is not None:
        with torch.device("meta"):
            built = ptv_registry.build(model)
        state = built.state_dict()
        shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
        weights = named_for(built, file, shapes)
        if file.layout == "caffe2":
            weights |= {
                n: torch.zeros((), dtype=t.dtype) for n, t in state.items() if n.endswith("num_batches_tracked")
            }
        difference = compare(weights, shapes)
        if difference:
            raise WeightsMismatchError(f"the weights of {source} are not for {model}:\n{difference}")
    elif file.layout == "caffe2":
        raise ArgumentError(f"{source} has the names of Caffe2; say with --model which model's names they shall become")
    else:
        weights = file.named_for({name.removeprefix("model."): () for name in file.tensors})
    tensors = {name: tensor.contiguous() for name, tensor in weights.items() if isinstance(tensor, torch.Tensor)}
    with appearing(output) as draft:
        if output.suffix == ".safetensors":
            save_file(tensors, draft, metadata={"format": "pt"})
        else:
            torch.save(tensors, draft)
    return {"output": str(output), "layout": file.layout, "tensors": len(tensors)}
