"""``pytest --ptv-dist``: each contract test fails for the component that breaks it, and passes for a good one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.fakes import python, write_dist

CODE = '''
import itertools
from collections.abc import Callable
from typing import Annotated, Any

import torch
from torch import nn
from ptv_registry import Slot

Norm = Annotated[Callable[..., nn.Module] | None, Slot("norm")]


class Good(nn.Module):
    """A norm as it should be."""

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_features, 1, 1, 1))

    def forward(self, x):
        return x * self.weight


class GoodLayer(nn.Module):
    """A layer whose norm can be replaced."""

    def __init__(self, norm: Norm = Good) -> None:
        super().__init__()
        self.norm = norm and norm(num_features=3, eps=1e-3)


class NoFeatures(Good):
    """Takes another name than call sites pass."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)


class Reshapes(Good):
    """Adds an axis."""

    def forward(self, x):
        return x[None]


class Keywords(GoodLayer):
    """Takes anything."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()


class Unresolved(GoodLayer):
    """Names what is not there."""

    def __init__(self, norm: "NotThere" = Good) -> None:
        super().__init__()


def nameless(num_features, eps=1e-5, momentum=0.1):
    return nn.BatchNorm3d(num_features, eps, momentum)


class Unnamed(GoodLayer):
    """Its default has no name."""

    def __init__(self, norm: Norm = nameless) -> None:
        super().__init__(norm)


class Undocumented(GoodLayer):
    __doc__ = None


class Unpicklable(GoodLayer):
    """Holds a lambda."""

    def __init__(self) -> None:
        super().__init__()
        self.function = lambda x: x


COUNT = itertools.count()


class Moody(nn.Module):
    """Is another one every time."""

    def __init__(self) -> None:
        super().__init__()
        setattr(self, f"weight_{next(COUNT)}", nn.Parameter(torch.ones(1)))


class Escapes(GoodLayer):
    """Has a norm that nobody can replace."""

    def __init__(self, norm: Norm = Good) -> None:
        super().__init__(norm)
        self.hidden = nn.BatchNorm3d(3)
'''
POINTS = {
    "v1.norm": {
        "good": "acme_parts:Good",
        "no_features": "acme_parts:NoFeatures",
        "reshapes": "acme_parts:Reshapes",
        "Bad-Name": "acme_parts:Good",
        "missing": "acme_parts:Missing",
    },
    "v1.layer": {
        "good": "acme_parts:GoodLayer",
        "eager": "acme_eager:Eager",
        "keywords": "acme_parts:Keywords",
        "unresolved": "acme_parts:Unresolved",
        "unnamed": "acme_parts:Unnamed",
        "undocumented": "acme_parts:Undocumented",
        "unpicklable": "acme_parts:Unpicklable",
        "moody": "acme_parts:Moody",
        "escapes": "acme_parts:Escapes",
    },
}
BREAKS = {
    "norm:Bad-Name": "test_its_name_can_be_written",
    "layer:eager": "test_listing_does_not_import_it",
    "layer:unresolved": "test_its_annotations_resolve",
    "layer:keywords": "test_it_takes_no_keyword_dictionary",
    "layer:unnamed": "test_its_slots_default_to_components",
    "norm:no_features": "test_it_keeps_the_call_contract_of_its_kind",
    "layer:undocumented": "test_its_docstring_has_a_first_line",
    "norm:reshapes": "test_its_output_has_the_shape_that_its_kind_promises",
    "layer:unpicklable": "test_it_deep_copies_and_pickles",
    "layer:moody": "test_its_lock_builds_the_same",
    "layer:escapes": "test_an_override_reaches_every_slot",
    "norm:missing": "test_its_annotations_resolve",
}
EAGER = 'class Eager:\n    """Imported whether anybody wants it or not."""\n'


def test_each_contract_test_fails_for_the_component_that_breaks_it_and_passes_for_good_ones(tmp_path: Path) -> None:
    modules = {"acme_parts": CODE, "acme_eager": EAGER, "sitecustomize": "import acme_eager"}
    write_dist(tmp_path, "acme", POINTS, modules)
    args = ["-m", "pytest", "--ptv-dist", "Acme", "-rA", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no"]
    args += ["--rootdir", str(tmp_path), "-c", "/dev/null", "-o", "python_files=x"]

    done = python(args, path=tmp_path, check=False)

    outcomes: dict[tuple[str, str], set[str]] = {}
    for outcome, test, component in re.findall(r"^(PASSED|FAILED|ERROR) \S*::(\w+)\[([\w:-]+)\]", done.stdout, re.M):
        name = component.removesuffix("-norm").removesuffix("-conv").removeprefix("norm-").removeprefix("conv-")
        outcomes.setdefault((test, name), set()).add(outcome)
    for component, test in BREAKS.items():
        assert outcomes.get((test, component), set()) & {"FAILED", "ERROR"}, (component, test, done.stdout)
    good = {key: found for key, found in outcomes.items() if key[1] in ("norm:good", "layer:good")}
    assert {"PASSED"} == set().union(*good.values()), done.stdout
    assert set(BREAKS.values()) <= {test for test, _ in good}


def test_a_distribution_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    done = python(["-m", "pytest", "--ptv-dist", "nowhere", "-p", "no:xdist"], path=tmp_path, check=False)

    assert done.returncode in (2, 4)
    assert "no such distribution is installed" in done.stdout + done.stderr


def test_files_that_are_named_run_as_well(tmp_path: Path) -> None:
    write_dist(tmp_path, "acme", {"v1.layer": {"eager": "acme_eager:Eager"}}, {"acme_eager": EAGER})
    (tmp_path / "test_mine.py").write_text("def test_mine():\n    pass\n")
    args = ["-m", "pytest", "--ptv-dist", "acme", str(tmp_path / "test_mine.py"), "-rA", "-p", "no:xdist"]
    args += ["-k", "mine or docstring"]

    done = python([*args, "-p", "no:cacheprovider"], path=tmp_path, check=False)

    assert "::test_mine" in done.stdout
    assert "test_its_docstring_has_a_first_line[layer:eager]" in done.stdout


@pytest.mark.parametrize("kind", ["norm", "conv"])
def test_probes_take_what_call_sites_pass(kind: str) -> None:
    from ptv_registry._kinds import BUILT_IN
    from ptv_registry._signature import signature
    from ptv_registry.testing import samples

    accepts = signature(samples.probe(kind)).accepts
    assert all(map(accepts, BUILT_IN[kind].requires))
