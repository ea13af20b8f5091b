"""``evaluate``: a model on labelled videos, the scores of each video's views averaged."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import SequentialSampler
from tqdm import tqdm

from ptv_datasets import BrokenVideoError, Failure, LabeledVideoDataset
from ptv_registry import Registry
from ptv_registry.errors import ArgumentError
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.errors import MissingViewError
from ptv_train.evaluation.class_mapping import map_classes
from ptv_train.evaluation.data import EvaluationData, OnError
from ptv_train.evaluation.result import Evaluation, VideoScores, loss_of, rank_of
from ptv_train.evaluation.view_reading import Item, Items, VideoEnd, View, ViewReader, views_of_dataset
from ptv_train.evaluation.view_scores import Scores, ViewScorer
from ptv_train.evaluation.views import EvenClipSampler, Views, view_transform
from ptv_train.model_source import ModelSource, load_source
from ptv_train.run.data import sound_and_pictures


def evaluate(
    model: str | Path | ModelSource,
    data: Any,
    *,
    views: Views | str | None = None,
    weights: str | None = None,
    scores: Scores | None = None,
    seconds: float | None = None,
    transform: str | None = None,
    categories: Sequence[str] | None = None,
    changes: Mapping[str, Any] | None = None,
    batch_size: int = 8,
    workers: int = 2,
    device: str = "auto",
    on_error: OnError | None = None,
    progress: bool = True,
    trust: bool = False,
    sha256: str | None = None,
    registry: Registry | None = None,
) -> Evaluation:
    """Score labelled videos with a model: probabilities of each view, averaged over the views of a video.

    A dataset spec that names a ``clip_sampler`` chooses its own clips, and its own transform is used where it names one.
    Otherwise ``views`` says which: ``10x3`` is ten clips spread evenly over the video and three crops along the longer
    side of each. Each video is opened and decoded once.

    Args:
        model: spec, lock, checkpoint or exported folder; see :func:`ptv_train.model_source.load_source`.
        data: folder of class folders, label file, spec of a dataset, or a dataset of labelled videos. Its classes are
            those of the model that have the same names.
        views: ``CLIPSxCROPS``; by default those of the published row whose weights are named, else ``1x1``: one clip
            in the middle, with the model's own crop.
        weights: for a spec: name of published weights, a file, or an address.
        scores: what the model gives: ``logits``, ``probabilities``, or ``per_label`` probabilities; by default what it
            declares.
        seconds, transform: instead of what the model says about its input.
        categories: names of the model's classes, where it knows none.
        changes: attributes of the input by name, for a spec or a lock.
        batch_size: views per step.
        workers: threads that read videos beside the model; processes, for a dataset that chooses its clips.
        device: ``auto``, ``cpu``, ``cuda``, ...
        on_error: ``skip`` goes on without videos that cannot be read whole and lists them; ``raise`` by default.
        progress: whether to show a progress bar, where standard error is a terminal.
        trust, sha256: see :func:`ptv_train.model_source.load_source`.
        registry: where the names of the model, its transform and the dataset are looked up, for instance one with
            ``trusted_dists``.

    Raises:
        UnknownClassError: the dataset has a class that the model does not know.
        BrokenVideoError: a video cannot be read, and ``on_error`` is ``raise``; or none can.
        MissingViewError: a video has fewer views than the others, and ``on_error`` is ``raise``.
        ArgumentError: an argument is out of range, or the model does not give one score per class.
    """
    for name, value, least in (("batch_size", batch_size, 1), ("workers", workers, 0)):
        if value < least:
            raise ArgumentError(f"{name}={value!r} must be at least {least}")
    source = (
        model
        if isinstance(model, ModelSource)
        else load_source(
            str(model),
            weights=weights,
            seconds=seconds,
            transform=transform,
            categories=categories,
            device=device,
            changes=changes,
            trust=trust,
            sha256=sha256,
            registry=registry,
        )
    )
    asked = EvaluationData.of(data)
    chosen = None if views is None else views if isinstance(views, Views) else Views.parse(views)
    if asked.samples_by_itself:
        if chosen is not None:
            raise ArgumentError(f"views={chosen} and the dataset's own clip_sampler both choose clips; leave one out")
        given: dict[str, Any] = {} if on_error is None else {"on_error": on_error}
        if not asked.transform:
            given["transform"] = source.recipe.build_transform(registry=registry)
        dataset = asked.build(registry, **sound_and_pictures(source.recipe), **given)
        items: AbstractContextManager[Items] = views_of_dataset(dataset, batch_size, workers)
    else:
        chosen = chosen or _published_views(source) or Views()
        reader = ViewReader(
            functools.partial(
                _with_clips, asked, registry, source.recipe, EvenClipSampler(source.recipe.seconds, chosen.clips)
            ),
            view_transform(asked.transform or source.recipe.transform, chosen, registry),
            chosen,
            max(1, workers),
            ahead=2 * batch_size,
        )
        dataset, items = reader.dataset, reader.items()
    if chosen is not None:
        policy = on_error or "raise"
    else:  # a dataset that was given has a policy of its own, and raises by itself
        policy = on_error or (asked.spec.args.get("on_error", "raise") if asked.spec else "skip")
    if policy == "substitute":
        raise ArgumentError("on_error=substitute would count other videos twice; give raise or skip")
    run = _Run(
        dataset,
        ViewScorer(source, scores or source.recipe.scores),
        _classes(dataset, source),
        policy == "raise",
        chosen,
        batch_size,
    )
    with items as stream, tqdm(total=len(dataset.videos), desc="videos", disable=None if progress else True) as bar:
        for item in stream:
            run.take(item)
            if isinstance(item, VideoEnd):
                bar.update()
    found, skipped, count = run.finished()
    names = source.categories or tuple(str(number) for number in range(count))
    text = "dataset" if chosen is None else str(chosen)
    return Evaluation(source.name, asked.asked, text, source.weights, names, found, skipped)


def _classes(dataset: LabeledVideoDataset, source: ModelSource) -> list[int]:
    """The model's class for each of the dataset's."""
    used: dict[int, str] = {}
    for video in dataset.videos:
        label = video.info.get("label", -1)
        if not isinstance(label, int):
            raise ArgumentError(f"{video.path} has the label {label!r}; evaluation needs one class for each video")
        used.setdefault(label, video.path)
    return map_classes(dataset.class_names, used, source.categories)


class _Run:
    """Puts views in batches through the model, and together again by video."""

    def __init__(
        self,
        dataset: LabeledVideoDataset,
        scorer: ViewScorer,
        classes: list[int],
        strict: bool,
        views: Views | None,
        batch_size: int,
    ) -> None:
        self._videos, self._classes = dataset.videos, classes
        self._scorer, self._strict, self._batch_size = scorer, strict, batch_size
        self._expected = None if views is None else views.count
        self._waiting: list[View] = []
        self._scored: dict[int, dict[tuple[int, int], torch.Tensor]] = {}
        self._ended: list[VideoEnd] = []
        self._found: dict[int, VideoScores] = {}
        self._skipped: dict[int, Failure] = {}

    def take(self, item: Item) -> None:
        """The next view, or the end of a video."""
        if isinstance(item, View):
            self._waiting.append(item)
            if len(self._waiting) == self._batch_size:
                self._score()
            return
        if item.failure is not None:
            if self._strict:
                raise BrokenVideoError.of([item.failure], "give on_error='skip' (--on-error skip) to go on without")
            self._skipped[item.video] = item.failure
            self._found.pop(item.video, None)
        self._ended.append(item)
        if not self._waiting:
            self._close()

    def finished(self) -> tuple[tuple[VideoScores, ...], tuple[Failure, ...], int]:
        """The videos, those that were skipped, and the number of classes.

        Raises:
            BrokenVideoError: none is left.
        """
        self._score()
        for number, video in enumerate(self._videos):
            if number not in self._found and number not in self._skipped:
                self._lacks(number, f"{video.path} has no views: the clip sampler or the transform dropped them")
        skipped = tuple(self._skipped[number] for number in sorted(self._skipped))
        if not self._found:
            raise BrokenVideoError.of(skipped, "none is left")
        videos = tuple(self._found[number] for number in sorted(self._found))
        return videos, skipped, len(videos[0].scores)

    def _score(self) -> None:
        if self._waiting:
            for view, scores in zip(self._waiting, self._scorer(self._waiting), strict=True):
                if not torch.isfinite(scores).all():
                    raise ArgumentError(f"the model's scores of {self._videos[view.video].path} are not finite")
                self._scored.setdefault(view.video, {})[view.clip, view.crop] = scores
            self._waiting.clear()
        self._close()

    def _close(self) -> None:
        """Average what has all its views."""
        for end in self._ended:
            scored = self._scored.pop(end.video, {})
            if end.failure is None and end.video not in self._skipped:
                self._average(end.video, [scored[key] for key in sorted(scored)])
        self._ended.clear()

    def _average(self, number: int, views: list[torch.Tensor]) -> None:
        path = self._videos[number].path
        if not views or self._expected not in (None, len(views)):
            self._lacks(number, f"{path} has {len(views)} of {self._expected or 'at least 1'} views")
            return
        label = self._classes[self._videos[number].info["label"]]
        if label >= len(views[0]):
            raise ArgumentError(f"{path} is of class {label}, and the model gives {len(views[0])} scores")
        mean = torch.stack(views).double().mean(0).float()
        ranks = tuple(rank_of(view, label) for view in views)
        loss = sum(loss_of(view, label) for view in views) / len(views)
        self._found[number] = VideoScores(path, label, len(views), mean, ranks, loss)

    def _lacks(self, number: int, message: str) -> None:
        path = self._videos[number].path
        if self._strict:
            raise MissingViewError(f"{message}; give on_error='skip' (--on-error skip) to go on without", path=path)
        self._skipped[number] = Failure(path, MissingViewError.__name__, message.removeprefix(f"{path} "))


def _with_clips(
    data: EvaluationData, registry: Registry | None, recipe: ClipRecipe, sampler: EvenClipSampler, transform: Any
) -> LabeledVideoDataset:
    return data.build(
        registry,
        **sound_and_pictures(recipe),
        clip_sampler=sampler,
        transform=transform,
        video_sampler=SequentialSampler,
        on_error="raise",
        pushdown=True,
    )


def _published_views(source: ModelSource) -> Views | None:
    if source.published is None or source.published.views is None:
        return None
    crops, clips = source.published.views
    return Views(clips, crops)
