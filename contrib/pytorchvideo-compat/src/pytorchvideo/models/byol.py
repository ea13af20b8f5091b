"""Bootstrap your own latent."""

from ptv_ssl import BYOL

__all__ = ["BYOL"]
