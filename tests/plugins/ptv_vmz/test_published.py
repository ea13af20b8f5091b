import pickle

import pytest
import torch
from torch import nn

import ptv_registry
import ptv_vmz
from ptv_cards.published_weights import PublishedWeights, weights_of
from ptv_registry.errors import ArgumentError
from ptv_vmz import AVAIL_PRETRAININGS, PretrainingUnavailableError
from ptv_vmz.pretraining import load_pretraining
from tests.support import reference_models

VMZ = ["ir_csn_152", "ip_csn_152", "r2plus1d_34", "r2plus1d_152"]
TORCHVISION = ["mc3_18", "r3d_18", "r2plus1d_18"]
each_published = pytest.mark.parametrize("name", reference_models.published("ptv_vmz"))


@each_published
def test_names_shapes_order_and_epsilon_are_the_published_ones(name):
    reference = reference_models.record("vmz", name)
    with torch.device("meta"):
        model = getattr(ptv_vmz, name)()
        output = model(torch.empty(*reference["inputs"][0]))

    assert (1, 400) == tuple(output.shape)
    reference_models.assert_same_state_dict(model, reference)
    assert reference["bn_eps"] == sorted({m.eps for m in model.modules() if isinstance(m, nn.BatchNorm3d)})


@pytest.mark.slow
@each_published
def test_outputs_are_the_published_ones(name):
    reference_models.assert_same_output(name, getattr(ptv_vmz, name)(), reference_models.record("vmz", name))


@pytest.mark.parametrize(("name", "momentum"), [("r2plus1d_34", 0.9), ("r2plus1d_18", 0.1)])
def test_the_momentum_is_caffe2s_in_the_models_of_vmz_alone(name, momentum):
    with torch.device("meta"):
        model = getattr(ptv_vmz, name)()

    assert {momentum} == {m.momentum for m in model.modules() if isinstance(m, nn.BatchNorm3d)}


@pytest.mark.parametrize("name", TORCHVISION)
def test_the_small_models_hold_what_torchvisions_hold(name):
    from torchvision.models import video

    with torch.device("meta"):
        ours, theirs = getattr(ptv_vmz, name)(), getattr(video, name)()

    assert {k: v.shape for k, v in theirs.state_dict().items()} == {k: v.shape for k, v in ours.state_dict().items()}


def test_the_import_package_of_vmz_serves_its_models():
    from vmz import models

    assert sorted(VMZ) == sorted(models.__all__)
    assert models.ir_csn_152 is ptv_vmz.ir_csn_152


def test_arguments_may_be_given_in_the_order_of_vmz():
    with torch.device("meta"):
        model = ptv_vmz.r2plus1d_34("", True, False, num_classes=7)

    assert isinstance(model.stem[-1], nn.MaxPool3d)
    assert 7 == model.fc.out_features


@pytest.mark.parametrize("name", VMZ)
def test_every_pretraining_has_an_address_but_the_one_that_vmz_never_gave(name):
    found = {row.name for row in weights_of(getattr(ptv_vmz, name))}
    never_given = {"sports1m_32frms"} if name == "r2plus1d_152" else set()

    assert set(AVAIL_PRETRAININGS[name]) - never_given == found


def test_a_pretraining_without_an_address_is_refused():
    with torch.device("meta"), pytest.raises(PretrainingUnavailableError, match="never said where") as info:
        ptv_vmz.r2plus1d_152(pretraining="sports1m_32frms")

    assert isinstance(info.value, LookupError)
    assert str(info.value) == str(pickle.loads(pickle.dumps(info.value)))


def test_a_pretraining_is_loaded_from_its_address(tmp_path):
    model, source = nn.Linear(2, 3), nn.Linear(2, 3)
    torch.save(source.state_dict(), tmp_path / "w.pth")
    row = PublishedWeights(name="mine", url=f"file:{tmp_path}/w.pth", spec="r2plus1d_34", dataset="IG-65M")

    assert model is load_pretraining(model, "r2plus1d_34", "mine", [row], progress=False)
    assert torch.equal(source.weight, model.weight)


def test_without_a_plugin_that_loads_weights_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr(ptv_registry, "call_hook", lambda name, **arguments: None)

    with torch.device("meta"), pytest.raises(PretrainingUnavailableError, match="install ptv-zoo"):
        ptv_vmz.r2plus1d_34(pretraining="ig65m_8frms")


@pytest.mark.parametrize("name", VMZ)
def test_an_unknown_pretraining_is_refused_with_the_known_ones(name):
    with pytest.raises(ArgumentError, match=AVAIL_PRETRAININGS[name][-1]):
        getattr(ptv_vmz, name)(pretraining="imagenet")


@pytest.mark.parametrize("name", VMZ)
def test_progress_is_passed_on_to_what_downloads(monkeypatch, name):
    asked = []
    monkeypatch.setattr(ptv_registry, "call_hook", lambda hook, **arguments: asked.append((hook, arguments)) or True)

    for progress in (True, False):
        with torch.device("meta"):
            getattr(ptv_vmz, name)(AVAIL_PRETRAININGS[name][0], progress=progress)

    assert [("ptv_load_weights", True), ("ptv_load_weights", False)] == [(hook, a["progress"]) for hook, a in asked]
