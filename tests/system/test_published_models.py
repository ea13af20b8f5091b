"""One table per family, ``weights.toml``, says which models are published; everything else that lists them follows.

``python tests/system/test_published_models.py --write`` brings it up to date: entry points, exports of the family, torch hub,
the tables in READMEs, ``docs/published_models.md`` and the kernel's list of known components.
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HUB = ROOT / "contrib" / "pytorchvideo-compat" / "src" / "pytorchvideo" / "models" / "hub"
PAGE = ROOT / "docs" / "published_models.md"
KNOWN = ROOT / "ptv_registry" / "known_components.json"
PLUGINS = sorted(file.parent for file in ROOT.glob("*/*/pyproject.toml"))


class Family:
    """A distribution with a table of published models."""

    def __init__(self, table: Path) -> None:
        self.package = table.parent.name
        self.source = table.parent
        self.folder = table.parents[2]
        self.models: dict[str, dict[str, Any]] = tomllib.loads(table.read_text(encoding="utf-8"))

    @property
    def entries(self) -> dict[str, str]:
        """The entry points of the models that the table has."""
        return entry_points(self.folder, "ptv_registry.v1.model")

    @property
    def variants(self) -> list[str]:
        """The models that are rows of arguments in ``published.py``; a builder of its own may be in the table too."""
        home = f"{self.package}.published:"
        return [name for name in self.models if self.entries.get(name, home).startswith(home)]


def entry_points(folder: Path, group: str) -> dict[str, str]:
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, str] = project.get("entry-points", {}).get(group, {})
    return found


FAMILIES = [Family(table) for table in sorted(ROOT.glob("plugins/*/src/*/weights.toml"))]


def in_hub() -> dict[str, dict[str, str]]:
    """For each module of ``pytorchvideo.models.hub``, its models and their packages."""
    found: dict[str, dict[str, str]] = {}
    for family in FAMILIES:
        for name, entry in family.models.items():
            if "hub" in entry:
                found.setdefault(entry["hub"], {})[name] = family.package
    return found


def with_exports(text: str, module: str, names: Iterable[str], known: Iterable[str] = ()) -> str:
    """Python code that imports and exports these names of a module, and no others of the known ones."""
    wanted = sorted(names)
    line = rf"^( *)from {re.escape(module)} import (?:\([^)]*\)|[^(\n]*)$"
    text = re.sub(line, lambda m: f"{m[1]}from {module} import {', '.join(wanted)}", text, flags=re.M)
    exported = re.search(r"^__all__ = \[(.*?)\]$", text, re.M | re.S)
    assert exported, f"a module that imports {module} has an __all__"
    others = set(re.findall(r'"(\w+)"', exported[1])) - set(known)
    listed = ", ".join(f'"{name}"' for name in sorted(others | set(wanted)))
    return text[: exported.start()] + f"__all__ = [{listed}]" + text[exported.end() :]


def formatted(code: str) -> str:
    for command in (["check", "--select", "I,RUF022", "--fix-only", "--quiet"], ["format", "--quiet"]):
        words = [sys.executable, "-m", "ruff", *command, "--config", str(ROOT / "pyproject.toml"), "-"]
        code = subprocess.run(words, input=code, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return code


def entry_point_lines(family: Family) -> str:
    text = (family.folder / "pyproject.toml").read_text(encoding="utf-8")
    head = '[project.entry-points."ptv_registry.v1.model"]\n'
    before, _, after = text.partition(head)
    lines, blank, rest = after.partition("\n\n")
    missing = [
        f'{name} = "{family.package}.published:{name}"' for name in family.variants if name not in family.entries
    ]
    return before + head + "\n".join([lines, *missing]) + blank + rest


def hub_module(module: str, models: Mapping[str, str]) -> str:
    text = (HUB / f"{module}.py").read_text(encoding="utf-8")
    line = r"^\w+ = HubModel\(.*\)\n"
    made = "".join(f'{name} = HubModel("{name}", {package}.{name})\n' for name, package in sorted(models.items()))
    present = re.findall(line, text, re.M)
    before, after = text.split("".join(present))
    text = before + made + after
    text = re.sub(r"checkpoints_of\([^)]*\)", f"checkpoints_of({', '.join(sorted(models))})", text)
    known = [line.partition(" ")[0] for line in present]
    return with_exports(text, "nothing", models, known)


def kinds_table(folder: Path, text: str) -> str:
    """A README whose table of kinds and names is that of the distribution's entry points."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {group.removeprefix("ptv_registry.v1."): points for group, points in project["entry-points"].items()}

    def row(match: re.Match[str]) -> str:
        kind = match[1]
        return f"| {kind} | {', '.join(f'`{name}`' for name in groups[kind])} |" if kind in groups else match[0]

    head, rule, table = text.partition("| kind | names |\n|---|---|\n")
    rows, blank, rest = table.partition("\n\n")
    return head + rule + re.sub(r"^\| (\w+) \| (.*) \|$", row, rows, flags=re.M) + blank + rest


