from __future__ import annotations

import copyreg
import os
import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import ptv_registry
import ptv_zoo
from ptv_zoo.caffe2 import blob_names
from ptv_zoo.errors import HeadDroppedWarning, UnsafeWeightsError, WeightsFileError, WeightsMismatchError
from tests.support import reference_models

RESNET = "resnet(model_depth=18, stem_dim_out=4, model_num_class=5, head_pool=adaptive_avg, dropout_rate=0)"
DETECTION = "resnet_with_roi_head(model_depth=18, stem_dim_out=4, model_num_class=5, head_pool_kernel_size=[4, 1, 1])"
VMZ = "vmz_resnet(stage_dims=[4, 8, 8, 8], stage_depths=[1, 2, 1, 1], num_classes=5, {})"
VMZ_KINDS = {
    "r3d": "",
    "r2plus1d": "stem=vmz_2plus1d, stage_filter=vmz_2plus1d",
    "ir-csn": "stage_expansion=4, block=vmz_bottleneck, stage_filter=vmz_interaction_reduced, use_pool1=true",
    "ip-csn": "stage_expansion=4, block=vmz_bottleneck, stage_filter=vmz_interaction_preserved, use_pool1=true",
}


def filled(spec):
    return reference_models.fill_(ptv_registry.build(spec)).eval()


def logits(model):
    with torch.no_grad():
        return model(reference_models.clip("zoo", 1, 3, 4, 32, 32))


def lightning(weights):
    return {
        "epoch": 3,
        "state_dict": {**{f"model.{n}": t for n, t in weights.items()}, "train_metric.total": torch.zeros(1)},
        "optimizer_states": [{"lr": 0.1}],
        "pytorch-lightning_version": "2.4.0",
    }


LAYOUTS = {
    "model_state": lambda w: {"model_state": w},
    "pyslowfast": lambda w: {"epoch": 1, "model_state": {f"model.{n}": t for n, t in w.items()}, "cfg": "TRAIN:\n"},
    "distributed": lambda w: {f"module.{n}": t for n, t in w.items()},
    "lightning": lightning,
    "ptv train": lambda w: {"ptv": {"lock": "{}"}, "state_dict": {f"model.{n}": t for n, t in w.items()}},
    "plain": lambda w: w,
}


