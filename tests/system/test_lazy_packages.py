"""Packages whose names are imported at their first use: what they declare, export and find is the same."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from ptv_registry.lazy import lazy_names

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(
    file.parent.name
    for file in ROOT.glob("plugins/*/src/*/__init__.py")
    if "lazy_package(__name__)" in file.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_declared_name_is_exported_and_found(package: str) -> None:
    module = import_module(package)

    assert sorted(module.__all__) == sorted(lazy_names(package)) == dir(module)
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        module.nothing  # noqa: B018


@pytest.mark.parametrize("package", PACKAGES)
def test_no_name_is_that_of_a_module_which_would_hide_it(package: str) -> None:
    folder = Path(str(import_module(package).__file__)).parent
    modules = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}

    assert set() == modules & set(lazy_names(package))


def test_no_package_of_ours_imports_torch_before_a_name_is_used() -> None:
    code = f"import sys, {', '.join(PACKAGES)}; sys.exit('torch' in sys.modules)"

    assert len(PACKAGES) > 20
    subprocess.run([sys.executable, "-c", code], check=True)
