"""The published models for torch hub: ``torch.hub.load("path/to/the/repository", "slowfast_r50", source="local")``.

The models of PyTorchVideo and of VMZ. Needs the distributions ``pytorchvideo-compat`` and ``ptv-vmz``; in a clone ``make setup`` installs it.
"""

dependencies = ["torch", "torchvision"]

try:
    from pytorchvideo.models.hub import (
        c2d_r50,
        csn_r101,
        efficient_x3d_s,
        efficient_x3d_xs,
        i3d_r50,
        mvit_base_16,
        mvit_base_16x4,
        mvit_base_32x3,
        r2plus1d_r50,
        slow_r50,
        slow_r50_detection,
        slowfast_16x8_r101_50_50,
        slowfast_r50,
        slowfast_r50_detection,
        slowfast_r101,
        x3d_l,
        x3d_m,
        x3d_s,
        x3d_xs,
    )
    from vmz.models import ip_csn_152, ir_csn_152, r2plus1d_34, r2plus1d_152
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{error.name} is not installed; the models come from: pip install pytorchvideo-compat ptv-vmz", name=error.name
    ) from error

__all__ = [
    "c2d_r50",
    "csn_r101",
    "efficient_x3d_s",
    "efficient_x3d_xs",
    "i3d_r50",
    "ip_csn_152",
    "ir_csn_152",
    "mvit_base_16",
    "mvit_base_16x4",
    "mvit_base_32x3",
    "r2plus1d_34",
    "r2plus1d_152",
    "r2plus1d_r50",
    "slow_r50",
    "slow_r50_detection",
    "slowfast_16x8_r101_50_50",
    "slowfast_r50",
    "slowfast_r50_detection",
    "slowfast_r101",
    "x3d_l",
    "x3d_m",
    "x3d_s",
    "x3d_xs",
]
