"""Our models and datasets in PySlowFast's own registries, so that its tools train and test with them.

:func:`register` puts them there; ``python -m ptv_pyslowfast tools/run_net.py --cfg ...`` runs a tool of PySlowFast's with
them, in all its processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, Protocol

import torch
from torch import nn
from torch.utils.data import Dataset, SequentialSampler

import ptv_registry
from ptv_pyslowfast.clips import seconds_of, transform_of_test, transform_of_training
from ptv_pyslowfast.config import config_of
from ptv_pyslowfast.datasets import Mode, dataset_of
from ptv_pyslowfast.models import model_of
from ptv_registry import Spec
from ptv_registry.errors import ArgumentError


class Registry(Protocol):
    """What is asked of a registry, of which fvcore's is one."""

    _obj_map: dict[str, Any]

    def register(self, obj: Any) -> Any:
        """Enter an object by its ``__name__``."""


class _FromConfig(nn.Module):
    """A model from a ``CfgNode``, whose parameters begin with ``model.``, as PySlowFast's wrappers have it."""

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        super().__init__()
        config = config_of(cfg, custom_keys=True)
        spec = model_of(config)
        self.several_pathways = config["MODEL.ARCH"] in config["MODEL.MULTI_PATHWAY_ARCH"]
        self.detection_mode = bool(config["DETECTION.ENABLE"])
        self.post_act = nn.Sigmoid() if config["MODEL.HEAD_ACT"] == "sigmoid" else nn.Softmax(dim=1)
        places: dict[str, Any] = {} if spec.name == "mvit" else {"head_output_with_global_average": False}
        built = ptv_registry.build(spec, head_activation=None, **places)
        if self.detection_mode:
            self.model, self.detection_head = built.model, built.detection_head
        else:
            self.model = built

    def forward(self, x: list[torch.Tensor], bboxes: torch.Tensor | None = None) -> torch.Tensor:
        """Logits in training, else scores (B, classes), or (N, classes) of boxes.

        Args:
            x: a clip (B, C, T, H, W) for each pathway.
            bboxes: (N, 5), each row (index in the batch, x1, y1, x2, y2), for a model with a head for boxes.
        """
        features = self.model(list(x) if self.several_pathways else x[0])
        if self.detection_mode:
            return self.post_act(self.detection_head(features, bboxes).flatten(1))
        if not self.training:
            features = self.post_act(features)
        # In evaluation the head's window may have several places; their scores are averaged.
        return features.flatten(2).mean(2) if features.ndim == 5 else features


class PTVResNet(_FromConfig):
    """C2D, I3D or Slow."""


class PTVSlowFast(_FromConfig):
    """SlowFast."""


class PTVX3D(_FromConfig):
    """X3D."""


class PTVCSN(_FromConfig):
    """CSN."""


class PTVR2plus1D(_FromConfig):
    """R(2+1)D."""


class PTVMViT(_FromConfig):
    """MViT."""


class Views(Dataset[Any]):
    """Labelled clips as PySlowFast's tools take them.

    An item is (clips of the pathways, label, number of the view, (begin, end) in seconds, nothing more).

    Args:
        dataset: of labelled clips.
        views: of each video: clips and crops.
        whole_video: whether the labels are the video's, not the clip's.
    """

    def __init__(self, dataset: Any, views: tuple[int, int] = (1, 1), whole_video: bool = False) -> None:
        self.dataset = dataset
        self._clips, self._crops = views
        self._whole_video = whole_video

    @property
    def num_videos(self) -> int:
        """Number of views of all videos, which PySlowFast divides by those of one."""
        return len(self)

    def _set_epoch_num(self, epoch: int) -> None:
        self.dataset.set_epoch(epoch)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> tuple[list[torch.Tensor], Any, int, torch.Tensor, dict[str, Any]]:
        sample = self.dataset[index]
        video = sample["video"]
        number = (sample["video_index"] * self._clips + sample["clip_index"]) * self._crops + sample["aug_index"]
        label = sample["video_label" if self._whole_video else "label"]
        pathways = list(video) if isinstance(video, list | tuple) else [video]
        return pathways, label, int(number), torch.zeros(2), {}


def Ptvkinetics(cfg: Mapping[str, Any], mode: Mode) -> Views:
    """Kinetics: ``train.csv``, ``val.csv`` or ``test.csv`` in ``DATA.PATH_TO_DATA_DIR``, a path and a label per row."""
    return _views(cfg, mode, "ptvkinetics")


def Ptvcharades(cfg: Mapping[str, Any], mode: Mode) -> Views:
    """Charades: frame lists ``train.csv``, ``val.csv`` or ``test.csv``."""
    return _views(cfg, mode, "ptvcharades")


def Ptvssv2(cfg: Mapping[str, Any], mode: Mode) -> Views:
    """Something-Something V2: its JSON files, and frame lists ``train.csv`` and ``val.csv``."""
    return _views(cfg, mode, "ptvssv2")


MODELS: Final = (PTVResNet, PTVSlowFast, PTVX3D, PTVCSN, PTVR2plus1D, PTVMViT)
DATASETS: Final = (Ptvkinetics, Ptvcharades, Ptvssv2)


def register(models: Registry | None = None, datasets: Registry | None = None) -> None:
    """Enter our models and datasets, in place of PySlowFast's own of the same names.

    Args:
        models: ``MODEL_REGISTRY`` of ``slowfast.models``, which is imported by default.
        datasets: ``DATASET_REGISTRY`` of ``slowfast.datasets``, likewise.

    Raises:
        ImportError: PySlowFast is not installed.
    """
    if models is None:
        models = import_module("slowfast.models").MODEL_REGISTRY
    if datasets is None:
        datasets = import_module("slowfast.datasets").DATASET_REGISTRY
    pairs: tuple[tuple[Registry, tuple[Any, ...]], ...] = ((models, MODELS), (datasets, DATASETS))
    for registry, objects in pairs:
        for obj in objects:
            registry._obj_map.pop(obj.__name__, None)
            registry.register(obj)


def _views(cfg: Mapping[str, Any], mode: Mode, name: str) -> Views:
    if mode not in ("train", "val", "test"):
        raise ArgumentError(f"mode={mode!r} must be train, val or test")
    overrides = ["TRAIN.DATASET", name, "TEST.DATASET", name]
    config = config_of(cfg, overrides, custom_keys=True)
    spec, seconds = dataset_of(config, mode), seconds_of(config)
    views = (1, 1)
    arguments: dict[str, Any] = {"video_sampler": SequentialSampler}  # PySlowFast's loaders shuffle
    if mode == "test":
        views = (config["TEST.NUM_ENSEMBLE_VIEWS"], config["TEST.NUM_SPATIAL_CROPS"])
        whole = {"clip_duration": seconds, "clips_per_video": views[0], "augs_per_clip": views[1]}
        sampler = Spec("constant_clips_per_video", whole, "sampler")
        transform = transform_of_test(config, crop_by_sample=views[1] > 1)
    else:
        sampler = Spec("random", {"clip_duration": seconds}, "sampler")
        transform = transform_of_training(config, {})
    built = ptv_registry.build(
        spec, clip_sampler=sampler, transform=ptv_registry.parse(transform), seed=config["RNG_SEED"], **arguments
    )
    return Views(built, views, whole_video=name == "ptvcharades" and mode != "train")
