"""Artifacts of strangers: nothing in them runs, and what is code by nature is loaded only when asked."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from torch import nn

import ptv_deploy
import ptv_registry as ptv
from ptv_deploy import Artifact, ArtifactError, UntrustedArtifactError
from ptv_deploy.artifacts.graph_file import check_graph_file
from ptv_deploy.testing_models import OnePathway, TwoPathways, clips_for
from ptv_registry import limits
from ptv_registry.errors import PtvError, TrustError

WEIGHTS = "data/weights/model_weights_config.json"
CONSTANTS = "data/constants/model_constants_config.json"
GRAPH = "models/model.json"
Records = dict[str, bytes]


class Evil:
    """A pickle of it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.mark}",)


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("eager") / "artifact"
    model = OnePathway()
    ptv.build("eager", kind="backend").export(model, clips_for(model, 1), path)
    return path


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "it_ran"


def rewritten(source: Path, target: Path, change: Callable[[Records], None]) -> Path:
    """A copy whose graph was changed by somebody who knows how to recompute checksums."""
    shutil.copytree(source, target)
    with zipfile.ZipFile(target / "model.pt2") as archive:
        records = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    change(records)
    with zipfile.ZipFile(target / "model.pt2", "w", zipfile.ZIP_STORED) as archive:
        for name, data in records.items():
            archive.writestr(name if name.startswith("../") else f"model/{name}", data)
    signed(target)
    return target


def signed(folder: Path) -> None:
    Artifact.read(folder, verify=False).with_files().write()


def edited(records: Records, name: str, change: Callable[[Any], None]) -> None:
    data = json.loads(records[name])
    change(data)
    records[name] = json.dumps(data).encode()


