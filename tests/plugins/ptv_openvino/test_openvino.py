"""OpenVINO on real models of every family: any batch size, several pathways, and what it cannot do by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openvino as ov
import pytest
import torch
from torch import nn

import ptv_deploy
import ptv_registry
from ptv_deploy import About, UnsupportedError
from ptv_openvino import OpenVINO
from tests.support.small_models import MODELS, clips_of

FRESH = """
import sys, torch, ptv_deploy
for folder in sys.argv[1:]:
    clips, wanted = torch.load(folder + ".pt")
    parity = ptv_deploy.compare(wanted, [ptv_deploy.load(folder)(item) for item in clips])
    print(parity.max_rel_diff)
print([name for name in sys.modules if name.startswith(("ptv_slowfast", "ptv_x3d", "ptv_mvit", "ptv_layers.")) and not name.endswith(".hooks")])
"""


def test_slowfast_x3d_and_mvit_run_in_a_fresh_process_for_any_batch_size(tmp_path: Path) -> None:
    folders = []
    for name, (spec, shapes) in MODELS.items():
        torch.manual_seed(0)
        model = ptv_registry.build(spec).eval()
        folder = str(tmp_path / name)
        OpenVINO().export(model, clips_of(shapes, 1), folder)
        clips = [clips_of(shapes, batch) for batch in (1, 2, 5)]
        with torch.no_grad():
            torch.save((clips, [model(item) for item in clips]), folder + ".pt")
        folders.append(folder)
    done = subprocess.run(
        [sys.executable, "-c", FRESH, *folders], capture_output=True, text=True, timeout=300, check=False
    )

    assert 0 == done.returncode, done.stderr
    *differences, imported = done.stdout.splitlines()
    assert len(MODELS) == len(differences)
    assert all(float(difference) <= 1e-4 for difference in differences), differences
    assert "[]" == imported


class _Decomposes(nn.Module):
    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        return torch.linalg.eigvals(clips.mean((1, 2))).real


def test_what_it_cannot_convert_is_named_before_anything_runs(tmp_path: Path) -> None:
    clips = torch.randn(2, 3, 4, 8, 8)
    support = OpenVINO().supports(_Decomposes(), example_inputs=clips)

    assert not support
    assert "aten.linalg_eig" in support.reason
    with pytest.raises(UnsupportedError, match="linalg_eig"):
        OpenVINO().export(_Decomposes(), clips, tmp_path / "artifact")
    assert [] == list(tmp_path.iterdir())


def test_int8_without_nncf_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nncf", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert "ptv-openvino[int8]" in OpenVINO().supports(nn.Identity(), precision="int8").reason


def test_int8_quantises_convolutions_and_leaves_the_size_a_third(tmp_path: Path) -> None:
    spec, shapes = MODELS["x3d"]
    torch.manual_seed(0)
    model = ptv_registry.build(spec).eval()
    calibration = [clips_of(shapes, 1) for _ in range(4)]
    plain = OpenVINO().export(model, calibration[0], tmp_path / "fp32")
    # The scores of random weights lie so near to each other that which is first means nothing, and nothing is given back.
    small = OpenVINO().export(
        model,
        calibration[0],
        tmp_path / "int8",
        "int8",
        calibration,
        compare_on=calibration,
        about=About(weights="random"),
    )
    graph = ov.Core().read_model(tmp_path / "int8" / "model.xml")

    assert any(node.get_type_name() == "FakeQuantize" for node in graph.get_ops())
    assert small.bytes < plain.bytes / 3
    assert small.parity is not None
    assert 0 < small.parity.max_rel_diff < 0.05
    assert 5 == small.parity.clips


def test_many_batch_sizes_keep_few_compiled_models(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv3d(3, 4, 1), nn.AdaptiveAvgPool3d(1), nn.Flatten()).eval()
    OpenVINO().export(model, torch.randn(1, 3, 2, 4, 4), tmp_path / "artifact")
    loaded = OpenVINO().load(tmp_path / "artifact")
    for batch in (1, 2, 3, 4, 5, 1):
        clips = torch.randn(batch, 3, 2, 4, 4)
        with torch.no_grad():
            assert ptv_deploy.compare([model(clips)], [loaded(clips)]).max_rel_diff <= 1e-4

    assert 3 == len(loaded._runner._compiled)


def test_it_is_the_default_where_it_is_installed() -> None:
    assert "openvino" == ptv_deploy.default_backend().name
    assert "openvino" == ptv_deploy.default_backend("int8").name


SIGNALS = """
import ctypes, faulthandler, gc, signal, subprocess, sys, torch
from pathlib import Path
from torch import nn
from ptv_openvino import OpenVINO

class Stack(ctypes.Structure):
    _fields_ = (("address", ctypes.c_size_t), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))

def stack_is_there():
    stack = Stack()
    ctypes.CDLL(None).sigaltstack(None, ctypes.byref(stack))
    ranges = [[int(end, 16) for end in line.split()[0].split("-")] for line in open("/proc/self/maps")]
    return any(first <= stack.address and stack.address + stack.size <= last for first, last in ranges)

faulthandler.enable()
model, folder = nn.Sequential(nn.Conv3d(3, 4, 3), nn.AdaptiveAvgPool3d(1), nn.Flatten()).eval(), Path(sys.argv[1])
clips = [torch.randn(1, 3, 4, 8, 8) for _ in range(2)]
OpenVINO().export(model, clips[0], folder / "fp32")
older, newer = [OpenVINO().load(folder / "fp32") for _ in range(2)]
del older
gc.collect()
del newer
gc.collect()
print(stack_is_there())
OpenVINO().export(model, clips[0], folder / "int8", "int8", clips)
gc.collect()
print(stack_is_there())
signal.signal(signal.SIGCHLD, lambda *_: print("signal"))
subprocess.run([sys.executable, "-c", ""], check=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="OpenVINO puts in signal stacks on Linux only")
def test_models_that_end_in_any_order_leave_a_signal_stack_that_is_there(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SIGNALS, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert 0 == done.returncode, done.stderr
    assert ["True", "True", "signal"] == done.stdout.splitlines()
