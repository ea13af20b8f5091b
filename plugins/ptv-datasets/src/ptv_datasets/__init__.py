"""ptv_datasets: clips of labelled videos, the same for any number of processes."""

from ptv_datasets.errors import BrokenVideoError
from ptv_datasets.failures import Failure, FailureReport
from ptv_datasets.hmdb51 import Hmdb51, Hmdb51LabeledVideoPaths
from ptv_datasets.kinetics import Kinetics
from ptv_datasets.label_files import LabelFileError, read_label_file
from ptv_datasets.labeled_video import LabeledVideoDataset
from ptv_datasets.labeled_video_dataset import labeled_video_dataset
from ptv_datasets.labeled_video_paths import LabeledVideoPaths
from ptv_datasets.resume import ClipLoader, ResumableSampler
from ptv_datasets.stream import ClipStream
from ptv_datasets.ucf101 import Ucf101

__all__ = [
    "BrokenVideoError",
    "ClipLoader",
    "ClipStream",
    "Failure",
    "FailureReport",
    "Hmdb51",
    "Hmdb51LabeledVideoPaths",
    "Kinetics",
    "LabelFileError",
    "LabeledVideoDataset",
    "LabeledVideoPaths",
    "ResumableSampler",
    "Ucf101",
    "labeled_video_dataset",
    "read_label_file",
]
