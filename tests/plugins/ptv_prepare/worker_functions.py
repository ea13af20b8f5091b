"""What worker processes of the tests do."""

from __future__ import annotations

import os
import signal
import time
from typing import NamedTuple

from ptv_prepare.errors import OutputError


class Job(NamedTuple):
    source: str
    deed: str = "work"


def act(job, alive):
    if job.deed == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if job.deed == "exit":
        os._exit(3)
    if job.deed == "hang":
        time.sleep(1000)
    if job.deed == "slow":
        for _ in range(12):
            time.sleep(0.25)
            alive()
    if job.deed == "full":
        raise OutputError(f"{job.source}: the disk is full", path=job.source)
    if job.deed == "raise":
        raise ValueError(f"{job.source}: is bad")
    return job.source.upper()
