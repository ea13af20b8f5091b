"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(
            (
                "LRSchedulerConf",
                "get_epoch_lr",
                "get_lr_at_epoch",
                "get_lr_func",
                "get_step_index",
                "lr_func_cosine",
                "lr_func_steps_with_relative_lrs",
                "set_lr",
            ),
            "the schedules of ptv_train, `ptv train --schedule cosine`",
        ),
    },
)
