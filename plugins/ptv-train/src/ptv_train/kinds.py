"""The kinds of components that a training is made of, declared through the entry-point group ``ptv_registry.v1.kinds``.

``requires`` is what the training always passes, ``offers`` what it passes to those that take it; ``docs/plugins.md`` has
an example of each.
"""

from typing import Final

from ptv_registry import Kind

TASK: Final = Kind("task", "what a run learns: the loss of a batch, metrics, predictions", ("classes",))
OPTIMIZER: Final = Kind("optimizer", "turns gradients into steps", ("params",), ("model",))
SCHEDULE: Final = Kind("schedule", "the learning rate from step to step", ("optimizer",), ("steps", "epochs"))
METRIC: Final = Kind("metric", "measures scores against labels", (), ("num_classes",))
BATCH_TRANSFORM: Final = Kind(
    "batch_transform", "changes a batch of clips with its labels", (), ("num_classes", "one_hot")
)
CALLBACK: Final = Kind("callback", "takes part in a training")
