"""Why a model predicts what it predicts for a video, window by window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from attrs import frozen
from torch import nn
from tqdm import tqdm

import ptv_registry
from ptv_cards.scores import probabilities, scores_of
from ptv_explain.activation_map import Method, heat_map
from ptv_explain.layers import find_layer
from ptv_registry.errors import ArgumentError
from ptv_train.model_source import ModelSource
from ptv_train.prediction.predictor import batched, windows
from ptv_video.decoders.pyav import PyAVVideo
from ptv_video.opening import open_video
from ptv_video.slots import Decoder


@frozen
class ExplainedWindow:
    """A window of a video with its heat.

    Attributes:
        start_s, end_s: in seconds.
        category: the class that the heat is about.
        score: the model's probability of it.
        frames: uint8 (T, H, W, 3), what the model saw; of several pathways that with the most frames.
        heat: (T, H, W) in [0, 1].
    """

    start_s: float
    end_s: float
    category: str
    score: float
    frames: torch.Tensor
    heat: torch.Tensor


@frozen
class Explanation:
    """Why a model predicts what it predicts for a video.

    Attributes:
        video: its path.
        method: how the heat was found.
        layer: whose output was looked at.
        windows: in order of time.
    """

    video: str
    method: Method
    layer: str
    windows: tuple[ExplainedWindow, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON data; the heat itself is in files."""
        return {
            "video": self.video,
            "method": self.method,
            "layer": self.layer,
            "windows": [
                {
                    "start_s": round(window.start_s, 6),
                    "end_s": round(window.end_s, 6),
                    "class": window.category,
                    "score": round(window.score, 6),
                }
                for window in self.windows
            ],
        }


def explain(
    source: ModelSource,
    video: str | Path,
    *,
    category: str | None = None,
    method: Method = "gradcam",
    layer: str | None = None,
    stride_s: float | None = None,
    max_windows: int | None = None,
    decoder: Decoder = PyAVVideo,
    registry: ptv_registry.Registry | None = None,
    progress: bool = False,
) -> Explanation:
    """Where a model looks in a video, window by window.

    Args:
        source: the model with its recipe, from :func:`ptv_train.model_source.load_source`.
        video: path, URI, or folder of frames.
        category: the class to explain; each window's first by default.
        method, layer: see :func:`ptv_explain.heat_map`.
        stride_s: seconds from one window to the next; a window's length by default.
        max_windows: at most this many windows, spread over the video; all by default.
        decoder: for encoded video.
        registry: where the names of the recipe's transform are looked up.
        progress: whether to show a progress bar.

    Raises:
        ArgumentError: the model is an exported one, which has no layers; or the class, layer or method is unknown.
        VideoDecodeError: the video cannot be read.
    """
    model = source.model
    if not isinstance(model, nn.Module):
        raise ArgumentError(
            f"{source.name} is an exported model, whose layers cannot be looked at; give the checkpoint or the spec that "
            "it was made from"
        )
    transform = source.recipe.build_transform(registry=registry)
    found: list[ExplainedWindow] = []
    with open_video(str(video), decode_audio=False, decoder=decoder) as opened:
        spans = list(windows(opened.duration, source.recipe.seconds, stride_s))
        if max_windows is not None and len(spans) > max_windows:
            spans = [spans[round(i * (len(spans) - 1) / max(max_windows - 1, 1))] for i in range(max_windows)]
        for start, end in tqdm(spans, desc="windows", unit="window", disable=not progress, leave=False):
            clip = opened.get_clip(start, end)["video"]
            sample = transform({"video": clip, "video_name": opened.name, "clip_index": 0, "aug_index": 1})
            inputs = batched([sample["video"]], source.device)
            if layer is None and method != "rollout":
                layer = find_layer(model.eval(), inputs)
            asked = None if category is None else [_number(category, source)]
            made = heat_map(model, inputs, classes=asked, method=method, layer=layer)
            number = int(made.classes[0])
            scores = probabilities(made.scores, scores_of(model))[0]
            names = source.categories or tuple(str(i) for i in range(len(scores)))
            found.append(
                ExplainedWindow(
                    start, end, names[number], float(scores[number]), shown(inputs), made.heat[0].cpu().detach()
                )
            )
    return Explanation(str(video), method, layer or "attention", tuple(found))


def shown(inputs: Any) -> torch.Tensor:
    """What a model sees, uint8 (T, H, W, 3): its darkest value becomes 0 and its brightest 255."""
    pathways = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    clip = max(pathways, key=lambda pathway: pathway.shape[2])[0].detach().float().cpu()
    low, high = clip.amin(), clip.amax()
    grey = (clip - low) / (high - low).clamp_min(1e-12)
    pictures = grey[:3] if grey.shape[0] >= 3 else grey[:1].expand(3, -1, -1, -1)
    return (pictures * 255).round().byte().permute(1, 2, 3, 0).contiguous()


def _number(category: str, source: ModelSource) -> int:
    names = source.categories
    if names is not None and category in names:
        return names.index(category)
    if names is None and category.isdigit():
        return int(category)
    known = ", ".join(_few(names)) if names is not None else "numbers from 0"
    raise ArgumentError(f"the model has no class {category!r}; it has {known}")


def _few(names: tuple[str, ...]) -> Iterator[str]:
    yield from names[:20]
    if len(names) > 20:
        yield f"and {len(names) - 20} more"
