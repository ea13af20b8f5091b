"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(("PreciseBn",), "the callback precise_bn, `ptv train --callback precise_bn`"),
    },
)
