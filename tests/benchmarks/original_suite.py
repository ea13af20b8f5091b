"""Runs PyTorchVideo's own tests against the namespace: ``python tests/benchmarks/original_suite.py CHECKOUT [FILE ...]``.

CHECKOUT is a clone of its repository, of which only the folder ``tests`` is used. What today's torch and torchvision no
longer have, and its tests use to make their files, is given to them by a ``conftest.py``. They need the distribution
``parameterized``. Prints a line for each file and each test that fails; ``docs/moving.md`` says which are meant to.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CONFTEST = '''
import sys
import types

import torch
import torchvision.io

from ptv_video import write_video


def write(filename, video_array, fps, video_codec="libx264", options=None, **sound):
    """Like torchvision's removed function; sound is written by the tests themselves."""
    frames = torch.as_tensor(video_array).permute(3, 0, 1, 2).contiguous()
    pix_fmt = "rgb24" if video_codec == "libx264rgb" else "yuv420p"
    write_video(filename, frames, fps, codec=video_codec, pix_fmt=pix_fmt, options=options)


torchvision.io.write_video = write
try:
    import torch.utils.mobile_optimizer
except ImportError:
    mobile = types.ModuleType("torch.utils.mobile_optimizer")
    mobile.optimize_for_mobile = lambda model, *args, **kwargs: model
    sys.modules["torch.utils.mobile_optimizer"] = mobile
torch.set_num_threads(1)
'''


def main() -> None:
    """Run the files one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("files", nargs="*", help="Names of test files; all by default.")
    arguments = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        tests = Path(shutil.copytree(arguments.checkout / "tests", Path(folder) / "tests"))
        (tests / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        for file in arguments.files or sorted(path.name for path in tests.glob("test_*.py")):
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-c",
                "/dev/null",
                "-W",
                "ignore",
            ]
            done = subprocess.run(
                [*command, "--rootdir", str(tests), "--tb=line", "-rf", file], cwd=tests, capture_output=True, text=True
            )
            lines = done.stdout.splitlines() or [done.stderr]
            counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed)", lines[-1])}
            passed, failed = passed + counts.get("passed", 0), failed + counts.get("failed", 0)
            print(f"{file}: {lines[-1]}")
            print("\n".join(f"  {line}" for line in lines if line.startswith("FAILED")), flush=True)
    print(f"{passed} passed, {failed} failed")


if __name__ == "__main__":
    main()
