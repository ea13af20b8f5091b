"""``ptv bench``: every variant in a process of its own, all timed in turn, so that a busy moment hits them alike."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from attrs import asdict, evolve, frozen
from tqdm import tqdm

from ptv_deploy.torch_backends.device import absent, best_device, device_of
from ptv_registry.errors import ArgumentError, PtvError

PLAIN: Final = "plain"
PLAIN_KEPT: Final = "plain+allocator"
Row = dict[str, Any]


class BenchError(PtvError, RuntimeError):
    """A process of the benchmark failed; the message is its own."""


@frozen
class Settings:
    """How to measure.

    Attributes:
        calibrate: spec of a dataset for int8 and for the agreement; ``None`` for noise.
        clips: how many clips the outputs are compared on.
        rounds: how often each variant is timed.
        batch_size: clips per call.
        threads: of each variant; 0 for all cores.
        device: where plain PyTorch and the backends that have a choice run; ``auto`` is a GPU when there is one.
        seconds, transform: of the model's clips, where it does not say it.
    """

    calibrate: str | None = None
    clips: int = 8
    rounds: int = 5
    batch_size: int = 1
    threads: int = 0
    device: str = "auto"
    seconds: float | None = None
    transform: str | None = None


class Worker:
    """A process that answers requests, one line of JSON each."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "ptv_deploy.bench.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        """The answer to a request.

        Raises:
            BenchError: the request failed, or the process ended.
        """
        to, answers = self._process.stdin, self._process.stdout
        if to is None or answers is None:
            raise BenchError("the process of the benchmark has no pipes")
        to.write(json.dumps(request) + "\n")
        to.flush()
        line = answers.readline()
        if not line:
            raise BenchError(f"the process of the benchmark ended with status {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise BenchError(answer["error"])
        return answer

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


def run(
    models: Sequence[str],
    backends: Sequence[str],
    precisions: Sequence[str],
    settings: Settings,
    *,
    progress: bool = False,
) -> list[Row]:
    """Time models with backends.

    Returns:
        One row per model, backend and precision, the first two of each model being plain PyTorch and plain PyTorch
        whose C library keeps its memory: ``model, backend, precision, device, median_ms, speedup`` (against plain PyTorch),
        ``speedup_kept`` (against plain PyTorch with the allocator set), ``max_rel_diff, top1_agreement, size_mb,
        load_s, peak_mb`` (of the device's memory, if it has its own), ``not_quantised`` (layers that an int8 model leaves
        in higher precision). What could not be measured has ``error`` and nulls.

    Raises:
        ArgumentError: a number is below 1, or the device is unknown or not here.
    """
    if settings.rounds < 1 or settings.clips < 1 or settings.batch_size < 1:
        raise ArgumentError(
            f"rounds={settings.rounds}, clips={settings.clips} and batch_size={settings.batch_size} must be above 0"
        )
    device = device_of(best_device() if settings.device == "auto" else settings.device)
    if reason := absent(device):
        raise ArgumentError(f"device={settings.device!r}: {reason}")
    settings = evolve(settings, device=str(device))
    variants = [(backend, precision) for backend in backends for precision in precisions]
    steps = len(models) * (2 + 2 * len(variants) + settings.rounds)
    rows: list[Row] = []
    with tqdm(total=steps, unit="step", disable=not progress, leave=False) as bar:
        for model in models:
            rows += _model(model, variants, settings, bar)
    return rows


def _model(model: str, variants: Sequence[tuple[str, str]], settings: Settings, bar: Any) -> list[Row]:
    asked = asdict(settings)
    rows: list[Row] = []
    workers: list[tuple[Row, Worker]] = []
    with tempfile.TemporaryDirectory(prefix="ptv-bench-") as folder:
        try:
            for name, keep in ((PLAIN, False), (PLAIN_KEPT, True)):
                bar.set_description(f"{model}: {name}")
                workers.append((_row(model, name, "fp32", settings.device), Worker()))
                facts = workers[-1][1].ask(do="plain", model=model, keep_memory=keep, settings=asked)
                workers[-1][0].update(facts, max_rel_diff=0.0, top1_agreement=1.0)
                bar.update()
            with Worker() as exporter:
                for number, (backend, precision) in enumerate(variants):
                    bar.set_description(f"{model}: {backend} {precision}")
                    row = _row(model, backend, precision, None)
                    path = str(Path(folder) / str(number))
                    request = {"backend": backend, "path": path, "settings": asked}
                    worker = None
                    try:
                        row.update(exporter.ask(do="export", model=model, precision=precision, **request))
                        worker = Worker()
                        row.update(worker.ask(do="load", **request))
                        workers.append((row, worker))
                    except BenchError as error:
                        if worker is not None:
                            worker.close()
                        rows.append({**row, "error": str(error)})
                    bar.update(2)
            bar.set_description(f"{model}: timing")
            times: list[list[float]] = [[] for _ in workers]
            for _ in range(settings.rounds):
                for found, (_, worker) in zip(times, workers, strict=True):
                    time.sleep(0.05)  # threads of the one before may still spin
                    found.append(worker.ask(do="time")["ms"])
                bar.update()
            for found, (row, worker) in zip(times, workers, strict=True):
                row["median_ms"] = statistics.median(found)
                row["peak_mb"] = worker.ask(do="peak")["peak_mb"]
        finally:
            for _, worker in workers:
                worker.close()
    measured = [row for row, _ in workers]
    for row in measured:
        row["speedup"] = measured[0]["median_ms"] / row["median_ms"]
        row["speedup_kept"] = measured[1]["median_ms"] / row["median_ms"]
    return measured + rows


def _row(model: str, backend: str, precision: str, device: str | None) -> Row:
    empty = ("median_ms", "speedup", "speedup_kept", "max_rel_diff", "top1_agreement", "size_mb", "load_s", "peak_mb")
    named = {"model": model, "backend": backend, "precision": precision, "device": device}
    return {**named, **dict.fromkeys(empty), "not_quantised": []}
