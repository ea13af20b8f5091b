"""The kinds of cases: what is damaged, and what is read of it."""

from __future__ import annotations

import gzip
import io
import json
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

import ptv_registry as ptv
from tests.support.fuzz_files import damaged_annotations, images, videos
from tests.support.fuzzing import JUNK, PIECES, Case, damaged_bytes, damaged_data


class Tiny(nn.Module):
    """A model of two layers, for checkpoints."""

    def __init__(self, width: int = 3, num_class: int = 2, norm: str = "batch") -> None:
        super().__init__()
        self.conv = nn.Conv3d(3, width, 1)
        self.head = nn.Linear(width, num_class)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.conv(x).mean((2, 3, 4)))


def artifacts(folder: Path) -> Case:
    """Records with and without their checksums, graphs, and bytes of an artifact of ``eager``."""
    import ptv_deploy
    from ptv_deploy import Artifact
    from ptv_deploy.artifacts.artifact import _checksum

    good = folder / "artifact"
    ptv.build("eager", kind="backend").export(Tiny(), torch.zeros(1, 3, 2, 4, 4), good)
    record = json.loads((good / "artifact.json").read_text())
    record.pop("checksum")
    with zipfile.ZipFile(good / "model.pt2") as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    texts = [name for name in records if name.endswith(".json")]

    def case(rng: random.Random, place: Path) -> None:
        bad = place / "artifact"
        shutil.copytree(good, bad)
        how = rng.randrange(10)
        if how < 5:
            data = damaged_data(record, rng)
            checksum = _checksum(data) if rng.random() < 0.9 else "0" * 64
            text = json.dumps({**data, "checksum": checksum} if isinstance(data, dict) else data)
            (bad / "artifact.json").write_text(text)
        elif how == 5:
            (bad / "artifact.json").write_bytes(damaged_bytes((good / "artifact.json").read_bytes(), rng))
        else:
            if how == 6:
                (bad / "model.pt2").write_bytes(damaged_bytes((good / "model.pt2").read_bytes(), rng))
            else:
                name = rng.choice(texts)
                data = damaged_data(json.loads(records[name]), rng)
                with zipfile.ZipFile(bad / "model.pt2", "w") as archive:
                    for other, content in records.items():
                        archive.writestr(other, json.dumps(data) if other == name else content)
            Artifact.read(bad, verify=False).with_files().write()
        ptv_deploy.load(bad)(torch.zeros(1, 3, 2, 4, 4))

    return case


def checkpoints(folder: Path) -> Case:
    """Records, weights and bytes of a checkpoint; some of them with a checksum that fits."""
    import hashlib

    from ptv_train.checkpoint import _MARK, load_model, save_checkpoint

    ptv.register("model", "fuzz_tiny", replace=True)(Tiny)
    model = ptv.build("fuzz_tiny")
    transform = "apply_transform_to_key(key='video', transform=compose(transforms=[div_255, center_crop(size=4)]))"
    recipe = {"seconds": 1.0, "transform": transform, "train_transform": None, "scores": "logits"}
    lock = ptv.freeze(model)
    good = {
        "state_dict": {f"model.{name}": tensor for name, tensor in model.state_dict().items()},
        "ptv": {"lock": lock, "categories": ["a", "b"], "recipe": recipe},
    }
    save_checkpoint(good, folder / "good.ckpt")
    content = (folder / "good.ckpt").read_bytes()

    def case(rng: random.Random, place: Path) -> None:
        path = place / "x.ckpt"
        how = rng.randrange(10)
        if how < 3:
            text = json.dumps(damaged_data(json.loads(lock), rng))
            save_checkpoint({**good, "ptv": {**good["ptv"], "lock": text}}, path)
        elif how < 6:
            save_checkpoint(damaged_data(good, rng), path)
        elif how < 8:
            path.write_bytes(damaged_bytes(content, rng))
        else:
            data = damaged_bytes(content[: -len(_MARK) - 64], rng)
            path.write_bytes(data + _MARK + hashlib.sha256(data).hexdigest().encode())
        _, record = load_model(path)
        record.recipe.build_transform()

    return case


