"""int8 by NNCF, after training; layers that cost too many decisions are not quantised."""

from __future__ import annotations

import contextlib
import logging
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import nncf
import numpy as np
import torch
from attrs import frozen
from nncf.quantization.advanced_parameters import (
    AdvancedAccuracyRestorerParameters,
    AdvancedQuantizationParameters,
    OverflowFix,
)
from nncf.quantization.range_estimator import RangeEstimatorParametersSet

from ptv_deploy import compare
from ptv_deploy.artifacts.signature import arrays_of
from ptv_deploy.weight_bits import WeightBits
from ptv_openvino.core import Rest, calculating_in, core, has_bf16, same_signal_stack
from ptv_openvino.layers import better_unquantised, layers_within, quantised_layers
from ptv_registry.errors import PtvWarning

# Each candidate is compiled and run on the clips that suffer most; more of them cost time and hardly change the order.
_RANKING_CLIPS: Final = 24
_ACCURACY: Final = 0.01
# Among candidates with the same decisions the one with the smaller differences is preferred.
_TIE: Final = 1e-6


class Int8Warning(PtvWarning):
    """An int8 model keeps fewer decisions than requested."""


@frozen
class Recipe:
    """How to quantise.

    Attributes:
        activation_range: ``minmax`` of all clips, or the ``default`` of NNCF.
        rest: what is not quantised is calculated in this; ``auto`` is bf16 if the processor has it and enough decisions
            are kept.
        keep: layers, or modules, that are not quantised.
        agreement: share of clips that must keep their first class; 0 asks for none.
        tries: how many groups of layers may be given back to fp32.
        weight_bits: what weights use of the 8-bit range.
    """

    activation_range: str
    rest: Rest
    keep: Sequence[str]
    agreement: float
    tries: int
    weight_bits: WeightBits


def quantize(
    model: Any, calibration: Sequence[tuple[Any, ...]], recipe: Recipe, labels: Sequence[int] | None = None
) -> tuple[Any, dict[str, Any]]:
    """The model with quantised weights and activations, and a record of how it was made.

    Args:
        model: of OpenVINO.
        calibration: the clips that give the ranges, and that decisions are compared on.
        recipe: how.
        labels: the class of each of the calibration clips, if known: then accuracy may not fall by more than a point.
    """
    advanced = AdvancedQuantizationParameters(
        disable_bias_correction=True,
        overflow_fix=OverflowFix.ENABLE if recipe.weight_bits == 7 else OverflowFix.DISABLE,
    )
    if recipe.activation_range == "minmax":
        advanced.activations_range_estimator_params = RangeEstimatorParametersSet.MINMAX
    clips = [arrays_of(args) for args in calibration]
    ranges = nncf.Dataset(clips, lambda arrays: dict(enumerate(arrays)))
    kept = layers_within(model, recipe.keep)
    how: dict[str, Any] = {
        "preset": nncf.QuantizationPreset.MIXED,
        "subset_size": len(clips),
        "ignored_scope": nncf.IgnoredScope(names=sorted({*kept, *better_unquantised(model)})),
    }
    rests = ["bf16", "fp32"] if recipe.rest == "auto" and has_bf16() else [recipe.rest.replace("auto", "fp32")]
    facts: dict[str, Any] = {
        "activation_range": recipe.activation_range,
        "weight_bits": recipe.weight_bits,
        "not_quantised": kept,
    }
    with _quiet(), same_signal_stack():
        found = nncf.quantize(model, ranges, advanced_parameters=advanced, **how)
        if not recipe.agreement:
            return found, {**facts, "rest": rests[0]}
        control = _Control(model, clips, labels, recipe.agreement)
        for rest in rests:
            enough, judged = control.judge(found, rest)
            if enough:
                return found, {**facts, "rest": rest, "control": judged}
        with tempfile.TemporaryDirectory(prefix="ptv-int8-") as folder:
            found = nncf.quantize_with_accuracy_control(
                model,
                ranges,
                nncf.Dataset(list(range(len(clips)))),
                control.validate,
                max_drop=1 - recipe.agreement + _TIE,
                advanced_quantization_parameters=advanced,
                advanced_accuracy_restorer_parameters=AdvancedAccuracyRestorerParameters(
                    max_num_iterations=recipe.tries,
                    ranking_subset_size=_RANKING_CLIPS,
                    num_ranking_workers=1,
                    intermediate_model_dir=folder,
                ),
                **how,
            )
            before = quantised_layers(core().read_model(Path(folder) / "intermediate_model.xml"))
    after = set(quantised_layers(found))
    facts["not_quantised"] += [name for name in before if name not in after]
    enough, judged = control.judge(found, rests[-1])
    if not enough:
        accuracy = " and an accuracy from {:.1%} to {:.1%}".format(*judged["accuracy"]) if labels is not None else ""
        warnings.warn(
            f"int8 keeps the first class of {judged['agreement']:.1%} of the calibration clips{accuracy} after "
            f"{recipe.tries} tries at giving layers back to {rests[-1]}, where agreement={recipe.agreement:g} was asked for"
            "; allow more tries, name layers in keep, or use bf16",
            Int8Warning,
            stacklevel=2,
        )
    return found, {**facts, "rest": rests[-1], "control": judged}


