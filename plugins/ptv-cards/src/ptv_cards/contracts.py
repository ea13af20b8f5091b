"""The contract of models; see :mod:`ptv_registry.contracts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from ptv_registry.contracts import Check, Contract, Sample, Scaffold, Trial

if TYPE_CHECKING:
    from torch import nn

_BATCH: Final = 2


class ModelMaker(Protocol):
    """Makes a whole network."""

    def __call__(self) -> nn.Module:
        """A module from clips (B, C, T, H, W), or a list of such for several pathways, to scores (B, classes)."""


def _scores(model: Any) -> Any:
    """What the model says of the clips that it asks for; of no clips if it asks for none."""
    from ptv_cards.clip_input import clip_input_of
    from ptv_registry import plan_of

    plan = plan_of(model)
    found = clip_input_of(plan) if plan is not None else None
    if found is None:
        return None
    import torch

    pathways = [torch.zeros(_BATCH, *shape) for shape in found.shapes]
    clips: Any = pathways if len(pathways) > 1 else pathways[0]
    boxes = [torch.zeros(3, 5)] if hasattr(model, "detection_head") else []
    with torch.no_grad():
        return model.eval()(clips, *boxes)


def _classified(trial: Trial) -> str | None:
    import torch

    if trial.output is None:
        return None
    if not isinstance(trial.output, torch.Tensor) or trial.output.ndim != 2:
        found = tuple(trial.output.shape) if isinstance(trial.output, torch.Tensor) else type(trial.output).__name__
        return f"it makes {found} of the clips that it asks for, and training and prediction want scores (B, classes); pool before the head"
    return None


MODEL: Final = Contract(
    kind="model",
    words=(
        "Called with what the spec gives; parameters have defaults, so that the bare name builds. Makes a module from clips "
        "(B, C, T, H, W), or a list of such for several pathways, to scores (B, classes). What it says of itself makes it trainable by its "
        "name: `takes_clips(ClipInput(...))` on the builder, and `Classes`, `Frames` and `Pixels` in its annotations."
    ),
    protocol=ModelMaker,
    samples=(Sample("training, prediction and export", use=_scores),),
    checks=(Check("gives_scores_of_the_clips_that_it_asks_for", _classified),),
    open=True,
    meta=True,
    scaffold=Scaffold("ptv_cards.scaffolds.model", "Mine", requires=("ptv-cards", "torch"), testing=("ptv-train",)),
)
