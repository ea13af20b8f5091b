"""Whether there is a C++ compiler, which TorchInductor needs."""

from __future__ import annotations

import os
import shutil


def missing_compiler() -> str:
    """What is missing and how to get it; empty if nothing."""
    names = [os.environ["CXX"]] if os.environ.get("CXX") else ["g++", "clang++", "c++"]
    if any(map(shutil.which, names)):
        return ""
    return (
        f"TorchInductor needs a C++ compiler, and there is no {' or '.join(names)} here; install one "
        "(Debian and Ubuntu: apt-get install g++) or choose another backend"
    )
