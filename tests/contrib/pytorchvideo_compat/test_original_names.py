"""Every name of the original's modules is there, or left out for a reason; see extract_original.py."""

import importlib
import json
from pathlib import Path

import pytest

from ptv_registry.errors import PtvError

ORIGINAL = json.loads(Path(__file__).with_name("original_names.json").read_text(encoding="utf-8"))
NAMES = [
    (f"pytorchvideo.{path}".rstrip("."), name)
    for path, versions in ORIGINAL.items()
    for name in sorted({name for names in versions.values() for name in names})
]

# What is left out, and why.
EXCLUDED = {
    ("pytorchvideo.transforms.augmentations", "affine"): "a copy of torchvision's own affine transform of tensors",
}
# Modules whose names raise an error that says what to use instead.
SAY_WHAT_TO_USE = ("pytorchvideo.neural_engine", "Ego4dMomentsDataset")


def says_what_to_use(module, name):
    return module.startswith(SAY_WHAT_TO_USE) or name in SAY_WHAT_TO_USE


def test_every_name_of_the_original_resolves():
    missing = [
        f"{module}.{name}"
        for module, name in NAMES
        if (module, name) not in EXCLUDED
        and not says_what_to_use(module, name)
        and not hasattr(importlib.import_module(module), name)
    ]

    assert missing == []
    assert len(NAMES) > 600


def test_what_is_left_out_is_a_name_of_the_original_and_not_there():
    for module, name in EXCLUDED:
        assert (module, name) in NAMES
        assert not hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize(("module", "name"), [pair for pair in NAMES if says_what_to_use(*pair)])
def test_a_name_without_a_counterpart_says_what_to_use(module, name):
    with pytest.raises(PtvError, match="ptv") as caught:
        getattr(importlib.import_module(module), name)

    assert isinstance(caught.value, ImportError)


def test_a_name_is_one_object_wherever_it_is_imported_from():
    module = {
        name: importlib.import_module(f"pytorchvideo.{name}")
        for name in ("data.charades", "data.labeled_video_dataset", "data.utils", "layers.utils", "models.resnet")
    }

    samplers = {module[name].MultiProcessSampler for name in module if name.startswith("data.")}
    assert samplers == {module["data.utils"].MultiProcessSampler}
    assert module["models.resnet"].set_attributes is module["layers.utils"].set_attributes
