"""Networks made of blocks."""

from ptv_resnet import DetectionBBoxNetwork, MultiPathWayWithFuse, Net

__all__ = ["DetectionBBoxNetwork", "MultiPathWayWithFuse", "Net"]
