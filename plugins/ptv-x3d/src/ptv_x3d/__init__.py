"""X3D and the stem, blocks, stage and head that it is made of."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_x3d.block import create_x3d_bottleneck_block, create_x3d_res_block
    from ptv_x3d.head import ProjectedPool, create_x3d_head
    from ptv_x3d.model import create_x3d
    from ptv_x3d.published import x3d_l, x3d_m, x3d_s, x3d_xs
    from ptv_x3d.stage import create_x3d_res_stage
    from ptv_x3d.stem import create_x3d_stem
    from ptv_x3d.widths import round_repeats, round_width

__all__ = [
    "ProjectedPool",
    "create_x3d",
    "create_x3d_bottleneck_block",
    "create_x3d_head",
    "create_x3d_res_block",
    "create_x3d_res_stage",
    "create_x3d_stem",
    "round_repeats",
    "round_width",
    "x3d_l",
    "x3d_m",
    "x3d_s",
    "x3d_xs",
]

__getattr__, __dir__ = lazy_package(__name__)
