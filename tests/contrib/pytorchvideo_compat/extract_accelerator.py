"""Extracts the names of the accelerator's chapter, which the documentation's text describes by their folders only.

The text says where the efficient blocks, the models and the deployment are, and shows them in tutorials; the names and
signatures are those of PyTorchVideo 0.1.5. Run it only to make documented_accelerator.json anew, with a Python that has
that distribution: python tests/contrib/pytorchvideo_compat/extract_accelerator.py
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDERS = ("accelerator", "layers.accelerator", "models.accelerator")


def parameters(function: Any) -> list[dict[str, Any]]:
    """The parameters of a function that have names; a default as its ``repr``, without spaces."""
    found = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "self" or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        entry: dict[str, Any] = {"name": parameter.name, "keyword_only": parameter.kind is parameter.KEYWORD_ONLY}
        if parameter.default is not parameter.empty:
            entry["default"] = repr(parameter.default).replace(" ", "")
        found.append(entry)
    return found


def described(value: Any) -> dict[str, Any]:
    """What there is to say about a name."""
    if inspect.isfunction(value):
        return {"parameters": parameters(value)}
    if not inspect.isclass(value):
        return {}
    entry: dict[str, Any] = {"parameters": parameters(value.__init__)} if "__init__" in vars(value) else {}
    if "convert" in vars(value):
        entry["methods"] = {"convert": [parameter["name"] for parameter in parameters(value.convert)]}
    return entry


def names_of(module: ModuleType) -> dict[str, Any]:
    """The public names that a module defines itself."""
    assigned = re.findall(r"^(\w+) = ", inspect.getsource(module), re.MULTILINE)
    return {
        name: described(value)
        for name, value in vars(module).items()
        if not name.startswith("_") and (getattr(value, "__module__", "") == module.__name__ or name in assigned)
    }


def main() -> None:
    """Write the file."""
    modules, names = [], {}
    for folder in FOLDERS:
        package = importlib.import_module(f"pytorchvideo.{folder}")
        for module_info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module_info.name.endswith(".conv_helper"):
                continue  # nothing in it is public
            module = importlib.import_module(module_info.name)
            path = module.__name__.removeprefix("pytorchvideo.")
            modules.append(path)
            names.update({f"{path}.{name}": entry for name, entry in names_of(module).items()})
    text = json.dumps({"modules": sorted(modules), "names": dict(sorted(names.items()))}, indent=1)
    Path(__file__).with_name("documented_accelerator.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
