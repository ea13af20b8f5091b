"""EfficientX3D."""

from ptv_mobile import EfficientX3d

__all__ = ["EfficientX3d", "create_x3d"]

create_x3d = EfficientX3d