class _Control:
    """Says how many decisions a candidate keeps."""

    def __init__(
        self, model: Any, clips: list[list[np.ndarray]], labels: Sequence[int] | None, agreement: float
    ) -> None:
        self._clips, self._labels, self._agreement = clips, labels, agreement
        self._wanted = self._run(_compiled(model, "fp32"), range(len(clips)))

    def validate(self, compiled: Any, indices: Iterable[int]) -> tuple[float, list[float]]:
        """A number that falls by less than what is allowed if the candidate is good enough, and one per clip."""
        chosen = list(indices)
        return self._metric(chosen, self._run(compiled, chosen))

    def judge(self, model: Any, rest: str) -> tuple[bool, dict[str, Any]]:
        """Whether it is good enough; agreement, and accuracy before and after where there are labels."""
        everything = range(len(self._clips))
        given = self._run(_compiled(model, rest), everything)
        facts: dict[str, Any] = {"clips": len(self._clips), "agreement": compare(self._wanted, given).top1_agreement}
        if self._labels is not None:
            facts["accuracy"] = [self._accuracy(everything, outputs) for outputs in (self._wanted, given)]
        return self._metric(everything, given)[0] >= self._agreement - _TIE, facts

    def _metric(self, chosen: Sequence[int], given: list[torch.Tensor]) -> tuple[float, list[float]]:
        wanted = [self._wanted[i] for i in chosen]
        parities = [compare([one], [other]) for one, other in zip(wanted, given, strict=True)]
        values = [parity.top1_agreement - _TIE * min(1.0, parity.max_rel_diff) for parity in parities]
        metric = sum(values) / len(values)
        if self._labels is not None:
            lost = self._accuracy(chosen, wanted) - self._accuracy(chosen, given)
            metric = min(metric, 1 - lost * (1 - self._agreement) / _ACCURACY)
        return metric, values

    def _run(self, compiled: Any, indices: Iterable[int]) -> list[torch.Tensor]:
        return [torch.from_numpy(compiled(self._clips[i])[0].copy()) for i in indices]

    def _accuracy(self, indices: Iterable[int], outputs: Sequence[torch.Tensor]) -> float:
        if self._labels is None:
            return 0.0
        right = [(out.argmax(-1) == self._labels[i]).double().mean() for i, out in zip(indices, outputs, strict=True)]
        return float(torch.stack(right).mean())


def _compiled(model: Any, rest: str) -> Any:
    return core().compile_model(model, "CPU", calculating_in(rest))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Only progress bars, and those on standard error."""
    logger = logging.getLogger("nncf")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        logger.setLevel(level)
