"""``Parity``: how close an exported model's outputs are to the model's."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from attrs import field, frozen

from ptv_deploy.artifacts.signature import Nested, leaves
from ptv_deploy.errors import ParityError
from ptv_registry.records import checked


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


@frozen
class Parity:
    """The comparison of two models on the same clips.

    Attributes:
        max_rel_diff: the largest difference of two outputs, relative to the largest absolute output of the model.
        top1_agreement: share of clips of which both give the highest score to the same class.
        clips: how many were compared.
    """

    max_rel_diff: float = field(validator=checked(_is_number, "a difference"))
    top1_agreement: float = field(validator=checked(_is_number, "a share"))
    clips: int = field(validator=checked(lambda v: type(v) is int and v >= 0, "a number of clips"))


def compare(wanted: Sequence[Nested], given: Sequence[Nested]) -> Parity:
    """The parity of outputs, one for each input.

    Raises:
        ParityError: the outputs have other shapes, or are not finite where those of the model are.
    """
    worst, same, rows = 0.0, 0, 0
    for left, right in zip(wanted, given, strict=True):
        references, outputs = list(leaves(left)), list(leaves(right))
        if len(references) != len(outputs):
            raise ParityError(f"the exported model gives {len(outputs)} tensors, and the model {len(references)}")
        for reference, output in zip(references, outputs, strict=True):
            if reference.shape != output.shape:
                msg = f"the exported model gives {tuple(output.shape)}, and the model {tuple(reference.shape)}"
                raise ParityError(msg)
            reference, output = reference.double(), output.double()
            if not torch.equal(reference.isfinite(), output.isfinite()):
                raise ParityError(
                    "the exported model gives numbers that are not finite where the model gives finite ones"
                )
            finite = reference.isfinite()
            largest = reference[finite].abs().max().item() if finite.any() else 0.0
            difference = (reference - output)[finite].abs().max().item() if finite.any() else 0.0
            worst = max(worst, difference / largest if largest else difference)
        first, second = references[0], outputs[0]
        agree = first.reshape(-1, first.shape[-1]).argmax(-1) == second.reshape(-1, second.shape[-1]).argmax(-1)
        same, rows = same + int(agree.sum()), rows + agree.numel()
    return Parity(worst, same / rows if rows else 1.0, rows)
