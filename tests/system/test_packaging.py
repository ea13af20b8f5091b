"""What is shipped: wheels that work without the repository, one version, one list of this project's distributions.

``--write`` aligns every ``pyproject.toml`` with the root's version and URLs; ``--source URL`` also records the repository.
"""

from __future__ import annotations

import argparse
import os
import re
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


_NAMES = "|".join(_project(folder)["name"] for folder in [ROOT, *PLUGINS, *CONTRIB])
_OURS = re.compile(rf'(?<!name = )"(?P<dist>{_NAMES})(?P<extras>\[.*?\])?(==[^"]*)?"')
_URLS = re.compile(r"^urls = .*\n", re.MULTILINE)
_LICENSE = '[tool.hatch.build.targets.sdist.force-include]\n"../../LICENSE" = "LICENSE"\n\n'


def aligned(text: str, root: str) -> str:
    """A ``pyproject.toml`` with the root's version and URLs, our distributions pinned, and the licence in its sdist."""
    version, urls = tomllib.loads(root)["project"]["version"], _URLS.search(root)
    assert urls, "pyproject.toml has no line 'urls = {...}'"
    text = re.sub(r'^version = ".*"', f'version = "{version}"', text, count=1, flags=re.MULTILINE)
    text = _OURS.sub(rf'"\g<dist>\g<extras>=={version}"', text)
    text = re.sub(r"^license = .*\n", rf"\g<0>{urls[0]}", _URLS.sub("", text), count=1, flags=re.MULTILINE)
    if '\nname = "ptv-registry"\n' in text or _LICENSE in text:
        return text
    return text.replace("[project]\n", f"{_LICENSE}[project]\n", 1)


def write(source: str | None) -> None:
    """Align all files; ``source`` is the address of the repository."""
    root = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    if source:
        urls = {**tomllib.loads(root)["project"]["urls"], "Source": source}
        pairs = [f'{name} = "{url}"' for name, url in urls.items()]
        root = _URLS.sub(f"urls = {{ {', '.join(pairs)} }}\n", root)
    for folder in [ROOT, *PLUGINS, *CONTRIB]:
        file = folder / "pyproject.toml"
        text = root if folder == ROOT else file.read_text(encoding="utf-8")
        file.write_text(aligned(text, root), encoding="utf-8")


def test_the_extra_all_names_every_first_party_distribution() -> None:
    extra = _project(ROOT)["optional-dependencies"]["all"]

    assert sorted(line.partition("==")[0] for line in extra) == sorted(_project(folder)["name"] for folder in PLUGINS)


@pytest.mark.parametrize("folder", [ROOT, *PLUGINS, *CONTRIB], ids=lambda folder: folder.name)
def test_versions_pins_and_urls_are_those_of_the_root(folder: Path) -> None:
    root = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    text = (folder / "pyproject.toml").read_text(encoding="utf-8")

    assert aligned(text, root) == text, f"run {sys.executable} {__file__} --write"


def test_a_new_version_reaches_every_file() -> None:
    root = (ROOT / "pyproject.toml").read_text(encoding="utf-8").replace('"0.1.0"', '"9.8.7"', 1)
    for folder in [*PLUGINS, *CONTRIB]:
        project = tomllib.loads(aligned((folder / "pyproject.toml").read_text(encoding="utf-8"), root))["project"]
        ours = [line for line in project["dependencies"] if re.match(rf"({_NAMES})\b", line)]

        assert "9.8.7" == project["version"]
        assert all(line.endswith("==9.8.7") for line in ours), ours


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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="align every pyproject.toml with the root's version and URLs")
    parser.add_argument("--write", action="store_true", required=True)
    parser.add_argument("--source", help="the repository's address, recorded as the URL Source")
    write(parser.parse_args().source)
