"""Annotations by which a dataset says that a parameter takes another component."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from ptv_registry import Slot
from ptv_video.samplers.factory import ClipSampler

BuiltSampler = Annotated[ClipSampler, Slot("sampler", built=True)]
OptionalBuiltSampler = Annotated[ClipSampler | None, Slot("sampler", built=True)]
VideoSampler = Annotated[Callable[..., Any], Slot("video_sampler")]
BuiltTransform = Annotated[Callable[..., Any] | None, Slot("transform", built=True)]
Decoder = Annotated[Callable[..., Any] | str, Slot("decoder")]
OptionalDecoder = Annotated[Callable[..., Any] | str | None, Slot("decoder")]
