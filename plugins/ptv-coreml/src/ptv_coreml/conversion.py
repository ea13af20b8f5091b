"""From the graph of ``torch.export`` to a package of Core ML."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from ptv_deploy.program import first_line


def convert(exported: torch.export.ExportedProgram) -> tuple[Any, str]:
    """The package, or ``None`` and what stood in the way."""
    with _quietly():
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


@contextmanager
def _quietly() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
