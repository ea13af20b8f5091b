"""Networks made of blocks."""

from ptv_resnet import DetectionBBoxNetwork, MultiPathWayWithFuse, Net
from pytorchvideo.layers.utils import set_attributes
from pytorchvideo.models.weight_init import init_net_weights

__all__ = ["DetectionBBoxNetwork", "MultiPathWayWithFuse", "Net", "init_net_weights", "set_attributes"]
