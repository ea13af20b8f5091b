"""Contracts of kinds: ours, as ``docs/plugins.md`` has them and call sites keep them; and a stranger's, which has all that ours have.

``python tests/kernel/test_contracts.py --write`` writes the list of the page anew.
"""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ptv_registry as ptv
from ptv_registry._kinds import BUILT_IN
from ptv_registry._meaning import meaning_of
from ptv_registry.contracts import Contract, contract_of, providers
from ptv_registry.errors import AmbiguousNameError, ContractError, UnknownNameError

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # where this file is run by itself

from tests.support.fakes import ptv as ptv_command  # noqa: E402
from tests.support.fakes import python, write_dist  # noqa: E402

PAGE = ROOT / "docs" / "plugins.md"
LIST = re.compile(r"(?<=<!-- contracts -->\n).*?(?=<!-- /contracts -->)", re.S)
KINDS = [*BUILT_IN, *sorted(set(ptv.Registry().kind_names()) - set(BUILT_IN))]

FLAVOUR_SCAFFOLD = '''"""A flavour."""


class MineFlavour:
    """Sweet or sour.

    Args:
        sweetness: from 0 to 1.
    """

    def __init__(self, sweetness: float) -> None:
        self.sweetness = sweetness

    def __call__(self, food: str) -> str:
        """The food with what it tastes of."""
        return f"{'sweet' if self.sweetness >= 0.5 else 'sour'} {food}"
'''
FLAVOUR_IN_USE = '''"""The flavour mine, in a kitchen."""

import ptv_registry as ptv


def test_mine_is_sweet() -> None:
    assert "sweet tea" == ptv.build("flavour:mine(sweetness=1)")("tea")
'''


def names(found: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in found)


def listed() -> Iterator[str]:
    """The contracts of all kinds, as the page has them."""
    yield "| kind | protocol | passed | offered | `ptv new-plugin` writes |"
    yield "|---|---|---|---|---|"
    contracts = {kind: contract_of(kind) for kind in KINDS}
    for kind, contract in contracts.items():
        scaffold = meaning_of(f"{contract.scaffold.module}:{contract.scaffold.component}")
        written = re.sub(r"; replace (it|them) with yours?.*", "", scaffold).rstrip(".")
        protocol = f"`{contract.protocol.__module__}.{contract.protocol.__qualname__}`"
        yield f"| `{kind}` | {protocol} | {names(contract.passed)} | {names(contract.offered)} | {written} |"
    yield ""
    for kind, contract in contracts.items():
        yield from textwrap.wrap(f"- **{kind}**: {contract.words}", 140, subsequent_indent="  ")


def text_of_list() -> str:
    return "\n".join(listed()) + "\n"


def test_the_page_has_the_contracts() -> None:
    assert LIST.findall(PAGE.read_text(encoding="utf-8")) == [text_of_list()], (
        f"run {sys.executable} {__file__} --write"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_contract_with_all_its_parts(kind: str) -> None:
    contract = contract_of(kind)

    assert kind == contract.kind
    assert len(contract.words) > 60
    assert contract.samples
    assert contract.protocol.__doc__
    assert "ptv new-plugin" in str(contract)
    assert set(ptv.Registry().kind(kind).requires) <= set(contract.passed)
    assert set(ptv.Registry().kind(kind).offers) == set(contract.offered)


def test_contracts_and_the_list_of_components_import_little() -> None:
    code = (
        "import sys; from ptv_registry.contracts import contract_of, providers; [contract_of(kind) for kind in providers()]; "
        "print([name for name in ('torch', 'torchvision', 'av', 'lightning') if name in sys.modules])"
    )

    assert "[]\n" == python(["-c", code]).stdout
    code = "import sys; from ptv_registry import components; components(); print([n for n in sys.modules if 'contract' in n])"
    assert "[]\n" == python(["-c", code]).stdout


class Call(Exception):
    """A call site called."""


def recorder(contract: Contract, sample: int) -> Any:
    """A component that takes what a sample passes, and tells what it is called with."""
    parameters = [
        inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, annotation=Any) for n in contract.samples[sample].passes
    ]

    def called(**arguments: Any) -> None:
        raise Call(*sorted(arguments))

    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return called


@pytest.mark.parametrize(
    ("kind", "sample", "spec"),
    [
        ("stem", 0, "resnet(stem={})"),
        ("stem", 0, "slowfast(stem={})"),
        ("stem", 1, "x3d(stem={})"),
        ("stage", 0, "resnet(stage={})"),
        ("stage", 0, "slowfast(stage={})"),
        ("stage", 1, "x3d(stage={})"),
        ("block", 0, "resnet(stage=res(res_block={}))"),
        ("block", 1, "resnet(bottleneck={})"),
        ("block", 2, "x3d(stage=x3d(res_block={}))"),
        ("block", 3, "x3d(bottleneck={})"),
        ("head", 0, "resnet(head={})"),
        ("head", 1, "resnet_with_roi_head(head={})"),
        ("head", 2, "x3d(head={})"),
        ("head", 3, "mvit(spatial_size=32, temporal_size=4, depth=1, head={})"),
        ("fusion", 1, "slowfast(fusion={})"),
    ],
)
def test_call_sites_pass_what_the_samples_say(kind: str, sample: int, spec: str) -> None:
    registry = ptv.Registry()
    contract = contract_of(kind)
    registry.register(kind, "recorder")(recorder(contract, sample))
    import torch

    with torch.device("meta"), pytest.raises(ptv.PtvError) as caught:
        ptv.build(spec.format("recorder"), registry=registry)

    assert isinstance(caught.value.__cause__, Call), caught.value
    assert sorted(contract.samples[sample].passes) == list(caught.value.__cause__.args)


