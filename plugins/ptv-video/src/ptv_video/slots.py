"""Slot aliases of the data side: how a signature says that it takes a decoder or a clip sampler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from ptv_registry import Slot
from ptv_video.video import Video

#: A factory of open videos: ``decoder(source, video_name=..., decode_audio=...)``.
Decoder: TypeAlias = Annotated[Callable[..., Video], Slot("decoder")]

#: A finished clip sampler.
BuiltSampler: TypeAlias = Annotated[Any, Slot("sampler", built=True)]
