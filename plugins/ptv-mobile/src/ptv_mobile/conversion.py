"""From a model with efficient blocks to its deployable form, outputs compared."""

from __future__ import annotations

import copy
from typing import Any

from torch import nn

from ptv_mobile.block_base import EfficientBlock
from ptv_mobile.comparison import ConversionReport, ParityError, arguments_of, compared, run, tensors_in
from ptv_mobile.norm_folding import LoneNorms, outermost
from ptv_registry.errors import ArgumentError


def convert_to_deployable_form(
    model: nn.Module,
    example_inputs: Any,
    *,
    keep_conv3d: bool = False,
    fixed_batch: bool = False,
    tolerance: float = 1e-4,
) -> nn.Module:
    """Return a copy of a model whose efficient blocks are in their deployable form, for clips of one size.

    See :func:`convert_and_compare`, which also returns the report; here it is the copy's ``conversion_report``.
    """
    converted, report = convert_and_compare(
        model, example_inputs, keep_conv3d=keep_conv3d, fixed_batch=fixed_batch, tolerance=tolerance
    )
    converted.conversion_report = report  # type: ignore[assignment]
    return converted


def convert_and_compare(
    model: nn.Module,
    example_inputs: Any,
    *,
    keep_conv3d: bool = False,
    fixed_batch: bool = False,
    tolerance: float = 1e-4,
) -> tuple[nn.Module, ConversionReport]:
    """Convert the efficient blocks of a copy of a model and compare the outputs; the model itself is not touched.

    Batch norms that follow a convolution block are folded into it, where nothing else reads what it makes. The sizes
    that the blocks are converted for are those they get when the example passes. A block that the example
    does not reach, or reaches with inputs of several sizes, stays in its original form and is listed in the report.

    Args:
        model: the model, with efficient blocks anywhere in it.
        example_inputs: the only argument of the model, a tensor or a list (SlowFast's pathways), or a tuple of all
            its positional arguments (``(clips, boxes)``).
        keep_conv3d: fold norms into 3-D convolutions but leave those what they are, for runtimes that have them.
        fixed_batch: make the blocks refuse batches of another size than the example's.
        tolerance: how much an output may change, as a fraction of the largest output.

    Returns:
        The converted copy in evaluation mode, and what was done with the largest difference found.

    Raises:
        ArgumentError: the model has no efficient block in its original form, or the example holds no tensor.
        ParityError: the outputs changed by more than ``tolerance``.
    """
    options = _options(keep_conv3d, fixed_batch)
    try:
        return _converted(model, example_inputs, options, tolerance, fold=True)
    except ParityError:
        pass  # a norm was folded into a convolution that something other than a layer reads too
    return _converted(model, example_inputs, options, tolerance, fold=False)


def _converted(
    model: nn.Module, example_inputs: Any, options: dict[str, bool], tolerance: float, fold: bool
) -> tuple[nn.Module, ConversionReport]:
    arguments = arguments_of(example_inputs)
    converted = copy.deepcopy(model).eval()
    blocks = {path: m for path, m in outermost(converted) if isinstance(m, EfficientBlock) and not m.convert_flag}
    if not blocks:
        msg = (
            f"{type(model).__name__} has no efficient block in its original form; build it of efficient blocks, or let "
            "transmute_model put some in"
        )
        raise ArgumentError(msg)
    seen: dict[str, set[tuple[int, ...]]] = {path: set() for path in blocks}
    hooks = [block.register_forward_pre_hook(_recorder(seen[path]), with_kwargs=True) for path, block in blocks.items()]
    norms = LoneNorms(converted)
    try:
        before = run(converted, arguments)
    finally:
        norms.close()
        for hook in hooks:
            hook.remove()
    done = norms.fold() if fold else {}
    left = {}
    for path, block in blocks.items():
        sizes = seen[path]
        if len(sizes) == 1:
            block.convert(sizes.pop(), **options)
            done[path] = type(block).__name__
        elif sizes:
            left[path] = f"it gets inputs of several sizes: {', '.join(map(str, sorted(sizes)))}"
        else:
            left[path] = "the example does not reach it"
    converted.eval()
    return converted, compared(before, run(converted, arguments), tolerance, converted=done, left=left)


def _recorder(sizes: set[tuple[int, ...]]) -> Any:
    def record(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        first = next(tensors_in([args, kwargs]), None)
        if first is not None:
            sizes.add(tuple(first.shape))

    return record


def _options(keep_conv3d: bool, fixed_batch: bool) -> dict[str, bool]:
    """Only what differs from the defaults, so that a block that knows no options can be converted too."""
    options = {"keep_conv3d": keep_conv3d, "fixed_batch": fixed_batch}
    return {name: value for name, value in options.items() if value}
