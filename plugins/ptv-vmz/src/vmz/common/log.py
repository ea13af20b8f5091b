"""The log of a training, which is that of `ptv train`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        "MetricLogger": "`ptv train`, which logs metrics and progress",
        "SmoothedValue": "`ptv train`, which logs metrics and progress",
        "get_default_loggers": "`ptv train`, which logs metrics and progress",
        "setup_tbx": "`ptv train`, which logs metrics and progress",
    },
)
