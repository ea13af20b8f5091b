"""``Kinetics``: the Kinetics human-action videos."""

from __future__ import annotations

from typing import Any

from ptv_datasets.labeled_video import LabeledVideoDataset
from ptv_datasets.labeled_video_folder import labeled_video_dataset
from ptv_registry.extending import takes_arguments_of


@takes_arguments_of(labeled_video_dataset)
def Kinetics(arguments: dict[str, Any]) -> LabeledVideoDataset:
    """Clips of the Kinetics human-action videos (https://arxiv.org/abs/1705.06950).

    Args:
        data_path: an annotation file of any edition as it is published (CSV with youtube_id, time_start and time_end, or
            JSON), a file with a path and a label per row, or a folder that holds one folder per class. The videos of an
            annotation file are called ``id_%06d_%06d.mp4``; those that are not there are left out with a warning.
        video_path_prefix: joined to the front of the paths of a label file; for an annotation file, the folder that holds
            the videos at any depth, by default that of the file (that around it if it is called annotations).
    """
    return labeled_video_dataset(**arguments)
