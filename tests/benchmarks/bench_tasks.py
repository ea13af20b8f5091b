"""Every documented task learns: generated sets that only that solves which the task is about, and the figures to reach.

``python -m tests.benchmarks.bench_tasks [NAME ...]`` writes the sets, trains, measures on held-out videos, and says the
figure beside the one to reach, with the seconds of the processor. All of it takes some minutes on two cores.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import ptv_registry
from ptv_train.clip_recipe import recipe_for
from ptv_train.demo import demo
from ptv_train.training.training import Training
from tests.support import task_sets

_SEE: Final = {"num_frames": 4, "seconds": 0.5, "side": 32, "crop": 32}
_RESNET: Final = (
    "resnet(model_depth=18, stem_dim_out={width}, stem_conv_kernel_size=[{time}, 7, 7], head_pool=adaptive_avg, "
    "stage_conv_a_kernel_size=[[{time}, 1, 1], [{time}, 1, 1], [3, 1, 1], [3, 1, 1]], dropout_rate=0.0)"
)
_DETECTION: Final = (
    "resnet_with_roi_head(model_depth=18, stem_dim_out=8, stem_conv_kernel_size=[3, 7, 7], stem_conv_stride=[1, 1, 1], "
    "stage_conv_a_kernel_size=[[3, 1, 1], [3, 1, 1], [3, 1, 1], [3, 1, 1]], stage_spatial_h_stride=[1, 2, 1, 1], "
    "stage_spatial_w_stride=[1, 2, 1, 1], head_spatial_scale=0.25, head_spatial_resolution=[3, 3], dropout_rate=0.0)"
)
_ACOUSTIC: Final = "acoustic_resnet(model_depth=18, stem_dim_out=8, head_pool=adaptive_avg, dropout_rate=0.0)"
_BOTH: Final = (
    "audio_visual_slowfast(model_depth=18, stem_dim_outs=[16, 2, 8], head_pool=adaptive_avg, dropout_rate=0.0)"
)
_HEAR: Final = {"mel_steps": 32, "mels": 40}
_SEE_AND_HEAR: Final = {"num_frames": 8, "seconds": 0.5, "side": 32, "crop": 32, **_HEAR}
_SSL: Final = {
    "simclr": "simclr(dim=32, hidden=64, remembered=256, augmentation='{view}')",
    "byol": "byol(dim=32, hidden=128, momentum=0.9, remembered=256, augmentation='{view}')",
    "moco_v2": "moco_v2(dim=32, hidden=64, queue_size=256, momentum=0.9, remembered=256, augmentation='{view}')",
    "memory_bank": "memory_bank(dim=32, hidden=64, negatives=100, remembered=256, augmentation='{view}')",
}
_VIEW: Final = "contrastive_view(flip=0.0, min_area=0.4)"


def train(model: str, folder: Path, data: Any, val: Any, changes: dict[str, Any], **settings: Any) -> dict[str, float]:
    """The metrics of a run's last validation."""
    recipe = recipe_for(ptv_registry.resolve(model), changes=changes)
    more = {"optimizer": "adamw(lr=0.005)", "batch_size": 8, "progress": False, "accelerator": "cpu", **settings}
    return Training(model, str(data), str(val), folder, recipe=recipe, **more).run().metrics


def classification(folder: Path) -> dict[str, float]:
    """Directions of movement, which no single frame shows: the training of ``ptv demo``."""
    return {"val_top1": demo.run(folder / "demo", progress=False, say=lambda text: None).accuracy}


def multi_label(folder: Path) -> dict[str, float]:
    """Colours, of which several are there."""
    data, val = (task_sets.several_colours(folder / name, n, s) for name, n, s in (("train", 80, 0), ("val", 30, 1)))
    return train(_RESNET.format(width=8, time=1), folder / "run", data, val, _SEE, task="multi_label", epochs=12)


