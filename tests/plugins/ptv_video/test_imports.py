"""What importing the package costs."""

import subprocess
import sys


def test_the_package_imports_no_torch():
    script = "import sys, ptv_video; ptv_video.PyAVVideo; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
