"""What this processor can do at most, and the shortest time that a model can take at that rate.

Two processors with the same instructions may differ twofold in arithmetic and hardly in memory. Then the speed-ups of
all backends over plain PyTorch differ too, and a share of the ceiling is what can be compared. Run it alone:

    python tests/benchmarks/ceiling.py x3d_s slow_r50
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Final

import torch
from tqdm import tqdm

from ptv_cards.inspection import count
from ptv_deploy.artifacts.signature import arguments_of
from ptv_deploy.source import open_source

SIZE: Final = 2048
SECONDS: Final = 4.0
PRECISIONS: Final = {"fp32": torch.float32, "bf16": torch.bfloat16}


def ceiling(precision: str) -> float:
    """Operations per second of the fastest of many products of matrices; multiplying and adding are two operations."""
    left, right = (torch.randn(SIZE, SIZE).to(PRECISIONS[precision]) for _ in range(2))
    fastest, until = float("inf"), time.perf_counter() + SECONDS
    while (started := time.perf_counter()) < until:
        torch.mm(left, right)
        fastest = min(fastest, time.perf_counter() - started)
    return 2 * SIZE**3 / fastest


def operations(model: str) -> float:
    """Of one clip."""
    source = open_source(model)
    return 2.0 * count(source.model, *arguments_of(source.noise(1)[0]))[0].macs


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="*", help="name or spec")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rates = {precision: ceiling(precision) for precision in tqdm(PRECISIONS, leave=False)}
    rows = [
        {"model": model, "gop": found / 1e9, "least_ms": {name: found / rate * 1e3 for name, rate in rates.items()}}
        for model in tqdm(args.model, leave=False)
        for found in (operations(model),)
    ]
    if args.json:
        print(json.dumps({"gop_per_s": {name: rate / 1e9 for name, rate in rates.items()}, "models": rows}, indent=1))
        return
    for name, rate in rates.items():
        print(f"{name}: {rate / 1e9:.0f} GOP/s on {torch.get_num_threads()} threads")
    for row in rows:
        least = ", ".join(f"{ms:.1f} ms in {name}" for name, ms in row["least_ms"].items())
        print(f"{row['model']}: {row['gop']:.1f} GOP, at least {least}")


if __name__ == "__main__":
    main()
