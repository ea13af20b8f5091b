"""ExecuTorch on small X3D models: fp32, int8, what the delegate takes, what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import ptv_deploy
import ptv_registry
from ptv_deploy import Artifact, ArtifactError, UnsupportedError
from ptv_executorch import ExecuTorch

X3D = (
    "x3d(input_clip_length=4, input_crop_size=32, depth_factor=0.1, stem_dim_in=4, model_num_class=5, head_dim_out=16)"
)
EFFICIENT = "x3d_bottleneck_block"
MVIT = (
    "mvit(spatial_size=32, temporal_size=4, depth=1, head_num_classes=5, embed_dim_mul=[], atten_head_mul=[], "
    "pool_q_stride_size=[], pool_kv_stride_adaptive=[1, 4, 4], pool_kvq_kernel=[3, 3, 3])"
)
FRESH = """
import sys, torch, ptv_deploy
clips, wanted = torch.load(sys.argv[1] + ".pt")
print(ptv_deploy.compare([wanted], [ptv_deploy.load(sys.argv[1])(clips)]).max_rel_diff)
print([name for name in sys.modules if name.startswith(("ptv_x3d", "ptv_layers", "executorch.exir.program"))])
"""
