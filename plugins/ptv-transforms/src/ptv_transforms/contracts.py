"""The contract of transforms; see :mod:`ptv_registry.contracts`."""

from __future__ import annotations

import copy
from typing import Any, Final, Protocol

from ptv_registry.contracts import Check, Contract, Sample, Scaffold, Trial


class Transform(Protocol):
    """Changes a sample, or the part of one that it is put on."""

    def __call__(self, value: Any) -> Any:
        """What becomes of the value; the value itself stays as it was."""


class TransformMaker(Protocol):
    """Makes a transform."""

    def __call__(self) -> Transform:
        """A transform."""


def _clip() -> Any:
    """A clip (C, T, H, W) of bytes, as a decoder gives it."""
    import torch

    return torch.arange(3 * 8 * 16 * 16).remainder(251).to(torch.uint8).reshape(3, 8, 16, 16)


def _floats() -> Any:
    return _clip().float() / 255


def _frames_first() -> Any:
    return _clip().transpose(0, 1).contiguous()


def _waveform() -> Any:
    import torch

    return torch.linspace(-1, 1, 16000)


def _sample() -> dict[str, Any]:
    import torch

    return {
        "video": _clip(),
        "audio": torch.linspace(-1, 1, 1600),
        "label": 1,
        "video_name": "a",
        "video_index": 0,
        "clip_index": 0,
        "aug_index": 0,
    }


def _sample_with_boxes() -> dict[str, Any]:
    import torch

    return {**_sample(), "boxes": torch.tensor([[0.25, 0.25, 0.75, 0.5]])}


def _batch() -> tuple[Any, Any]:
    import torch

    return _floats().repeat(2, 1, 1, 1, 1), torch.tensor([0, 1])


def _with(make: Any) -> Any:
    def use(transform: Any) -> Any:
        given, before = make(), make()
        values = given if isinstance(given, tuple) else (given,)
        output = transform(*values)
        return {"output": output, "before": before, "after": copy.copy(given)}

    return use


def _same(left: Any, right: Any) -> bool:
    import torch

    if isinstance(left, torch.Tensor):
        return isinstance(right, torch.Tensor) and left.dtype == right.dtype and torch.equal(left, right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, tuple):
        return all(map(_same, left, right))
    return bool(left == right)


def _untouched(trial: Trial) -> str | None:
    found = trial.output
    if not _same(found["before"], found["after"]):
        return "it changes what it is given in place, which other clips of the video may share; return a new tensor, and a new dict"
    return None


def _gives(trial: Trial) -> str | None:
    import torch

    given, output = trial.output["before"], trial.output["output"]
    if isinstance(given, dict) and not (output is None or isinstance(output, dict)):
        return (
            f"called with a sample it returns a {type(output).__name__}; return the sample, a dict with what became of its parts, or None to leave "
            "it out"
        )
    if isinstance(given, dict) and output is not None and output.get("label", given["label"]) != given["label"]:
        return f"it changes the label of a sample from {given['label']!r} to {output['label']!r}; labels are changed by batch transforms"
    if isinstance(given, torch.Tensor):
        parts = output if isinstance(output, list | tuple) else [output]
        if not parts or not all(isinstance(part, torch.Tensor) for part in parts):
            return f"called with a clip it returns a {type(output).__name__}; return a clip (C, T, H, W), or a list of such for pathways"
    return None


TRANSFORM: Final = Contract(
    kind="transform",
    words=(
        "Made by the spec. A dataset calls it with each sample, a dict of `video` (uint8 (C, T, H, W)), `label` and what else is known, and takes what it "
        "returns as the sample (None leaves it out); `apply_transform_to_key` calls it with one value of a sample, such as the clip, and `compose` "
        "with what the previous step returned. A clip may be uint8 from 0 to 255 or floats. What is given stays as it is. What is random is drawn "
        "from torch's generator, which the dataset seeds for each clip. One that keeps some frames only may say which by `clip_pushdown()` or "
        "`sample_pushdown(key)`, so that the others are never decoded."
    ),
    protocol=TransformMaker,
    product=Transform,
    samples=(
        Sample("a dataset", use=_with(_sample)),
        Sample("a dataset with boxes", use=_with(_sample_with_boxes)),
        Sample("apply_transform_to_key, on a clip of bytes", use=_with(_clip)),
        Sample("apply_transform_to_key, on a clip of floats", use=_with(_floats)),
        Sample("apply_transform_to_key, on frames (T, C, H, W)", use=_with(_frames_first)),
        Sample("apply_transform_to_key, on sound", use=_with(_waveform)),
        Sample("a training, on a batch", use=_with(_batch)),
    ),
    checks=(Check("leaves_what_it_is_given_alone", _untouched), Check("gives_what_it_was_given_changed", _gives)),
    open=True,
    scaffold=Scaffold(
        "ptv_transforms.scaffolds.transform", "MineTransform", testing=("ptv-datasets", "ptv-transforms")
    ),
)
