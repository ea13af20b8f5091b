"""``Ucf101``: the UCF101 human-action videos."""

from __future__ import annotations

from typing import Any

from ptv_datasets.labeled_video import LabeledVideoDataset
from ptv_datasets.labeled_video_folder import labeled_video_dataset
from ptv_registry.extending import takes_arguments_of


@takes_arguments_of(labeled_video_dataset)
def Ucf101(arguments: dict[str, Any]) -> LabeledVideoDataset:
    """Clips of the UCF101 human-action videos (https://www.crcv.ucf.edu/data/UCF101.php).

    Args:
        data_path: a list as it is published (``trainlist01.txt``), a file with a path and a label per row, or a folder
            that holds one folder per class.
        video_path_prefix: joined to the front of the paths of a label file.
    """
    return labeled_video_dataset(**arguments)
