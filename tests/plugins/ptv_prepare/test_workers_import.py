"""A worker of ``ptv prepare`` starts fast, because it needs no torch."""

import subprocess
import sys

from tests.support.video_files import CLIPS

SCRIPT = """
import sys
from pathlib import Path
import ptv_prepare
from ptv_prepare.reading import Source, read_header

header = read_header(sys.argv[1])
with Source(sys.argv[1]) as source:
    count = source.count_pictures(lambda: None)
ptv_prepare.Reencode
print(count, [name for name in ("torch", "torchvision") if name in sys.modules])
"""


def test_reading_and_encoding_import_no_torch():
    clip = next(path for path in sorted(CLIPS.iterdir()) if path.suffix == ".mp4")
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(clip)], capture_output=True, text=True, check=True)
    count, modules = done.stdout.split(maxsplit=1)

    assert int(count) > 0
    assert modules.strip() == "[]"
