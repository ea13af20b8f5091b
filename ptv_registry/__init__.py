"""ptv_registry: kinds of video-understanding components, the names that installed distributions give them, and how to
turn a string into an object."""

from ptv_registry._slots import Slot
from ptv_registry.errors import PtvError

__all__ = ["PtvError", "Slot"]
