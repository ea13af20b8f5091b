"""Runs the code blocks of pages, read as JSON from standard input: one process that has imported torch once, a fork per page.

The blocks of one page share their names, as they do for a reader; the fork keeps what they register from other pages.
Prints the error of each page that fails, by its name, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
import warnings


def _run(blocks: list[str], to: int) -> None:
    os.chdir(tempfile.mkdtemp(dir=os.getcwd()))
    os.dup2(2, 1)  # what the blocks print is not the result
    warnings.filterwarnings("error", category=DeprecationWarning, module="ptv_registry")
    names: dict[str, object] = {"__name__": "__main__"}
    for number, block in enumerate(blocks):
        file = f"block_{number}.py"
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(block)
        try:
            exec(compile(block, os.path.abspath(file), "exec"), names)
        except BaseException:  # noqa: BLE001 - whatever a block raises is the result
            os.write(to, traceback.format_exc().encode())
            return


def main() -> None:
    """Run every page in a fork of its own, one after the other."""
    import torch  # noqa: F401 - what nearly all blocks import first

    failures = {}
    for page, blocks in json.load(sys.stdin).items():
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _run(blocks, writing)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as stream:
            text = stream.read()
        _, status = os.waitpid(child, 0)
        if text or status:
            failures[page] = text or f"the process ended with status {status}"
    json.dump(failures, sys.stdout)


if __name__ == "__main__":
    main()
