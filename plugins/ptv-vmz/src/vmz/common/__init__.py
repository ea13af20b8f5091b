"""What VMZ's tools share."""

from vmz.common import log, sampler, scheduler, transforms, utils

__all__ = ["log", "sampler", "scheduler", "transforms", "utils"]
