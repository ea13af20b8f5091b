"""The trainer of PyTorchVideo, whose work is that of ``ptv train``: its names and configurations say what to use."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__, {"register_components": "`ptv train`, whose components are entry points; Hydra has no part in it"}
)
