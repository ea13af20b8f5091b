"""Lists the names of each module of PyTorchVideo: what it defines and what of its own package it re-exports.

Names are facts; nothing else of the sources is kept. Run it only to make original_names.json anew, with checkouts of the
main branch and of the release 0.1.5: python tests/contrib/pytorchvideo_compat/extract_original.py MAIN RELEASE

A name that starts with one underscore is kept if other people's code is known to import it (``PRIVATE``). What a module
imports of other packages is not its name.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

PRIVATE = {
    "layers.accelerator.mobile_cpu.conv_helper": {
        "_Conv3dTemporalKernel1Decomposed",
        "_Conv3dTemporalKernel3Decomposed",
        "_Conv3dTemporalKernel5Decomposed",
        "_Reshape",
        "_SkipConnectMul",
    },
    "transforms.augmentations": {
        "_AUGMENTATION_MAX_LEVEL",
        "_LEVEL_TO_ARG",
        "_NAME_TO_TRANSFORM_FUNC",
        "_TRANSFORM_MAX_PARAMS",
        "_decreasing_int_to_arg",
        "_decreasing_to_arg",
        "_increasing_magnitude_to_arg",
        "_increasing_randomly_negate_to_arg",
    },
    "data.domsev": {"_get_overlap_for_time_range_pair", "_seconds_to_frame_index"},
    "data.encoded_video_pyav": {"_pyav_decode_stream"},
    "models.hub.slowfast": {"_slowfast"},
    "models.resnet": {"_MODEL_STAGE_DEPTH", "_trivial_sum"},
}


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those under its conditions and tries too."""
    for statement in body:
        yield statement
        for block in ("body", "orelse", "finalbody"):
            if isinstance(statement, ast.If | ast.Try | ast.With):
                yield from statements(getattr(statement, block, []))


def names_of(root: Path, path: str) -> set[str]:
    """The names of the module at a dotted path below the package."""
    file = root.joinpath(*path.split(".")) if path else root
    is_package = file.is_dir()
    file = file / "__init__.py" if is_package else file.with_suffix(".py")
    if not file.exists():
        return set()
    found: set[str] = set()
    for statement in statements(ast.parse(file.read_text(encoding="utf-8")).body):
        match statement:
            case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                found.add(statement.name)
            case ast.Assign() | ast.AnnAssign():
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.ImportFrom():
                source = _source(statement, path, is_package)
                if source is None:
                    continue
                for alias in statement.names:
                    found |= names_of(root, source) if alias.name == "*" else {alias.asname or alias.name}
    kept = PRIVATE.get(path, set())
    return {name for name in found if not name.startswith("_") or name in kept}


def _source(statement: ast.ImportFrom, path: str, is_package: bool) -> str | None:
    """The module of the package that a statement imports from, or ``None`` if it is of another package."""
    module = statement.module or ""
    if statement.level:
        parts = path.split(".") if path else []
        parts = parts[: len(parts) - statement.level + (1 if is_package else 0)]
        return ".".join([*parts, *filter(None, [module])])
    package, _, rest = module.partition(".")
    return rest if package == "pytorchvideo" else None


def modules_of(root: Path) -> list[str]:
    """The dotted paths of all modules below the package."""
    found = set()
    for file in root.rglob("*.py"):
        parts = file.relative_to(root).with_suffix("").parts
        found.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return sorted(found)


def main(main_branch: Path, release: Path) -> None:
    """Write the file."""
    roots = {"main": main_branch / "pytorchvideo", "0.1.5": release / "pytorchvideo"}
    table: dict[str, dict[str, list[str]]] = {}
    for version, root in roots.items():
        for path in modules_of(root):
            names = table.setdefault(path, {})
            for name in sorted(names_of(root, path)):
                names.setdefault(name, []).append(version)
    lines = []
    for path, names in sorted(table.items()):
        every = sorted(name for name, versions in names.items() if len(versions) == len(roots))
        row: dict[str, list[str]] = {"both": every}
        for version in roots:
            only = sorted(name for name, versions in names.items() if versions == [version])
            if only:
                row[version] = only
        lines.append(f" {json.dumps(path)}: {json.dumps(row)}")
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    Path(__file__).with_name("original_names.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
