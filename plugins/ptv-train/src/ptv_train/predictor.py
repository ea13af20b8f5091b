"""``Predictor``: a model on one video, window by window."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import torch
from attrs import frozen
from torch import nn
from tqdm import tqdm

import ptv_registry
from ptv_registry.errors import ArgumentError
from ptv_train.checkpoint import load_model
from ptv_train.clips import ClipRecipe, recipe_for
from ptv_train.errors import CheckpointError, NoInputDescriptionError
from ptv_video.opening import open_video
from ptv_video.pyav import PyAVVideo
from ptv_video.video import Video

Weights = Literal["trained", "random"]
ARTIFACT: Final = "artifact.json"
"""The record in the folder of an exported model."""


@frozen
class Window:
    """Scores of one window: seconds [start_s, end_s) of the video, and one probability per class."""

    start_s: float
    end_s: float
    scores: torch.Tensor


@frozen
class Prediction:
    """What a model says about a video.

    Attributes:
        video: its path.
        duration_s: its length in seconds.
        categories: names of the classes.
        weights: ``random`` if the model was never trained, so that the scores mean nothing.
        windows: in order of time.
    """

    video: str
    duration_s: float
    categories: tuple[str, ...]
    weights: Weights
    windows: tuple[Window, ...]

    @property
    def scores(self) -> torch.Tensor:
        """The mean over the windows, one probability per class."""
        return torch.stack([window.scores for window in self.windows]).mean(0)

    def top(self, k: int = 5, window: Window | None = None) -> list[tuple[str, float]]:
        """The ``k`` best classes with their scores, of a window or of the whole video."""
        scores = self.scores if window is None else window.scores
        best = scores.topk(min(k, len(scores)))
        return [(self.categories[i], float(s)) for s, i in zip(best.values, best.indices.tolist(), strict=True)]

    def to_dict(self, k: int = 5) -> dict[str, Any]:
        """JSON data with the ``k`` best classes of each window and of the whole video."""

        def rows(window: Window | None = None) -> list[dict[str, Any]]:
            return [{"class": name, "score": round(score, 6)} for name, score in self.top(k, window)]

        return {
            "video": self.video,
            "duration_s": round(self.duration_s, 6),
            "weights": self.weights,
            "top": rows(),
            "windows": [
                {"start_s": round(w.start_s, 6), "end_s": round(w.end_s, 6), "top": rows(w)} for w in self.windows
            ],
        }


class Predictor:
    """Classifies videos with one model.

    Args:
        model: takes a batch of clips, or a list of batches for several pathways; gives (B, classes), as logits or as
            probabilities. A module, or the callable of an exported model.
        recipe: how clips become its input.
        categories: names of the classes; numbers by default.
        weights: ``random`` if the model was never trained.
        device: where the model runs.
    """

    def __init__(
        self,
        model: nn.Module | Callable[..., Any],
        recipe: ClipRecipe,
        categories: Sequence[str] | None = None,
        *,
        weights: Weights = "trained",
        device: str | torch.device = "cpu",
    ) -> None:
        if recipe.seconds <= 0:
            raise ArgumentError(f"a clip of {recipe.seconds} s holds nothing; its length must be above 0")
        self.model = model.eval().to(device) if isinstance(model, nn.Module) else model
        self.recipe = recipe
        self.categories = tuple(categories) if categories is not None else None
        self.weights: Weights = weights
        self._device = device
        self._transform = recipe.build_transform()
        self._pushdown = ptv_registry.call_hook("ptv_pushdown", transform=self._transform, key="video")

    @classmethod
    def load(
        cls,
        source: str,
        *,
        seconds: float | None = None,
        transform: str | None = None,
        categories: Sequence[str] | None = None,
        device: str | torch.device = "cpu",
    ) -> Predictor:
        """A predictor for a checkpoint (``.ckpt``), an exported model (a folder), a lock (``.json``) or a spec.

        The last two have random weights unless they name some, as in ``slow_r50(weights=kinetics400)``.

        Args:
            source: path or spec.
            seconds, transform: instead of what the checkpoint or the model's builder says.
            categories: names of the classes, where the source knows none.
            device: where the model runs.

        Raises:
            CheckpointError: the checkpoint cannot be read.
            ArtifactError: the exported model is damaged.
            NoInputDescriptionError: nobody says what clips the model takes.
        """
        path = Path(source)
        if path.suffix == ".ckpt":
            model, record = load_model(path)
            recipe = ClipRecipe(seconds or record.recipe.seconds, transform or record.recipe.transform)
            return cls(model, recipe, categories or record.categories, device=device)
        if (path / ARTIFACT).is_file():
            if torch.device(device).type != "cpu":
                raise ArgumentError(f"{source} was exported for the CPU and cannot run on {device}")
            return cls._of_artifact(path, seconds, transform, categories)
        if path.suffix == ".json":
            if not path.is_file():
                raise ArgumentError(f"there is no lock at {source}")
            source = path.read_text(encoding="utf-8")
        plan = ptv_registry.resolve(source)
        recipe_for(plan, seconds=seconds, transform=transform)  # says what is missing before anything is downloaded
        model = ptv_registry.build(plan)
        # Whoever loads published weights (build option "weights") leaves what belongs to them on the model.
        recipe = recipe_for(plan, seconds=seconds, transform=transform, declared=getattr(model, "clip_input", None))
        names = categories or getattr(model, "categories", None)
        dropped = any(isinstance(r, dict) and r.get("dropped") for r in plan.records.values())
        weights: Weights = "trained" if plan.options.get("weights") and not dropped else "random"
        return cls(model, recipe, names, weights=weights, device=device)

    @classmethod
    def _of_artifact(
        cls, path: Path, seconds: float | None, transform: str | None, categories: Sequence[str] | None
    ) -> Predictor:
        """An exported model is run by the backend that it names, whichever distribution provides that."""
        try:
            maker = json.loads((path / ARTIFACT).read_text(encoding="utf-8"))["backend"]
            spec = ptv_registry.Spec(maker["name"], maker["arguments"], "backend", maker["dist"])
        except (ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"{path / ARTIFACT} cannot be read: {error!r}", path=str(path)) from error
        loaded = ptv_registry.build(spec).load(path)
        about = loaded.artifact.about
        recipe = about.recipe or {}
        if not (seconds or recipe) or not (transform or recipe):
            raise NoInputDescriptionError(
                f"{path} does not say what clips it takes; give the length of a clip in seconds (--clip-seconds) and a "
                "transform spec (--transform)"
            )
        return cls(
            loaded,
            ClipRecipe(seconds or recipe["seconds"], transform or recipe["transform"]),
            categories or about.categories,
            weights="random" if about.weights == "random" else "trained",
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
        """
        opener = ptv_registry.as_factory("decoder", decoder) or PyAVVideo
        with open_video(str(video), decode_audio=False, decoder=opener) as opened:
            spans = list(windows(opened.duration, self.recipe.seconds, stride_s))
            bar = tqdm(spans, desc="windows", unit="window", disable=not progress, leave=False)
            found = tuple(self._window(opened, start, end) for start, end in bar)
            duration = opened.duration
        names = self.categories or tuple(str(i) for i in range(len(found[0].scores)))
        if len(names) != len(found[0].scores):
            raise ArgumentError(
                f"the model has {len(found[0].scores)} classes, and there are {len(names)} names for them"
            )
        return Prediction(str(video), duration, names, self.weights, found)

    def _window(self, video: Video, start_s: float, end_s: float) -> Window:
        select = None if self._pushdown is None else self._pushdown.select
        transform = self._transform if self._pushdown is None else self._pushdown.rest
        clip = video.get_clip(start_s, end_s, select=select)
        sample = transform({"video": clip["video"], "video_name": video.name, "clip_index": 0, "aug_index": 1})
        inputs = _batched(sample["video"], self._device)
        output = self.model(inputs)
        if output.ndim != 2 or output.shape[0] != 1:
            raise ArgumentError(f"the model gives {tuple(output.shape)} for one clip; prediction needs (1, classes)")
        return Window(start_s, end_s, _probabilities(output[0].float().cpu()))


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


def _batched(clip: Any, device: str | torch.device) -> Any:
    if isinstance(clip, list | tuple):
        return [pathway[None].to(device) for pathway in clip]
    return clip[None].to(device)


def _probabilities(scores: torch.Tensor) -> torch.Tensor:
    is_distribution = bool((scores >= 0).all()) and abs(float(scores.sum()) - 1) < 1e-3
    return scores if is_distribution else scores.softmax(-1)