def flavours(root: Path) -> Path:
    """The kind of the page, as a distribution, with a component."""
    page = PAGE.read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n((?:(?!```).)*?FLAVOUR = Kind.*?)^```$", page, re.M | re.S)
    (groups,) = re.findall(r"^```toml\n((?:(?!```).)*?acme_flavours:FLAVOUR.*?)^```$", page, re.M | re.S)
    points = {
        group: {name: value}
        for group, name, value in re.findall(r'entry-points\."ptv_registry\.([\w.]+)"\]\n(\w+) = "([^"]+)"', groups)
    }
    sweet = FLAVOUR_SCAFFOLD.replace("Mine", "Sweet")
    write_dist(
        root,
        "acme-flavours",
        {**points, "v1.flavour": {"sweet": "acme_sweet:SweetFlavour"}},
        {"acme_flavours": code, "acme_sweet": sweet},
    )
    (root / "acme_scaffolds").mkdir()
    (root / "acme_scaffolds" / "__init__.py").write_text("")
    (root / "acme_scaffolds" / "flavour.py").write_text(FLAVOUR_SCAFFOLD)
    (root / "acme_scaffolds" / "flavour_in_use.py").write_text(FLAVOUR_IN_USE)
    return root


def test_a_strangers_kind_has_all_that_ours_have(tmp_path: Path) -> None:
    root = flavours(tmp_path)
    listed_ = ptv_command(["list", "flavour"], path=root).stdout
    shown = ptv_command(["show", "flavour", "--contract"], path=root).stdout
    ptv_command(["new-plugin", "flavour", "salty", "-o", str(tmp_path)], path=root)
    salty = {"v1.flavour": {"salty": "ptv_salty:SaltyFlavour"}}
    write_dist(tmp_path / "ptv-salty" / "src", "ptv-salty", salty)
    args = ["-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-p", "no:xdist", "--import-mode=importlib"]
    args += [
        "-c",
        "/dev/null",
        str(tmp_path / "ptv-salty" / "tests"),
        "--ptv-dist",
        "ptv-salty",
        "--ptv-dist",
        "acme-flavours",
    ]
    done = python(args, check=False, PYTHONPATH=f"{root}:{tmp_path / 'ptv-salty' / 'src'}")

    assert "what a clip tastes of" in listed_
    assert re.search(r"^  sweet .*Sweet or sour\.$", listed_, re.M)
    assert "(*, sweetness: float, salt: float = ...) -> acme_flavours.Flavour" in shown
    assert 0 == done.returncode, done.stdout
    for component in ("sweet", "salty"):
        assert re.search(rf"^PASSED .*\[flavour:{component}-names_the_food\]", done.stdout, re.M)
    assert re.search(r"^PASSED .*test_salty_is_sweet", done.stdout, re.M)
    assert re.search(r"^PASSED .*\[acme-flavours-has_kinds_with_contracts\]", done.stdout, re.M)


def test_a_strangers_component_that_breaks_a_strangers_contract_fails(tmp_path: Path) -> None:
    root = flavours(tmp_path)
    (root / "acme_sweet.py").write_text(FLAVOUR_SCAFFOLD.replace("Mine", "Sweet").replace(" {food}", ""))
    args = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-c",
        "/dev/null",
        "--ptv-dist",
        "acme-flavours",
    ]

    done = python(args, check=False, PYTHONPATH=str(root))

    assert 1 == done.returncode
    assert "flavour:sweet: it says 'sweet' of bread; name the food in the answer" in done.stdout
    assert "1 failed" in done.stdout


def test_a_kind_that_is_not_there_has_no_contract() -> None:
    with pytest.raises(UnknownNameError, match="nrom"):
        contract_of("nrom")


def point(name: str, value: str) -> Any:
    import importlib_metadata

    return importlib_metadata.EntryPoint(name, value, "ptv_registry.contracts")


def test_what_is_not_a_contract_of_the_kind_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ptv_registry.contracts.providers", lambda: {"norm": [point("norm", "ptv_layers.contracts.small_parts:CONV")]}
    )

    with pytest.raises(ContractError, match=r"not the contract of kind 'norm'"):
        contract_of("norm")


def test_two_contracts_of_one_kind_are_ambiguous(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [point("norm", f"ptv_layers.contracts.small_parts:{name}") for name in ("CONV", "NORM")]
    monkeypatch.setattr("ptv_registry.contracts.providers", lambda: {"norm": both})

    with pytest.raises(AmbiguousNameError, match="uninstall one"):
        contract_of("norm")


def test_our_kinds_are_provided_once() -> None:
    assert dict.fromkeys(KINDS, 1) == {kind: len(points) for kind, points in providers().items()}


if __name__ == "__main__" and "--write" in sys.argv:
    PAGE.write_text(LIST.sub(lambda _: text_of_list(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
