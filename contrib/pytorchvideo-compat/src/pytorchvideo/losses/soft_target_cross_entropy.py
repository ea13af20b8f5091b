"""Cross entropy with soft targets."""

from ptv_ssl import SoftTargetCrossEntropyLoss

__all__ = ["SoftTargetCrossEntropyLoss"]
