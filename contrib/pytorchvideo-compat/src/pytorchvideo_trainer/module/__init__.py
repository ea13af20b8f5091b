"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        "BYOLModule": "ptv_ssl.BYOL",
        "MOCOV2Module": "ptv_ssl.MoCo",
        "SimCLRModule": "ptv_ssl.SimCLR",
        "VideoClassificationModule": "`ptv train`, whose task classification it is",
    },
)
