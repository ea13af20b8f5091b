"""Set-up of all tests."""

from __future__ import annotations

import os

# Two workers of pytest-xdist share two cores: more threads than cores only get in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")
