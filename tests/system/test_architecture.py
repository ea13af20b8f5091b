"""``docs/architecture.md``: the picture of the tree, and walks from headings of PyTorchVideo's documentation to the code.

``python tests/system/test_architecture.py --write`` draws the picture anew.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # where this file is run by itself

from tests.system.test_import_arrows import BOTH, DATA, FAMILY, PLUGINS, main_package_of, place  # noqa: E402

LAYERS = (
    "What models are made of, and what they say about themselves",
    "Families of models",
    "The data side",
    "Where models and data meet",
    "In the position of a third party",
)
WALK = re.compile(
    r"^\| (?P<heading>[^|]+) \| (?P<question>[^|]+) \| \[(?P<shown>[^]]+)\]\(\.\./(?P<path>[^)]+)\), `(?P<name>\w+)` \|$",
    re.M,
)


def layer_of(plugin: Path) -> str:
    side, level = place(main_package_of(plugin))
    if plugin.parent.name == "contrib":
        return LAYERS[4]
    return {DATA: LAYERS[2], BOTH: LAYERS[3]}.get(side) or (LAYERS[1] if (side, level) == FAMILY else LAYERS[0])


def meaning(file: Path) -> str:
    """The first sentence of a module's docstring, without the name that it may begin with."""
    doc = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    text = re.sub(r"^(``)?ptv_\w+(``)?: ", "", doc.partition("\n\n")[0].replace("\n", " "))
    text = re.sub(r"; see .*", "", re.sub(r":\w+:`(\w[^`]*)`", r"\1", text))
    return (text[:1].upper() + text[1:]).rstrip(".").replace("``", "")


def folders_of(plugin: Path) -> list[tuple[int, str, str]]:
    """A distribution and the rooms of its package: how deep, what it is called, what it is."""
    own = plugin / "src" / plugin.name.replace("-", "_")
    source = own if own.is_dir() else plugin / "src" / main_package_of(plugin)
    found = [(1, f"{plugin.relative_to(ROOT)}/", meaning(source / "__init__.py"))]
    if source.name != "pytorchvideo":  # the folders of the original are documented there
        for room in sorted(source.glob("*/__init__.py")):
            found.append((2, f"{room.parent.name}/", meaning(room)))
    return found


def picture() -> str:
    lines = [("The kernel", "", "")]
    lines += [("", "  ptv_registry/", meaning(ROOT / "ptv_registry" / "__init__.py"))]
    by_layer: dict[str, list[Path]] = {layer: [] for layer in LAYERS}
    for plugin in sorted(PLUGINS, key=lambda plugin: (place(main_package_of(plugin))[1], plugin.name)):
        by_layer[layer_of(plugin)].append(plugin)
    for layer, plugins in by_layer.items():
        lines += [("", "", ""), (layer, "", "")]
        for plugin in plugins:
            lines += [("", "  " * depth + name, what) for depth, name, what in folders_of(plugin)]
    width = max(len(name) for _, name, _ in lines)
    return "\n".join(title or f"{name:<{width}}  {what}".rstrip() for title, name, what in lines)


def with_picture(text: str) -> str:
    return re.sub(r"^```text\n.*?^```$", lambda _: f"```text\n{picture()}\n```", text, flags=re.M | re.S)


def walks() -> list[re.Match[str]]:
    return list(WALK.finditer(PAGE.read_text(encoding="utf-8")))


def test_the_picture_is_that_of_the_tree() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert with_picture(text) == text, f"run {sys.executable} {__file__} --write"


def test_every_folder_of_the_picture_says_what_it_is() -> None:
    silent = [line for line in picture().splitlines() if line.startswith("  ") and len(line.split(maxsplit=1)) == 1]

    assert [] == silent


def test_there_are_ten_walks() -> None:
    assert len(walks()) >= 10


@pytest.mark.parametrize("walk", walks(), ids=lambda walk: walk["heading"])
def test_a_walk_ends_at_what_it_names(walk: re.Match[str]) -> None:
    file = ROOT / walk["path"]
    defined = {
        name
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            else re.findall(r"^(\w+)[:=, ]", ast.unparse(node))
        )
    }

    assert walk["shown"] == file.name
    assert walk["name"] in defined


if __name__ == "__main__" and "--write" in sys.argv:
    PAGE.write_text(with_picture(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
