"""Distributions of strangers, each with one mistake that the kit has to catch."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen
class Mistake:
    """A planted mistake.

    Attributes:
        points: entry points by group without ``ptv_registry.``; values that begin with a colon are of :data:`PARTS`.
        check: the one check that fails.
        says: a part of its message, which names the mistake.
        remedy: a part of its message, which says what to do.
        modules: further modules of the distribution.
    """

    points: Mapping[str, Mapping[str, str]]
    check: str
    says: str
    remedy: str
    modules: Mapping[str, str] = {}


PARTS = '''
from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import lightning.pytorch as pl
import torch
from ptv_layers.contracts.branches import Branch
from ptv_registry import Slot
from ptv_video import PyAVVideo
from ptv_video.samplers.clip_sampler import ClipInfo
from torch import nn
from torch.utils.data import Dataset

if TYPE_CHECKING:
    from somewhere import Shape

Norm = Annotated[Callable[..., nn.Module] | None, Slot("norm")]


class Good(nn.Module):
    """A norm as it should be."""

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_features, 1, 1, 1))

    def forward(self, x):
        return x * self.weight


class Same(nn.Module):
    """A layer as it should be."""

    def forward(self, x):
        return x


class Keywords(Same):
    """Takes anything."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()


class Several(Same):
    """Takes any number."""

    def __init__(self, *sizes: int) -> None:
        super().__init__()


class ByPlace(Same):
    """Takes its size by position."""

    def __init__(self, size: int = 1, /) -> None:
        super().__init__()


class Unresolved(Same):
    """Names what only a type checker imports."""

    def __init__(self, shape: Shape = (1, 2)) -> None:
        super().__init__()


class NoFeatures(Good):
    """Takes another name than call sites pass."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)


class Unpicklable(Same):
    """Holds a lambda."""

    def __init__(self) -> None:
        super().__init__()
        self.function = lambda x: x


COUNT = itertools.count()


class Moody(nn.Module):
    """Is another one every time."""

    def __init__(self) -> None:
        super().__init__()
        setattr(self, f"weight_{next(COUNT)}", nn.Parameter(torch.ones(1)))


SEEN: list[int] = []


class Remembers(nn.Module):
    """Counts its calls where all share the count."""

    def forward(self, x):
        SEEN.append(1)
        return x * len(SEEN)


class SharedDefault(Same):
    """Has a list that all share."""

    def __init__(self, sizes: list[int] = [1, 2]) -> None:
        super().__init__()


class Undocumented(Same):
    __doc__ = None


class OddDefault(Same):
    """Has a default without a text."""

    def __init__(self, marker: Any = object()) -> None:
        super().__init__()


class OddTable(Same):
    """Has a table of what has no text."""

    def __init__(self, table: Any = {"a": object()}) -> None:
        super().__init__()


class Bare(Same):
    """Says nothing of what it takes."""

    def __init__(self, rate=0.5) -> None:
        super().__init__()


def nameless(num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> nn.Module:
    return nn.BatchNorm3d(num_features, eps, momentum)


class Unnamed(Same):
    """Its default has no name."""

    def __init__(self, norm: Norm = nameless) -> None:
        super().__init__()
        self.norm = norm(num_features=3)


class Escapes(Same):
    """Has a norm that nobody can replace."""

    def __init__(self, norm: Norm = nn.BatchNorm3d) -> None:
        super().__init__()
        self.norm, self.hidden = norm(num_features=3), nn.BatchNorm3d(3)


class Words(nn.Module):
    """A head that answers in words."""

    def __init__(self, in_features: int, out_features: int, pool: Any, output_size: Any, pool_kernel_size: Any,
                 dropout_rate: float, activation: Any, output_with_global_average: bool) -> None:
        super().__init__()

    def forward(self, x):
        return "somebody runs"


class Unstrided(nn.Conv3d):
    """Forgets its stride."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any, padding: Any) -> None:
        super().__init__(in_channels, out_channels, kernel_size, 1, padding)


class Refuses(Good):
    """Does not like numbers of channels that call sites pass."""

    def __init__(self, num_features: int) -> None:
        raise RuntimeError(f"{num_features} is not a number of groups")


class InPlace(Good):
    """Changes what it is given."""

    def forward(self, x):
        return x.mul_(2)


class Random(nn.Module):
    """Drops features after training too."""

    def forward(self, x):
        return nn.functional.dropout(x, 0.5)