def detection(folder: Path) -> dict[str, float]:
    """Which way each of two squares moves."""
    specs = []
    for name, count, seed in (("train", 60, 0), ("val", 30, 1)):
        videos, boxes = task_sets.people(folder / name, count, seed)
        labels = f"frame_labels_file={str(boxes)!r}, label_map_file={str(boxes.with_name('actions.pbtxt'))!r}"
        specs.append(f"ava(frame_paths_file={str(videos)!r}, {labels})")
    changes = {"num_frames": 4, "seconds": 1, "side": 64, "crop": 56}
    return train(_DETECTION, folder / "run", *specs, changes, task="detection", epochs=6)


def acoustic(folder: Path) -> dict[str, float]:
    """The pitch of a tone in noise."""
    data, val = (task_sets.tones(folder / name, n, s) for name, n, s in (("train", 16, 0), ("val", 8, 1)))
    return train(_ACOUSTIC, folder / "run", data, val, _HEAR, epochs=6)


def audio_visual(folder: Path) -> dict[str, float]:
    """Pairs of a colour and a tone: how much better both are than the better one of either."""
    data, val = (task_sets.pairs(folder / name, n, s) for name, n, s in (("train", 16, 0), ("val", 8, 1)))
    heard = train(_ACOUSTIC, folder / "heard", data, val, _HEAR, epochs=6)["val_top1"]
    seen = train(_RESNET.format(width=8, time=1), folder / "seen", data, val, _SEE, epochs=6)["val_top1"]
    both = train(_BOTH, folder / "both", data, val, {**_SEE_AND_HEAR, "drop_sound": 0.1}, epochs=10)["val_top1"]
    return {"heard": heard, "seen": seen, "both": both, "gain": both - max(heard, seen)}


def self_supervised(folder: Path, name: str) -> dict[str, float]:
    """Slopes of stripes without labels, then a linear probe; how much better it is than that of an untrained network."""
    data, val = (task_sets.textures(folder / split, n, s) for split, n, s in (("train", 30, 0), ("val", 15, 1)))
    model = _RESNET.format(width=8, time=1)
    settings: dict[str, Any] = {"epochs": 15, "batch_size": 16, "optimizer": "adamw(lr=0.003)"}
    learnt = train(model, folder / "ssl", data, val, _SEE, task=_SSL[name].format(view=_VIEW), **settings)
    probe: dict[str, Any] = {"epochs": 10, "batch_size": 16, "freeze": "backbone", "optimizer": "adamw(lr=0.02)"}
    weights = str(folder / "ssl" / "last.ckpt")
    trained = train(model, folder / "probe", data, val, _SEE, weights=weights, **probe)["val_top1"]
    untrained = train(model, folder / "untrained", data, val, _SEE, **probe)["val_top1"]
    figures = {"knn": learnt["val_knn_top1"], "probe": trained, "untrained": untrained}
    return {**figures, "gain": trained - untrained}


_TASKS: Final[dict[str, tuple[Callable[[Path], dict[str, float]], str, float]]] = {
    "classification": (classification, "val_top1", 0.95),
    "multi_label": (multi_label, "val_mean_average_precision", 0.9),
    "detection": (detection, "val_frame_map", 0.8),
    "acoustic": (acoustic, "val_top1", 0.95),
    "audio_visual": (audio_visual, "gain", 0.1),
    **{name: (lambda folder, name=name: self_supervised(folder, name), "gain", 0.2) for name in _SSL},
}


def main(names: list[str]) -> int:
    """Run what is named, or all; 1 if a figure is missed."""
    missed = 0
    for name in names or list(_TASKS):
        run, figure, wanted = _TASKS[name]
        began = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            found = run(Path(folder))
        missed += found[figure] < wanted
        rest = ", ".join(f"{key} {value:.3f}" for key, value in found.items() if key != figure)
        took = time.process_time() - began
        print(f"{name:<15} {figure} {found[figure]:.3f} (at least {wanted}), {took:.0f} s; {rest}", flush=True)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
