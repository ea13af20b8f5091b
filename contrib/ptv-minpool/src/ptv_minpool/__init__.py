"""Min pooling for video models."""

from ptv_minpool.pool import MinPool3d

__all__ = ["MinPool3d"]
