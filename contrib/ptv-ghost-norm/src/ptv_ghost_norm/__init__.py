"""Ghost batch normalization for video models."""

from ptv_ghost_norm.norm import GhostBatchNorm3d

__all__ = ["GhostBatchNorm3d"]