def locks(folder: Path) -> Case:
    """Locks with other values, and texts of locks with other bytes."""
    good = [
        json.loads(ptv.freeze(ptv.resolve(spec))) for spec in ("slow_r50", "slowfast", "x3d", "csn", "mvit_base_16x4")
    ]

    def case(rng: random.Random, place: Path) -> None:
        lock = rng.choice(good)
        if rng.random() < 0.8:
            ptv.resolve(json.dumps(damaged_data(lock, rng)), foreign=True)
        else:
            text = "{" + damaged_bytes(json.dumps(lock).encode(), rng).decode("latin1")
            ptv.resolve(text, foreign=True)

    return case


_LABELS = (
    "path,label,duration\na.mp4,0,1.5\nb c.mp4,1,2\n\"d,e.mp4\",2,3/2\n",
    "a.mp4 0\nb.mp4 1\n",
    "a.mp4\tjump\nb.mp4\trun\n",
    '[{"path": "a.mp4", "label": 0, "duration": 1e1}, {"path": "b.mp4", "label": 1}]',
    '{"a.mp4": {"label": "x"}, "b.mp4": {"label": "y"}}',
    '{"path": "a.mp4", "label": 1}\n{"path": "b.mp4", "label": 0}\n',
    '{"videos": [{"path": "a.mp4", "error": null}, {"path": "b.mp4", "error": "x"}]}',
)  # fmt: skip


def label_files(folder: Path) -> Case:
    """CSV, JSON and JSON lines, compressed or not, with pieces put in and bytes damaged."""
    from ptv_datasets.annotations.label_files import numbered, read_json, read_label_file

    def case(rng: random.Random, place: Path) -> None:
        text = rng.choice(_LABELS)
        for _ in range(rng.randint(0, 3)):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(PIECES) + text[at + rng.randrange(4) :]
        data = text.encode()
        if rng.random() < 0.3:
            data = damaged_bytes(data, rng)
        if rng.random() < 0.2:
            data = gzip.compress(data, 1)
            data = damaged_bytes(data, rng) if rng.random() < 0.5 else data
        path = place / rng.choice(("x.csv", "x.json", "x.txt", "x.csv.gz"))
        path.write_bytes(data)
        if rng.random() < 0.2:
            read_json(path)
        else:
            numbered(read_label_file(path), path, rng.choice((None, ["a", "b", "c"])))

    return case


def weights(folder: Path) -> Case:
    """Pickles and archives of weights with damaged bytes."""
    import pickle

    import numpy as np

    from ptv_zoo.reading import read_weights

    state = {"a.weight": torch.zeros(3, 4), "a.bias": torch.zeros(3)}
    buffer, legacy = io.BytesIO(), io.BytesIO()
    torch.save({"model_state": state}, buffer)
    torch.save(state, legacy, _use_new_zipfile_serialization=False)
    blobs = {"conv1_w": np.zeros((2, 3), np.float32), "last_out_L3_w": np.ones((3, 2), ">f8")}
    from safetensors.torch import save as safe

    good = [buffer.getvalue(), legacy.getvalue(), safe(state)]
    good += [pickle.dumps({"blobs": blobs}, protocol) for protocol in (0, 2, 4)]

    def case(rng: random.Random, place: Path) -> None:
        path = place / "x.pth"
        path.write_bytes(damaged_bytes(rng.choice(good), rng))
        found = read_weights(path)
        found.named_for({"a.weight": (3, 4), "a.bias": (3,)} if found.layout != "caffe2" else {"stem.0.weight": (2, 3)})

    return case


_VALUES = (
    "none", "true", "false", "0", "1", "-1", "2", "3", "4", "16", "0.5", "-0.5", "1e9", "[]", "[0]", "[1]", "[1, 1]", "[1, 2, 3]",
    "[3, 3, 3]", "[-1, 1, 1]", "[0, 0, 0]", "[[1, 3, 3], [3, 1, 1]]", "'x'", "''", "batch", "swish", "[none]", "[batch, none]",
)  # fmt: skip