class Endless:
    """A sampler without a last clip."""

    def __call__(self, last_clip_time, video_duration, annotation):
        return ClipInfo(0, 1, 0, 0, False)


class Outside:
    """A sampler of clips behind the end."""

    def __call__(self, last_clip_time, video_duration, annotation):
        return ClipInfo(video_duration + 1, video_duration + 2, 0, 0, True)


class Floats(PyAVVideo):
    """A decoder of floats."""

    def get_clips(self, spans, *, select=None):
        return [{**clip, "video": clip["video"] / 255} for clip in super().get_clips(spans, select=select)]

    def map_clips(self, function, spans, *, select=None):
        return [function(n, clip) for n, clip in enumerate(self.get_clips(spans, select=select))]


class Silent(PyAVVideo):
    """A decoder that gives nothing where there is nothing."""

    def get_clip(self, start_sec, end_sec, *, select=None):
        return None if start_sec >= self.exact_duration else super().get_clip(start_sec, end_sec, select=select)


class Named(Dataset[Any]):
    """A dataset with names for labels."""

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return {"video": torch.zeros(3, 4, 8, 8, dtype=torch.uint8), "label": "running"}


class Unsteady(Named):
    """A dataset whose clips are others each time."""

    def __getitem__(self, index):
        return {"video": torch.randint(256, (3, 4, 8, 8), dtype=torch.uint8), "label": 0}


class PerClip(nn.Module):
    """A loss for each clip."""

    def forward(self, logits, labels):
        return nn.functional.cross_entropy(logits, labels, reduction="none")


class Detached(nn.Module):
    """A loss that nobody learns from."""

    def forward(self, logits, labels):
        return nn.functional.cross_entropy(logits.detach(), labels)


class Overwrites:
    """A transform that changes the sample of others."""

    def __call__(self, sample):
        sample["video"] = sample["video"].float()
        return sample


class Forgets:
    """A transform that keeps the clip alone."""

    def __call__(self, sample):
        return sample["video"]


def accuracy(num_classes: int) -> Callable[..., Any]:
    """A metric that is a function."""
    return torch.sub


class NoLabels:
    """A batch transform without labels."""

    def __call__(self, clips, labels):
        return clips


def decays_all(params: Any, lr: float = 0.1) -> torch.optim.Optimizer:
    """An optimizer that flattens the groups."""
    return torch.optim.SGD([p for group in params for p in group["params"]], lr=lr, weight_decay=0.1)


def no_schedule(optimizer: Any) -> Any:
    """A schedule that is a number."""
    return 0.1


class KeepsObjects(pl.Callback):
    """A callback whose state is an object."""

    def state_dict(self):
        return {"what": Overwrites}


def joined(fusion_dim_in: int, stage_idx: int, slowfast_channel_reduction_ratio: int, conv_fusion_channel_ratio: float,
           conv_kernel_size: Any, conv_stride: Any, norm: Any, activation: Any, max_stage_idx: int) -> nn.Module:
    """A fusion that gives the slow pathway alone."""
    return First()


class First(nn.Module):
    def forward(self, pathways):
        return pathways[0]


def plain_backend() -> Any:
    """A backend that is not one."""
    return Same()


