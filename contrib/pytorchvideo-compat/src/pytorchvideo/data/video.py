"""What every decoder returns."""

from ptv_video import Video

__all__ = ["Video"]
