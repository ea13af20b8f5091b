"""The rules of the transmuter for the CPU of a phone."""

import ptv_mobile
from pytorchvideo.accelerator.deployment.common.registry import EFFICIENT_BLOCK_TRANSMUTER_REGISTRY
from pytorchvideo.accelerator.deployment.mobile_cpu.transmuter.transmuter_mobile_cpu import (
    EFFICIENT_BLOCK_TRANSMUTER_MOBILE_CPU,
)

__all__ = ["EFFICIENT_BLOCK_TRANSMUTER_MOBILE_CPU", "EFFICIENT_BLOCK_TRANSMUTER_REGISTRY"]

EFFICIENT_BLOCK_TRANSMUTER_REGISTRY[ptv_mobile.MOBILE_CPU] = EFFICIENT_BLOCK_TRANSMUTER_MOBILE_CPU
