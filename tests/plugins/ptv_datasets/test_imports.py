"""What the package offers, and what importing it costs."""

import subprocess
import sys


def test_reading_lists_of_labels_imports_no_torch():
    script = "import sys; from ptv_datasets import Failure, read_label_file; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
