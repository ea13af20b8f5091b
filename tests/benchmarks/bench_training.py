"""Steps per second of ``Training`` against the same loop written by hand: same model, data, workers and optimizer.

    python tests/benchmarks/bench_training.py --steps 40 --rounds 3

The two run in turn in each round; what is printed are the medians and their ratio (1: as fast). The time of a step is the
median over the steps of a run after the first ten, so that start-up and single hiccups do not count.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

import ptv_registry
from ptv_cards.scores import giving_logits
from ptv_train.clip_recipe import recipe_for
from ptv_train.demo import directions
from ptv_train.run.data import training_data
from ptv_train.training.classifier_model import build_classifier
from ptv_train.training.training import Training
from ptv_video import write_video

MODELS = {
    "slowfast": "slowfast(model_depth=18, stem_dim_outs=[16, 8], slowfast_channel_reduction_ratio=[2], "
    "head_pool_kernel_sizes=[[8, 2, 2], [32, 2, 2]])",
    "x3d": "x3d(input_clip_length=4, input_crop_size=96)",
}
WARM = 10


def videos(folder: Path, count: int) -> Path:
    """Two classes of small videos."""
    for label in (0, 4):
        for number in range(count // 2):
            path = folder / directions.CLASSES[label] / f"{number}.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            frames = directions.render(np.random.default_rng((label, number)), [label], frames=40)
            write_video(path, frames, 16, threads=1)
    return folder


class Times(pl.Callback):
    """When each step ended."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_train_batch_end(self, *args: Any) -> None:
        """Remember when."""
        self.ends.append(time.perf_counter())


def step_seconds(ends: list[float]) -> float:
    """The median."""
    return statistics.median(after - before for before, after in zip(ends[WARM:], ends[WARM + 1 :], strict=False))


def by_training(model: str, data: Path, batch: int, workers: int) -> float:
    """Seconds per step of ``Training``."""
    times = Times()
    original = pl.Trainer.__init__

    def with_times(self: pl.Trainer, *args: Any, callbacks: list[Any], **kwargs: Any) -> None:
        original(self, *args, callbacks=[*callbacks, times], **kwargs)

    pl.Trainer.__init__ = with_times  # type: ignore[method-assign]
    try:
        with tempfile.TemporaryDirectory() as out:
            Training(
                model, str(data), None, Path(out) / "run", epochs=1, batch_size=batch, workers=workers, progress=False
            ).run()
    finally:
        pl.Trainer.__init__ = original  # type: ignore[method-assign]
    return step_seconds(times.ends)


def by_hand(spec: str, data: Path, batch: int, workers: int) -> float:
    """Seconds per step of a plain loop."""
    plan = ptv_registry.resolve(spec)
    dataset = training_data(str(data), recipe_for(plan), seed=0, on_error="raise")
    torch.manual_seed(0)
    model, _ = build_classifier(plan, 2)

    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    criterion = torch.nn.CrossEntropyLoss()
    ends = []
    model.train()
    with giving_logits(model):
        for clips in DataLoader(dataset, batch, num_workers=workers):
            loss = criterion(model(clips["video"]), clips["label"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            ends.append(time.perf_counter())
    return step_seconds(ends)


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        data = videos(Path(folder), args.steps * args.batch)
        for name, spec in MODELS.items():
            found: dict[str, list[float]] = {"hand": [], "training": []}
            for _ in tqdm(range(args.rounds), desc=name, leave=False):
                found["hand"].append(by_hand(spec, data, args.batch, args.workers))
                found["training"].append(by_training(spec, data, args.batch, args.workers))
            hand, training = (1 / statistics.median(values) for values in found.values())
            rows.append({"model": name, "by_hand": hand, "training": training, "ratio": training / hand})
    if args.json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        print("{model:<10} by hand {by_hand:6.2f} steps/s, Training {training:6.2f}, ratio {ratio:.3f}".format(**row))


if __name__ == "__main__":
    main()
