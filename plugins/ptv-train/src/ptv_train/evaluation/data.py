"""The dataset that an evaluation is asked for: which of its arguments the evaluation gives, and which it has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from attrs import evolve, frozen
from torch.utils.data import SequentialSampler

import ptv_registry
from ptv_datasets import LabeledVideoDataset
from ptv_registry.errors import ArgumentError

OnError = Literal["raise", "skip"]


@frozen
class EvaluationData:
    """Labelled videos to evaluate on.

    Attributes:
        asked: what they were asked for by: the spec of a dataset, or a dataset.
        spec: the spec, or ``None`` for a dataset.
        dataset: the dataset, if it was given.
    """

    asked: str
    spec: ptv_registry.Spec | None
    dataset: LabeledVideoDataset | None = None

    @classmethod
    def of(cls, data: Any) -> EvaluationData:
        """Labelled videos from a folder of class folders, a label file, the spec of a dataset, or a dataset.

        Raises:
            ArgumentError: it is a dataset of something else than labelled videos.
        """
        if isinstance(data, str | Path) and Path(data).exists():
            # Stands in for the recognition in ptv_datasets.
            return cls(str(data), ptv_registry.Spec("labeled_video_folder", {"data_path": str(data)}, "dataset"))
        if isinstance(data, str | Path):
            return cls(str(data), ptv_registry.parse(str(data)))
        if isinstance(data, Mapping):
            data = ptv_registry.Spec.from_dict(data)
        if isinstance(data, ptv_registry.Spec):
            return cls(str(data), data)
        return cls(type(data).__name__, None, _checked(data))

    @property
    def samples_by_itself(self) -> bool:
        """Whether the dataset says which clips are taken."""
        return self.spec is None or "clip_sampler" in self.spec.args

    @property
    def transform(self) -> str | None:
        """The spec of the dataset's own transform, if it has one."""
        value = None if self.spec is None else self.spec.args.get("transform")
        return None if value is None else str(value)

    def build(self, registry: ptv_registry.Registry | None = None, /, **arguments: Any) -> LabeledVideoDataset:
        """The dataset, with these arguments where it takes them.

        Videos come in their own order and without sound, unless the spec says otherwise.

        Args:
            registry: where names are looked up, for instance one with ``trusted_dists``.
            **arguments: of the dataset, instead of those in the spec.
        """
        if self.spec is None:
            return _checked(self.dataset)
        spec = self.spec
        name = f"dataset:{spec.dist + '/' if spec.dist else ''}{spec.name}"
        known = {parameter[0] for parameter in ptv_registry.describe(name, registry=registry).parameters}
        own = {key: value for key, value in spec.args.items() if key not in arguments}
        given = {"video_sampler": SequentialSampler, "decode_audio": False, **arguments}
        given = {key: value for key, value in given.items() if key in known and key not in own}
        return _checked(ptv_registry.build(evolve(spec, args=own), kind="dataset", registry=registry, **given))


def _checked(dataset: Any) -> LabeledVideoDataset:
    if not isinstance(dataset, LabeledVideoDataset):
        raise ArgumentError(f"{type(dataset).__name__} is not a dataset of labelled videos, which evaluation needs")
    return dataset
