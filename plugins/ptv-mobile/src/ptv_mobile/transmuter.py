"""The transmuter: modules of a model replaced by equivalent ones for a device, as installed plugins offer them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import torch
from torch import nn

import ptv_registry as ptv
from ptv_mobile.block_base import EfficientBlock
from ptv_mobile.comparison import ConversionReport, arguments_of, compared, run
from ptv_registry.errors import ArgumentError, PtvError

MOBILE_CPU: Final = "mobile_cpu"
Rule = Callable[[nn.Module], nn.Module | None]
"""What stands for a module, with the same parameters, or ``None`` where the rule has nothing to say."""


class AmbiguousReplacementError(PtvError, ValueError):
    """Several replacements of one module are offered, and ``prefer`` chooses none; ``fields["candidates"]`` has them."""


def transmute_model(
    model: nn.Module,
    target_device: str = MOBILE_CPU,
    example_inputs: Any = None,
    *,
    prefer: Sequence[str] = (),
    rules: Sequence[Rule] = (),
    in_place: bool = False,
    tolerance: float = 1e-4,
) -> nn.Module:
    """Replace the modules of a model by equivalent ones for a device, and return the result.

    See :func:`transmute_and_compare`, which also returns the report; here it is the result's ``conversion_report``.

    Args:
        model: the model.
        target_device: the device.
        example_inputs: inputs to compare the outputs for.
        prefer: which replacement to take where several are offered.
        rules: what to ask before the installed plugins.
        in_place: change ``model`` itself, once a copy has been changed and compared.
        tolerance: how much an output may change, as a fraction of the largest output.
    """
    result, report = transmute_and_compare(
        model, target_device, example_inputs, prefer=prefer, rules=rules, tolerance=tolerance
    )
    if in_place:
        if "" in report.converted:
            msg = f"{type(model).__name__} is replaced as a whole; take what is returned, without in_place"
            raise ArgumentError(msg, argument="in_place", value=in_place)
        result = _Replacement(target_device, prefer, rules).of(model)
    result.conversion_report = report  # type: ignore[assignment]
    return result


def transmute_and_compare(
    model: nn.Module,
    target_device: str = MOBILE_CPU,
    example_inputs: Any = None,
    *,
    prefer: Sequence[str] = (),
    rules: Sequence[Rule] = (),
    tolerance: float = 1e-4,
) -> tuple[nn.Module, ConversionReport]:
    """Replace the modules of a copy of a model by equivalent ones for a device, and compare the outputs.

    Every installed plugin is asked about every module, from the outside in (hook ``ptv_convert``); what is inside a
    replaced module or an efficient block is not asked about. Parameters keep their values; their names may change.

    Args:
        model: the model; it is not touched.
        target_device: the device that the plugins are asked about.
        example_inputs: what the outputs are compared for: the only argument of the model, or a tuple of all its
            positional arguments. Without it each replacement is compared with its module for a random clip.
        prefer: in order, which replacement to take where several are offered: names of their classes or of the
            packages that these are from (``"Conv3dPwBnAct"``, ``"ptv_mobile"``).
        rules: functions that are asked about a module before the installed plugins; the first that answers decides.
        tolerance: how much an output may change, as a fraction of the largest output.

    Returns:
        The changed copy, and what was replaced with the largest difference found.

    Raises:
        AmbiguousReplacementError: several are offered for a module and ``prefer`` names none of them.
        ArgumentError: no plugin offers anything for this device; or a replacement cannot be tried without
            ``example_inputs``.
        ParityError: the outputs changed by more than ``tolerance``.
    """
    if isinstance(prefer, str):
        raise ArgumentError(f"prefer={prefer!r} is a string; pass a list of names", argument="prefer", value=prefer)
    result = copy.deepcopy(model)
    replacement = _Replacement(target_device, prefer, rules)
    before = [] if example_inputs is None else _evaluated(result, arguments_of(example_inputs))
    result = replacement.of(result)
    if not replacement.done and not rules and target_device != MOBILE_CPU:
        msg = (
            f"no installed plugin offers a replacement for {target_device!r} in this model; is the name right? "
            f"ptv-mobile answers for {MOBILE_CPU!r}"
        )
        raise ArgumentError(msg, argument="target_device", value=target_device)
    names = {path: type(new).__name__ for path, (_, new) in replacement.done.items()}
    if example_inputs is not None:
        after = _evaluated(result, arguments_of(example_inputs))
        return result, compared(before, after, tolerance, converted=names)
    return result, _compared_one_by_one(replacement.done, names, tolerance)


def _evaluated(model: nn.Module, arguments: tuple[Any, ...]) -> list[torch.Tensor]:
    return run(copy.deepcopy(model).eval(), arguments)


class _Replacement:
    """One walk through a model: what to choose, and what was chosen."""

    def __init__(self, target: str, prefer: Sequence[str], rules: Sequence[Rule]) -> None:
        self.target = target
        self.prefer = prefer
        self.rules = rules
        self.done: dict[str, tuple[nn.Module, nn.Module]] = {}
        self._known: dict[nn.Module, nn.Module] = {}  # a module in two places is replaced by one module

    def of(self, module: nn.Module, path: str = "") -> nn.Module:
        """What stands in the place of ``module`` from now on."""
        if module in self._known:
            return self._known[module]
        self._known[module] = module
        if isinstance(module, EfficientBlock):
            return module
        chosen = self._chosen(module, path)
        if chosen is not None:
            chosen.train(module.training)
            self._known[module] = chosen
            self.done[path] = (module, chosen)
            return chosen
        for name, child in list(module._modules.items()):
            if child is not None:
                new = self.of(child, f"{path}.{name}" if path else name)
                if new is not child:
                    setattr(module, name, new)
        return module

    def _chosen(self, module: nn.Module, path: str) -> nn.Module | None:
        ruled = next((found for rule in self.rules if (found := rule(module)) is not None), None)
        candidates = (
            [ruled] if ruled is not None else ptv.call_hook("ptv_convert", module=module, target=self.target, path=path)
        )
        for candidate in candidates:
            if not isinstance(candidate, nn.Module):
                msg = f"a rule or plugin offers {candidate!r} in the place of {path!r}; a replacement is a module"
                raise ArgumentError(msg, path=path)
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        for name in self.prefer:
            named = [c for c in candidates if name in (type(c).__name__, type(c).__module__.partition(".")[0])]
            if len(named) == 1:
                return named[0]
        offered = [f"{type(c).__name__} of {type(c).__module__.partition('.')[0]}" for c in candidates]
        msg = (
            f"several replacements of {path or 'the model'} ({type(module).__name__}) are offered for {self.target}: "
            f"{', '.join(offered)}; name the classes or packages to take in prefer=[...], the first that matches counts"
        )
        raise AmbiguousReplacementError(msg, path=path, candidates=offered)


def _compared_one_by_one(
    done: Mapping[str, tuple[nn.Module, nn.Module]], names: Mapping[str, str], tolerance: float
) -> ConversionReport:
    reports = [ConversionReport(converted=names, tolerance=tolerance)]
    for path, (old, new) in done.items():
        clip = _clip_for(old)
        try:
            outputs = _evaluated(old, (clip,))
        except Exception as error:
            msg = f"{path} ({type(old).__name__}) cannot be tried on a random clip ({error}); give example_inputs"
            raise ArgumentError(msg, argument="example_inputs") from error
        reports.append(compared(outputs, _evaluated(new, (clip,)), tolerance, converted=names))
    return max(reports, key=lambda report: report.largest_difference)


def _clip_for(module: nn.Module) -> torch.Tensor:
    """A random clip that a layer takes, as far as its attributes tell: enough frames and pixels for its kernel."""
    channels = 4
    for part in module.modules():
        channels = getattr(part, "in_channels", None) or getattr(part, "num_features", None) or 0
        if channels:
            break
    kernel, dilation = getattr(module, "kernel_size", 1), getattr(module, "dilation", 1)
    kernel, dilation = (v if isinstance(v, tuple) else (v,) * 3 for v in (kernel, dilation))
    extents = [d * (k - 1) + 4 for k, d in zip(kernel, dilation, strict=True)]
    like = next(module.parameters(), torch.empty(0))
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, channels or 4, *extents, generator=generator).to(like)
