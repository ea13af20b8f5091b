"""Rows of the benchmark for people: a table and a bar chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ptv_deploy.bench.run import PLAIN, PLAIN_KEPT, Row
from ptv_registry.errors import ArgumentError
from ptv_registry.files import appearing

_COLUMNS = (
    ("median_ms", "ms", ".1f"),
    ("speedup", "speed-up", ".2f"),
    ("speedup_kept", "vs kept", ".2f"),
    ("max_rel_diff", "difference", ".1e"),
    ("top1_agreement", "agreement", ".0%"),
    ("size_mb", "MB", ".1f"),
    ("load_s", "load s", ".2f"),
    ("peak_mb", "peak MB", ".0f"),
)


def words(text: str) -> list[str]:
    """Names with commas between; commas inside of brackets belong to a name."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    names = [word.strip() for word in found if word.strip()]
    if not names:
        raise ArgumentError(f"{text!r} holds no names")
    return names


def table(rows: Sequence[Row]) -> str:
    """Aligned text: one line per row, and the geometric mean of each variant over the models."""
    heads = ["model", "backend", "precision", *(title for _, title, _ in _COLUMNS)]
    lines = [heads]
    for row in rows:
        cells = ["-" if row[name] is None else format(row[name], form) for name, _, form in _COLUMNS]
        where = "" if row["device"] in (None, "cpu") else f" on {row['device']}"
        lines.append([row["model"], row["backend"] + where, row["precision"], *cells])
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    text = [
        "  ".join(
            cell.ljust(w) if i < 3 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    text += [
        f"{r['model']} with {r['backend']} {r['precision']} leaves in higher precision: {', '.join(r['not_quantised'])}"
        for r in rows
        if r.get("not_quantised")
    ]
    text += [f"{r['model']} with {r['backend']} {r['precision']}: {r['error']}" for r in rows if r.get("error")]
    means = geometric_means(rows)
    if len({row["model"] for row in rows}) > 1:
        text += [f"geometric mean, {name}: {mean:.2f}" for name, mean in means.items()]
    return "\n".join(line.rstrip() for line in text)


def geometric_means(rows: Sequence[Row]) -> dict[str, float]:
    """Speed-up over plain PyTorch of each variant that did every model."""
    models = {row["model"] for row in rows}
    found: dict[str, list[float]] = {}
    for row in rows:
        if row["speedup"] is not None and row["backend"] != PLAIN:
            found.setdefault(f"{row['backend']} {row['precision']}", []).append(row["speedup"])
    return {name: math.exp(sum(map(math.log, v)) / len(v)) for name, v in found.items() if len(v) == len(models)}


def draw(rows: Sequence[Row], path: Path) -> None:
    """A bar per variant and model: times as fast as plain PyTorch."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    shown = [row for row in rows if row["speedup"] is not None and row["backend"] != PLAIN]
    models = list(dict.fromkeys(row["model"] for row in shown))
    variants = list(dict.fromkeys((row["backend"], row["precision"]) for row in shown))
    figure, axes = pyplot.subplots(figsize=(max(6.0, 1.2 * len(models) * max(1, len(variants) / 3)), 4.5))
    width = 0.8 / max(1, len(variants))
    colours: Any = pyplot.get_cmap("tab10")
    for number, (backend, precision) in enumerate(variants):
        found = {
            row["model"]: row["speedup"] for row in shown if (row["backend"], row["precision"]) == (backend, precision)
        }
        places = [models.index(model) + (number - (len(variants) - 1) / 2) * width for model in found]
        colour = "0.7" if backend == PLAIN_KEPT else colours(number % 10)
        bars = axes.bar(places, list(found.values()), width, label=f"{backend} {precision}", color=colour)
        axes.bar_label(bars, fmt="%.1f", fontsize=7)
    axes.axhline(1.0, color="black", linewidth=0.8)
    names = [model if len(model) <= 24 else model[:23] + "…" for model in models]
    axes.set_xticks(range(len(models)), names, rotation=20, ha="right")
    axes.set_ylabel("times as fast as plain PyTorch")
    axes.legend(fontsize=8)
    figure.tight_layout()
    with appearing(Path(path)) as temporary:
        figure.savefig(temporary, dpi=150, format="png")
    pyplot.close(figure)
