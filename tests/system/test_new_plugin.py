"""A distribution written by ``ptv new-plugin``, installed into a copy of the environment."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from ptv_registry import Registry
from ptv_registry._kinds import BUILT_IN
from tests.support.fakes import ptv, python

pytestmark = pytest.mark.filterwarnings("default")


class Environment:
    """A virtual environment that sees what the development environment has, and can be installed into."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False, symlinks=True)
        self.python = folder / "bin" / "python"
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        site = folder / "lib" / version / "site-packages"
        development = sysconfig.get_path("purelib")
        (site / "development.pth").write_text(f"import site; site.addsitedir({development!r})\n")

    def install(self, source: Path) -> None:
        """What ``pip install --no-deps --no-build-isolation`` does."""
        options = ["--no-deps", "--no-build-isolation", "--offline", "--quiet", "--python", str(self.python)]
        subprocess.run([sys.executable, "-m", "uv", "pip", "install", *options, str(source)], check=True, timeout=120)

    def run(self, *args: str, cwd: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Python in this environment."""
        env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
        done = subprocess.run(
            [self.python, *args], capture_output=True, text=True, cwd=cwd, env=env, check=False, timeout=200
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def code(self, code: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a text."""
        return self.run("-c", code, check=check)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "venv")


def new_plugin(folder: Path, kind: str, name: str, dist: str, code: str | None = None) -> Path:
    ptv(["new-plugin", kind, name, "--output", str(folder), "--dist", dist])
    if code is not None:
        (folder / dist / "src" / dist.replace("-", "_") / "__init__.py").write_text(code)
    return folder / dist


def test_a_new_plugin_works_passes_its_tests_and_the_contract_and_broken_neighbours_do_not_matter(
    environment: Environment, tmp_path: Path
) -> None:
    ptv(["new-plugin", "norm", "mine", "--output", str(tmp_path)])
    mine = tmp_path / "ptv-mine"
    environment.install(mine)
    environment.install(new_plugin(tmp_path, "norm", "broken", "ptv-broken", "1 / 0"))

    built = environment.code(
        "import ptv_registry as ptv; m = ptv.build('norm:mine(num_features=3)'); print(type(m).__module__)"
    )
    assert "ptv_mine\n" == built.stdout
    own = environment.run("-m", "pytest", "-p", "no:cacheprovider", "-q", cwd=mine)
    assert "1 passed" in own.stdout
    contract = environment.run("-m", "pytest", "--ptv-dist", "ptv-mine", "-p", "no:cacheprovider", cwd=mine)
    assert "failed" not in contract.stdout
    assert "passed" in contract.stdout
    broken = environment.code("import ptv_registry as ptv; ptv.build('norm:broken(num_features=3)')", check=False)
    assert "PluginLoadError" in broken.stderr
    assert "norm:broken of ptv-broken 0.1.0" in broken.stderr
    assert "ZeroDivisionError" in broken.stderr
    listed = environment.run("-m", "ptv_registry.cli", "list", "norm").stdout
    assert {"mine", "broken"} <= {line.split()[0] for line in listed.splitlines()}


def test_two_distributions_that_claim_one_name_are_ambiguous_only_when_it_is_used(
    environment: Environment, tmp_path: Path
) -> None:
    for dist in ("acme-twin", "other-twin"):
        environment.install(new_plugin(tmp_path, "norm", "twin", dist))
    environment.install(new_plugin(tmp_path, "norm", "mine", "ptv-mine"))

    environment.code("import ptv_registry as ptv; ptv.build('norm:mine(num_features=3)')")
    for dist in ("acme-twin", "other-twin"):
        build = f"import ptv_registry as ptv; print(type(ptv.build('norm:{dist}/twin(num_features=3)')).__module__)"
        assert dist.replace("-", "_") + "\n" == environment.code(build).stdout
    used = environment.code("import ptv_registry as ptv; ptv.build('norm:twin(num_features=3)')", check=False)
    assert "AmbiguousNameError" in used.stderr
    assert "provided by acme-twin and other-twin" in used.stderr


def test_every_kind_of_new_plugin_passes_its_own_tests_and_the_contract(tmp_path: Path) -> None:
    """Seen through metadata on the path instead of an installation, all kinds in one run."""
    from ptv_registry.cli._scaffold import write

    kinds = list(Registry().kinds())  # those that distributions add as well
    args = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--import-mode=importlib"]
    sources = []
    for kind in kinds:
        folder = write(kind, f"own_{kind}", tmp_path)
        sources.append(str(folder / "src"))
        info = folder / "src" / f"{folder.name.replace('-', '_')}-0.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {folder.name}\nVersion: 0.1.0\n")
        package = folder.name.replace("-", "_")
        value = (folder / "pyproject.toml").read_text().split(f'own_{kind} = "')[1].partition('"')[0]
        assert value.startswith(f"{package}:")
        (info / "entry_points.txt").write_text(f"[ptv_registry.v1.{kind}]\nown_{kind} = {value}\n")
        args += [str(folder / "tests"), "--ptv-dist", folder.name]

    done = python([*args, "-c", "/dev/null"], check=False, PYTHONPATH=os.pathsep.join(sources))

    summary = done.stdout.splitlines()[-1]
    assert 0 == done.returncode, done.stdout
    assert "failed" not in summary
    assert int(summary.split(" passed")[0].split()[-1]) >= 6 * len(kinds)
    assert set(BUILT_IN) < set(kinds)
