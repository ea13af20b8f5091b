"""Batch norms over several processes."""

from ptv_layers import NaiveSyncBatchNorm1d, NaiveSyncBatchNorm2d, NaiveSyncBatchNorm3d
from ptv_layers.process_groups import get_world_size

__all__ = ["NaiveSyncBatchNorm1d", "NaiveSyncBatchNorm2d", "NaiveSyncBatchNorm3d", "get_world_size"]
