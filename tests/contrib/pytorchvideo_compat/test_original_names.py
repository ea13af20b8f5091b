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
SAY_WHAT_TO_USE = ("pytorchvideo.neural_engine",)


def says_what_to_use(module):
    return module.startswith(SAY_WHAT_TO_USE)


def test_every_name_of_the_original_resolves():
    missing = [
        f"{module}.{name}"
        for module, name in NAMES
        if (module, name) not in EXCLUDED
        and not says_what_to_use(module)
        and not hasattr(importlib.import_module(module), name)
    ]

    assert missing == []
    assert len(NAMES) > 600


def test_what_is_left_out_is_a_name_of_the_original_and_not_there():
    for module, name in EXCLUDED:
        assert (module, name) in NAMES
        assert not hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize(("module", "name"), [pair for pair in NAMES if says_what_to_use(pair[0])])
def test_a_name_without_a_counterpart_says_what_to_use(module, name):
    with pytest.raises(PtvError, match="ptv") as caught:
        getattr(importlib.import_module(module), name)

    assert isinstance(caught.value, ImportError)


def test_a_name_is_one_object_wherever_it_is_imported_from():
    from pytorchvideo.data import charades, encoded_video_pyav, labeled_video_dataset, utils
    from pytorchvideo.layers import utils as layers_utils
    from pytorchvideo.models import resnet, x3d

    assert labeled_video_dataset.MultiProcessSampler is charades.MultiProcessSampler is utils.MultiProcessSampler
    assert encoded_video_pyav.thwc_to_cthw is utils.thwc_to_cthw
    assert resnet.set_attributes is x3d.set_attributes is layers_utils.set_attributes
