"""Checkpoints and locks of strangers: nothing runs, nothing is fetched, no memory is taken for what is not there."""

from __future__ import annotations

import hashlib
import json
import resource
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

import ptv_registry as ptv
from ptv_datasets.annotations.manifest_videos import load_videos
from ptv_datasets.annotations.manifests import VideoDatasetType
from ptv_datasets.recognise import dataset_for
from ptv_deploy.backend_choice import default_backend
from ptv_deploy.errors import UnsupportedError
from ptv_deploy.source import open_source
from ptv_registry import limits
from ptv_registry.errors import ArgumentError, LockError, PtvError, TrustError
from ptv_train.bounded import check_size
from ptv_train.checkpoint import load_model, save_checkpoint
from ptv_train.errors import CheckpointError
from ptv_train.evaluation.data import EvaluationData
from ptv_train.evaluation.evaluation import evaluate
from ptv_train.evaluation.views import Views, view_transform
from ptv_train.model_source import load_source
from ptv_train.prediction.command import predict
from ptv_train.prediction.predictor import Predictor

MODEL = "resnet(model_depth=18, stem_dim_out=2, model_num_class=2, head_pool_kernel_size=[1, 1, 1])"
TRANSFORM = "apply_transform_to_key(key='video', transform=div_255)"
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    model = ptv.build(MODEL)
    return {
        "state_dict": {f"model.{name}": tensor for name, tensor in model.state_dict().items()},
        "ptv": {
            "lock": ptv.freeze(model),
            "categories": ["a", "b"],
            "recipe": {"seconds": 1.0, "transform": TRANSFORM, "train_transform": None, "scores": "logits"},
        },
    }


@pytest.fixture
def checkpoint(content: dict[str, Any], tmp_path: Path) -> Callable[[Change], Path]:
    """Writes a checkpoint in which something is changed, its checksum included."""

    def write(change: Change = lambda data: None) -> Path:
        data = {"state_dict": dict(content["state_dict"]), "ptv": json.loads(json.dumps(content["ptv"]))}
        change(data)
        save_checkpoint(data, tmp_path / "x.ckpt")
        return tmp_path / "x.ckpt"

    return write


@pytest.fixture
def requests() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this machine, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/w.pth", asked
    server.shutdown()
    server.server_close()


def lock_with(content: dict[str, Any], change: Change) -> str:
    data = json.loads(content["ptv"]["lock"])
    change(data)
    return json.dumps(data)


def test_a_checkpoint_is_read(checkpoint: Callable[..., Path]) -> None:
    model, record = load_model(checkpoint())

    assert (2,) == tuple(model(torch.zeros(1, 3, 4, 32, 32)).shape[1:])
    assert ("a", "b") == record.categories


def test_a_transform_in_a_checkpoint_cannot_be_a_model_that_is_fetched(
    checkpoint: Callable[..., Path], requests: tuple[str, list[str]]
) -> None:
    address, asked = requests
    for spec in (f"model:resnet(weights='{address}')", f"model:{MODEL}", f"dataset:kinetics(data_path='{address}')"):
        path = checkpoint(lambda data, spec=spec: data["ptv"]["recipe"].update(transform=spec))
        with pytest.raises(ArgumentError, match="a transform has to stand here"):
            Predictor.load(str(path))

    assert [] == asked


