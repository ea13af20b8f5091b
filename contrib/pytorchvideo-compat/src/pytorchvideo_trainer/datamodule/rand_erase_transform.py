"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(("RandomErasing",), "torchvision.transforms.v2.RandomErasing in a transform of ptv_transforms"),
    },
)
