"""Reads every file of the matrix with both decoders, compares with ffmpeg, and writes the table of docs/reading.md.

``python tests/benchmarks/reading_matrix.py`` prints what differs; with ``--write`` the table is written. Some minutes.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from ptv_torchcodec import TorchCodecVideo  # noqa: E402
from ptv_torchcodec.decoder import DecodedByPyAVWarning  # noqa: E402
from ptv_video import PyAVVideo  # noqa: E402
from tests.support.video_matrix import (  # noqa: E402
    CASES,
    Comparison,
    chosen_stream,
    compare,
    reference,
    rows_of_table,
    write,
    written_table,
)


def _results(folder: Path) -> tuple[dict[str, tuple[str, str]], list[str]]:
    found, wrong = {}, []
    for case in CASES.values():
        path = write(case, folder)
        expected = reference(path, chosen_stream(path)) if case.whole else None
        words = []
        for decoder in PyAVVideo, TorchCodecVideo:
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                result = compare(path, decoder, expected)
            gave_way = any(issubclass(warning.category, DecodedByPyAVWarning) for warning in told)
            words.append(_words(result, gave_way))
            if not result.is_right(case):
                wrong.append(f"{case.name}, {decoder.__name__}: {result}")
        found[case.name] = words[0], words[1]
        sys.stderr.write(".")
        sys.stderr.flush()
    return found, wrong


def _words(result: Comparison, gave_way: bool) -> str:
    if result.error:
        return "refused"
    return "as ffmpeg" + (", by PyAV" if gave_way else "")


def main() -> int:
    """Run; the exit status is 1 if anything differs."""
    with tempfile.TemporaryDirectory() as folder:
        results, wrong = _results(Path(folder))
    sys.stderr.write("\n")
    if "--write" in sys.argv[1:]:
        page = ROOT / "docs" / "reading.md"
        page.write_text(written_table(page.read_text(encoding="utf-8"), results), encoding="utf-8")
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    sys.stdout.write(f"{len(results)} files in {len(rows_of_table())} rows, {len(wrong)} differences\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
