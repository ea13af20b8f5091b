"""A distribution written by ``ptv new-plugin``, installed into a copy of the environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from ptv_registry import Registry
from ptv_registry._kinds import BUILT_IN
from tests.support.fakes import ptv, write_dist

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

    def install(self, *sources: Path) -> None:
        """What ``pip install --no-deps --no-build-isolation`` does."""
        options = ["--no-deps", "--no-build-isolation", "--offline", "--quiet", "--python", str(self.python)]
        subprocess.run(
            [sys.executable, "-m", "uv", "pip", "install", *options, *map(str, sources)], check=True, timeout=300
        )

    def run(self, *args: str, cwd: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Python in this environment."""
        env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
        done = subprocess.run(
            [self.python, *args], capture_output=True, text=True, cwd=cwd, env=env, check=False, timeout=600
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


@pytest.mark.slow
def test_every_kind_of_new_plugin_is_installed_used_where_it_belongs_and_passes_the_contract(
    environment: Environment, tmp_path: Path
) -> None:
    """All kinds in one installation and one run: their own tests use them in models, trainings and on encoded videos."""
    from ptv_registry.cli._scaffold import write

    kinds = Registry().kind_names()  # those that distributions add as well
    folders = {kind: write(kind, f"own_{kind}", tmp_path / "plugins") for kind in kinds}
    environment.install(*folders.values())
    args = ["-m", "pytest", "-q", "-rA", "--tb=short", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "error"]
    args += ["--import-mode=importlib", "-c", "/dev/null"]
    for folder in folders.values():
        args += [str(folder / "tests"), "--ptv-dist", folder.name]

    done = environment.run(*args, cwd=tmp_path, check=False)

    assert 0 == done.returncode, done.stdout[-20000:]
    for kind in kinds:
        assert re.search(rf"^PASSED .*test_own_{kind}\.py::", done.stdout, re.M), kind
        assert re.search(rf"^PASSED .*\[{kind}:own_{kind}-works_where_it_is_used\]", done.stdout, re.M), kind
    assert set(BUILT_IN) < set(kinds)


def test_a_kind_without_a_contract_is_an_error_that_says_where_it_has_to_be_named(tmp_path: Path) -> None:
    write_dist(tmp_path, "acme", {"v1.kinds": {"flavour": "tests.support.fake_parts:OWN_KIND"}})
    root = Path(__file__).parents[2]

    done = ptv(["new-plugin", "flavour", "sour"], check=False, PYTHONPATH=os.pathsep.join([str(tmp_path), str(root)]))

    assert 1 == done.returncode
    assert "no installed distribution has the contract of kind 'flavour'" in done.stderr
    assert "ptv_registry.contracts" in done.stderr
