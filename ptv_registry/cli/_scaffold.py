"""``ptv new-plugin``: a distribution with one component, ready to install and tested."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template
from typing import Final

from ptv_registry import _registry
from ptv_registry._entries import NAME
from ptv_registry._spec import KEYWORDS
from ptv_registry.errors import ArgumentError

_MODULE_KINDS: Final = {"model", "stem", "block", "stage", "head", "fusion", "layer", "loss"}

_PYPROJECT: Final = Template("""\
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "$dist"
version = "0.1.0"
description = "The $kind $name for ptv_registry"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["ptv-registry"$needs]

[project.entry-points."ptv_registry.v1.$kind"]
$name = "$package:$symbol"

[tool.hatch.build.targets.wheel]
packages = ["src/$package"]
""")

_README: Final = Template("""\
# $dist

The $kind `$name` for `ptv_registry`.

    pip install -e .
    pytest
    pytest --ptv-dist $dist
    ptv show $kind:$name
""")

_TEST: Final = Template('''\
"""The $kind $name, found through its entry point."""

import ptv_registry as ptv
$imports

def test_$name$suffix -> None:
$body
''')

_CODE: Final = {
    "norm": (
        '''\
class $symbol(nn.Module):
    """Divides every channel by its root mean square over time and space, with a learned scale.

    Args:
        num_features: channels of the input, which is (B, C, T, H, W).
        eps: added to the mean square.
    """

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_features, 1, 1, 1))
        self.eps = eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) to the same shape."""
        return self.weight * x * torch.rsqrt(x.square().mean((2, 3, 4), keepdim=True) + self.eps)
''',
        "num_features=4",
        "(2, 4, 3, 5, 5)",
        "(2, 4, 3, 5, 5)",
    ),
    "conv": (
        '''\
class $symbol(nn.Conv3d):
    """A convolution whose filters have zero mean, so that a constant input gives the bias alone.

    Takes what :class:`torch.nn.Conv3d` takes; (B, C, T, H, W) to (B, C', T', H', W').
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve with centred filters."""
        weight = self.weight - self.weight.mean((1, 2, 3, 4), keepdim=True)
        return self._conv_forward(x, weight, self.bias)
''',
        "in_channels=4, out_channels=6, kernel_size=[1, 3, 3], stride=[1, 2, 2], padding=[0, 1, 1]",
        "(2, 4, 3, 8, 8)",
        "(2, 6, 3, 4, 4)",
    ),
    "activation": (
        '''\
class $symbol(nn.Module):
    """The square of the rectified input."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape to the same shape."""
        return torch.relu(x).square()
''',
        "",
        "(2, 4, 3, 5, 5)",
        "(2, 4, 3, 5, 5)",
    ),
    "pool": (
        '''\
