"""The schedule of VMZ."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        "WarmupMultiStepLR": "ptv_train.components.schedules.multistep, `ptv train --schedule multistep`",
    },
)
