"""int8 on a processor with fewer instructions than this one: OpenVINO is held to AVX2, without VNNI and bf16.

Where this processor has no more than that, the same happens unheld.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import openvino as ov
import pytest
import torch

from ptv_openvino import OpenVINO
from ptv_registry.errors import ArgumentError
from tests.support.small_models import Saturates

pytestmark = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="these are instructions of x86"
)

# OpenVINO's own kernels heed the first, those that it has from oneDNN the second.
HELD = {"OV_CPU_MAX_ISA": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
ELSEWHERE = """
import sys, torch, ptv_deploy
from ptv_openvino import OpenVINO
from ptv_openvino.core import has_bf16
clips, wanted = torch.load(sys.argv[1])
for folder in sys.argv[2:]:
    print(ptv_deploy.compare([wanted], [ptv_deploy.load(folder)(clips)]).max_rel_diff)
print(has_bf16())
print(OpenVINO().supports(torch.nn.Identity(), precision="bf16").reason)
"""


def test_an_int8_artifact_gives_on_avx2_what_it_gave_where_it_was_made(tmp_path: Path) -> None:
    model, clips = Saturates().eval(), torch.ones(2, 3, 4, 8, 8)
    with torch.no_grad():
        torch.save((clips, model(clips)), tmp_path / "clips.pt")
    portable = OpenVINO(agreement=0).export(model, clips, tmp_path / "portable", "int8", [clips])
    wide = OpenVINO(agreement=0, weight_bits=8).export(model, clips, tmp_path / "wide", "int8", [clips])
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(tmp_path / "clips.pt"), str(portable.folder), str(wide.folder)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, **HELD},
    )

    assert 0 == done.returncode, done.stderr
    difference, cut_off, has_bf16, reason = done.stdout.splitlines()
    assert float(difference) < 0.02
    assert float(cut_off) > 0.1, "8 bits are cut off there, so that the test would notice"
    assert "False" == has_bf16
    assert "this processor has no bf16" in reason


def test_the_record_says_how_many_bits_weights_have(tmp_path: Path) -> None:
    model, clips = Saturates().eval(), torch.ones(2, 3, 4, 8, 8)
    found = {
        bits: OpenVINO(agreement=0, weight_bits=bits).export(model, clips, tmp_path / f"{bits}", "int8", [clips])
        for bits in (7, 8)
    }

    assert {7: 7, 8: 8} == {bits: artifact.settings["weight_bits"] for bits, artifact in found.items()}
    assert {7: {63}, 8: {127}} == {bits: largest_weights(artifact.folder) for bits, artifact in found.items()}


def largest_weights(folder: Path) -> set[int]:
    """The largest 8-bit numbers among the weights of each layer."""
    graph = ov.Core().read_model(folder / "model.xml")
    found = [
        node.data
        for node in graph.get_ops()
        if node.get_type_name() == "Constant" and node.get_element_type() == ov.Type.i8
    ]
    return {int(abs(data.astype(int)).max()) for data in found}


def test_weights_have_seven_or_eight_bits() -> None:
    with pytest.raises(ArgumentError, match=r"weight_bits=6 must be 7.*or 8"):
        OpenVINO(weight_bits=6)  # type: ignore[arg-type]
