"""What tests of the decoder ``torchcodec`` need."""

from __future__ import annotations

import os

import pytest

from ptv_torchcodec import require_torchcodec
from ptv_video import DecoderUnavailableError


@pytest.fixture
def needs_torchcodec() -> None:
    """Skips where TorchCodec finds no FFmpeg, but not in CI, which brings one."""
    try:
        require_torchcodec()
    except DecoderUnavailableError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
