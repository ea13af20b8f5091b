"""Annotations by which a model's signature says what its plain parameters stand for.

Whoever trains, feeds or exports a model finds them by these roles, whatever they are called. See section 6 of the design
page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from ptv_registry import Role

Classes = Annotated[int, Role("classes")]
"""Number of classes the model distinguishes."""

Channels = Annotated[int, Role("channels")]
"""Channels of the clips."""

ChannelsOfPathways = Annotated[Sequence[int], Role("channels")]
"""Channels of the clips of each pathway."""

Frames = Annotated[int, Role("frames")]
"""Frames of a clip."""

Pixels = Annotated[int, Role("pixels")]
"""Height and width of a clip in pixels."""

PixelSizes = Annotated[int | tuple[int, int], Role("pixels")]
"""Height and width of a clip in pixels; one number for a square."""

PathwayStride = Annotated[Sequence[int], Role("pathway_stride")]
"""Its first number: frames of the fast pathway per frame of the slow one."""

HeadWindow = Annotated[Sequence[int], Role("head_window")]
"""(T, H, W) of the features that the head pools."""

HeadWindows = Annotated[Sequence[Sequence[int]], Role("head_window")]
"""(T, H, W) of the features that the head pools, for each pathway, the slowest first."""


def plain(value: Any) -> Any:
    """The one number of a value that is given for each pathway, axis or place alike; the last where they differ."""
    while isinstance(value, list | tuple) and value:
        value = value[-1]
    return value