def test_weights_that_a_lock_names_are_not_fetched(
    checkpoint: Callable[..., Path], content: dict[str, Any], requests: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = requests
    lock = lock_with(content, lambda data: data.update(options={"weights": address}))
    load_model(checkpoint(lambda data: data["ptv"].update(lock=lock)))
    (tmp_path / "model.json").write_text(lock)

    with pytest.raises(PtvError, match="neither fetched nor read unasked"):
        load_source(str(tmp_path / "model.json"), seconds=1.0, transform=TRANSFORM)
    assert [] == asked


def test_a_lock_of_another_kind_is_no_model(checkpoint: Callable[..., Path], tmp_path: Path) -> None:
    lock = ptv.freeze(ptv.resolve("transform:div_255"))

    with pytest.raises(LockError, match="a model has to stand here"):
        load_model(checkpoint(lambda data: data["ptv"].update(lock=lock)))
    (tmp_path / "model.json").write_text(lock)
    with pytest.raises(LockError, match="a model has to stand here"):
        load_source(str(tmp_path / "model.json"))


def test_distributions_that_are_not_trusted_stay_out(checkpoint: Callable[..., Path]) -> None:
    path = str(checkpoint())
    for narrow in (
        ptv.Registry(trusted_dists=["ptv-layers"]),
        ptv.Registry(trusted_dists=["ptv-resnet", "ptv-layers"]),
    ):
        with pytest.raises(TrustError, match="not among the trusted"):
            Predictor.load(path, registry=narrow)


def test_a_registry_reaches_whatever_builds_from_a_file(checkpoint: Callable[..., Path], tmp_path: Path) -> None:
    narrow = ptv.Registry(trusted_dists=["ptv-resnet", "ptv-layers"])
    path, sampler = str(checkpoint()), ptv.build("uniform(clip_duration=1)", kind="sampler")
    (tmp_path / "videos" / "one").mkdir(parents=True)
    (tmp_path / "videos" / "one" / "a.mp4").touch()
    videos = tmp_path / "videos"
    manifest = tmp_path / "info.csv"
    manifest.write_text("video_id,resolution,duration,fps\na,10x10,1,10\n")
    for build in (
        lambda: evaluate(path, str(videos), registry=narrow, device="cpu", progress=False),
        lambda: open_source(path, registry=narrow).noise(1),
        lambda: view_transform(TRANSFORM, Views(), narrow),
        lambda: dataset_for(str(videos), clip_sampler=sampler, registry=narrow),
        lambda: EvaluationData.of(str(videos)).build(narrow, clip_sampler=sampler),
        lambda: load_videos(str(videos), str(manifest), VideoDatasetType.EncodedVideo, registry=narrow),
        lambda: Predictor.load(path, registry=narrow),
    ):
        with pytest.raises(TrustError, match="not among the trusted"):
            build()
    with pytest.raises(UnsupportedError, match="openvino is not trusted"):
        default_backend(registry=narrow)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_a_lock_of_a_huge_model_takes_no_memory(
    checkpoint: Callable[..., Path], content: dict[str, Any], tmp_path: Path
) -> None:
    def grow(data: dict[str, Any]) -> None:
        data["tree"]["arguments"]["stem_dim_out"] = {"source": "explicit", "value": 100_000}

    lock = lock_with(content, grow)
    path = checkpoint(lambda data: data["ptv"].update(lock=lock))
    before = peak_mb()

    with pytest.raises(CheckpointError, match="the weights do not fit the model of its lock"):
        load_model(path)
    (tmp_path / "model.json").write_text(lock)
    with pytest.raises(LockError, match=r"would take .* GB"):
        load_source(str(tmp_path / "model.json"))
    assert peak_mb() - before < 300


def test_a_limit_can_be_set(content: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    plan = ptv.resolve(MODEL)
    check_size(plan, "x")
    monkeypatch.setattr(limits, "MODEL_BYTES", 1000)

    with pytest.raises(LockError, match="MODEL_BYTES allows more"):
        check_size(plan, "x")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data["ptv"].pop("lock"), "lacks lock"),
        (lambda data: data["ptv"].update(lock=5), "lock must be"),
        (lambda data: data["ptv"].update(lock="{"), "is not JSON"),
        (lambda data: data["ptv"].update(lock="9" * 5000), "column|lock|too long"),
        (lambda data: data["ptv"].update(categories="ab"), "categories must be"),
        (lambda data: data["ptv"].update(categories=[1]), "categories must be"),
        (lambda data: data["ptv"].update(recipe=[]), "recipe must be"),
        (lambda data: data["ptv"]["recipe"].update(seconds=float("nan")), "holds nothing"),
        (lambda data: data["ptv"]["recipe"].update(transform=None), "transform must be"),
        (lambda data: data["ptv"]["recipe"].update(scores="x"), "scores must be"),
        (lambda data: data["ptv"]["recipe"].update(more=1), "unknown"),
        (lambda data: data.update(ptv=[]), "must be an object"),
        (lambda data: data.update(state_dict=[1]), "not a dict of tensors"),
        (lambda data: data["state_dict"].update({"model.x": 1}), "not a dict of tensors"),
        (lambda data: data["state_dict"].update({"model.x": torch.zeros(1)}), "do not fit"),
        (lambda data: data["state_dict"].pop(next(iter(data["state_dict"]))), "do not fit"),
    ],
)
def test_a_record_of_another_shape_is_an_error_of_the_library(
    checkpoint: Callable[..., Path], change: Change, message: str
) -> None:
    with pytest.raises(PtvError, match=message):
        load_model(checkpoint(change))


def test_a_checkpoint_that_takes_years_to_read_is_refused(tmp_path: Path, checkpoint: Callable[..., Path]) -> None:
    key: Any = ()
    for _ in range(60):
        key = (key, key)
    path = checkpoint(lambda data: data.update(more=[key]))

    with pytest.raises(CheckpointError, match="again and again"):
        load_model(path)


def test_a_pinned_checksum_is_that_of_the_whole_file(checkpoint: Callable[..., Path], tmp_path: Path) -> None:
    path = checkpoint()
    pinned = hashlib.sha256(path.read_bytes()).hexdigest()
    load_model(path, sha256=pinned)
    other = checkpoint(lambda data: data["ptv"].update(categories=["c", "d"]))

    with pytest.raises(CheckpointError, match=f"sha256={pinned} was asked for"):
        Predictor.load(str(other), sha256=pinned)
    (tmp_path / "v.mp4").write_bytes(b"")
    done = CliRunner().invoke(predict, [str(tmp_path / "v.mp4"), "--model", str(other), "--sha256", pinned])
    assert isinstance(done.exception, CheckpointError)
    with pytest.raises(ArgumentError, match="is the checksum of a checkpoint"):
        load_source(MODEL, sha256=pinned)


def test_flipped_bytes_are_seen(checkpoint: Callable[..., Path]) -> None:
    path = checkpoint()
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 2, len(data) // 2 + 64):
        data[at] ^= 0xFF
    path.write_bytes(data)

    with pytest.raises(CheckpointError, match="checksum does not fit"):
        load_model(path)