def saved(value: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def pickled_weight(records: Records, mark: Path) -> None:
    records["data/weights/weight_0"] = saved(Evil(mark))
    edited(records, WEIGHTS, lambda data: next(iter(data["config"].values())).update(use_pickle=True))


def legacy_weights(records: Records, mark: Path) -> None:
    records["data/weights/model.pt"] = saved({"x": Evil(mark)})


def legacy_constants(records: Records, mark: Path) -> None:
    records["data/constants/model.pt"] = saved({"x": Evil(mark)})


def opaque_object(records: Records, mark: Path) -> None:
    records["data/constants/opaque_obj_0"] = pickle.dumps(Evil(mark))
    entry = {"path_name": "opaque_obj_0", "is_param": False, "use_pickle": True, "tensor_meta": None}
    edited(records, CONSTANTS, lambda data: data["config"].update(x=entry))


def pickled_example(records: Records, mark: Path) -> None:
    records["data/sample_inputs/model.pt"] = saved(((Evil(mark),), {}))


def size_that_is_python(records: Records, mark: Path) -> None:
    code = f"__import__('os').system('touch {mark}')"
    text = records[GRAPH].decode()
    symbol = next(word for word in text.split('"') if word.startswith("Symbol("))
    records[GRAPH] = text.replace(symbol, code).encode()


def call_of_python(records: Records, mark: Path) -> None:
    def change(data: Any) -> None:
        node = data["graph_module"]["graph"]["nodes"][0]
        node["target"] = "torch.os.system"
        node["inputs"] = [{"name": "", "arg": {"as_string": f"touch {mark}"}, "kind": 1}]

    edited(records, GRAPH, change)


def file_that_is_opened(records: Records, mark: Path) -> None:
    def change(data: Any) -> None:
        node = data["graph_module"]["graph"]["nodes"][0]
        node["target"] = "torch.ops.aten.from_file.default"
        node["inputs"] = [
            {"name": "filename", "arg": {"as_string": str(mark)}, "kind": 1},
            {"name": "shared", "arg": {"as_bool": True}, "kind": 1},
            {"name": "size", "arg": {"as_int": 4}, "kind": 1},
        ]

    edited(records, GRAPH, change)


def name_that_is_python(records: Records, mark: Path) -> None:
    def change(data: Any) -> None:
        signature = data["graph_module"]["module_call_graph"][0]["signature"]
        signature["forward_arg_names"] = [f"x=__import__('os').system('touch {mark}')"]

    edited(records, GRAPH, change)


def tree_that_imports(records: Records, mark: Path) -> None:
    mark.with_name("imported_by_a_tree.py").write_text(f"open({str(mark)!r}, 'w').close()")
    context = json.dumps(
        {"default_factory_module": "imported_by_a_tree", "default_factory_name": "x", "dict_context": []}
    )
    tree = json.dumps([1, {"type": "collections.defaultdict", "context": context, "children_spec": []}])
    edited(records, GRAPH, lambda data: data["graph_module"]["module_call_graph"][0]["signature"].update(out_spec=tree))


def guard_that_is_python(records: Records, mark: Path) -> None:
    edited(records, GRAPH, lambda data: data.update(guards_code=[f"__import__('os').system('touch {mark}')"]))


def library(records: Records, mark: Path) -> None:
    records["data/aotinductor/model/code.so"] = b"\x7fELF"


def file_of_an_older_version(records: Records, mark: Path) -> None:
    records.clear()
    records["../version"] = b"8.8"
    records["../serialized_state_dict.pt"] = saved({"x": Evil(mark)})


ATTACKS = [
    pickled_weight,
    legacy_weights,
    legacy_constants,
    opaque_object,
    pickled_example,
    size_that_is_python,
    call_of_python,
    file_that_is_opened,
    name_that_is_python,
    tree_that_imports,
    guard_that_is_python,
    library,
    file_of_an_older_version,
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_graph_that_would_run_code_is_refused_and_runs_nothing(
    artifact: Path, tmp_path: Path, mark: Path, monkeypatch: pytest.MonkeyPatch, attack: Callable[[Records, Path], None]
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    evil = rewritten(artifact, tmp_path / "evil", lambda records: attack(records, mark))

    with pytest.raises(ArtifactError, match=r"model\.pt2") as caught:
        ptv_deploy.load(evil)(clips_for(OnePathway(), 1))

    assert not mark.exists()
    assert "model.pt2" == caught.value.fields["file"]


@pytest.mark.parametrize("attack", [pickled_weight, opaque_object, size_that_is_python])
def test_what_is_refused_does_run_where_it_is_trusted_so_that_the_refusal_is_what_saves(
    artifact: Path, tmp_path: Path, mark: Path, attack: Callable[[Records, Path], None]
) -> None:
    evil = rewritten(artifact, tmp_path / "evil", lambda records: attack(records, mark))
    with contextlib.suppress(PtvError):  # the graph is broken besides
        ptv_deploy.load(evil, trust=True)

    assert mark.exists()


def test_a_file_that_is_larger_unpacked_is_refused(artifact: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    shutil.copytree(artifact, evil)
    with zipfile.ZipFile(artifact / "model.pt2") as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(evil / "model.pt2", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in records.items():
            archive.writestr(name, bytes(64 << 20) if name.endswith("weight_0") else data)
    signed(evil)

    with pytest.raises(UntrustedArtifactError, match="compressed"):
        ptv_deploy.load(evil)


def test_a_weight_of_which_nothing_is_stored_takes_no_memory(artifact: Path, tmp_path: Path) -> None:
    def change(records: Records) -> None:
        records["data/weights/weight_0"] = b""

        def grow(data: Any) -> None:
            next(iter(data["config"].values()))["tensor_meta"]["sizes"] = [{"as_int": 1 << 38}]

        edited(records, WEIGHTS, grow)

    with pytest.raises(UntrustedArtifactError, match="nothing is stored"):
        ptv_deploy.load(rewritten(artifact, tmp_path / "evil", change))


@pytest.mark.parametrize("kind", [OnePathway, TwoPathways])
def test_a_plain_graph_passes(kind: type[nn.Module], tmp_path: Path) -> None:
    model = kind()
    for name in ("eager", "torch_export"):
        ptv.build(name, kind="backend").export(model, clips_for(model, 1), tmp_path / name)
        check_graph_file(tmp_path / name / "model.pt2")

        assert (2, 5) == tuple(ptv_deploy.load(tmp_path / name)(clips_for(model, 2)).shape)


def test_every_backend_says_whether_its_artifacts_are_code() -> None:
    said = {c.name: ptv.build(c.name, kind="backend").describe()["artifacts"] for c in ptv.components("backend")}
    ours = {name: said[name] for name in ("eager", "compile", "torch_export", "aot_inductor", "openvino", "onnx")}

    assert {"aot_inductor": "code"} == {name: what for name, what in ours.items() if what != "data"}
    assert "code" == ptv_deploy.Backend.artifacts, "a backend that says nothing is not trusted"


class CodeBackend(ptv_deploy.Backend):
    """A backend whose files are Python."""

    name = "of_code"

    def write(self, program: Any, folder: Path, precision: Any, calibration: Any) -> dict[str, Any]:
        (folder / "model.py").write_text("ran = True")
        return {}

    def open(self, artifact: Artifact) -> Any:
        exec((artifact.folder / "model.py").read_text(), {})
        return lambda args: OnePathway()(*args)


def test_an_artifact_that_is_code_is_loaded_only_when_asked(tmp_path: Path) -> None:
    backend, model = CodeBackend(), OnePathway()
    torch.manual_seed(0)
    backend.export(model, clips_for(model, 1), tmp_path / "code", tolerance=float("inf"))

    with pytest.raises(UntrustedArtifactError, match=r"is code.*--trust \(trust=True\)") as caught:
        backend.load(tmp_path / "code")
    assert isinstance(caught.value, TrustError)
    assert backend.load(tmp_path / "code", trust=True) is not None


def test_predict_eval_and_export_ask_for_trust(artifact: Path, tmp_path: Path, mark: Path) -> None:
    from ptv_deploy.commands import export
    from ptv_train.evaluation.command import evaluate
    from ptv_train.prediction.command import predict

    evil = str(rewritten(artifact, tmp_path / "evil", lambda records: pickled_weight(records, mark)))
    (tmp_path / "v.mp4").write_bytes(b"")
    recipe = ["--clip-seconds", "1", "--transform", "div_255"]
    for command, words in (
        (predict, [str(tmp_path / "v.mp4"), "--model", evil, *recipe]),
        (evaluate, [evil, "--data", str(tmp_path), *recipe, "--device", "cpu"]),
        (export, [evil, "-o", str(tmp_path / "again"), *recipe]),
    ):
        done = CliRunner().invoke(command, words)

        assert isinstance(done.exception, UntrustedArtifactError)
        assert not mark.exists()


def test_a_pinned_checksum_is_that_of_the_record(artifact: Path, tmp_path: Path) -> None:
    pinned = Artifact.read(artifact).sha256

    assert ptv_deploy.load(artifact, sha256=pinned) is not None
    changed = rewritten(artifact, tmp_path / "other", lambda records: records.update({"byteorder": b"little\n"}))
    with pytest.raises(ArtifactError, match=f"sha256={pinned} was asked for"):
        ptv_deploy.load(changed, sha256=pinned)


def record_with(artifact: Path, target: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    from ptv_deploy.artifacts.artifact import _checksum

    shutil.copytree(artifact, target)
    data = json.loads((target / "artifact.json").read_text())
    data.pop("checksum")
    change(data)
    (target / "artifact.json").write_text(json.dumps({**data, "checksum": _checksum(data)}))
    return target


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(files={}), "lists no files"),
        (lambda data: data["files"].update({"../x": data["files"]["model.pt2"]}), "files must be"),
        (lambda data: data["files"]["model.pt2"].update(bytes="1"), "files must be"),
        (lambda data: data.update(trusted=True), "trusted, which is unknown"),
        (lambda data: data.update(backend="eager"), "backend must be"),
        (lambda data: data["backend"].update(name="no such"), "cannot be the name"),
        (lambda data: data["backend"].update(arguments={"fold": [[[]]]}), "takes"),
        (lambda data: data.update(precision="fp7"), "precision must be"),
        (lambda data: data["signature"].update(inputs={"tuple": []}), "inputs must be"),
        (lambda data: data["signature"].update(inputs=[]), "inputs must be"),
        (lambda data: data["signature"].update(outputs={"tensor": {"shape": [1, -1], "dtype": "float32"}}), "outputs"),
        (lambda data: data["signature"].update(outputs={"tensor": {"shape": [1, 2], "dtype": "os"}}), "dtype"),
        (lambda data: data["signature"]["inputs"]["tuple"][0]["tensor"].update(shape=[1, 1 << 40]), "numbers for each"),
        (lambda data: data["signature"].update(batch=0), "batch must be"),
        (lambda data: data["about"].update(categories="ab"), "categories must be"),
        (lambda data: data["parity"].update(clips="many"), "clips must be"),
        (lambda data: data.pop("settings"), "lacks settings"),
        (lambda data: data.update(ptv_artifact=10**100), "is of version"),
    ],
)
def test_a_record_of_another_shape_is_an_error_that_names_the_place(
    artifact: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    with pytest.raises(ArtifactError, match=message) as caught:
        ptv_deploy.load(record_with(artifact, tmp_path / "evil", change))

    assert str(tmp_path / "evil") in str(caught.value)


@pytest.mark.parametrize("text", ["9" * 5000, "[" * 100_000, "[]", "{}", '{"a": NaN}', "\x00", '{"checksum": 1}'])
def test_a_record_that_is_no_record_is_an_error(artifact: Path, tmp_path: Path, text: str) -> None:
    shutil.copytree(artifact, tmp_path / "evil")
    (tmp_path / "evil" / "artifact.json").write_text(text)

    with pytest.raises(ArtifactError, match=r"artifact\.json"):
        ptv_deploy.load(tmp_path / "evil")


def test_a_record_without_end_is_not_read(artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RECORD_BYTES", 100)

    with pytest.raises(ArtifactError, match="is larger than"):
        ptv_deploy.load(artifact)


def test_a_file_that_the_record_does_not_list_is_refused(artifact: Path, tmp_path: Path) -> None:
    shutil.copytree(artifact, tmp_path / "more")
    (tmp_path / "more" / "model.bin").write_bytes(b"x")

    with pytest.raises(ArtifactError, match=r"model\.bin is not in the record"):
        ptv_deploy.load(tmp_path / "more")


def test_a_graph_that_loads_and_cannot_run_is_an_error_of_the_library(artifact: Path, tmp_path: Path) -> None:
    def change(data: Any) -> None:
        nodes = data["graph_module"]["graph"]["nodes"]
        mean = next(node for node in nodes if "mean" in node["target"] or "adaptive" in node["target"])
        for item in mean["inputs"]:
            if "as_ints" in item["arg"]:
                item["arg"]["as_ints"] = [2, 2, 2]

    broken = rewritten(artifact, tmp_path / "broken", lambda records: edited(records, GRAPH, change))

    with pytest.raises(ArtifactError, match="eager cannot run"):
        ptv_deploy.load(broken)(clips_for(OnePathway(), 1))


def test_a_backend_that_is_not_trusted_is_not_loaded(artifact: Path) -> None:
    with pytest.raises(TrustError, match="ptv-deploy"):
        ptv_deploy.load(artifact, registry=ptv.Registry(trusted_dists=["ptv-layers"]))
