"""The published figures against the models that are built here."""

from __future__ import annotations

from typing import Any, Final

import torch
from attrs import frozen

import ptv_registry
from ptv_cards.inspection import count, head_name, inputs_for
from ptv_registry.errors import ArgumentError
from ptv_zoo.tables import Row

PARAMS_M: Final = 0.01
FLOPS_RATIO: Final = 0.005
DECIMALS: Final = 2
"""Of the published figures; operations are compared as they would be printed."""


@frozen
class Verified:
    """A row with what the model that its spec builds really has.

    Attributes:
        row: the published row.
        params: parameters.
        flops: multiply-accumulates (and 5 for an output element of a norm), counted as the row counts.
    """

    row: Row
    params: int
    flops: int

    @property
    def params_m(self) -> float:
        """Parameters in millions."""
        return self.params / 1e6

    @property
    def flops_g(self) -> float:
        """Billions of operations, with the decimals of the tables."""
        return round(self.flops / 1e9, DECIMALS)

    @property
    def params_agree(self) -> bool:
        """Whether the parameters are the published ones, to 0.01 M."""
        published = self.row.weights.params_m
        return published is None or abs(self.params_m - published) <= PARAMS_M

    @property
    def flops_agree(self) -> bool:
        """Whether the operations are the published ones, to 0.5 %."""
        published = self.row.weights.flops_g
        return published is None or abs(self.flops_g - published) <= FLOPS_RATIO * published

    @property
    def agrees(self) -> bool:
        """Both figures agree, but for what is known to be wrong in the published row."""
        return (self.params_agree or bool(self.row.weights.erratum)) and self.flops_agree

    def to_dict(self) -> dict[str, Any]:
        """JSON data."""
        weights = self.row.weights
        return {
            "table": weights.table,
            "dataset": weights.dataset,
            "arch": weights.arch,
            "depth": weights.depth,
            "frames_x_rate": weights.frames_x_rate,
            "params_m": self.params_m,
            "flops_g": self.flops_g,
            "model": self.row.model,
            "weights": weights.name,
            "published_params_m": weights.params_m,
            "published_flops_g": weights.flops_g,
            "params": self.params,
            "flops": self.flops,
            "agrees": self.agrees,
            "params_agree": self.params_agree,
            "flops_agree": self.flops_agree,
            "erratum": weights.erratum,
        }


def verify(row: Row) -> Verified:
    """Build a row's model on the meta device and count.

    Raises:
        ArgumentError: the row has no published figures.
    """
    weights = row.weights
    if weights.clip_input is None or weights.params_m is None:
        raise ArgumentError(f"{row.key} has no published figures to compare with")
    with torch.device("meta"):
        model = ptv_registry.build(weights.spec)
    detection = head_name(model) == "detection_head"
    total = count(model, *inputs_for(weights.clip_input, detection=detection))[0]
    operations = total.flops if weights.flops_include_norms else total.macs
    return Verified(row, total.params, operations)
