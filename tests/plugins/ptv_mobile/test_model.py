import copy
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

import ptv_mobile
from ptv_mobile import EfficientX3d, convert_and_compare, convert_to_deployable_form
from ptv_registry.errors import ArgumentError

CLIP = (2, 3, 2, 33, 47)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return EfficientX3d(num_classes=5).eval()


@pytest.fixture(scope="module")
def clips():
    return torch.randn(CLIP, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def deployable(model, clips):
    return convert_to_deployable_form(model, clips)


def test_it_gives_a_score_per_class(model, clips):
    assert (2, 5) == tuple(model(clips).shape)


def test_while_training_the_heads_activation_is_left_out(clips):
    torch.manual_seed(0)
    model = EfficientX3d(num_classes=5, dropout=0.0, head_act="relu")

    assert model.eval()(clips).min() == 0
    assert model.train()(clips).min() < 0


def test_without_head_it_gives_features(clips):
    model = EfficientX3d(enable_head=False).eval()

    assert (2, 192, 2, 2, 2) == tuple(model(clips).shape)
    assert not any(name.startswith(("head", "projection")) for name in model.state_dict())


@pytest.mark.parametrize(("expansion", "blocks"), [("XS", 26), ("S", 26), ("M", 26), ("L", 55)])
def test_the_expansion_is_the_published_depth(expansion, blocks):
    with torch.device("meta"):
        model = EfficientX3d(expansion=expansion)

    assert blocks == sum(isinstance(m, ptv_mobile.X3dBottleneckBlock) for m in model.modules())


def test_an_unknown_expansion_is_refused():
    with pytest.raises(ArgumentError, match="expansion='XL' is not one of XS, S, M, L"):
        EfficientX3d(expansion="XL")


def test_odd_sizes_convert(model, clips, deployable):
    report = deployable.conversion_report

    assert report.left == {}
    assert report.largest_difference < 1e-4
    assert not any(isinstance(m, nn.Conv3d | nn.BatchNorm3d) for m in deployable.modules())


@pytest.mark.parametrize("size", [(2, 3, 3, 33, 47), (2, 3, 2, 65, 47), (2, 3, 2, 33, 64)])
def test_the_deployable_form_refuses_another_size(deployable, size):
    with pytest.raises(ptv_mobile.CalibratedSizeError):
        deployable(torch.randn(size))


def test_the_deployable_form_takes_any_batch(model, clips, deployable):
    with torch.no_grad():
        torch.testing.assert_close(deployable(clips[:1]), model(clips[:1]), rtol=1e-3, atol=1e-4)


def test_without_norms_it_converts_too(clips):
    _, report = convert_and_compare(EfficientX3d(num_classes=5, norm=None), clips)

    assert report.largest_difference < 1e-4


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
def test_both_forms_deep_copy_and_pickle(model, clips, deployable, twin):
    for form in (model, deployable):
        with torch.no_grad():
            assert torch.equal(form(clips), twin(form)(clips))


@pytest.mark.slow
def test_both_forms_export_with_any_batch(model, clips, deployable):
    batch = torch.export.Dim("batch", min=1, max=8)
    for form in (model, deployable):
        exported = torch.export.export(form, (clips,), dynamic_shapes=({0: batch},)).module()
        with torch.no_grad():
            torch.testing.assert_close(exported(clips[:1]), form(clips[:1]), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["efficient_x3d_xs", "efficient_x3d_s"])
def test_the_published_models_run_on_meta(name):
    builder = getattr(ptv_mobile, name)
    size = (1, 3, builder.clip_input.num_frames, 160, 160)
    with torch.device("meta"):
        assert (1, 400) == tuple(builder()(torch.empty(size)).shape)


def test_its_gradients_are_finite(clips):
    torch.manual_seed(0)
    model = EfficientX3d(num_classes=5, dropout=0.0)
    model(clips).square().sum().backward()

    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_both_forms_save_to_safetensors(tmp_path, model, clips, deployable):
    for form in (model, deployable):
        save_file(form.state_dict(), tmp_path / "weights.safetensors")
        other = copy.deepcopy(form)
        for parameter in other.parameters():
            nn.init.zeros_(parameter)
        other.load_state_dict(load_file(tmp_path / "weights.safetensors"))

        with torch.no_grad():
            assert torch.equal(form(clips), other(clips))
