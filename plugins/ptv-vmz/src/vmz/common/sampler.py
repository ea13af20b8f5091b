"""Samplers of torchvision's VideoClips, which torchvision no longer has."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        "DistributedSampler": "torch.utils.data.DistributedSampler, as video_sampler of ptv_datasets",
        "RandomClipSampler": "make_clip_sampler('random_multi', ...) of ptv_video",
        "UniformClipSampler": "make_clip_sampler('constant_clips_per_video', ...) of ptv_video",
    },
)
