import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import ptv_slowfast
import pytorchvideo.models.hub as hub
from ptv_registry.errors import PtvError
from pytorchvideo.models.hub.model import HubModel, MissingPluginError

REPOSITORY = Path(__file__).resolve().parents[3]
# Those of the accelerator are built from other blocks.
ACCELERATOR = {"efficient_x3d_s", "efficient_x3d_xs"}


def published():
    return {path.stem for path in (REPOSITORY / "tests/support/reference_data/zoo").glob("*.json")} - ACCELERATOR


def test_hubconf_serves_the_published_models():
    code = (
        "import json, hubconf\n"
        "print(json.dumps([n for n in dir(hubconf) if callable(getattr(hubconf, n)) and not n.startswith('_')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) == published()


def test_torch_hub_loads_a_model_from_a_clone():
    with torch.device("meta"):
        model = torch.hub.load(str(REPOSITORY), "slowfast_r50", source="local")
        own = ptv_slowfast.slowfast_r50()

    assert list(model.state_dict()) == list(own.state_dict())


def test_torch_hub_passes_settings_on():
    with torch.device("meta"):
        model = torch.hub.load(str(REPOSITORY), "x3d_xs", source="local", pretrained=False, model_num_class=7)

    assert model.blocks[-1].proj.out_features == 7


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
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setattr("ptv_registry.build", lambda spec, **arguments: asked.append((spec, arguments)))

    HubModel(name, nn.Identity)(pretrained=True, model_num_class=7)

    assert asked == [(name, {"weights": weights, "model_num_class": 7})]


def test_a_clone_without_the_distribution_says_what_to_install():
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import hubconf"], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )

    assert done.returncode != 0
    assert "pip install pytorchvideo-compat" in done.stderr
