"""What bf16 and int8 cost a model that has learned something: accuracy and agreement with fp32 on held-out videos.

The videos are those of ``ptv demo``, whose eight classes differ only in the direction of movement, with noise. There are
two sets of held-out ones: ``alike`` has mostly little noise, as those to learn from, ``harder`` up to very much, so that
many decisions are close.

    python tests/benchmarks/int8_accuracy.py --out /tmp/int8                       # trains both models, then compares
    python tests/benchmarks/int8_accuracy.py --out /tmp/int8 --checkpoint /tmp/int8/x3d/last.ckpt --backend openvino,onnx
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from tqdm import tqdm

import ptv_registry
from ptv_deploy.bench.report import words
from ptv_deploy.source import open_source
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.demo.demo import MODEL, SECONDS, TRANSFORM, directions
from ptv_train.training.training import Training
from ptv_video import write_video

# The most noise, and how seldom it is: the power of a random share that it is multiplied by.
LITTLE: Final = (15.0, 2.0)
MUCH: Final = (80.0, 1.0)
HELD_OUT: Final = {"alike": (3, LITTLE), "harder": (2, MUCH)}
BATCH: Final = 16
X3D: Final = (
    "x3d(input_clip_length=8, input_crop_size=64, depth_factor=0.5, width_factor=1.0, head_dim_out=512, "
    "dropout_rate=0.0, head_activation=none)"
)
PLAIN: Final = TRANSFORM.replace(", pack_pathway(alpha=4)", "").replace("num_samples=16", "num_samples=8")
# Spec, transform, learning rate, and the epochs after which it has learned.
MODELS: Final = {"slowfast": (MODEL, TRANSFORM, 0.01, 30), "x3d": (X3D, PLAIN, 0.003, 80)}


def write_set(folder: Path, videos_per_class: int, seed: int, noise: tuple[float, float], progress: bool) -> Path:
    """``folder/CLASS/NUMBER.mp4``; the noise is the most times a random share to the power. A complete folder is kept."""
    chance = np.random.default_rng(seed)
    most, power = noise
    if (folder / "complete").exists():
        return folder
    total = videos_per_class * len(directions.CLASSES)
    with tqdm(total=total, desc=f"writing {folder.name}", unit="video", disable=not progress, leave=False) as bar:
        for label, direction in enumerate(directions.CLASSES):
            (folder / direction).mkdir(parents=True, exist_ok=True)
            for number in range(videos_per_class):
                video = directions.render(chance, [label]).float()
                grain = torch.from_numpy(chance.standard_normal(video.shape, np.float32))
                noisy = (video + grain * most * chance.uniform() ** power).clamp(0, 255).to(torch.uint8)
                write_video(folder / direction / f"{number:03}.mp4", noisy, directions.FPS, threads=1)
                bar.update()
    (folder / "complete").touch()
    return folder


def dataset(data: Path, sampler: str, transform: str, crop: str) -> str:
    """The spec of a dataset of those videos."""
    return (
        f"dataset:labeled_video_folder(data_path={str(data)!r}, clip_sampler={sampler}, video_sampler=sequential, "
        f"decode_audio=false, transform={transform.format(crop=crop)})"
    )


def train(name: str, data: Path, args: argparse.Namespace) -> Path:
    """The checkpoint of a model, which is trained if it is not there."""
    spec, transform, lr, epochs = MODELS[name]
    out = args.out / name
    if not (out / "last.ckpt").exists():
        training = Training(
            spec,
            dataset(data, f"random(clip_duration={SECONDS})", transform, "random_crop").replace("sequential", "random"),
            out=out,
            epochs=args.epochs or epochs,
            batch_size=BATCH,
            lr=lr,
            recipe=ClipRecipe(SECONDS, transform.format(crop="center_crop")),
            progress=not args.quiet,
        )
        started = time.monotonic()
        result = training.run()
        print(f"{name}: trained in {time.monotonic() - started:.0f} s, {result.metrics}", flush=True)
    return out / "last.ckpt"


def labelled(data: Path, count: int, recipe: ClipRecipe) -> tuple[list[Any], torch.Tensor]:
    """Clips of batch size 1 spread over a set, and their classes."""
    spec = (
        f"dataset:labeled_video_folder(data_path={str(data)!r}, "
        f"clip_sampler=constant_clips_per_video(clip_duration={SECONDS}, clips_per_video=1), decode_audio=false, "
        f"transform={recipe.transform})"
    )
    found = ptv_registry.build(spec)
    chosen = [found[int(i * len(found) / min(count, len(found)))] for i in range(min(count, len(found)))]
    clips = [sample["video"] for sample in chosen]
    batched = [[p[None] for p in clip] if isinstance(clip, list | tuple) else clip[None] for clip in clips]
    return batched, torch.tensor([sample["label"] for sample in chosen])


def compare(checkpoint: Path, args: argparse.Namespace) -> list[dict[str, Any]]:
    """A row per backend and precision."""
    source = open_source(str(checkpoint))
    calibration, classes = labelled(args.out / "train", args.calibration, source.recipe)
    held_out = {kind: labelled(args.out / kind, args.clips, source.recipe) for kind in HELD_OUT}
    name = checkpoint.parent.name
    example = held_out["alike"][0][0]
    with torch.inference_mode():
        wanted = {
            kind: torch.cat([source.model(clip) for clip in tqdm(clips, desc=name, disable=args.quiet, leave=False)])
            for kind, (clips, _) in held_out.items()
        }
    rows = [
        row(name, "plain", "fp32", kind, wanted[kind], wanted[kind], labels) for kind, (_, labels) in held_out.items()
    ]
    for text in words(args.backend):
        backend = ptv_registry.build(text, kind="backend")
        for precision in words(args.precision):
            if not (support := backend.supports(source.model, precision=precision, example_inputs=example)):
                print(f"{name}: {support.reason}")
                continue
            started = time.monotonic()
            artifact = backend.export(
                source.model,
                example,
                args.out / "exported" / f"{name}-{backend.name}-{precision}",
                precision,
                calibration if precision == "int8" else None,
                labels=classes if precision == "int8" else None,
                about=source.about,
                tolerance=math.inf,
                overwrite=True,
            )
            took = time.monotonic() - started
            loaded = backend.load(artifact.folder)
            kept = artifact.not_quantised
            for kind, (clips, labels) in held_out.items():
                given = torch.cat([loaded(clip) for clip in clips])
                rows.append(row(name, text, precision, kind, wanted[kind], given, labels))
                rows[-1] |= {"export_s": took, "not_quantised": kept}
    return rows


def row(
    name: str, backend: str, precision: str, kind: str, wanted: torch.Tensor, given: torch.Tensor, labels: torch.Tensor
) -> dict[str, Any]:
    """The figures of one variant on one set."""
    return {
        "model": name,
        "backend": backend,
        "precision": precision,
        "held_out": kind,
        "clips": len(labels),
        "top1": (given.argmax(1) == labels).double().mean().item(),
        "agreement": (given.argmax(1) == wanted.argmax(1)).double().mean().item(),
        "max_rel_diff": ((given - wanted).abs().max() / wanted.abs().max()).item(),
        "rms_rel_diff": ((given - wanted).square().mean() / wanted.square().mean()).sqrt().item(),
        "export_s": 0.0,
        "not_quantised": [],
    }


def main() -> None:
    """Write the videos, train, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of videos, checkpoints and artifacts")
    parser.add_argument("--checkpoint", type=Path, action="append", help="compare these; nothing is trained")
    parser.add_argument("--models", default="slowfast,x3d", help="which of the two to train")
    parser.add_argument("--backend", default="openvino", help="names or specs, with commas between")
    parser.add_argument("--precision", default="fp32,bf16,int8")
    parser.add_argument("--epochs", type=int, help="instead of each model's own")
    parser.add_argument("--videos", type=int, default=48, help="to train on, per class")
    parser.add_argument("--clips", type=int, default=400, help="of each held-out set, one of each video")
    parser.add_argument("--calibration", type=int, default=128, help="training clips that int8 is calibrated on")
    parser.add_argument("--threads", type=int, default=0, help="of PyTorch")
    parser.add_argument("--only-train", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    train_data = write_set(args.out / "train", args.videos, 1, LITTLE, not args.quiet)
    for kind, (seed, noise) in HELD_OUT.items():
        write_set(args.out / kind, -(-args.clips // len(directions.CLASSES)), seed, noise, not args.quiet)
    checkpoints = args.checkpoint or [train(name, train_data, args) for name in words(args.models)]
    if args.only_train:
        return
    rows = [found for checkpoint in checkpoints for found in compare(checkpoint, args)]
    (args.out / "int8_accuracy.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if args.json:
        print(json.dumps(rows, indent=1))
        return
    print(
        f"{'model':10} {'backend':24} {'precision':10} {'held out':8} {'top-1':>7} {'agreement':>10} {'rms':>9}  not quantised"
    )
    for r in rows:
        print(
            f"{r['model']:10} {r['backend']:24} {r['precision']:10} {r['held_out']:8} {r['top1']:7.1%} {r['agreement']:10.2%} "
            f"{r['rms_rel_diff']:9.2e}  {', '.join(r['not_quantised']) or '-'}"
        )


if __name__ == "__main__":
    main()