def builds(folder: Path) -> Case:
    """Models with arguments that mostly make no sense, on the meta device."""
    from ptv_registry._registry import default
    from ptv_registry._signature import signature

    names = {}
    for component in ptv.components("model") + ptv.components("stem") + ptv.components("head"):
        entry = default.find(component.kind, component.name, component.dist)
        names[component.kind, component.name] = list(signature(default.load(entry)).parameters)

    def case(rng: random.Random, place: Path) -> None:
        (kind, name), parameters = rng.choice(list(names.items()))
        chosen = rng.sample(parameters, min(len(parameters), rng.randint(1, 3)))
        spec = f"{kind}:{name}({', '.join(f'{p}={rng.choice(_VALUES)}' for p in chosen)})"
        with torch.device("meta"):
            ptv.build(spec)

    return case


def specs(folder: Path) -> Case:
    """Specs of all kinds with nested values, of which some are damaged; resolved, and read from JSON."""
    from ptv_registry._registry import default
    from ptv_registry._signature import signature

    names: dict[str, dict[str, dict[str, str]]] = {}  # the defaults of parameters, as text
    for component in ptv.components():
        entry = default.find(component.kind, component.name, component.dist)
        defaults = {name: one.default for name, one in signature(default.load(entry)).parameters.items()}
        plain = {
            name: str(d).lower() if type(d) in (int, float, bool, type(None)) else "" for name, d in defaults.items()
        }
        names.setdefault(component.kind, {})[component.name] = plain
    kinds = list(names)

    def spec(rng: random.Random, kind: str, depth: int) -> str:
        name, parameters = rng.choice(list(names[kind].items()))
        chosen = rng.sample(list(parameters), min(len(parameters), rng.randint(0, 3)))
        chosen += [rng.choice((*kinds, "nonsense"))] if rng.random() < 0.1 else []
        values = (
            f"{parameter}={(rng.random() < 0.6 and parameters.get(parameter)) or value(rng, parameter, depth)}"
            for parameter in chosen
        )
        return f"{kind + ':' if rng.random() < 0.1 else ''}{name}({', '.join(values)})"

    def value(rng: random.Random, parameter: str, depth: int) -> str:
        if depth and rng.random() < 0.5:
            return spec(rng, parameter if parameter in names else rng.choice(kinds), depth - 1)
        if depth and rng.random() < 0.2:
            return f"[{', '.join(value(rng, parameter, depth - 1) for _ in range(rng.randrange(4)))}]"
        return rng.choice(_VALUES)

    def case(rng: random.Random, place: Path) -> None:
        kind = rng.choice(kinds)
        text = spec(rng, kind, rng.randrange(3))
        how = rng.randrange(10)
        if how < 4:
            text = damaged_bytes(text.encode(), rng).decode("latin1")
        elif how == 4:
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(PIECES) + text[at + rng.randrange(4) :]
        elif how == 5:
            data = damaged_data(ptv.parse(text).to_dict(), rng)
            ptv.resolve(ptv.Spec.from_dict(data), kind=kind, foreign=rng.random() < 0.5)
            return
        parsed = ptv.parse(text)
        if ptv.parse(str(parsed)) != parsed:
            raise AssertionError(text)
        edits = {rng.choice(("stem.norm", "norm", "a[1].b", "", "[", "stage[*]")): rng.choice(JUNK)}
        ptv.resolve(parsed, kind=kind, set=edits if rng.random() < 0.1 else None, foreign=rng.random() < 0.3)

    return case


CASES: dict[str, Callable[[Path], Case]] = {
    "specs": specs,
    "artifacts": artifacts,
    "checkpoints": checkpoints,
    "locks": locks,
    "label_files": label_files,
    "weights": weights,
    "builds": builds,
    "annotations": damaged_annotations,
    "videos": videos,
    "images": images,
}
