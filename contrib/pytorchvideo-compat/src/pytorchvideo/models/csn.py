"""Channel-separated convolutional networks."""

from ptv_csn import create_csn
from ptv_resnet import Net, create_bottleneck_block, create_res_basic_stem, create_res_stage
from pytorchvideo.models.head import create_res_basic_head

__all__ = [
    "Net",
    "create_bottleneck_block",
    "create_csn",
    "create_res_basic_head",
    "create_res_basic_stem",
    "create_res_stage",
]
