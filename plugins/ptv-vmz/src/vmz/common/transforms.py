"""Transforms of clips, which are those of ptv_transforms."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        "CenterCropVideo": "torchvision.transforms.v2.CenterCrop, or create_video_transform of ptv_transforms",
        "NormalizeVideo": "ptv_transforms.Normalize",
        "RandomCropVideo": "torchvision.transforms.v2.RandomCrop, or create_video_transform of ptv_transforms",
        "RandomHorizontalFlipVideo": "torchvision.transforms.v2.RandomHorizontalFlip, or create_video_transform of ptv_transforms",
        "RandomResizedCropVideo": "ptv_transforms.RandomResizedCrop",
        "Resize": "ptv_transforms.ShortSideScale",
        "TempPadClip": "the short policies of the clip samplers of ptv_video",
        "TemporalCenterCrop": "the clip samplers of ptv_video",
        "ToTensorVideo": "nothing: clips of ptv_datasets are (C, T, H, W) already",
        "UnfoldClips": "the clip sampler uniform of ptv_video",
    },
)