@pytest.mark.parametrize("spec", [RESNET, DETECTION], ids=["resnet", "detection"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_torch_layout_loads_every_weight(tmp_path, layout, spec):
    source = filled(spec)
    torch.save(LAYOUTS[layout](source.state_dict()), tmp_path / "w.pyth")

    model = ptv_registry.build(spec, weights=f"file:{tmp_path}/w.pyth").eval()

    for name, tensor in source.state_dict().items():
        assert torch.equal(tensor, model.state_dict()[name]), name


@pytest.mark.parametrize("layout", ["model_state", "pyslowfast", "lightning", "plain", "legacy", "safetensors"])
def test_logits_are_those_of_the_saved_model(tmp_path, layout):
    source = filled(RESNET)
    path = tmp_path / "w.pyth"
    if layout == "safetensors":
        save_file(source.state_dict(), path)
    elif layout == "legacy":
        torch.save({"model_state": source.state_dict()}, path, _use_new_zipfile_serialization=False)
    else:
        torch.save(LAYOUTS[layout](source.state_dict()), path)

    model = ptv_registry.build(RESNET, weights=f"file:{path}").eval()

    assert torch.equal(logits(source), logits(model))


# VMZ


def test_blob_names_are_those_of_the_published_conversion():
    names = {kind: blob_names(shapes_of(VMZ.format(text))) for kind, text in VMZ_KINDS.items()}

    assert "conv1_w" == names["r3d"]["stem.0.weight"]
    assert "conv1_spatbn_relu_riv" == names["r3d"]["stem.1.running_var"]
    assert "comp_0_conv_1_w" == names["r3d"]["layer1.0.conv1.0.weight"]
    assert "comp_2_spatbn_2_rm" == names["r3d"]["layer2.1.conv2.1.running_mean"]
    assert "shortcut_projection_1_w" == names["r3d"]["layer2.0.downsample.0.weight"]
    assert "shortcut_projection_3_spatbn_s" == names["r3d"]["layer3.0.downsample.1.weight"]
    assert ("last_out_L5_w", "last_out_L5_b") == (names["r3d"]["fc.weight"], names["r3d"]["fc.bias"])
    assert "conv1_middle_w" == names["r2plus1d"]["stem.0.weight"]
    assert "conv1_middle_spatbn_relu_s" == names["r2plus1d"]["stem.1.weight"]
    assert "conv1_w" == names["r2plus1d"]["stem.3.weight"]
    assert "conv1_spatbn_relu_b" == names["r2plus1d"]["stem.4.bias"]
    assert "comp_0_conv_1_middle_w" == names["r2plus1d"]["layer1.0.conv1.0.0.weight"]
    assert "comp_0_spatbn_1_middle_s" == names["r2plus1d"]["layer1.0.conv1.0.1.weight"]
    assert "comp_0_conv_1_w" == names["r2plus1d"]["layer1.0.conv1.0.3.weight"]
    assert "comp_0_spatbn_1_s" == names["r2plus1d"]["layer1.0.conv1.1.weight"]
    assert "comp_0_conv_3_w" == names["ir-csn"]["layer1.0.conv2.0.weight"]
    assert "comp_0_spatbn_3_s" == names["ir-csn"]["layer1.0.conv2.1.weight"]
    assert "comp_0_conv_4_w" == names["ir-csn"]["layer1.0.conv3.0.weight"]
    assert "comp_0_conv_2_middle_w" == names["ip-csn"]["layer1.0.conv2.0.0.weight"]
    assert "comp_0_spatbn_2_middle_riv" == names["ip-csn"]["layer1.0.conv2.0.1.running_var"]
    assert "comp_0_conv_2_w" == names["ip-csn"]["layer1.0.conv2.0.2.weight"]
    assert "comp_0_conv_3_w" == names["ip-csn"]["layer1.0.conv3.0.weight"]


@pytest.mark.parametrize(
    "name", ["ir_csn_152", "ip_csn_152", "r2plus1d_34", "r2plus1d_152", "mc3_18", "r3d_18", "r2plus1d_18"]
)
def test_every_weight_of_the_published_networks_has_a_blob_of_its_own(name):
    shapes = {n: tuple(shape) for n, shape in reference_models.record("vmz", name)["state_dict"].items()}

    names = blob_names(shapes)

    assert {n for n in shapes if not n.endswith("num_batches_tracked")} == set(names)
    assert len(names) == len(set(names.values()))


def shapes_of(spec):
    return {name: tuple(tensor.shape) for name, tensor in ptv_registry.build(spec).state_dict().items()}


@pytest.mark.parametrize("kind", VMZ_KINDS)
def test_a_caffe2_pickle_gives_equal_logits(tmp_path, kind):
    spec = VMZ.format(VMZ_KINDS[kind])
    source = filled(spec)
    weights = source.state_dict()
    blobs = {blob: weights[name].numpy() for name, blob in blob_names(shapes_of(spec)).items()}
    blobs["conv1_w_momentum"] = np.zeros(3)
    (tmp_path / "w.pkl").write_bytes(pickle.dumps({"blobs": blobs}, protocol=2))

    model = ptv_registry.build(spec, weights=f"file:{tmp_path}/w.pkl").eval()

    assert torch.equal(logits(source), logits(model))


def test_a_caffe2_pickle_of_other_classes_drops_the_classifier(tmp_path):
    spec = VMZ.format("")
    weights = filled(spec).state_dict()
    blobs = {blob: weights[name].numpy() for name, blob in blob_names(shapes_of(spec)).items()}
    (tmp_path / "w.pkl").write_bytes(pickle.dumps({"blobs": blobs}, protocol=2))

    with pytest.warns(HeadDroppedWarning, match=r"5 classes; left out fc\.weight, fc\.bias"):
        ptv_registry.build(spec, num_classes=7, weights=f"file:{tmp_path}/w.pkl")


def test_strings_of_python_2_are_read(tmp_path):
    array = np.array([1.5, -2.0], "<f4")
    data = (
        b"\x80\x02}q\x00U\x05blobsq\x01}q\x02U\x04fc_bq\x03cnumpy.core.multiarray\n_reconstruct\nq\x04cnumpy\nndarray\n"
        b"q\x05K\x00\x85q\x06U\x01bq\x07\x87q\x08Rq\x09(K\x01K\x02\x85q\x0acnumpy\ndtype\nq\x0bU\x02f4q\x0cK\x00K\x01"
        b"\x87q\x0dRq\x0e(K\x03U\x01<q\x0fNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x10b\x89U\x08"
        + array.tobytes()
        + b"q\x11tq\x12bss."
    )
    (tmp_path / "w.pkl").write_bytes(data)

    file = ptv_zoo.read_weights(tmp_path / "w.pkl")

    assert "caffe2" == file.layout
    assert np.array_equal(array, file.tensors["fc_b"])


# Files that are refused


class Evil:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (self.mark,)


@pytest.mark.parametrize("form", ["torch", "legacy torch", "pickle"])
def test_a_pickle_with_code_is_refused_by_name_and_not_run(tmp_path, form):
    mark, path = str(tmp_path / "owned"), tmp_path / "w.pyth"
    data = {"model_state": {"x": torch.zeros(1)}, "extra": Evil(mark)}
    if form == "pickle":
        path.write_bytes(pickle.dumps({"blobs": {"x": Evil(mark)}}, protocol=2))
    else:
        torch.save(data, path, _use_new_zipfile_serialization=form == "torch")

    with pytest.raises(UnsafeWeightsError, match=rf"holds code: it names {os.mkdir.__module__}\.mkdir") as caught:
        ptv_registry.build(RESNET, weights=f"file:{path}")

    assert f"{os.mkdir.__module__}.mkdir" == caught.value.fields["name"]
    assert not os.path.exists(mark)


@pytest.mark.parametrize("call", [eval, getattr, copyreg.add_extension, np.load, torch.load])
def test_the_unpickler_of_arrays_admits_no_function(tmp_path, call):
    class Calls:
        def __reduce__(self):
            return call, ("1",)

    (tmp_path / "w.pkl").write_bytes(pickle.dumps({"blobs": Calls()}))

    with pytest.raises(UnsafeWeightsError, match="holds code"):
        ptv_zoo.read_weights(tmp_path / "w.pkl")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a pickle"),
        (b"<html>not found</html>", "not a pickle"),
        (pickle.dumps([1, 2]), "it holds a list"),
        (pickle.dumps({"weights": {}}), "it holds 'weights'; known are model_state"),
        (b"PK\x03\x04 broken", "not a pickle"),
        (b'\x08\0\0\0\0\0\0\0{"a": 1}', "cannot be read"),
    ],
    ids=["empty", "html", "list", "layout", "zip", "safetensors"],
)
def test_a_file_of_something_else_is_refused_with_its_path(tmp_path, content, message):
    path = tmp_path / "w.bin"
    path.write_bytes(content)

    with pytest.raises(WeightsFileError, match=message) as caught:
        ptv_zoo.read_weights(path)

    assert str(path) in str(caught.value)


