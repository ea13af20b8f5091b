"""PySlowFast's names of parameters, for those of the same networks here (which are PyTorchVideo's).

One rule per family says what PySlowFast calls a parameter of a model; both directions, and Caffe2's blobs, follow from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import torch

from ptv_pyslowfast.caffe2 import from_caffe2, is_caffe2
from ptv_zoo.errors import WeightsMismatchError
from ptv_zoo.loading import compare

_NORM: Final = r"(weight|bias|running_mean|running_var|num_batches_tracked)"
_BRANCH: Final = re.compile(r"branch2\.(conv|norm)_([abc])\.(.+)$")
_STAGE: Final = re.compile(r"res_blocks\.(\d+)\.(.+)$")
_PATHWAYS: Final = re.compile(r"blocks\.(\d+)\.multipathway_blocks\.(\d)\.(.+)$")
_FUSION: Final = re.compile(r"blocks\.(\d+)\.multipathway_fusion\.(conv_fast_to_slow|norm)\.(.+)$")
_ATTENTION: Final = re.compile(r"(blocks\.\d+\.attn)\._attention_pool_([qkv])\.(pool|norm)\.(.+)$")
_X3D_HEAD: Final = {
    "pool.pre_conv": "conv_5",
    "pool.pre_norm": "conv_5_bn",
    "pool.post_conv": "lin_5",
    "pool.post_norm": "lin_5_bn",
    "proj": "projection",
}
_MVIT: Final = (
    (r"patch_embed\.patch_model\.", "patch_embed.proj."),
    (r"cls_positional_encoding\.", ""),
    (r"norm_patch_embed\.", "norm_stem."),
    (r"norm_embed\.", "norm."),
    (r"head\.proj\.", "head.projection."),
)


def pyslowfast_names(names: Iterable[str]) -> dict[str, str]:
    """What PySlowFast calls each parameter and buffer of a model.

    Args:
        names: of the model's state dict: SlowFast, Slow, I3D, C2D, X3D, MViT or MViTv2, with or without a head for boxes.

    Raises:
        WeightsMismatchError: PySlowFast has no network with such a parameter.
    """
    own = list(names)
    prefix = "model." if own and all(name.startswith(("model.", "detection_head.")) for name in own) else ""
    inner = {name: name.removeprefix(prefix) for name in own}
    rule = _rule(set(inner.values()))
    found: dict[str, str] = {}
    for name, short in inner.items():
        theirs = rule(short) if rule else None
        if theirs is None:
            raise WeightsMismatchError(
                f"{name} has no counterpart in PySlowFast's networks; known are those of SlowFast, Slow, I3D, C2D, X3D "
                "and MViT (CSN and R(2+1)D it has from PyTorchVideo, under PyTorchVideo's names)",
                name=name,
            )
        found[name] = theirs
    return found


def to_pyslowfast(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A state dict of a model here under PySlowFast's names.

    Raises:
        WeightsMismatchError: a name has no counterpart.
    """
    return {theirs: tensors[name] for name, theirs in pyslowfast_names(tensors).items()}


