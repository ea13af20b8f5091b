"""See :mod:`pytorchvideo_trainer`."""

from pytorchvideo_trainer.datamodule.datamodule import __getattr__

__all__ = ["__getattr__"]