def test_a_truncated_checkpoint_is_refused(tmp_path):
    torch.save({"model_state": filled(RESNET).state_dict()}, tmp_path / "w.pyth")
    whole = (tmp_path / "w.pyth").read_bytes()
    (tmp_path / "w.pyth").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(WeightsFileError):
        ptv_zoo.read_weights(tmp_path / "w.pyth")


# Weights that do not fit


def test_a_wrong_checkpoint_lists_what_is_missing_unexpected_and_reshaped(tmp_path):
    weights = filled(RESNET).state_dict()
    weights["extra.weight"] = torch.zeros(2)
    del weights["blocks.0.conv.weight"]
    weights["blocks.0.norm.weight"] = torch.zeros(9)
    torch.save(weights, tmp_path / "w.pth")

    with pytest.raises(WeightsMismatchError) as caught:
        ptv_registry.build(RESNET, weights=f"file:{tmp_path}/w.pth")

    message = str(caught.value)
    assert "1 missing (in the model, not in the file):\n    blocks.0.conv.weight" in message
    assert "1 unexpected (in the file, not in the model):\n    extra.weight" in message
    assert "1 of another shape:\n    blocks.0.norm.weight: 9 in the file, 4 in the model" in message
    assert ["blocks.0.conv.weight"] == caught.value.fields["missing"]
    assert pickle.loads(pickle.dumps(caught.value)).fields == caught.value.fields


def test_a_model_keeps_its_weights_when_others_do_not_fit(tmp_path):
    model = filled(RESNET)
    torch.save({"nothing": torch.zeros(1)}, tmp_path / "w.pth")
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    with pytest.raises(WeightsMismatchError):
        ptv_zoo.load_weights(model, tmp_path / "w.pth")

    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize(
    ("spec", "head"),
    [(RESNET, "blocks.5.proj"), (DETECTION, "detection_head.proj")],
    ids=["resnet", "detection"],
)
def test_another_class_count_drops_exactly_the_head(tmp_path, spec, head):
    source = filled(spec)
    torch.save({"model_state": source.state_dict()}, tmp_path / "w.pyth")

    with pytest.warns(HeadDroppedWarning, match=rf"is for 5 classes; left out {head}\.weight, {head}\.bias"):
        model = ptv_registry.build(spec, model_num_class=7, weights=f"file:{tmp_path}/w.pyth")

    new, old = model.state_dict(), source.state_dict()
    assert 7 == len(new[f"{head}.weight"])
    assert all(torch.equal(new[n], old[n]) for n in new if not n.startswith(head))
    assert 0 < float(new[f"{head}.weight"].std()) < 1


def test_a_model_without_a_head_takes_the_rest(tmp_path):
    source = filled(RESNET)
    torch.save({"model_state": source.state_dict()}, tmp_path / "w.pyth")

    with pytest.warns(HeadDroppedWarning, match="left out blocks.5.proj.weight.*has no head"):
        model = ptv_registry.build(
            RESNET.replace(", head_pool=adaptive_avg, dropout_rate=0", ", head=none"), weights=f"file:{tmp_path}/w.pyth"
        )

    assert all(torch.equal(tensor, source.state_dict()[n]) for n, tensor in model.state_dict().items())


def test_other_features_before_the_head_are_no_other_class_count(tmp_path):
    weights = filled(RESNET).state_dict()
    weights["blocks.5.proj.weight"] = torch.zeros(7, 9)
    weights["blocks.5.proj.bias"] = torch.zeros(7)
    torch.save(weights, tmp_path / "w.pth")

    with pytest.raises(WeightsMismatchError, match="7x9 in the file"):
        ptv_registry.build(RESNET, weights=f"file:{tmp_path}/w.pth")
