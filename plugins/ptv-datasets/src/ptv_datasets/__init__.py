"""ptv_datasets: clips of labelled videos, the same for any number of processes."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_datasets.annotations.label_files import read_label_file
    from ptv_datasets.annotations.label_rows import LabelFileError
    from ptv_datasets.annotations.labeled_video_paths import LabeledVideoPaths
    from ptv_datasets.annotations.manifests import (
        ActionData,
        EncodedVideoInfo,
        LabelData,
        VideoClipInfo,
        VideoDatasetType,
        VideoFrameInfo,
        VideoInfo,
    )
    from ptv_datasets.ava import Ava, AvaLabeledVideoFramePaths, TimeStampClipSampler
    from ptv_datasets.charades import Charades
    from ptv_datasets.domsev import DomsevFrameDataset, DomsevVideoDataset
    from ptv_datasets.epic_kitchen import (
        ClipSampling,
        EpicKitchenDataset,
        EpicKitchenForecasting,
        EpicKitchenRecognition,
    )
    from ptv_datasets.errors import BrokenVideoError
    from ptv_datasets.hmdb51 import Hmdb51, Hmdb51LabeledVideoPaths
    from ptv_datasets.json_dataset import clip_recognition_dataset, video_only_dataset
    from ptv_datasets.kinetics import Kinetics
    from ptv_datasets.labeled_video import LabeledVideoDataset
    from ptv_datasets.labeled_video_folder import labeled_video_dataset
    from ptv_datasets.order.resume import ClipLoader, ResumableSampler
    from ptv_datasets.order.stream import ClipStream
    from ptv_datasets.reading.failures import Failure, FailureReport
    from ptv_datasets.reading.untrimmed import UntrimmedClipSampler
    from ptv_datasets.recognise import dataset_for
    from ptv_datasets.ssv2 import SSv2
    from ptv_datasets.ucf101 import Ucf101

__all__ = [
    "ActionData",
    "Ava",
    "AvaLabeledVideoFramePaths",
    "BrokenVideoError",
    "Charades",
    "ClipLoader",
    "ClipSampling",
    "ClipStream",
    "DomsevFrameDataset",
    "DomsevVideoDataset",
    "EncodedVideoInfo",
    "EpicKitchenDataset",
    "EpicKitchenForecasting",
    "EpicKitchenRecognition",
    "Failure",
    "FailureReport",
    "Hmdb51",
    "Hmdb51LabeledVideoPaths",
    "Kinetics",
    "LabelData",
    "LabelFileError",
    "LabeledVideoDataset",
    "LabeledVideoPaths",
    "ResumableSampler",
    "SSv2",
    "TimeStampClipSampler",
    "Ucf101",
    "UntrimmedClipSampler",
    "VideoClipInfo",
    "VideoDatasetType",
    "VideoFrameInfo",
    "VideoInfo",
    "clip_recognition_dataset",
    "dataset_for",
    "labeled_video_dataset",
    "read_label_file",
    "video_only_dataset",
]

__getattr__, __dir__ = lazy_package(__name__)
