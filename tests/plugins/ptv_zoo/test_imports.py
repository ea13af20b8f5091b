from __future__ import annotations

import subprocess
import sys

import pytest

import ptv_zoo


def test_hooks_and_commands_import_no_torch():
    code = "import sys, ptv_zoo.hooks, ptv_zoo.commands; sys.exit(any(m in sys.modules for m in ('torch', 'numpy', 'iopath')))"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode


def test_every_public_name_is_there():
    assert all(getattr(ptv_zoo, name) is not None for name in ptv_zoo.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ptv_zoo.nothing  # noqa: B018