def page() -> str:
    lines = [
        "# Published models",
        "",
        "Build a row with its weights by `build(MODEL, weights=WEIGHTS)`; where the weights are for other arguments,",
        "`ptv zoo show MODEL/WEIGHTS` has the whole call. The figures are those of the published tables.",
        "",
        "This page is written by `tests/system/test_published_models.py --write` from the tables `weights.toml` of the families.",
    ]
    for family in FAMILIES:
        lines += ["", f"## {family.folder.name}", ""]
        lines += ["| model | weights | dataset | frames x rate | top-1 | top-5 | mAP | M parameters | GFLOPs |"]
        lines += ["|---|---|---|---|---|---|---|---|---|"]
        for name, entry in family.models.items():
            for row in entry.get("weights", []):
                metrics = row.get("metrics", {})
                cells = [f"`{name}`", f"`{row['name']}`", row["dataset"], row.get("frames_x_rate", "")]
                cells += [shown(metrics.get(metric)) for metric in ("top1", "top5", "map")]
                cells += [shown(row.get("params_m")), shown(row.get("flops_g"))]
                lines += ["| " + " | ".join(cells) + " |"]
            if not entry.get("weights"):
                lines += [f"| `{name}` | none | | | | | | | |"]
    return "\n".join(lines) + "\n"


def shown(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def known_components() -> str:
    spec = importlib.util.spec_from_file_location("known", ROOT / "tests" / "kernel" / "test_known_components.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.text())


def followers() -> Iterator[tuple[Path, str]]:
    """Every file that follows from the tables, with the text that it must have."""
    for family in FAMILIES:
        yield family.folder / "pyproject.toml", entry_point_lines(family)
        file = family.source / "__init__.py"
        text = file.read_text(encoding="utf-8")
        yield file, formatted(with_exports(text, f"{family.package}.published", family.variants))
    hub = in_hub()
    everything = sorted(name for models in hub.values() for name in models)
    index = (HUB / "__init__.py").read_text(encoding="utf-8")
    for module, models in hub.items():
        yield HUB / f"{module}.py", formatted(hub_module(module, models))
        index = with_exports(index, f"pytorchvideo.models.hub.{module}", models)
    yield HUB / "__init__.py", formatted(index)
    conf = ROOT / "hubconf.py"
    yield conf, formatted(with_exports(conf.read_text(encoding="utf-8"), "pytorchvideo.models.hub", everything))
    for folder in PLUGINS:
        if "| kind | names |" in (text := (folder / "README.md").read_text(encoding="utf-8")):
            yield folder / "README.md", kinds_table(folder, text)
    yield PAGE, page()
    yield KNOWN, known_components()


@cache
def outdated() -> dict[str, str]:
    return {
        str(file.relative_to(ROOT)): text
        for file, text in followers()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    }


def test_everything_that_lists_published_models_follows_from_the_tables() -> None:
    assert [] == sorted(outdated()), f"run {sys.executable} {__file__} --write, then make setup"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.package)
def test_every_model_of_a_table_is_registered_and_has_the_clips_and_rows_of_its_table(family: Family) -> None:
    import ptv_registry
    from ptv_cards.published_weights import published_models, weights_of

    table = published_models(family.package)

    assert list(family.models) == list(table)
    for name, published in table.items():
        builder = ptv_registry.resolve(name).root.target
        assert published.weights == weights_of(builder), name
        assert published.clip_input in (None, getattr(builder, "clip_input", None)), name


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.package)
def test_a_variant_takes_every_argument_of_its_builder(family: Family) -> None:
    import inspect

    published = importlib.import_module(f"{family.package}.published")

    for name in family.variants:
        made = getattr(published, name)
        assert list(inspect.signature(made).parameters) == list(inspect.signature(made.func).parameters), name


def test_every_original_that_is_recorded_is_a_published_model() -> None:
    data = ROOT / "tests" / "support" / "reference_data"
    recorded = {file.stem for folder in ("zoo", "vmz") for file in (data / folder).glob("*.json")}

    assert recorded
    assert set() == recorded - {name for family in FAMILIES for name in family.models}


def test_a_new_row_reaches_every_list() -> None:
    name = "x3d_xxl"
    text = (HUB / "x3d.py").read_text(encoding="utf-8")

    assert f'"{name}"' in with_exports(text, "nothing", [name])
    assert "x3d_xs" not in with_exports('__all__ = ["x3d_xs"]', "nothing", [name], known=["x3d_xs"])
    assert f"import {name}" in with_exports(
        "from a.published import (\n    b,\n)\n\n__all__ = []", "a.published", [name]
    )


if __name__ == "__main__" and "--write" in sys.argv:
    # The list of known components reads the entry points that are written before it.
    for file, text in followers():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            print(json.dumps(str(file.relative_to(ROOT))))
