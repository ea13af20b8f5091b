"""Damaged files and nonsense arguments by the thousand, from a seed: nothing but results and errors of the library.

``tests/fuzz/`` runs a few of each; ``python tests/benchmarks/fuzz_campaign.py --seconds 300`` many.
"""

from __future__ import annotations

import copy
import gzip
import io
import json
import random
import shutil
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from attrs import define, field
from torch import nn

import ptv_registry as ptv
from ptv_registry.errors import PtvError

JUNK: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 7, 1 << 31, 1 << 70, 10**400, 0.5, -0.0, 1e308, "", "x", "../../x", "a" * 3000, "\x00",
    "résumé", "model:resnet", "none", [], [[]], [None], [1, -1], ["a", 2], {}, {"a": {}}, {"name": "x"}, {"node": {}},
)  # fmt: skip
Case = Callable[[random.Random, Path], None]


@define
class Report:
    """What became of the cases.

    Attributes:
        outcomes: how often a result or which error of the library.
        raw: the case's number and the error, where it was none of the library.
        slowest_s: the longest that one took.
    """

    outcomes: Counter[str] = field(factory=Counter)
    raw: list[str] = field(factory=list)
    slowest_s: float = 0.0

    @property
    def cases(self) -> int:
        """How many there were."""
        return sum(self.outcomes.values()) + len(self.raw)


def run(case: Case, folder: Path, *, seed: int, count: int = 1 << 60, seconds: float = 1e9) -> Report:
    """Cases of one kind, each with a generator of its own, until there are enough or the time is over."""
    report, started = Report(), time.monotonic()
    for number in range(count):
        if time.monotonic() - started > seconds:
            break
        place = folder / "case"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        begun = time.monotonic()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                case(random.Random(f"{seed} {number}"), place)
            report.outcomes["a result"] += 1
        except PtvError as error:
            report.outcomes[type(error).__name__] += 1
        except Exception as error:  # noqa: BLE001 - these are what is looked for
            report.raw.append(f"case {number}: {type(error).__name__}: {str(error)[:200]}")
        report.slowest_s = max(report.slowest_s, time.monotonic() - begun)
    return report


# Damage


def places_in(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in nested dicts and lists."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places_in(value, (*path, key))


def damaged_data(data: Any, rng: random.Random) -> Any:
    """A copy with one to three values replaced, removed, doubled or swapped for another of its own."""
    data = copy.deepcopy(data)
    for _ in range(rng.randint(1, 3)):
        places = list(places_in(data))
        if not places:
            break
        *path, last = rng.choice(places)
        holder = data
        for key in path:
            holder = holder[key]
        how = rng.randrange(4)
        if how == 0:
            del holder[last]
        elif how == 1 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        elif how == 2:
            *other, leaf = rng.choice(places)
            found = data
            try:
                for key in (*other, leaf):
                    found = found[key]
            except (KeyError, IndexError, TypeError):
                continue
            holder[last] = copy.deepcopy(found)
        else:
            holder[last] = copy.deepcopy(rng.choice(JUNK))
    return data


def damaged_bytes(data: bytes, rng: random.Random) -> bytes:
    """Bytes flipped, cut off, left out or doubled."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if not out:
            break
        at = rng.randrange(len(out))
        how = rng.randrange(5)
        if how < 2:
            out[at] ^= 1 << rng.randrange(8)
        elif how == 2:
            out[at] = rng.randrange(256)
        elif how == 3:
            del out[at : at + rng.randrange(1, 40)]
        else:
            out[at:at] = out[at : at + rng.randrange(1, 40)]
    return bytes(out[: rng.randrange(len(out) + 1)] if rng.random() < 0.1 else out)


# Cases


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
_PIECES = (
    "1e9999999",
    "9" * 5000,
    "nan",
    "inf",
    "-1",
    "[" * 2000,
    '"',
    "\x00",
    ",",
    "\t",
    "\n",
    "{",
    "\ufeff",
    "😀",
    "1/0",
)


def label_files(folder: Path) -> Case:
    """CSV, JSON and JSON lines, compressed or not, with pieces put in and bytes damaged."""
    from ptv_datasets.annotations.label_files import numbered, read_json, read_label_file

    def case(rng: random.Random, place: Path) -> None:
        text = rng.choice(_LABELS)
        for _ in range(rng.randint(0, 3)):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(_PIECES) + text[at + rng.randrange(4) :]
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


CASES: dict[str, Callable[[Path], Case]] = {
    "artifacts": artifacts,
    "checkpoints": checkpoints,
    "locks": locks,
    "label_files": label_files,
    "weights": weights,
    "builds": builds,
}
