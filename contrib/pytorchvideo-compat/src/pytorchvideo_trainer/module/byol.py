"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(("BYOL", "BYOLModule", "BYOLModuleConf", "create_byol_resnet_50"), "ptv_ssl.BYOL"),
    },
)
