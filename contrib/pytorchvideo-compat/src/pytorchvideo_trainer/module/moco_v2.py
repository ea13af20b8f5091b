"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(("MOCO", "MOCOV2Module", "MOCOV2ModuleConf", "create_moco_resnet_50"), "ptv_ssl.MoCo"),
    },
)
