"""How the contracts of modules try them: small inputs, and what is the same for all modules."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ptv_registry.contracts import Check, Trial

if TYPE_CHECKING:
    import torch

BATCH: Final = 2
CHANNELS: Final = 8
SIZES: Final = (4, 8, 8)  # time, height, width; images have the last two, sequences the last one


def features(*shape: int) -> torch.Tensor:
    """Numbers from -1 to 1 in a tensor of this shape."""
    import torch

    return torch.linspace(-1, 1, math.prod(shape)).reshape(shape)


def clip(dims: int = 3, channels: int = CHANNELS) -> torch.Tensor:
    """A batch of small clips; of images for two dimensions, of sequences for one."""
    return features(BATCH, channels, *SIZES[-dims:])


def run(*inputs: Callable[[], Any]) -> Callable[[Any], Any]:
    """How a network uses a module after training: in eval mode, without gradients, on these inputs."""

    def use(module: Any) -> Any:
        import torch

        with torch.no_grad():
            return module.eval()(*(make() for make in inputs))

    return use


def tensor_of(shape: Callable[[Trial], tuple[int, ...]], name: str, words: str) -> Check:
    """The check that an output is a tensor of a shape.

    Args:
        shape: the shape that is due.
        name: of the check.
        words: what the shape has to be.
    """

    def problem(trial: Trial) -> str | None:
        due = shape(trial)
        if not _is_tensor(trial.output):
            return f"it gives a {type(trial.output).__name__}, where a tensor of shape {due} is due; {words}"
        if tuple(trial.output.shape) != due:
            return f"it gives a tensor of shape {tuple(trial.output.shape)}, where {due} is due; {words}"
        return None

    return Check(name, problem)


def _steady(trial: Trial) -> str | None:
    if trial.sample.use is None or not _is_tensor(trial.output):
        return None
    first, second = (trial.sample.use(trial.component) for _ in range(2))
    if not first.is_meta and not bool((first == second).all()):
        return "it gives something else each time in eval mode; do what is random only where self.training is true"
    return None


STEADY: Final = Check("is_steady_in_eval_mode", _steady)


def leaves_alone(make: Callable[[Trial], Any]) -> Check:
    """The check that a module does not change its input, given what makes the input."""

    def problem(trial: Trial) -> str | None:
        import torch

        given, before = make(trial), make(trial)
        with torch.no_grad():
            trial.component.eval()(given)
        if given.shape != before.shape or not bool((given == before).all()):
            return "it changes its input in place, which others still need; let operations return new tensors"
        return None

    return Check("leaves_its_input_alone", problem)


def _finite(trial: Trial) -> str | None:
    import torch

    output = trial.output
    if (
        _is_tensor(output)
        and output.is_floating_point()
        and not output.is_meta
        and not bool(torch.isfinite(output).all())
    ):
        return "its output has infinite or undefined numbers for an ordinary input; keep divisors away from 0"
    return None


FINITE: Final = Check("gives_finite_numbers", _finite)


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor)
