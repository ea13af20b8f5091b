"""The direction of imports (section 2 of the design), and that declared dependencies cover what is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = sorted(
    file.parent for file in (*ROOT.glob("plugins/*/pyproject.toml"), *ROOT.glob("contrib/*/pyproject.toml"))
)

# A plugin may import its own layer's numbers below it and on its own side; "both" meets the two sides.
MODEL, DATA, BOTH = "model", "data", "both"
PLACES: dict[str, tuple[str, int]] = {
    "ptv_cards": (MODEL, -1),
    "ptv_layers": (MODEL, 0),
    "ptv_remote": (DATA, -1),
    "ptv_fsspec": (DATA, 0),
    "ptv_video": (DATA, 0),
    "ptv_transforms": (DATA, 0),
    "ptv_torchcodec": (DATA, 1),
    "ptv_datasets": (DATA, 2),
    "ptv_prepare": (DATA, 3),
    "ptv_zoo": (BOTH, 2),
    "ptv_train": (BOTH, 3),
    "ptv_deploy": (BOTH, 4),
    "ptv_explain": (BOTH, 4),
    "ptv_onnx": (BOTH, 5),
    "ptv_openvino": (BOTH, 5),
    "ptv_executorch": (BOTH, 5),
    "ptv_coreml": (BOTH, 5),
    "ptv_accelerator": (BOTH, 3),
    "ptv_pyslowfast": (BOTH, 4),
    "pytorchvideo": (BOTH, 6),
}
FAMILY = (MODEL, 1)  # what is not in the table is a family of models, or a third party's part of one
PROVIDED_BY = {"yaml": "pyyaml", "PIL": "pillow", "cv2": "opencv-python", "skimage": "scikit-image"}


def packages_of(plugin: Path) -> set[str]:
    """The import names of a distribution."""
    return {file.parent.name for file in plugin.glob("src/*/__init__.py")}


def main_package_of(plugin: Path) -> str:
    return min(packages_of(plugin), key=len)


def place(package: str) -> tuple[str, int]:
    return PLACES.get(package, FAMILY)


OURS = {main_package_of(plugin): plugin for plugin in PLUGINS if packages_of(plugin)}


def imports_of(folder: Path) -> dict[str, str]:
    """Top-level modules that the files below import anywhere, with one place of each.

    Scaffolds are texts that ``ptv new-plugin`` copies into distributions of their own; nobody imports them here.
    """
    found: dict[str, str] = {}
    for file in sorted(folder.rglob("*.py")):
        if "scaffolds" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names: list[str] = []
            line = getattr(node, "lineno", 0)
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for name in names:
                found.setdefault(name.partition(".")[0], f"{file.relative_to(ROOT)}:{line}")
    return found


def may_import(package: str, other: str) -> bool:
    side, layer = place(package)
    other_side, other_layer = place(other)
    # Families build on each other (CSN on ResNet); the workspace's declared dependencies keep that free of cycles.
    below = other_layer < layer or (layer == other_layer == FAMILY[1] and side == other_side == MODEL)
    return below and side in (other_side, BOTH)


def test_the_kernel_imports_no_plugin() -> None:
    imported = imports_of(ROOT / "ptv_registry")

    assert set() == set(imported) & set(OURS)
    assert set(imported) - set(sys.stdlib_module_names) <= {
        *("ptv_registry", "attrs", "click", "importlib_metadata", "pluggy"),
        *("pytest", "torch"),  # of the test kit, which runs where they are
    }


@pytest.mark.parametrize("package", sorted(OURS))
def test_imports_point_one_way(package: str) -> None:
    imported = imports_of(OURS[package] / "src")
    wrong = {
        at: name for name, at in imported.items() if name in OURS and name != package and not may_import(package, name)
    }

    assert {} == wrong


def test_families_do_not_import_each_other_in_a_circle() -> None:
    edges = {name: set(imports_of(folder / "src")) & set(OURS) - {name} for name, folder in OURS.items()}
    while free := [name for name, below in edges.items() if not below & set(edges)]:
        for name in free:
            del edges[name]

    assert {} == edges


@pytest.mark.parametrize("package", sorted(OURS))
def test_declared_dependencies_cover_what_is_imported(package: str) -> None:
    project = tomllib.loads((OURS[package] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(d for extra in project.get("optional-dependencies", {}).values() for d in extra),
    ]
    declared = {re.split(r"[^\w.-]", line)[0].lower().replace("_", "-") for line in lines}
    imported = imports_of(OURS[package] / "src")
    missing = {
        at: name
        for name, at in imported.items()
        if name not in sys.stdlib_module_names
        and name not in packages_of(OURS[package])
        and PROVIDED_BY.get(name, name).lower().replace("_", "-") not in declared
    }

    assert {} == missing


@pytest.mark.parametrize(
    ("package", "other", "allowed"),
    [
        ("ptv_resnet", "ptv_cards", True),
        ("ptv_cards", "ptv_layers", False),
        ("ptv_layers", "ptv_cards", True),
        ("ptv_resnet", "ptv_layers", True),
        ("ptv_layers", "ptv_resnet", False),
        ("ptv_slowfast", "ptv_resnet", True),
        ("ptv_resnet", "ptv_video", False),
        ("ptv_video", "ptv_layers", False),
        ("ptv_video", "ptv_remote", True),
        ("ptv_zoo", "ptv_remote", True),
        ("ptv_remote", "ptv_video", False),
        ("ptv_resnet", "ptv_remote", False),
        ("ptv_fsspec", "ptv_remote", True),
        ("ptv_video", "ptv_fsspec", False),
        ("ptv_video", "ptv_datasets", False),
        ("ptv_datasets", "ptv_video", True),
        ("ptv_transforms", "ptv_video", False),
        ("ptv_zoo", "ptv_slowfast", True),
        ("ptv_slowfast", "ptv_zoo", False),
        ("ptv_train", "ptv_datasets", True),
        ("ptv_datasets", "ptv_train", False),
    ],
)
def test_the_arrows_are_those_of_the_design(package: str, other: str, allowed: bool) -> None:
    assert allowed is may_import(package, other)
