"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(
            ("OptimizerConf", "construct_optimizer"), "the optimizers of ptv_train, `ptv train --optimizer sgd`"
        ),
        **dict.fromkeys(("LARS",), "an optimizer of your own, registered with ptv_registry.register"),
    },
)
