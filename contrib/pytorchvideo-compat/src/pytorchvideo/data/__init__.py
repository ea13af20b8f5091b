"""Datasets of videos, and how clips of them are sampled and read."""

from pytorchvideo.data import dataset_manifest_utils, encoded_video, frame_video, labeled_video_paths, video
from pytorchvideo.data.ava import Ava
from pytorchvideo.data.charades import Charades
from pytorchvideo.data.clip_sampling import ClipSampler, RandomClipSampler, UniformClipSampler, make_clip_sampler
from pytorchvideo.data.domsev import DomsevFrameDataset, DomsevVideoDataset
from pytorchvideo.data.epic_kitchen_forecasting import EpicKitchenForecasting
from pytorchvideo.data.epic_kitchen_recognition import EpicKitchenRecognition
from pytorchvideo.data.hmdb51 import Hmdb51
from pytorchvideo.data.json_dataset import clip_recognition_dataset, video_only_dataset
from pytorchvideo.data.kinetics import Kinetics
from pytorchvideo.data.labeled_video_dataset import LabeledVideoDataset, labeled_video_dataset
from pytorchvideo.data.ssv2 import SSv2
from pytorchvideo.data.ucf101 import Ucf101

__all__ = [
    "Ava",
    "Charades",
    "ClipSampler",
    "DomsevFrameDataset",
    "DomsevVideoDataset",
    "EpicKitchenForecasting",
    "EpicKitchenRecognition",
    "Hmdb51",
    "Kinetics",
    "LabeledVideoDataset",
    "RandomClipSampler",
    "SSv2",
    "Ucf101",
    "UniformClipSampler",
    "clip_recognition_dataset",
    "dataset_manifest_utils",
    "encoded_video",
    "frame_video",
    "labeled_video_dataset",
    "labeled_video_paths",
    "make_clip_sampler",
    "video",
    "video_only_dataset",
]
