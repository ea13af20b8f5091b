"""Cross entropy with soft targets."""

from ptv_ssl import SoftTargetCrossEntropyLoss
from pytorchvideo.layers.utils import set_attributes
from pytorchvideo.transforms.functional import convert_to_one_hot

__all__ = ["SoftTargetCrossEntropyLoss", "convert_to_one_hot", "set_attributes"]
