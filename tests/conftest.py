"""Set-up of all tests."""

from __future__ import annotations

import os
import signal

# A shell starts what runs in its background with Ctrl-C ignored, and processes that tests interrupt would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Two workers of pytest-xdist share two cores: more threads than cores only get in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")
