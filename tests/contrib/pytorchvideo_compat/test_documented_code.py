"""The code of the documentation's overviews runs as it is written; see extract_documented.py for where it comes from.

What is supplied is what its text leaves to the reader: imports, ``in_features``, ``YourFancyNorm``, a data set in the
folder. What is changed is in CHANGED, with the reason.
"""

import ast
import re
from pathlib import Path

import pytest
import torch
import torchvision
from torch import nn

import pytorchvideo.data
import pytorchvideo.layers
import pytorchvideo.transforms
from ptv_ghost_norm import GhostBatchNorm3d
from ptv_minpool import MinPool3d
from ptv_octconv import OctConv3d
from ptv_video import write_video

SIZE = "B, C, T, H, W = 2, 256, 4, 14, 14\n"
# (words of the block, what is written, what is run, why)
CHANGED = [
    ("", r"\bnonlocal\b", "nonlocal_", "a keyword of Python"),
    (
        "output = x3d_head",
        re.escape(f"num_classes=400)\n{SIZE}"),
        "num_classes=400)\nB, C, T, H, W = 1, 1024, 13, 14, 14\n",
        "the head is made for 1024 channels and pools 13 frames",
    ),
    (
        "loss = simclr_loss",
        re.escape(SIZE),
        "B, C, T, H, W = 2, 3, 4, 224, 224\n",
        "the backbone takes pictures of 3 channels, and pools 4 x 7 x 7 after a stride of 32",
    ),
]


def sources():
    """Each block of code once, with the sources that show it."""
    text = Path(__file__).with_name("documented_code.md").read_text(encoding="utf-8")
    found = {}
    for part in re.split(r"^# (?=models page|chapter)", text, flags=re.MULTILINE)[1:]:
        source = part.splitlines()[0]
        for code in re.findall(r"^```\n(.*?)^```$", part, re.MULTILINE | re.DOTALL):
            tree = ast.dump(ast.parse(re.sub(r"\bnonlocal\b", "nonlocal_", code)))
            found.setdefault(tree, (code, []))[1].append(source)
    return list(found.values())


SOURCES = sources()


def name_of(code):
    assigned = re.findall(r"^(\w+) =", code, re.MULTILINE)
    return f"{assigned[0]} to {assigned[-1]}"


@pytest.fixture
def in_a_folder_with_kinetics(tmp_path, monkeypatch):
    root = tmp_path / "path/to/kinetics_root"
    root.mkdir(parents=True)
    frames = torch.randint(256, (3, 25, 48, 64), dtype=torch.uint8)
    for number in range(3):
        write_video(root / f"{number}.mp4", frames, fps=10)
    (root / "train.csv").write_text("".join(f"{root}/{number}.mp4 {number}\n" for number in range(3)))
    monkeypatch.chdir(tmp_path)


def run(code):
    for words, before, after, _ in CHANGED:
        if words in code:
            code, times = re.subn(before, after, code)
            assert times or not words, f"there is no {before}"
    names = {
        "torch": torch,
        "torchvision": torchvision,
        "pytorchvideo": pytorchvideo,
        "in_features": 256,
        "out_features": 400,
        "YourFancyNorm": GhostBatchNorm3d,
        "YourFancyConv": OctConv3d,
        "YourFancyAct": pytorchvideo.layers.Swish,
        "YourFancyPool": MinPool3d,
    }
    with torch.no_grad():
        exec(code, names)
    return names


@pytest.mark.slow
@pytest.mark.usefixtures("in_a_folder_with_kinetics")
@pytest.mark.parametrize(("code", "shown_in"), SOURCES, ids=[name_of(code) for code, _ in SOURCES])
def test_the_documented_code_runs(code, shown_in):
    names = run(code)

    made = set(re.findall(r"^(\w+) =", code, re.MULTILINE))
    assert made - {"nonlocal"} <= set(names)
    if "output" in made:
        assert torch.isfinite(names["output"]).all()
    if "loss" in made:
        assert torch.isfinite(names["loss"])


def test_all_sources_are_run():
    assert {source for _, shown_in in SOURCES for source in shown_in} == {
        "models page",
        "chapter 1",
        "chapter 4",
        "chapter 7",
        "chapter 9",
    }
    assert sum("models page" in shown_in for _, shown_in in SOURCES) == 9
    assert all("chapter 1" in shown_in for _, shown_in in SOURCES if "models page" in shown_in)


@pytest.mark.usefixtures("in_a_folder_with_kinetics")
def test_the_loader_of_chapter_4_gives_batches_of_the_documented_clips():
    (code,) = [code for code, shown_in in SOURCES if shown_in == ["chapter 4"]]

    (batch,) = run(code)["data_loader"]

    assert {"video", "audio", "label", "video_name", "video_index", "clip_index"} <= set(batch)
    assert batch["video"].shape == (3, 3, 20, 48, 64)
    assert sorted(batch["video_name"]) == ["0.mp4", "1.mp4", "2.mp4"]
    assert sorted(batch["label"].tolist()) == [0, 1, 2]


@pytest.mark.usefixtures("in_a_folder_with_kinetics")
def test_the_dataset_of_chapter_7_gives_transformed_clips():
    (code,) = [code for code, shown_in in SOURCES if shown_in == ["chapter 7"]]

    samples = list(run(code)["dataset"])

    assert [sample["video"].shape for sample in samples] == 3 * [(3, 8, 244, 244)]
    assert all(sample["video"].is_floating_point() for sample in samples)


def test_the_customized_stems_hold_the_parts_that_were_given():
    (code,) = [code for code, _ in SOURCES if "YourFancyNorm" in code]

    for part in (GhostBatchNorm3d, OctConv3d, pytorchvideo.layers.Swish, MinPool3d):
        statement = next(
            node
            for node in ast.parse(code).body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and {GhostBatchNorm3d: "norm", OctConv3d: "conv", MinPool3d: "pool"}.get(part, "activation")
            in [keyword.arg for keyword in node.value.keywords]
        )
        stem = run("from pytorchvideo.models.stem import create_res_basic_stem\n" + ast.unparse(statement))["stem"]

        assert isinstance(stem, nn.Module)
        assert any(isinstance(module, part) for module in stem.modules())
