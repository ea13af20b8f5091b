"""Every documented name is there, with the documented parameters, order and defaults; see extract_documented.py.

Those of the accelerator's chapter are in documented_accelerator.json; see extract_accelerator.py.
"""

import importlib
import inspect
import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TEXT, ACCELERATOR = (
    json.loads((HERE / name).read_text(encoding="utf-8")) for name in ("documented.json", "documented_accelerator.json")
)
DOCUMENTED = {"modules": TEXT["modules"] + ACCELERATOR["modules"], "names": {**TEXT["names"], **ACCELERATOR["names"]}}
SIGNATURES = sorted(name for name, entry in DOCUMENTED["names"].items() if "parameters" in entry)

FOUR_STAGES = "the text has three entries; there are four stages"
# What the text says and what is meant, where the text cannot be right.
MISTAKEN = {
    ("models.r2plus1d.create_r2plus1d", "stage_conv_a_kernel_size"): FOUR_STAGES,
    ("models.r2plus1d.create_r2plus1d", "stage_conv_b_kernel_size"): FOUR_STAGES,
    ("models.r2plus1d.create_r2plus1d", "stage_spatial_stride"): FOUR_STAGES,
    ("models.r2plus1d.create_r2plus1d", "stage_temporal_stride"): FOUR_STAGES,
    ("models.resnet.create_acoustic_resnet", "stage_conv_b_num_groups"): FOUR_STAGES,
    ("models.resnet.create_resnet_with_roi_head", "stage_conv_b_num_groups"): FOUR_STAGES,
    ("models.resnet.create_resnet_with_roi_head", "stage_spatial_h_stride"): FOUR_STAGES,
    ("models.resnet.create_resnet_with_roi_head", "stage_spatial_w_stride"): FOUR_STAGES,
    ("models.resnet.create_resnet_with_roi_head", "stage_temporal_stride"): FOUR_STAGES,
    (
        "models.resnet.create_resnet_with_roi_head",
        "stage_conv_b_dilation",
    ): "the published network dilates the last stage",
    ("models.slowfast.create_slowfast", "bottleneck"): "the text has three blocks for the fast pathway",
}
# Its parameter has two names in the text; the other one is that of all heads.
RENAMED = {("models.x3d.create_x3d_head", "output_with_global_averaging"): "output_with_global_average"}


def documented(name):
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(f"pytorchvideo.{module}"), attribute)


def parameters_of(name):
    return inspect.signature(documented(name)).parameters


def written(value):
    """A default as the documentation writes it: classes and functions by their names, no spaces."""
    if isinstance(value, tuple):
        return "(" + ",".join(map(written, value)) + ("," if len(value) == 1 else "") + ")"
    if inspect.isclass(value) or inspect.isfunction(value):
        return f"<{value.__name__}>"
    return repr(value).replace(" ", "")


def read(default):
    """A documented default, with the classes' modules left out and tuples' parentheses put in."""
    default = default.replace('"', "'").replace("<'", "<").replace("'>", ">")
    parts = default.replace(">", "<").split("<")
    default = "".join(
        f"<{part if ':' in part else part.rpartition('.')[2]}>" if number % 2 else part
        for number, part in enumerate(parts)
    )
    return f"({default})" if "," in default and not default.startswith("(") else default


@pytest.mark.parametrize("module", DOCUMENTED["modules"])
def test_a_documented_module_can_be_imported(module):
    importlib.import_module(f"pytorchvideo.{module}")


@pytest.mark.parametrize("name", sorted(DOCUMENTED["names"]))
def test_a_documented_name_is_there_with_its_methods_and_attributes(name):
    entry, found = DOCUMENTED["names"][name], documented(name)

    assert found is not None
    for method, names in entry.get("methods", {}).items():
        parameters = list(inspect.signature(getattr(found, method)).parameters)[1:]
        wrapped = parameters == ["args", "kwargs"] and method == "__call__"  # nn.Module calls forward
        assert (list(inspect.signature(found.forward).parameters)[1:] if wrapped else parameters)[: len(names)] == names
    for attribute in entry.get("attributes", []):
        assert hasattr(found, attribute)


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_documented_parameters_come_first_and_in_order(name):
    wanted = DOCUMENTED["names"][name]["parameters"]
    found = parameters_of(name)

    names = [RENAMED.get((name, entry["name"]), entry["name"].strip("*")) for entry in wanted]
    if wanted and wanted[0]["keyword_only"]:
        assert set(names) <= set(found)
    else:
        assert list(found)[: len(names)] == names
        assert all(found[own].kind is not inspect.Parameter.KEYWORD_ONLY for own in names)


@pytest.mark.parametrize("name", SIGNATURES)
def test_what_is_not_documented_need_not_be_given(name):
    wanted = {entry["name"].strip("*") for entry in DOCUMENTED["names"][name]["parameters"]}
    wanted |= {RENAMED.get((name, own), own) for own in wanted}

    added = {own: parameter for own, parameter in parameters_of(name).items() if own not in wanted}

    empty = inspect.Parameter.empty
    assert all(own.kind is own.VAR_KEYWORD or own.default is not empty for own in added.values()), added


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_defaults_are_the_documented_ones(name):
    found = parameters_of(name)

    for entry in DOCUMENTED["names"][name]["parameters"]:
        own = RENAMED.get((name, entry["name"]), entry["name"])
        if entry.get("default") is None:
            continue  # there is none, or it cannot be read
        agrees = written(found[own].default) == read(entry["default"])
        assert agrees != ((name, own) in MISTAKEN), (own, found[own].default, entry["default"])


def test_the_builders_whose_defaults_are_illegible_agree_with_their_siblings():
    slowfast = parameters_of("models.slowfast.create_slowfast")
    detection = parameters_of("models.slowfast.create_slowfast_with_roi_head")

    for name in ("stage_conv_a_kernel_sizes", "stage_conv_b_kernel_sizes", "stage_temporal_strides", "bottleneck"):
        assert slowfast[name].default == detection[name].default
    for name in ("head_spatial_resolution", "head_spatial_scale", "head_sampling_ratio"):
        assert detection[name].default == parameters_of("models.resnet.create_resnet_with_roi_head")[name].default
