"""Accuracy over an epoch of training whose counts go into checkpoints."""

from __future__ import annotations

from typing import Any

import torch
from torchmetrics import Metric, MetricCollection


class TrainMetrics(MetricCollection):
    """Metrics of an epoch, which goes on where a checkpoint was written."""

    def counts(self) -> dict[str, dict[str, Any]]:
        """The state of every metric on this rank."""
        return {name: _state(metric) for name, metric in self.items(keep_base=True)}

    def load_counts(self, counts: dict[str, dict[str, Any]]) -> None:
        """Inverse of :meth:`counts`."""
        for name, metric in self.items(keep_base=True):
            state = dict(counts[name])
            metric._update_count = state.pop("updates")
            for key, value in state.items():
                setattr(metric, key, value.to(metric.device))


def _state(metric: Metric) -> dict[str, Any]:
    return {
        "updates": metric.update_count,
        **{k: v.cpu().clone() for k, v in metric.metric_state.items() if isinstance(v, torch.Tensor)},
    }
