"""Names of the classes that published weights tell apart, in the order of the model's outputs."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_FILES = {"Kinetics-400": "kinetics400_categories.txt", "Something-Something V2": "ssv2_categories.txt"}

_UNKNOWN = {
    "Charades": "the names are in Charades_v1_classes.txt, which comes with the annotations of the dataset",
    "Kinetics-400 (VMZ)": "VMZ does not say in which order its models have the classes",
    "AVA (V2.2)": "the names are in ava_action_list_v2.2.pbtxt, which comes with the annotations; output i is id i + 1",
}


@cache
def categories_of(dataset: str) -> tuple[str, ...] | None:
    """The classes of a dataset as the published weights order them; ``None`` where they are not known here.

    Kinetics-400: the order of PySlowFast's ``kinetics_classnames.json``, which torchvision's weights have too.
    Something-Something V2: the numbers of the labels file that comes with the dataset.
    """
    file = _FILES.get(dataset)
    return None if file is None else tuple(files("ptv_zoo").joinpath(file).read_text(encoding="utf-8").splitlines())


def why_unknown(dataset: str) -> str:
    """Why the names for a dataset are missing, and where to get them."""
    return _UNKNOWN.get(dataset, "the dataset publishes no order")
