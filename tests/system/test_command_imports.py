"""Which modules a command may import; how long they take is measured by ``tests/benchmarks/bench_startup.py``."""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path

import pytest
import torch

from ptv_video import write_video
from tests.support.fakes import python

#: What the kernel needs for any command that plugins add, and what tells whether an argument is an address.
KERNEL = {
    "attr",
    "attrs",
    "click",
    "importlib_metadata",
    "lazy_importer",
    "pluggy",
    "ptv_explain",
    "ptv_registry",
    "ptv_remote",
    "zipp",
}
READING = {"av", "iopath", "numpy", "portalocker", "ptv_video", "tqdm", "typing_extensions"}
MODELS = {"ptv_csn", "ptv_mvit", "ptv_r2plus1d", "ptv_resnet", "ptv_slowfast", "ptv_vmz", "ptv_x3d"}


@functools.cache
def modules_after(code: str) -> frozenset[str]:
    done = python(["-c", f"{code}\nimport json, sys\nsys.stderr.write('\\n' + json.dumps(list(sys.modules)))"])
    return frozenset(json.loads(done.stderr.splitlines()[-1]))


def added_by(*command: str, above: str) -> set[str]:
    """The modules that a command of ``ptv`` imports and another piece of code does not, without hooks and what they add."""
    modules = modules_after(
        f"import sys; sys.argv = ['ptv', *{command!r}]\nfrom ptv_registry.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end: assert not end.code"
    )
    added = modules - modules_after(above)
    used = {package(module) for module in added if module not in offered_by(package(module))}
    return {module for module in added if package(module) in used}


def offered_by(plugin: str) -> set[str]:
    """What every command imports of a plugin: it offers commands and answers hooks."""
    return {plugin, f"{plugin}.hooks", f"{plugin}.commands"}


def package(module: str) -> str:
    return module.partition(".")[0]


def packages(modules: set[str]) -> set[str]:
    return {
        name
        for name in map(package, modules)
        if name not in sys.stdlib_module_names and not name.startswith("_") and name != "cython_runtime"
    }


def of_torch(modules: set[str]) -> list[str]:
    return sorted(module for module in modules if package(module) == "torch")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("start") / "two_seconds.mp4"
    write_video(path, torch.randint(0, 256, (3, 20, 64, 80), dtype=torch.uint8), 10)
    return str(path)


def test_to_predict_imports_what_reads_and_the_model_and_no_more_of_torch_than_torch_itself(
    video: str, tmp_path: Path
) -> None:
    tables = ("--csv", str(tmp_path / "a.csv"), "--srt", str(tmp_path / "a.srt"))
    added = added_by("predict", video, "--model", "x3d_xs", "--quiet", *tables, above="import torch")

    assert packages(added) <= {
        *KERNEL, *READING, "ptv_cards", "ptv_layers", "ptv_resnet", "ptv_train", "ptv_transforms", "ptv_x3d", "ptv_zoo"
    }  # fmt: skip
    assert [] == of_torch(added)
    assert "ptv_x3d.model" in added
    assert "ptv_video.decoders.pyav" in added


@pytest.mark.parametrize(
    ("model", "plugins"),
    [
        ("slowfast", {"ptv_slowfast", "ptv_resnet"}),
        ("mvit_base_16x4", {"ptv_mvit", "ptv_resnet"}),
    ],
    ids=["slowfast", "mvit_base_16x4"],
)
def test_to_plan_a_model_imports_its_family_and_no_more_of_torch_than_torch_itself(
    model: str, plugins: set[str]
) -> None:
    added = added_by("plan", model, above="import torch")

    assert packages(added) <= {*KERNEL, *plugins, "ptv_cards", "ptv_layers", "ptv_train", "ptv_zoo"}
    assert [] == of_torch(added)
    assert plugins <= packages(added)


@pytest.mark.parametrize("command", [("list",), ("list", "slowfast_r50"), ("show", "slowfast_r50")], ids=" ".join)
def test_the_published_weights_are_listed_and_explained_without_torch_or_any_model(command: tuple[str, ...]) -> None:
    added = added_by("zoo", *command, above="pass")
    modules = {module for module in added if module.endswith((".model", ".published"))}

    assert packages(added) <= {*KERNEL, *MODELS, "ptv_cards", "ptv_layers", "ptv_mobile", "ptv_train", "ptv_zoo"}
    assert set() == modules
