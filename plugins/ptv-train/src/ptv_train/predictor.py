"""``Predictor``: a model on one video, window by window."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args

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
Scores = Literal["logits", "probabilities", "per_label"]
"""What a model gives: logits of classes of which one is right, their probabilities, or a probability per label."""

ARTIFACT: Final = "artifact.json"
"""The record in the folder of an exported model."""

WEIGHTS_FILES: Final = (".pyth", ".pth", ".pt", ".safetensors")
"""Suffixes of files that hold weights and no model."""


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
        model: takes a batch of clips, or a list of batches for several pathways; gives (B, classes). A module, or the
            callable of an exported model.
        recipe: how clips become its input.
        categories: names of the classes; numbers by default.
        weights: ``random`` if the model was never trained.
        device: where the model runs.
        scores: what the model gives; only ``logits`` are turned into probabilities.
        batch_size: how many windows go through the model at once.

    Raises:
        ArgumentError: an argument has a value that cannot be, or there is no such device.
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
    ) -> None:
        if recipe.seconds <= 0:
            raise ArgumentError(f"a clip of {recipe.seconds} s holds nothing; its length must be above 0")
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ArgumentError(f"batch_size is the number of windows in a batch, at least 1, not {batch_size!r}")
        check_device(device)
        self.scores: Scores = scores or _scores_of(model)
        if self.scores not in get_args(Scores):
            raise ArgumentError(f"scores={scores!r}; a model gives {', '.join(get_args(Scores))}")
        self.batch_size = batch_size
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
        weights: str | None = None,
        seconds: float | None = None,
        transform: str | None = None,
        categories: Sequence[str] | None = None,
        device: str | torch.device = "cpu",
        scores: Scores | None = None,
        batch_size: int = 8,
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

        Raises:
            ArgumentError: the source is a file of weights, or cannot take some; or there is no such device.
            CheckpointError: the checkpoint cannot be read.
            ArtifactError: the exported model is damaged.
            NoInputDescriptionError: nobody says what clips the model takes.
        """
        check_device(device)
        path = Path(source)
        how: dict[str, Any] = {"scores": scores, "batch_size": batch_size}
        if path.suffix in WEIGHTS_FILES:
            raise ArgumentError(
                f"{source} is a file of weights, not a model; name the model that they are for, as in "
                f"--model slowfast_r50 --weights {source}"
            )
        is_artifact = (path / ARTIFACT).is_file()
        if weights is not None and (is_artifact or path.suffix == ".ckpt"):
            raise ArgumentError(f"{source} has its weights already, and cannot take {weights}; give a spec or a lock")
        if path.suffix == ".ckpt":
            model, record = load_model(path)
            recipe = ClipRecipe(seconds or record.recipe.seconds, transform or record.recipe.transform)
            return cls(model, recipe, categories or record.categories, device=device, **how)
        if is_artifact:
            if torch.device(device).type != "cpu":
                raise ArgumentError(f"{source} was exported for the CPU and cannot run on {device}")
            return cls._of_artifact(path, seconds, transform, categories, how)
        if path.suffix == ".json":
            if not path.is_file():
                raise ArgumentError(f"there is no lock at {source}")
            source = path.read_text(encoding="utf-8")
        plan = ptv_registry.resolve(source, **({} if weights is None else {"weights": _address(weights)}))
        recipe_for(plan, seconds=seconds, transform=transform)  # says what is missing before anything is downloaded
        model = ptv_registry.build(plan)
        # Whoever loads published weights (build option "weights") leaves what belongs to them on the model.
        recipe = recipe_for(plan, seconds=seconds, transform=transform, declared=getattr(model, "clip_input", None))
        names = categories or getattr(model, "categories", None)
        dropped = any(isinstance(r, dict) and r.get("dropped") for r in plan.records.values())
        trained: Weights = "trained" if plan.options.get("weights") and not dropped else "random"
        return cls(model, recipe, names, weights=trained, device=device, **how)

    @classmethod
    def _of_artifact(
        cls,
        path: Path,
        seconds: float | None,
        transform: str | None,
        categories: Sequence[str] | None,
        how: dict[str, Any],
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
            **how,
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
            duration = opened.duration
            spans = list(windows(duration, self.recipe.seconds, stride_s))
            with tqdm(total=len(spans), desc="windows", unit="window", disable=not progress, leave=False) as bar:
                rows: list[torch.Tensor] = []
                for scores in self._scored(opened, spans):
                    rows += scores.unbind()
                    bar.update(len(scores))
        names = self.categories or tuple(str(i) for i in range(len(rows[0])))
        if len(names) != len(rows[0]):
            raise ArgumentError(f"the model has {len(rows[0])} classes, and there are {len(names)} names for them")
        found = tuple(Window(start, end, row) for (start, end), row in zip(spans, rows, strict=True))
        return Prediction(str(video), duration, names, self.weights, found)

    def _scored(self, video: Video, spans: Sequence[tuple[float, float]]) -> Iterator[torch.Tensor]:
        """Probabilities of the windows, (B, classes), batch by batch, while a thread reads the next windows."""
        found = self._pushdown
        each_frame = getattr(found, "each_frame", None)
        rest = self._transform if found is None else found.rest if each_frame is None else found.after
        select = None if found is None else found.select
        batch: list[Any] = []
        # As many clips as a batch holds wait at most, so that a batch is ready when the model is.
        with video.stream_clips(spans, select=select, each_frame=each_frame, ahead=self.batch_size) as clips:
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

    def _run(self, clips: Sequence[Any]) -> torch.Tensor:
        output = self.model(_batched(clips, self._device))
        if not isinstance(output, torch.Tensor) or output.ndim != 2 or output.shape[0] != len(clips):
            shape = tuple(output.shape) if isinstance(output, torch.Tensor) else type(output).__name__
            raise ArgumentError(f"the model gives {shape} for {len(clips)} clips; prediction needs (clips, classes)")
        output = output.float().cpu()
        return output.softmax(-1) if self.scores == "logits" else output


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


def check_device(device: str | torch.device) -> None:
    """Says in a line that a device is not there.

    Raises:
        ArgumentError: torch does not know the device, or this machine has none.
    """
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ArgumentError(
            f"the model cannot run on device {str(device)!r}: {first} (there is always 'cpu')"
        ) from error


def _scores_of(model: Any) -> Scores:
    return "logits"


def _address(weights: str) -> str:
    """A path as the address of a file; names and addresses stay as they are."""
    is_file = (
        "://" not in weights
        and not weights.startswith("file:")
        and (Path(weights).suffix in {*WEIGHTS_FILES, ".ckpt", ".pkl"} or Path(weights).is_file())
    )
    return f"file:{weights}" if is_file else weights


def _shapes(clip: Any) -> list[torch.Size]:
    return [pathway.shape for pathway in clip] if isinstance(clip, list | tuple) else [clip.shape]


def _batched(clips: Sequence[Any], device: str | torch.device) -> Any:
    if isinstance(clips[0], list | tuple):
        return [torch.stack(pathway).to(device) for pathway in zip(*clips, strict=True)]
    return torch.stack(list(clips)).to(device)
