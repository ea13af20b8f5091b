"""``python -m ptv_pyslowfast tools/run_net.py --cfg ...``: a tool of PySlowFast's with our models and datasets.

Its processes import this module as well, so that they have them too.
"""

from __future__ import annotations

import runpy
import sys

from ptv_pyslowfast.registries import register

register()

if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m ptv_pyslowfast tools/run_net.py --cfg FILE KEY VALUE ...")
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")
