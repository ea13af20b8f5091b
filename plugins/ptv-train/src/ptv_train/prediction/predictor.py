"""``Predictor``: a model on one video, window by window."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import torch
from torch import nn
from tqdm import tqdm

import ptv_registry
from ptv_cards.scores import Scores, probabilities, scores_of
from ptv_registry.errors import ArgumentError
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.model_source import device_of, load_source
from ptv_train.prediction.prediction import Prediction, PredictionInterrupted, Weights, Window
from ptv_video.decoder_choice import decoder_for
from ptv_video.opening import open_video
from ptv_video.video import Video


class Predictor:
    """Classifies videos with one model.

    Args:
        model: takes a batch of clips, or a list of batches for several pathways; gives (B, classes). A module, or the
            callable of an exported model.
        recipe: how clips become its input.
        categories: names of the classes; numbers by default.
        weights: ``random`` if the model was never trained.
        device: where the model runs.
        scores: what the model gives, by default what it declares; only ``logits`` are turned into probabilities.
        batch_size: how many windows go through the model at once.
        only_batch: the only batch size that an exported model takes, or ``None`` for any.
        registry: where the names of the recipe's transform and of decoders are looked up, and whose plugins are asked.

    Raises:
        ArgumentError: an argument is out of range, or this machine does not have the device.
    """

    def __init__(
        self,
        model: nn.Module | Callable[..., Any],
        recipe: ClipRecipe,
        categories: Sequence[str] | None = None,
        *,
        weights: Weights = "trained",
        device: str | torch.device = "cpu",
        scores: Scores | None = None,
        batch_size: int = 8,
        only_batch: int | None = None,
        registry: ptv_registry.Registry | None = None,
    ) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ArgumentError(f"batch_size is the number of windows in a batch, at least 1, not {batch_size!r}")
        if recipe.boxes:
            raise ArgumentError(
                "the model scores boxes, and predicting finds none: list them in a file like AVA's and give "
                '`ptv eval MODEL --data "ava(frame_paths_file=VIDEOS, frame_labels_file=BOXES)" --out FOLDER`, which '
                "writes detections.csv"
            )
        where = device_of(device)
        self.scores: Scores = scores or (scores_of(model) if isinstance(model, nn.Module) else recipe.scores)
        if self.scores not in get_args(Scores):
            raise ArgumentError(f"scores={scores!r}; a model gives {', '.join(get_args(Scores))}")
        probabilities(torch.zeros(1, 1), self.scores)
        self._only_batch = only_batch
        self.batch_size = batch_size
        self.model = model.eval().to(where) if isinstance(model, nn.Module) else model
        self.recipe = recipe
        self.categories = tuple(categories) if categories is not None else None
        self.weights: Weights = weights
        self._device = where
        self._registry = registry
        self._transform = recipe.build_transform(registry=registry)
        self._pushdown = ptv_registry.call_hook(
            "ptv_pushdown", registry=registry, transform=self._transform, key="video"
        )

    @classmethod
    def load(
        cls,
        source: str,
        *,
        weights: str | None = None,
        seconds: float | None = None,
        transform: str | None = None,
        categories: Sequence[str] | None = None,
        device: str | torch.device = "cpu",
        scores: Scores | None = None,
        batch_size: int = 8,
        changes: Mapping[str, Any] | None = None,
        trust: bool = False,
        sha256: str | None = None,
        registry: ptv_registry.Registry | None = None,
    ) -> Predictor:
        """A predictor for a checkpoint (``.ckpt``), an exported model (a folder), a lock (``.json``) or a spec.

        The last two have random weights unless they name some, as in ``slow_r50(weights=kinetics400)``.

        Args:
            source: path or spec.
            weights: name of published weights, path or address of a file with weights, for a lock or a spec.
            seconds, transform: instead of what the checkpoint or the model's builder says.
            categories: names of the classes, where the source knows none.
            device: where the model runs.
            scores, batch_size: see the class.
            changes: attributes of the model's input by name, for a spec or a lock.
            trust: run an exported model even if it is code, or may hold some; see ``SECURITY.md``.
            sha256: what the checksum of the checkpoint or of the exported model's record must be.
            registry: where names are looked up, for instance one with ``trusted_dists``.

        Raises:
            TrustError: an exported model is code, and ``trust`` is false.
            ArgumentError: the source is a file of weights, or cannot take some.
            DeviceError: this machine does not have the device.
            CheckpointError: the checkpoint cannot be read.
            ArtifactError: the exported model is damaged.
            NoInputDescriptionError: nobody says what clips the model takes.
        """
        found = load_source(
            source,
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
        return cls(
            found.model,
            found.recipe,
            found.categories,
            weights=found.weights,
            device=found.device,
            scores=scores or found.recipe.scores,
            batch_size=batch_size,
            only_batch=found.batch,
            registry=registry,
        )

    @torch.inference_mode()
    def predict(
        self, video: str | Path, *, stride_s: float | None = None, decoder: str | None = None, progress: bool = False
    ) -> Prediction:
        """Classify a video window by window.

        Args:
            video: path, URI, or folder of frames.
            stride_s: seconds from one window to the next; a window's length by default, so that they do not overlap.
            decoder: name of a decoder instead of the one that the file asks for.
            progress: whether to show a progress bar.

        Raises:
            VideoDecodeError: the video cannot be read; the message names it.
            ArgumentError: the stride is not positive, or the model does not give one score per class.
            PredictionInterrupted: a :class:`KeyboardInterrupt` with what is known by then.
        """
        opener = (
            decoder_for(str(video), registry=self._registry)
            if decoder is None
            else ptv_registry.as_factory("decoder", decoder, registry=self._registry)
        )
        recipe = self.recipe
        if recipe.decode_audio and opener is not None:
            opener = functools.partial(opener, sample_rate=recipe.audio_rate)
        with open_video(
            str(video), decode_audio=recipe.decode_audio, decode_video=recipe.decode_video, decoder=opener
        ) as opened:
            duration = opened.duration
            spans = list(windows(duration, self.recipe.seconds, stride_s))
            scores = torch.empty(0)
            done = 0

            def prediction() -> Prediction:
                found = zip(spans, scores[:done], strict=False)
                names = self.categories or tuple(str(i) for i in range(scores.shape[1]))
                return Prediction(
                    str(video), duration, names, self.weights, tuple(Window(*span, row) for span, row in found)
                )

            try:
                with tqdm(total=len(spans), desc="windows", unit="window", disable=not progress, leave=False) as bar:
                    for batch in self._scored(opened, spans):
                        if not done:
                            # In one piece: pieces between the batches would scatter the memory that these free.
                            scores = batch.new_empty((len(spans), self._count_classes(batch)))
                        scores[done : done + len(batch)] = batch
                        done += len(batch)
                        bar.update(len(batch))
            except KeyboardInterrupt as stop:
                if not done:
                    raise
                raise PredictionInterrupted(prediction()) from stop
        return prediction()

    def _count_classes(self, scores: torch.Tensor) -> int:
        count = scores.shape[1]
        if self.categories is not None and len(self.categories) != count:
            raise ArgumentError(f"the model has {count} classes, and there are {len(self.categories)} names for them")
        return count

    def _scored(self, video: Video, spans: Sequence[tuple[float, float]]) -> Iterator[torch.Tensor]:
        """Probabilities of the windows, (B, classes), batch by batch, while a thread reads the next windows."""
        if self.recipe.decode_audio:
            yield from self._scored_with_sound(video, spans)
            return
        found = self._pushdown
        each_frame = getattr(found, "each_frame", None)
        rest = self._transform if found is None else found.rest if each_frame is None else found.after
        select = None if found is None else found.select
        batch: list[Any] = []
        # As many clips as a batch holds wait at most, so that a batch is ready when the model is; but whole ones, which
        # may be large, not.
        ahead = self.batch_size if each_frame is not None else 1
        with video.stream_clips(spans, select=select, each_frame=each_frame, ahead=ahead) as clips:
            for clip in clips:
                sample = rest({"video": clip["video"], "video_name": video.name, "clip_index": 0, "aug_index": 1})
                if batch and _shapes(batch[0]) != _shapes(sample["video"]):
                    yield self._run(batch)
                    batch = []
                batch.append(sample["video"])
                if len(batch) == self.batch_size:
                    yield self._run(batch)
                    batch = []
        if batch:
            yield self._run(batch)

    def _scored_with_sound(self, video: Video, spans: Sequence[tuple[float, float]]) -> Iterator[torch.Tensor]:
        """The same of clips with sound, or of sound alone, one clip after the other."""
        select = None if self._pushdown is None or not self.recipe.decode_video else self._pushdown.select
        finish = self._transform if self._pushdown is None or select is None else self._pushdown.rest
        batch: list[Any] = []
        for start, end in spans:
            clip = video.get_clip(start, end, select=select)
            length = round((end - start) * self.recipe.audio_rate)
            sound = clip["audio"] if clip["audio"] is not None else torch.zeros(length)
            sample = {"audio": sound, "video_name": video.name, "clip_index": 0, "aug_index": 1}
            pictures = {"video": clip["video"]} if self.recipe.decode_video else {}
            batch.append(finish({**pictures, **sample})["video"])
            if len(batch) == self.batch_size:
                yield self._run(batch)
                batch = []
        if batch:
            yield self._run(batch)

    def _run(self, clips: Sequence[Any]) -> torch.Tensor:
        inputs = list(clips)
        if self._only_batch is not None:  # an exported model that knows one size: what is too few is filled up
            inputs += [inputs[-1]] * (-len(inputs) % self._only_batch)
        return self._finished(self.model(batched(inputs, self._device)), len(clips), len(inputs))

    def _finished(self, output: Any, clips: int, given: int) -> torch.Tensor:
        """What becomes of the model's output for so many clips, of more that it was given: their probabilities."""
        if not isinstance(output, torch.Tensor) or output.ndim != 2 or output.shape[0] != given:
            shape = tuple(output.shape) if isinstance(output, torch.Tensor) else type(output).__name__
            raise ArgumentError(f"the model gives {shape} for {clips} clips; prediction needs (clips, classes)")
        return probabilities(output[:clips].cpu(), self.scores)


def windows(duration_s: float, length_s: float, stride_s: float | None = None) -> Iterator[tuple[float, float]]:
    """Windows that cover a video; the last one ends with it, and a short video is one window.

    Raises:
        ArgumentError: the stride is not positive.
    """
    stride = length_s if stride_s is None else stride_s
    if not stride > 0:
        raise ArgumentError(f"stride_s={stride_s!r} must be above 0")
    if duration_s <= length_s:
        yield 0.0, duration_s
        return
    # A remainder below a millisecond is rounding of the duration, not content.
    count = math.ceil((duration_s - length_s) / stride - 1e-3) + 1
    for index in range(count):
        start = min(index * stride, duration_s - length_s)
        yield start, start + length_s


def _shapes(clip: Any) -> list[torch.Size]:
    return [pathway.shape for pathway in clip] if isinstance(clip, list | tuple) else [clip.shape]


def batched(clips: Sequence[Any], device: str | torch.device) -> Any:
    """Clips (C, T, H, W), or lists of their pathways, as a batch that a model takes."""
    if isinstance(clips[0], list | tuple):
        return [torch.stack(pathway).to(device) for pathway in zip(*clips, strict=True)]
    return torch.stack(list(clips)).to(device)
