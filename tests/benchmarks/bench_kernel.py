"""Times of section 14 of the design: medians, and the ratios that the budgets are about.

Run it on a quiet machine: ``python tests/benchmarks/bench_kernel.py``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable


def process(code: str) -> float:
    """Seconds of a new interpreter that runs ``code``, less what an empty one takes."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - start


def median(run: Callable[[], float], repeats: int) -> float:
    run()
    return statistics.median(run() for _ in range(repeats))


def inside(code: str) -> float:
    """Seconds that ``code`` takes inside a new interpreter."""
    timed = f"import time; s = time.perf_counter()\n{code}\nprint(time.perf_counter() - s)"
    done = subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main(repeats: int = 15) -> None:
    kernel = median(lambda: inside("import ptv_registry"), repeats)
    base = median(lambda: inside("import attrs, importlib_metadata"), repeats)
    print(f"import ptv_registry               {kernel * 1e3:8.1f} ms")
    print(f"import attrs, importlib_metadata  {base * 1e3:8.1f} ms   ratio {kernel / base:.2f} (budget 3)")
    listing = "import sys; sys.argv = ['ptv', 'list']; from ptv_registry.cli import main; main()"
    print(f"ptv list, as a process            {median(lambda: process(listing), repeats):8.3f} s    (budget 0.35)")
    build()


def build(repeats: int = 15) -> None:
    """The cost of build() over a direct call of the same builder, where a model is installed."""
    import ptv_registry as ptv

    models = [component.name for component in ptv.components("model") if component.status == ""]
    name = next((name for name in ("slowfast", "slowfast_r50", *models) if name in models), None)
    if name is None:
        print("build()                           no model is installed")
        return
    import torch

    torch.set_num_threads(1)
    with torch.device("meta"):
        plan = ptv.resolve(name)
        ours = median(lambda: timed(lambda: ptv.build(name)), repeats)
        direct = median(lambda: timed(plan.root.target), repeats)
    print(f"build({name!r}), on meta".ljust(34) + f"{ours * 1e3:8.1f} ms")
    print(f"the builder called directly       {direct * 1e3:8.1f} ms   difference {(ours - direct) * 1e3:.2f} ms")
    print(f"                                  (budget {2 + direct * 10:.2f} ms)")
    print(
        f"of that resolve()                 {median(lambda: timed(lambda: ptv.resolve(name)), repeats) * 1e3:8.2f} ms"
    )


if __name__ == "__main__":
    main()
