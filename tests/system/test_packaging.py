"""What is shipped: wheels that work without the repository, and one list of this project's distributions."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from tests.support import command_line

ROOT = Path(__file__).parents[2]
PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))
CONTRIB = sorted(path.parent for path in (ROOT / "contrib").glob("*/pyproject.toml"))


def _project(folder: Path) -> dict:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_extra_all_names_every_first_party_distribution() -> None:
    extra = _project(ROOT)["optional-dependencies"]["all"]

    assert sorted(extra) == sorted(_project(folder)["name"] for folder in PLUGINS)


@pytest.mark.parametrize("folder", [*PLUGINS, *CONTRIB], ids=lambda folder: folder.name)
def test_every_distribution_says_what_it_is(folder: Path) -> None:
    project = _project(folder)

    assert folder.name == project["name"]
    assert {"description", "readme", "license", "requires-python", "dependencies"} <= set(project)
    assert (folder / "README.md").stat().st_size > 100
    assert list(folder.glob("src/*/py.typed"))


@pytest.mark.slow
def test_the_wheels_work_without_the_repository(tmp_path: Path) -> None:
    wheels, environment = tmp_path / "wheels", tmp_path / "env"
    build = ["uv", "build", "--wheel", "--quiet", "--all-packages", "--out-dir", str(wheels)]
    command_line.run(build, cwd=ROOT, check=True)
    command_line.run(["uv", "venv", "--quiet", "--python", sys.executable, str(environment)], check=True)
    python = environment / "bin" / "python"
    install = ["uv", "pip", "install", "--quiet", "--no-deps", "--python", str(python), *map(str, wheels.glob("*.whl"))]
    command_line.run(install, check=True)
    # torch and the other dependencies come from this environment; its editable installs do not: .pth files of a folder
    # that is itself named in a .pth file are not read.
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (environment / "lib" / version / "site-packages" / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    code = (
        "import ptv_registry as ptv, torch, pathlib\n"
        f"assert {str(ROOT)!r} not in ptv.__file__ or {str(environment)!r} in ptv.__file__, ptv.__file__\n"
        "with torch.device('meta'):\n"
        "    model = ptv.build('slowfast', norm='ghost', conv='oct')\n"
        "import ptv_slowfast\n"
        f"assert ptv_slowfast.__file__.startswith({str(environment)!r}), ptv_slowfast.__file__\n"
        "print(sum(p.numel() for p in model.parameters()))\n"
    )
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(python), "-c", code], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode, done.stderr
    assert int(done.stdout) > 10_000_000
