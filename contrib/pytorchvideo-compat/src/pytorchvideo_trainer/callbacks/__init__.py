"""See :mod:`pytorchvideo_trainer`."""

from pytorchvideo_trainer.callbacks.precise_batchnorm import __getattr__

__all__ = ["__getattr__"]
