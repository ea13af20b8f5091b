"""The commands of this environment, which need not be on the path."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def run(words: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a console script of this environment, such as ``ptv`` or ``uv``, and capture what it prints."""
    scripts = Path(sys.executable).parent
    path = f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, **options.pop("env", {})}
    settings = {"capture_output": True, "text": True, "check": False, "timeout": 600, **options}
    return subprocess.run([str(scripts / words[0]), *words[1:]], env=environment, **settings)