class $symbol(nn.Module):
    """The mean of average and maximum pooling.

    Args:
        kernel_size, stride, padding: (time, height, width), as for :class:`torch.nn.MaxPool3d`.
    """

    def __init__(
        self,
        kernel_size: int | tuple[int, int, int],
        stride: int | tuple[int, int, int] | None = None,
        padding: int | tuple[int, int, int] = 0,
    ) -> None:
        super().__init__()
        self.max = nn.MaxPool3d(kernel_size, stride, padding)
        self.mean = nn.AvgPool3d(kernel_size, stride, padding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) to (B, C, T', H', W')."""
        return (self.max(x) + self.mean(x)) / 2
''',
        "kernel_size=[1, 2, 2], stride=[1, 2, 2], padding=0",
        "(2, 4, 3, 8, 8)",
        "(2, 4, 3, 4, 4)",
    ),
}

_MODULE_CODE: Final = '''\
class $symbol(nn.Module):
    """A learned scale; replace it with your $kind.

    Args:
        scale: its value at the start.
    """

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape to the same shape."""
        return self.scale * x
'''

_PLAIN_CODE: Final = '''\
class $symbol:
    """Returns what it is called with; replace it with your $kind.

    Args:
$documented        enabled: whether it does anything.
    """

    def __init__(self, ${passed}enabled: bool = True) -> None:
$kept        self.enabled = enabled

    def __call__(self, value: Any) -> Any:
        """The value itself."""
        return value
'''

_BACKEND_HEAD: Final = """\
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from ptv_deploy import Artifact, Backend, Program
from ptv_deploy.artifacts.artifact import Artifacts
from ptv_deploy.artifacts.graph_file import load_graph
"""

_BACKEND_CODE: Final = '''\
class $symbol(Backend):
    """The graph of torch.export, run by PyTorch; replace it with your $kind."""

    name: ClassVar[str] = "$name"
    artifacts: ClassVar[Artifacts] = "data"  # "code", if a file of yours can do more than calculate

    def obstacle(self, program: Program, precision: str) -> str:
        """Tracing says what it cannot follow."""
        _ = program.exported
        return ""

    def write(
        self, program: Program, folder: Path, precision: str, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """The file ``graph.pt2``."""
        torch.export.save(program.exported, folder / "graph.pt2")
        return {}

    def open(self, artifact: Artifact) -> Any:
        """The graph as a function of the model's arguments."""
        module = load_graph(artifact.folder / "graph.pt2", trusted=artifact.trusted).module()
        return lambda args: module(*args)
'''

_BACKEND_BODY: Final = """\
    backend = ptv.build("$kind:$name")
    artifact = backend.export(nn.Conv3d(3, 4, 1), torch.rand(1, 3, 2, 4, 4), tmp_path / "artifact")

    assert artifact.parity.max_rel_diff < 1e-4"""


def write(kind: str, name: str, folder: Path, dist: str | None = None) -> Path:
    """Write the distribution into ``folder`` and return its own folder.

    Raises:
        UnknownNameError: ``kind`` is no kind.
        ArgumentError: the name cannot be a component's, or the folder exists.
    """
    required = _registry.default.kind(kind).requires
    if not NAME.match(name) or name in KEYWORDS:
        raise ArgumentError(f"{name!r} cannot be a component's name; use lower case letters, digits and _")
    dist = dist or f"ptv-{name.replace('_', '-')}"
    package = re.sub(r"[-_.]+", "_", dist).lower()
    if not package.isidentifier() or keyword.iskeyword(package):
        raise ArgumentError(f"{dist!r} cannot be the name of a distribution whose package is {package!r}; give --dist")
    target = folder / dist
    if target.exists():
        raise ArgumentError(f"{target} exists already; choose another --output or --dist")
    symbol = "".join(part.capitalize() for part in name.split("_")) + kind.title().replace("_", "")
    code, arguments, given, expected = _CODE.get(kind, ("", "", "(2, 3)", "(2, 3)"))
    uses_torch = bool(code) or kind in _MODULE_KINDS
    code = code or (_MODULE_CODE if uses_torch else _PLAIN_CODE)
    head = "import torch\nfrom torch import nn\n" if uses_torch else "from typing import Any\n"
    spec = f"{kind}:{name}({arguments})" if arguments else f"{kind}:{name}"
    values = {"dist": dist, "kind": kind, "name": name, "package": package, "symbol": symbol, **_passed(required)}
    needs = ', "torch"' if uses_torch else ""
    suffix = "_keeps_its_output_shape()" if uses_torch else "_is_called()"
    if kind == "backend":
        code, head, needs = _BACKEND_CODE, _BACKEND_HEAD, ', "ptv-deploy[testing]", "torch"'
        imports, suffix = "import torch\nfrom torch import nn\n", "_gives_what_the_model_gives(tmp_path)"
        body = Template(_BACKEND_BODY).substitute(values)
    elif uses_torch:
        imports = "import torch\n"
        body = f'    module = ptv.build("{spec}")\n\n    assert {expected} == tuple(module(torch.rand{given}).shape)'
    else:
        given = "".join(f", {name}=None" for name in required)
        imports, body = "", f'    component = ptv.build("{spec}"{given})\n\n    assert 7 == component(7)'
    files = {
        "pyproject.toml": _PYPROJECT.substitute(values, needs=needs),
        "README.md": _README.substitute(values),
        f"src/{package}/__init__.py": f'"""The {kind} ``{name}``."""\n\n{head}\n\n' + Template(code).substitute(values),
        f"src/{package}/py.typed": "",
        f"tests/test_{name}.py": _TEST.substitute(values, imports=imports, suffix=suffix, body=body),
    }
    for relative, text in files.items():
        path = target / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return target


def _passed(required: tuple[str, ...]) -> dict[str, str]:
    """What the call sites of a kind pass, as lines of a plain component."""
    return {
        "documented": "".join(f"        {name}: what the call site passes.\n" for name in required),
        "passed": "".join(f"{name}: Any, " for name in required),
        "kept": "".join(f"        self.{name} = {name}\n" for name in required),
    }
