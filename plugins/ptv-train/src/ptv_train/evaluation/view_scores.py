"""``ViewScorer``: a batch of views through the model, and its output as probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ptv_cards.scores import Scores, probabilities
from ptv_registry.errors import ArgumentError
from ptv_train.evaluation.view_reading import View
from ptv_train.model_source import ModelSource


class ViewScorer:
    """Scores views with a model.

    Args:
        source: the model.
        scores: what it gives.
    """

    def __init__(self, source: ModelSource, scores: Scores) -> None:
        probabilities(torch.zeros(1, 1), scores)
        self._source, self._scores = source, scores

    @torch.inference_mode()
    def __call__(self, views: Sequence[View]) -> torch.Tensor:
        """The probabilities (B, classes) of views, on the CPU.

        Raises:
            ArgumentError: views differ in shape, or the model does not give one score per class.
        """
        inputs = [view.inputs for view in views]
        if self._source.batch is not None:  # an exported model that knows one size: what is too few is filled up
            inputs += [inputs[-1]] * (-len(inputs) % self._source.batch)
        output = self._source.model(self._batch(inputs))
        categories = self._source.categories
        if not isinstance(output, torch.Tensor) or output.ndim != 2 or len(output) != len(inputs):
            shape = tuple(output.shape) if isinstance(output, torch.Tensor) else type(output).__name__
            raise ArgumentError(f"the model gives {shape} for {len(inputs)} clips; evaluation needs (B, classes)")
        if categories is not None and output.shape[1] != len(categories):
            raise ArgumentError(
                f"the model has {output.shape[1]} classes, and there are {len(categories)} names for them"
            )
        return probabilities(output[: len(views)], self._scores).cpu()

    def _batch(self, inputs: Sequence[Any]) -> Any:
        if isinstance(inputs[0], list | tuple):
            return [self._stacked([clip[number] for clip in inputs]) for number in range(len(inputs[0]))]
        return self._stacked(inputs)

    def _stacked(self, clips: Sequence[torch.Tensor]) -> torch.Tensor:
        shapes = {tuple(clip.shape) for clip in clips}
        if len(shapes) > 1:
            raise ArgumentError(
                f"the transform gives clips of different shapes, {' and '.join(map(str, sorted(shapes)))}; crop them to "
                "one size, or give a batch size of 1 (--batch-size 1)"
            )
        return torch.stack(list(clips)).to(self._source.device)
