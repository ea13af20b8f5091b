"""The labelled videos of a configuration, as specs of datasets."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

from ptv_pyslowfast.config import Config
from ptv_pyslowfast.errors import NoCounterpartError
from ptv_registry import Spec

Mode = Literal["train", "val", "test"]
KNOWN: Final = ("ptvkinetics", "kinetics", "ptvcharades", "charades", "ptvssv2", "ssv2")


def dataset_of(config: Config, mode: Mode) -> Spec:
    """The dataset of a mode: ``TRAIN.DATASET`` for training and validation, ``TEST.DATASET`` for the test.

    Raises:
        NoCounterpartError: no such dataset here, or a list of it has settings that it does not know.
    """
    name = config["TEST.DATASET" if mode == "test" else "TRAIN.DATASET"].lower()
    if name not in KNOWN:
        raise NoCounterpartError(f"the dataset {name!r} has no counterpart here; known are {', '.join(KNOWN)}")
    folder, prefix = Path(config["DATA.PATH_TO_DATA_DIR"]), config["DATA.PATH_PREFIX"]
    kind = name.removeprefix("ptv")
    if kind == "kinetics":
        arguments: dict[str, Any] = {"data_path": str(folder / f"{mode}.csv"), "decode_audio": False}
    elif kind == "charades":
        # PySlowFast's own reader calls the validation's list val, and takes it for the test as well.
        split = mode if name.startswith("ptv") else ("train" if mode == "train" else "val")
        arguments = {"data_path": str(folder / f"{split}.csv"), "frames_per_clip": config["DATA.NUM_FRAMES"]}
    else:
        of_labels = "train" if mode == "train" else "validation"
        arguments = {
            "label_name_file": str(folder / "something-something-v2-labels.json"),
            "video_label_file": str(folder / f"something-something-v2-{of_labels}.json"),
            "video_path_label_file": str(folder / f"{'train' if mode == 'train' else 'val'}.csv"),
            "frames_per_clip": config["DATA.NUM_FRAMES"],
            "rand_sample_frames": mode == "train",
        }
    return Spec(kind, {**arguments, "video_path_prefix": prefix}, "dataset")
