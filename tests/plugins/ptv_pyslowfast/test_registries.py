"""Our models and datasets in PySlowFast's registries: with a stand-in that has what fvcore's registry has.

PySlowFast itself is not installed for tests; its ``tools/run_net.py`` was run with these outside of the repository.
"""

import csv

import pytest
import torch

from ptv_pyslowfast.defaults import DEFAULTS
from ptv_pyslowfast.registries import DATASETS, MODELS, register
from ptv_registry.errors import ArgumentError
from ptv_video import write_video


class StandIn:
    """A registry by the ``__name__`` of what is in it; a name that comes twice is an error."""

    def __init__(self):
        self._obj_map = {}

    def register(self, obj):
        assert obj.__name__ not in self._obj_map
        self._obj_map[obj.__name__] = obj
        return obj


def node(**changes):
    """A configuration as PySlowFast's tools have it: every key, and one of somebody's own."""
    found = {key: dict(value) if isinstance(value, dict) else value for key, value in DEFAULTS.items()}
    found["MY_PROJECT"] = {"KEY": 1}
    for name, value in changes.items():
        section, _, key = name.partition("__")
        if key:
            found[section][key] = value
        else:
            found[section] = value
    return found


SMALL = {"DATA__NUM_FRAMES": 8, "DATA__TRAIN_CROP_SIZE": 32, "MODEL__NUM_CLASSES": 3, "RESNET__WIDTH_PER_GROUP": 8}
TWO = {
    "RESNET__NUM_BLOCK_TEMP_KERNEL": [[3, 3], [4, 4], [6, 6], [3, 3]],
    "RESNET__SPATIAL_STRIDES": [[1, 1], [2, 2], [2, 2], [2, 2]],
    "RESNET__SPATIAL_DILATIONS": [[1, 1], [1, 1], [1, 1], [1, 1]],
}
X3D = {"RESNET__TRANS_FUNC": "x3d_transform", "X3D__BOTTLENECK_FACTOR": 2.25}
MVIT = {"MVIT__DEPTH": 2, "MVIT__EMBED_DIM": 8, "MVIT__PATCH_PADDING": [1, 3, 3], "DATA__TEST_CROP_SIZE": 32}
CASES = {
    "PTVResNet": ("slow", {}),
    "PTVSlowFast": ("slowfast", TWO),
    "PTVX3D": ("x3d", X3D),
    "PTVCSN": ("csn", {}),
    "PTVR2plus1D": ("2plus1d", {}),
    "PTVMViT": ("mvit", MVIT),
}


@pytest.fixture
def registries():
    models, datasets = StandIn(), StandIn()
    models.register(type("PTVResNet", (), {}))  # PySlowFast's own, where it could import PyTorchVideo
    register(models, datasets)
    return models._obj_map, datasets._obj_map


def test_ours_take_the_place_of_pyslowfasts_own(registries):
    assert {model.__name__: model for model in MODELS} == registries[0]
    assert {dataset.__name__: dataset for dataset in DATASETS} == registries[1]
    assert ["Ptvcharades", "Ptvkinetics", "Ptvssv2"] == sorted(registries[1])


@pytest.mark.parametrize("name", CASES)
def test_a_model_gives_logits_in_training_and_scores_in_evaluation(registries, name):
    arch, more = CASES[name]
    torch.manual_seed(0)
    model = registries[0][name](node(MODEL__MODEL_NAME=name, MODEL__ARCH=arch, **SMALL, **more))
    clip = torch.randn(2, 3, 8, 32, 32)
    clips = [clip[:, :, ::8], clip] if name == "PTVSlowFast" else [clip]
    logits, scores = model.train()(clips), model.eval()(clips)

    assert all(key.startswith("model.") for key in model.state_dict())
    assert (2, 3) == logits.shape == scores.shape
    torch.testing.assert_close(torch.ones(2), scores.sum(1))
    assert not torch.allclose(torch.ones(2), logits.sum(1))


def test_scores_of_several_places_are_averaged(registries):
    name = "PTVResNet"
    model = registries[0][name](node(MODEL__MODEL_NAME=name, MODEL__ARCH="slow", **SMALL)).eval()
    wide = torch.randn(1, 3, 8, 32, 64)
    places = model.model(wide)

    assert (1, 3, 1, 1, 2) == places.shape
    torch.testing.assert_close(places.softmax(1).mean((2, 3, 4)), model([wide]))


def test_a_model_for_boxes_has_pyslowfasts_names(registries):
    changes = {"MODEL__MODEL_NAME": "PTVResNet", "MODEL__ARCH": "slow", "DETECTION__ENABLE": True}
    model = registries[0]["PTVResNet"](node(**SMALL, **changes, MODEL__HEAD_ACT="sigmoid"))
    boxes = torch.tensor([[0.0, 2, 2, 20, 20], [1, 0, 0, 31, 31]])

    assert {"model.blocks.0.conv.weight", "detection_head.proj.weight"} <= set(model.state_dict())
    assert (2, 3) == model([torch.randn(2, 3, 8, 32, 32)], boxes).shape


@pytest.fixture
def kinetics(tmp_path):
    rows = []
    for number in range(2):
        video = torch.randint(0, 256, (3, 24, 40, 56), dtype=torch.uint8)
        write_video(tmp_path / f"{number}.mp4", video, 12)
        rows.append([f"{number}.mp4", number])
    for mode in ("train", "test"):
        with (tmp_path / f"{mode}.csv").open("w", newline="") as file:
            csv.writer(file, delimiter=" ").writerows(rows)
    return {
        "DATA__PATH_TO_DATA_DIR": str(tmp_path),
        "DATA__PATH_PREFIX": str(tmp_path),
        "DATA__TRAIN_JITTER_SCALES": [36, 40],
        "DATA__TEST_CROP_SIZE": 32,
        "TEST__NUM_ENSEMBLE_VIEWS": 2,
    }


def test_a_test_has_every_view_of_every_video_once(registries, kinetics):
    small = SMALL | {"DATA__SAMPLING_RATE": 2}
    dataset = registries[1]["Ptvkinetics"](node(**small, **kinetics), "test")
    loader = torch.utils.data.DataLoader(dataset, batch_size=4)
    batches = list(loader)

    assert 12 == len(dataset) == dataset.num_videos
    assert list(range(12)) == sorted(number for batch in batches for number in batch[2].tolist())
    assert {(number // 6, label) for batch in batches for number, label in zip(batch[2].tolist(), batch[1].tolist(), strict=True)} == {(0, 0), (1, 1)}  # fmt: skip
    slow, fast = batches[0][0]
    assert ((4, 3, 1, 32, 32), (4, 3, 8, 32, 32)) == (slow.shape, fast.shape)
    assert not torch.equal(fast[0], fast[1])


def test_a_training_has_a_clip_of_every_video_another_each_epoch(registries, kinetics):
    small = SMALL | {"MODEL__ARCH": "slow", "DATA__SAMPLING_RATE": 2}
    dataset = registries[1]["Ptvkinetics"](node(**small, **kinetics), "train")
    first = dataset[0][0]
    dataset._set_epoch_num(1)

    assert 2 == len(dataset)
    assert (3, 8, 32, 32) == first[0].shape
    assert not torch.equal(first[0], dataset[0][0][0])


def test_other_modes_are_refused(registries, kinetics):
    with pytest.raises(ArgumentError, match="mode='all' must be train, val or test"):
        registries[1]["Ptvkinetics"](node(**kinetics), "all")
