import json
import subprocess
import sys
import threading
import tomllib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from attrs import evolve
from torch import nn

import ptv_mobile
import ptv_slowfast
import pytorchvideo.models.hub as hub
import vmz.models
from ptv_registry.errors import PtvError
from pytorchvideo.models.hub.model import MissingPluginError

REPOSITORY = Path(__file__).resolve().parents[3]


def published():
    tables = [tomllib.loads(file.read_text()) for file in REPOSITORY.glob("plugins/*/src/*/weights.toml")]
    return {name for table in tables for name, model in table.items() if "hub" in model}


def test_hubconf_serves_the_published_models():
    code = (
        "import json, hubconf\n"
        "print(json.dumps([n for n in dir(hubconf) if callable(getattr(hubconf, n)) and not n.startswith('_')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) == published() | set(vmz.models.__all__)


def test_torch_hub_loads_a_model_from_a_clone():
    with torch.device("meta"):
        model = torch.hub.load(str(REPOSITORY), "slowfast_r50", source="local")
        own = ptv_slowfast.slowfast_r50()

    assert list(model.state_dict()) == list(own.state_dict())


def test_torch_hub_passes_settings_on():
    with torch.device("meta"):
        model = torch.hub.load(str(REPOSITORY), "x3d_xs", source="local", pretrained=False, model_num_class=7)

    assert model.blocks[-1].proj.out_features == 7


@pytest.mark.parametrize("name", ["efficient_x3d_xs", "efficient_x3d_s"])
def test_torch_hub_loads_the_models_of_the_accelerator(name):
    with torch.device("meta"):
        model = torch.hub.load(str(REPOSITORY), name, source="local", num_classes=7, head_act="hswish")

    assert isinstance(model, ptv_mobile.EfficientX3d)
    assert (7, ptv_mobile.HardSwish) == (model.projection.model.out_features, type(model.act))


@pytest.mark.parametrize("name", sorted(published()))
def test_each_published_model_is_built(name):
    builder = getattr(hub, name)

    with torch.device("meta"):
        assert isinstance(builder(pretrained=False, progress=True), nn.Module)
    assert builder.__doc__
    assert builder.__name__ == name


def test_without_the_zoo_weights_are_an_error_that_names_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(MissingPluginError, match="pip install ptv-zoo") as caught:
        hub.x3d_xs(pretrained=True)
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value, PtvError)


@pytest.mark.parametrize(
    ("name", "weights"),
    [("slowfast_r50", "kinetics400"), ("slow_r50_detection", "ava"), ("mvit_base_16", "imagenet1k")],
)
def test_weights_are_asked_of_the_zoo_by_what_they_were_trained_on(monkeypatch, name, weights):
    asked = []
    monkeypatch.setattr("ptv_registry.resolve", lambda spec, **arguments: asked.append((spec, arguments)) or "plan")
    monkeypatch.setattr("ptv_registry.build", asked.append)
    monkeypatch.setattr("ptv_zoo.fetch", lambda url, progress: None)

    getattr(hub, name)(pretrained=True, model_num_class=7)

    assert asked == [(name, {"weights": weights, "model_num_class": 7}), "plan"]


@pytest.fixture
def published_here(tmp_path, monkeypatch):
    """The weights of EfficientX3D-XS on a server of this machine, and nothing in the cache."""
    torch.manual_seed(0)
    weights = ptv_mobile.efficient_x3d_xs().state_dict()
    torch.save(weights, tmp_path / "xs.pyth")
    monkeypatch.setenv("PTV_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PTV_OFFLINE", raising=False)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format, *args):
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    (row,) = ptv_mobile.efficient_x3d_xs.published_weights
    here = evolve(row, url=f"http://127.0.0.1:{server.server_port}/xs.pyth")
    monkeypatch.setattr(ptv_mobile.efficient_x3d_xs, "published_weights", (here,))
    yield weights
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("progress", [True, False])
def test_a_download_shows_its_progress_if_that_is_asked_for(published_here, capsys, progress):
    model = hub.efficient_x3d_xs(pretrained=True, progress=progress)

    assert progress == ("xs.pyth" in capsys.readouterr().err)
    assert all(torch.equal(model.state_dict()[name], tensor) for name, tensor in published_here.items())
    assert model.clip_input.num_frames == 4


@pytest.mark.usefixtures("published_here")
def test_nothing_is_downloaded_for_a_setting_that_is_wrong(tmp_path):
    with pytest.raises(PtvError, match="model_num_class"):
        hub.efficient_x3d_xs(pretrained=True, model_num_class=7)
    assert not (tmp_path / "cache").exists()


def test_a_clone_without_the_distribution_says_what_to_install():
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import hubconf"], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )

    assert done.returncode != 0
    assert "pip install pytorchvideo-compat" in done.stderr