TABLE = {"norm": Good}
'''

PROBLEM_HOOKS = "from ptv_registry import hookimpl\n\n\n@hookimpl\ndef {name}():\n    return {{}}\n"
_EAGER = 'class Eager:\n    """Imported whether anybody wants it or not."""\n\n    def __init__(self) -> None: ...\n'
_KIND = 'from ptv_registry import Kind\n\nKIND = Kind("{name}", "what it tastes of", ("sweetness",))\n'
_CONTRACT = """
from typing import Any, Protocol

from ptv_registry.contracts import Contract, Scaffold


class Maker(Protocol):
    def __call__(self, *, bitterness: float) -> Any: ...


CONTRACT = Contract("bitter", "Called with bitterness.", Maker, Scaffold("acme_bitter_scaffold", "Mine"))
"""


def _part(kind: str, name: str, part: str) -> dict[str, dict[str, str]]:
    return {f"v1.{kind}": {name: f":{part}"}}


MISTAKES: dict[str, Mistake] = {
    # Those of the issue.
    "keywords": Mistake(
        _part("layer", "keywords", "Keywords"), "takes_arguments_by_name", "**kwargs", "name each parameter"
    ),
    "type-checking": Mistake(
        _part("layer", "unresolved", "Unresolved"),
        "has_annotations_that_resolve",
        "Shape",
        "import what they name at run time",
    ),
    "no-features": Mistake(
        _part("norm", "no_features", "NoFeatures"), "takes_what_call_sites_pass", "num_features", "add the parameter"
    ),
    "lambda": Mistake(
        _part("layer", "unpicklable", "Unpicklable"), "can_be_copied_and_pickled", "pickle", "keep no lambda"
    ),
    "global-count": Mistake(
        _part("layer", "moody", "Moody"),
        "is_the_same_each_time",
        "its parameters",
        "in the object instead of in a module's global",
    ),
    "global-state": Mistake(
        _part("activation", "remembers", "Remembers"),
        "is_the_same_each_time",
        "its output",
        "keep what it remembers in the object",
    ),
    "mutable-default": Mistake(
        _part("layer", "shared_default", "SharedDefault"),
        "has_defaults_that_nobody_changes",
        "[1, 2]",
        "write the tuple (1, 2)",
    ),
    "no-docstring": Mistake(
        _part("layer", "undocumented", "Undocumented"), "has_a_docstring", "no docstring", "say in one line"
    ),
    "bad-name": Mistake(
        _part("norm", "Bad-Name", "Good"), "has_a_name_for_specs", "Bad-Name", "use lower case letters"
    ),
    "typo-in-module": Mistake(
        {"v1.norm": {"lost": "acme_prats:Good"}}, "loads", "No module named 'acme_prats'", "has to be MODULE:NAME"
    ),
    "typo-in-group": Mistake(
        {"v1.nrom": {"astray": ":Good"}},
        "has_groups_that_are_read",
        "ptv_registry.v1.nrom",
        "did you mean 'ptv_registry.v1.norm'",
    ),
    "odd-default": Mistake(
        _part("layer", "odd_default", "OddDefault"),
        "has_defaults_that_specs_can_hold",
        "marker",
        "make the object inside",
    ),
    "odd-table": Mistake(
        _part("layer", "odd_table", "OddTable"), "has_defaults_that_nobody_changes", "dict", "write None"
    ),
    "no-annotation": Mistake(_part("layer", "bare", "Bare"), "has_annotations", "rate", "annotate it"),
    "heavy-hooks": Mistake(
        {"v1.hooks": {"heavy": "acme_heavy_hooks"}},
        "has_hooks_that_import_little",
        "import torch",
        "import it inside the hooks",
        {"acme_heavy_hooks": "import torch\n" + PROBLEM_HOOKS.format(name="ptv_doctor")},
    ),
    "first-party-name": Mistake(
        _part("norm", "batch", "Good"), "has_a_name_of_its_own", "ptv-layers", "choose another name"
    ),
    "words": Mistake(_part("head", "words", "Words"), "gives_a_score_per_class", "gives a str", "return the scores"),
    "other-shape": Mistake(
        _part("conv", "unstrided", "Unstrided"),
        "gives_the_shape_of_a_convolution",
        "(2, 12, 4, 8, 8)",
        "stride and padding mean",
    ),
    # Ours.
    "any-number": Mistake(
        _part("layer", "several", "Several"), "takes_arguments_by_name", "*sizes", "with a list instead"
    ),
    "by-place": Mistake(
        _part("layer", "by_place", "ByPlace"), "takes_arguments_by_name", "size by position", "remove the /"
    ),
    "unnamed-default": Mistake(
        _part("layer", "unnamed", "Unnamed"),
        "has_slots_with_registered_defaults",
        "slot norm",
        'in the group "ptv_registry.v1.norm"',
    ),
    "escapes": Mistake(
        _part("layer", "escapes", "Escapes"),
        "lets_overrides_reach_every_slot",
        "does not reach hidden",
        "through a parameter with a slot",
    ),
    "refuses": Mistake(
        _part("norm", "refuses", "Refuses"),
        "works_where_it_is_used",
        "8 is not a number of groups",
        "ptv show norm --contract",
    ),
    "in-place": Mistake(
        _part("norm", "in_place", "InPlace"), "leaves_its_input_alone", "in place", "return new tensors"
    ),
    "random": Mistake(
        _part("activation", "random", "Random"), "is_steady_in_eval_mode", "in eval mode", "only where self.training"
    ),
    "endless": Mistake(_part("sampler", "endless", "Endless"), "ends_each_video", "no last one", "set is_last_clip"),
    "outside": Mistake(
        _part("sampler", "outside", "Outside"), "stays_in_the_video", "[4.5, 5.5)", "a clip starts in the video"
    ),
    "floats": Mistake(_part("decoder", "floats", "Floats"), "shows_the_frames_of_a_clip", "float32", "give uint8"),
    "silent": Mistake(
        _part("decoder", "silent", "Silent"),
        "refuses_clips_outside_of_the_video",
        "NoneType",
        "raise ptv_video.ClipRangeError",
    ),
    "named-labels": Mistake(_part("dataset", "named", "Named"), "numbers_its_classes", "'running'", "class_names"),
    "unsteady": Mistake(
        _part("dataset", "unsteady", "Unsteady"), "reads_the_same_clip_again", "another clip", "seed, epoch"
    ),
    "per-clip": Mistake(_part("loss", "per_clip", "PerClip"), "gives_one_number", "(4,)", "take their mean"),
    "detached": Mistake(
        _part("loss", "detached", "Detached"), "lets_gradients_flow", "no gradient", "without detach()"
    ),
    "overwrites": Mistake(
        _part("transform", "overwrites", "Overwrites"), "leaves_what_it_is_given_alone", "in place", "a new dict"
    ),
    "forgets": Mistake(
        _part("transform", "forgets", "Forgets"), "gives_what_it_was_given_changed", "Tensor", "return the sample"
    ),
    "no-metric": Mistake(_part("metric", "accuracy", "accuracy"), "is_a_metric", "builtin", "torchmetrics.Metric"),
    "no-labels": Mistake(
        _part("batch_transform", "no_labels", "NoLabels"),
        "gives_clips_and_labels",
        "returns Tensor",
        "return the labels too",
    ),
    "decays-all": Mistake(
        _part("optimizer", "decays_all", "decays_all"),
        "leaves_norms_and_biases_undecayed",
        "norms and biases",
        "pass the groups on",
    ),
    "no-schedule": Mistake(
        _part("schedule", "no_schedule", "no_schedule"), "is_a_schedule", "gives a float", "LRScheduler"
    ),
    "keeps-objects": Mistake(
        _part("callback", "keeps_objects", "KeepsObjects"), "keeps_plain_data", "may not", "give numbers, texts"
    ),
    "joined": Mistake(
        _part("fusion", "joined", "joined"), "gives_what_the_next_stage_takes", "Tensor", "return the fast one"
    ),
    "no-backend": Mistake(
        _part("backend", "plain", "plain_backend"), "is_a_backend", "makes a Same", "derive from ptv_deploy.Backend"
    ),
    "no-callable": Mistake(
        _part("norm", "table", "TABLE"), "loads", "is dict, not a callable", "has to be MODULE:NAME"
    ),
    "unknown-hook": Mistake(
        {"v1.hooks": {"slip": "acme_slip_hooks"}},
        "has_hooks_that_are_asked_for",
        "ptv_docter",
        "the hooks are",
        {"acme_slip_hooks": PROBLEM_HOOKS.format(name="ptv_docter")},
    ),
    "broken-hooks": Mistake(
        {"v1.hooks": {"broken": "acme_broken_hooks"}},
        "has_hooks_that_load",
        "ZeroDivisionError",
        "import inside the hooks",
        {"acme_broken_hooks": "1 / 0\n"},
    ),
    "newer-group": Mistake(
        {"v2.norm": {"later": ":Good"}}, "has_groups_that_are_read", "version 1", "write 'ptv_registry.v1.norm'"
    ),
    "no-contract": Mistake(
        {"v1.kinds": {"sour": "acme_sour:KIND"}},
        "has_kinds_with_contracts",
        "sour",
        'in the group "ptv_registry.contracts"',
        {"acme_sour": _KIND.format(name="sour")},
    ),
    "other-contract": Mistake(
        {"v1.kinds": {"bitter": "acme_bitter:KIND"}, "contracts": {"bitter": "acme_bitter:CONTRACT"}},
        "has_contracts_that_agree_with_their_kinds",
        "sweetness",
        "make __call__ of Maker say the same",
        {"acme_bitter": _KIND.format(name="bitter") + _CONTRACT},
    ),
    "eager": Mistake(
        {"v1.layer": {"eager": "acme_eager:Eager"}},
        "is_not_imported_by_listing",
        "acme_eager",
        "import it where it is used",
        {"acme_eager": _EAGER, "sitecustomize": "import acme_eager"},
    ),
}