def from_pyslowfast(tensors: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """A state dict of PySlowFast under the names of a model.

    Args:
        tensors: by PySlowFast's names, with or without ``module.`` and ``model.`` before them.
        shapes: names and shapes of the model's state dict.

    Raises:
        WeightsMismatchError: names or shapes differ; the message lists how, by PySlowFast's names.
    """
    theirs = pyslowfast_names(shapes)
    given = _given(tensors, theirs.values())
    difference = compare(given, {theirs[name]: shape for name, shape in shapes.items()})
    if difference:
        raise WeightsMismatchError(
            f"the weights of PySlowFast are not for this model:\n{difference}",
            missing=list(difference.missing),
            unexpected=list(difference.unexpected),
        )
    return {name: given[theirs[name]] for name in shapes}


def named_for(tensors: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any] | None:
    """Weights under a model's names, if they have PySlowFast's or those of its Caffe2 files; ``None`` if they have not.

    What has no counterpart keeps its name, so that a comparison shows it.

    Args:
        tensors: of a file, by the names that are in it.
        shapes: names and shapes of the model's state dict.
    """
    try:
        theirs = pyslowfast_names(shapes)
    except WeightsMismatchError:
        return None
    if is_caffe2(tensors):
        return from_caffe2(tensors, theirs, shapes)
    given = _given(tensors, theirs.values())
    ours = {name: own for own, name in theirs.items()}
    # Some names are the same there and here; what is known apart decides.
    if not given.keys() & (ours.keys() - theirs.keys()) or given.keys() & (theirs.keys() - ours.keys()):
        return None
    return {ours.get(name, name): tensor for name, tensor in given.items()}


def _given(tensors: Mapping[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    """The tensors of a file as PySlowFast names them, with projections of attention together or apart as wanted."""
    known = set(wanted)
    unwrapped: dict[str, Any] = {}
    for name, tensor in tensors.items():
        while name not in known and name.startswith(("module.", "model.")):
            name = name.partition(".")[2]
        unwrapped[name] = tensor
    return _projections(_without_splits(unwrapped), known)


def _projections(tensors: Mapping[str, Any], wanted: set[str]) -> dict[str, Any]:
    """Queries, keys and values have one projection, or three whose rows are those of the one in turn."""
    found: dict[str, Any] = {}
    for name, tensor in tensors.items():
        match = re.match(r"(.+\.attn)\.(qkv|q|k|v)\.(weight|bias)$", name)
        if match is None or name in wanted:
            found[name] = tensor
        elif match[2] == "qkv":
            parts = (f"{match[1]}.{side}.{match[3]}" for side in "qkv")
            found |= dict(zip(parts, tensor.chunk(3), strict=True))
        elif match[2] == "q":
            sides = [f"{match[1]}.{side}.{match[3]}" for side in "qkv"]
            if all(side in tensors for side in sides):
                found[f"{match[1]}.qkv.{match[3]}"] = torch.cat([tensors[side] for side in sides])
    return found


def _without_splits(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The names of plain batch norms where a training split its batches (``bn.bn``, ``bn.split_bn``)."""
    found: dict[str, Any] = {}
    for name, tensor in tensors.items():
        plain = re.sub(r"bn\.(?:bn\.(running_mean|running_var)|split_bn\.(num_batches_tracked))$", r"bn.\1\2", name)
        if re.search(r"bn\.(bn|split_bn)\.", plain) is None:
            found[plain] = tensor
    return found


def _rule(names: set[str]) -> Callable[[str], str | None] | None:
    """The rule of the family that the names are of."""
    if any(name.startswith("blocks.0.norm1.") for name in names):
        return _of_mvit
    if "blocks.0.conv.conv_t.weight" in names:
        return _of_x3d
    if any(_PATHWAYS.match(name) for name in names):
        return _of_slowfast
    if "blocks.0.conv.weight" in names:
        numbers = sorted({int(name.split(".")[1]) for name in names if ".res_blocks." in name})
        # Stages are s2 to s5; between the first two there may be a pool, which has no parameters.
        stages = {number: place for place, number in enumerate(numbers, 2)}
        return lambda name: _of_resnet(name, stages)
    return None


def _of_resnet(name: str, stages: Mapping[int, int]) -> str | None:
    if found := re.match(r"(?:blocks\.\d+|detection_head)\.proj\.(weight|bias)$", name):
        return f"head.projection.{found[1]}"
    _, number, rest = name.split(".", 2)
    if number == "0":
        return _stem("pathway0", rest)
    return _block(f"s{stages[int(number)]}.pathway0", rest) if int(number) in stages else None


def _of_slowfast(name: str) -> str | None:
    if found := re.match(r"(?:blocks\.\d+|detection_head)\.proj\.(weight|bias)$", name):
        return f"head.projection.{found[1]}"
    if found := _FUSION.match(name):
        part = "conv_f2s" if found[2] == "conv_fast_to_slow" else "bn"
        return f"s{int(found[1]) + 1}_fuse.{part}.{found[3]}"
    if found := _PATHWAYS.match(name):
        pathway = f"pathway{found[2]}"
        return _stem(pathway, found[3]) if found[1] == "0" else _block(f"s{int(found[1]) + 1}.{pathway}", found[3])
    return None


def _of_x3d(name: str) -> str | None:
    _, number, rest = name.split(".", 2)
    if number == "0":
        # PyTorchVideo calls the convolution over height and width conv_t, and that over time conv_xy.
        rest = rest.replace("conv.conv_t.", "conv_xy.").replace("conv.conv_xy.", "conv.")
        return f"s1.pathway0_stem.{rest.replace('norm.', 'bn.')}"
    if ".res_blocks." in f".{rest}":
        return _block(f"s{int(number) + 1}.pathway0", rest)
    for part, theirs in _X3D_HEAD.items():
        if rest.startswith(f"{part}."):
            return f"head.{theirs}.{rest.removeprefix(f'{part}.')}"
    return None


def _of_mvit(name: str) -> str | None:
    if found := _ATTENTION.match(name):
        return f"{found[1]}.{found[3]}_{found[2]}.{found[4]}"
    for pattern, theirs in _MVIT:
        if re.match(pattern, name):
            return re.sub(pattern, theirs, name, count=1)
    return name if name.startswith("blocks.") else None


def _stem(pathway: str, rest: str) -> str | None:
    if rest == "conv.weight":
        return f"s1.{pathway}_stem.conv.weight"
    found = re.match(rf"norm\.{_NORM}$", rest)
    return f"s1.{pathway}_stem.bn.{found[1]}" if found else None


def _block(stage: str, rest: str) -> str | None:
    found = _STAGE.match(rest)
    if found is None:
        return None
    block, part = f"{stage}_res{found[1]}", found[2]
    if part == "branch1_conv.weight":
        return f"{block}.branch1.weight"
    if norm := re.match(rf"branch1_norm\.{_NORM}$", part):
        return f"{block}.branch1_bn.{norm[1]}"
    branch = _BRANCH.match(part)
    if branch is None:
        return None
    kind, letter, leaf = branch.groups()
    if kind == "conv":
        return f"{block}.branch2.{letter}.{leaf}" if leaf == "weight" else None
    if excitation := re.match(r"1\.block\.([02])\.(weight|bias)$", leaf):
        return f"{block}.branch2.se.fc{1 if excitation[1] == '0' else 2}.{excitation[2]}"
    norm = re.match(rf"(?:0\.)?{_NORM}$", leaf)
    return f"{block}.branch2.{letter}_bn.{norm[1]}" if norm else None
