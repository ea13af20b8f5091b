"""A process of ``ptv bench``: does what each line of its input asks for, and answers with a line."""

from __future__ import annotations

import inspect
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import torch

import ptv_registry
from ptv_deploy.artifacts.signature import arguments_of, each_tensor, leaves
from ptv_deploy.backend import given_arguments
from ptv_deploy.errors import UnsupportedError
from ptv_deploy.torch_backends import allocator

_SLICE_S: Final = 0.5


class _Variant:
    """What is timed: a function of nothing."""

    call: Callable[[], Any]
    device: torch.device

    def plain(self, model: str, keep_memory: bool, settings: dict[str, Any]) -> dict[str, Any]:
        """Plain PyTorch, without gradients."""
        from ptv_deploy.source import open_source

        if keep_memory:
            allocator.keep_memory()
        started = time.perf_counter()
        source = open_source(model, seconds=settings["seconds"], transform=settings["transform"])
        device = torch.device(settings["device"])
        args = _repeated(arguments_of(source.noise(1)[0]), settings["batch_size"], device)
        loaded = source.model.requires_grad_(False).to(device)
        load_s = time.perf_counter() - started
        bytes_ = sum(t.numel() * t.element_size() for t in loaded.state_dict().values())
        self._warm(lambda: loaded(*args), device)
        return {"load_s": load_s, "size_mb": bytes_ / 1e6}

    def export(self, model: str, backend: str, precision: str, path: str, settings: dict[str, Any]) -> dict[str, Any]:
        """Write the artifact."""
        chosen = _backend(backend, settings["device"])
        facts = chosen.describe()
        if precision not in facts["precisions"] or precision in facts["missing"]:
            why = facts["missing"].get(precision, f"it does {', '.join(facts['precisions'])}")
            raise UnsupportedError(f"{backend} does not do {precision} here: {why}")
        if facts["cannot_run"]:
            raise UnsupportedError(f"{backend} cannot be timed here: {facts['cannot_run']}")
        source, clips = _source_and_clips(model, json.dumps(settings))
        artifact = chosen.export(
            source.model,
            clips.inputs[0],
            path,
            precision,
            clips.inputs[0::2] if precision == "int8" else None,
            about=source.about,
            compare_on=clips.inputs[1::2],
            labels=clips.labels[0::2] if clips.labels and precision == "int8" else None,
            tolerance=float("inf"),
        )
        parity = artifact.parity
        return {
            "max_rel_diff": parity.max_rel_diff,
            "top1_agreement": parity.top1_agreement,
            "size_mb": artifact.bytes / 1e6,
            "not_quantised": artifact.not_quantised,
            "device": str(chosen.device),
        }

    def load(self, backend: str, path: str, settings: dict[str, Any]) -> dict[str, Any]:
        """Load the artifact and run it once."""
        started = time.perf_counter()
        chosen = _backend(backend, settings["device"])
        loaded = chosen.load(path, trust=True)  # it was made a moment ago
        args = _repeated(loaded.artifact.signature.example(1), settings["batch_size"], chosen.device)
        generator = torch.Generator().manual_seed(0)
        for leaf in leaves(args):
            leaf.copy_(torch.randn(leaf.shape, generator=generator))
        loaded(*args)
        load_s = time.perf_counter() - started
        self._warm(lambda: loaded(*args), chosen.device)
        return {"load_s": load_s}

    def time(self) -> dict[str, Any]:
        """The median of as many calls as begin within half a second, so that warm ones outweigh those after a rest."""
        took: list[float] = []
        with torch.inference_mode():
            while sum(took) < _SLICE_S:
                started = time.perf_counter()
                self._run()
                took.append(time.perf_counter() - started)
        return {"ms": statistics.median(took) * 1e3}

    def peak(self) -> dict[str, Any]:
        """The most memory that the process has had, of the device if that has its own."""
        if self.device.type != "cpu":
            return {"peak_mb": torch.accelerator.max_memory_allocated(self.device) / 1e6}
        return {"peak_mb": _peak_mb()}

    def _warm(self, call: Callable[[], Any], device: torch.device) -> None:
        self.call, self.device = call, device
        with torch.inference_mode():
            self._run()

    def _run(self) -> None:
        self.call()
        if self.device.type != "cpu":
            torch.accelerator.synchronize(self.device)


@cache
def _source_and_clips(model: str, settings_json: str) -> tuple[Any, Any]:
    """The model and twice as many clips as are compared: half of them calibrate."""
    from ptv_deploy.source import Clips, clips_of, open_source

    settings = json.loads(settings_json)
    source = open_source(model, seconds=settings["seconds"], transform=settings["transform"])
    count, dataset = 2 * settings["clips"], settings["calibrate"]
    return source, clips_of(dataset, source, count) if dataset else Clips(source.noise(count), None)


def _backend(text: str, device: str) -> Any:
    """On the device, if the backend has a choice and the spec does not make it."""
    plan = ptv_registry.resolve(text, kind="backend")
    has_choice = "device" in inspect.signature(plan.root.target).parameters
    if not has_choice or "device" in given_arguments(plan):
        return ptv_registry.build(plan)
    return ptv_registry.build(text, kind="backend", device=device)


def _repeated(args: tuple[Any, ...], batch_size: int, device: torch.device) -> tuple[Any, ...]:
    repeated: tuple[Any, ...] = each_tensor(args, lambda t: t.repeat(batch_size, *[1] * (t.ndim - 1)).to(device))
    return repeated


def _peak_mb() -> float:
    # Linux lets a new program inherit ru_maxrss from the process that started it; VmHWM is its own.
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Answer until the input ends."""
    variant = _Variant()
    # Whatever libraries print goes to standard error, so that answers are alone on standard output.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            request = json.loads(line)
            threads = request.get("settings", {}).get("threads", 0)
            if threads:
                torch.set_num_threads(threads)
            try:
                answer = getattr(variant, request.pop("do"))(**request)
            except Exception as error:  # noqa: BLE001 - whatever fails becomes that row's error
                answer = {"error": f"{type(error).__name__}: {error}"}
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
