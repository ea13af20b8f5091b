"""From the graph of ``torch.export`` to a package of Core ML."""

from __future__ import annotations

import logging
from typing import Any

import torch

from ptv_deploy.muted_logging import quietly
from ptv_deploy.program import first_line


def convert(exported: torch.export.ExportedProgram) -> tuple[Any, str]:
    """The package, or ``None`` and what stood in the way."""
    with quietly(logging.ERROR):
        import coremltools as ct

        try:
            # Of the operations of torch.export that are made of smaller ones coremltools knows few.
            core = exported.run_decompositions()
            return ct.convert(
                core,
                convert_to="mlprogram",
                compute_precision=ct.precision.FLOAT32,
                minimum_deployment_target=ct.target.iOS17,
                skip_model_load=True,
            ), ""
        except (NotImplementedError, RuntimeError, ValueError, TypeError, KeyError) as error:
            return None, f"coremltools cannot convert the model: {first_line(error)}"
