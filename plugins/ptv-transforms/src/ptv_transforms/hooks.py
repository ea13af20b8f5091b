"""What ptv-transforms answers: objections to plans, and which frames a transform keeps. Loading hooks imports no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ptv_registry import hookimpl

if TYPE_CHECKING:
    from ptv_transforms.frame_pushdown import Pushdown


_CROPS: Final = 3


@hookimpl
def ptv_check_plan(plan: Any) -> list[str]:
    """Reject a sampler that gives more views of a clip than there are places to crop."""
    nodes = [node for node in plan.walk() if node.entry is not None]
    if not any(node.entry.key == "transform:uniform_crop_video" for node in nodes):
        return []
    views = [node.arguments["augs_per_clip"].value for node in nodes if "augs_per_clip" in node.arguments]
    return [
        f"augs_per_clip={count} asks for {count} views of each clip, and uniform_crop_video has {_CROPS} places to crop"
        for count in views
        if isinstance(count, int) and count > _CROPS
    ]


@hookimpl
def ptv_pushdown(transform: Any, key: str) -> Pushdown | None:
    """Tells datasets which frames a transform keeps."""
    from ptv_transforms.frame_pushdown import pushdown

    return pushdown(transform, key)
