"""Files of every kind are read as ffmpeg reads them, whole and at random; ``tests/benchmarks/reading_matrix.py`` reads all."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ptv_video import Video
from tests.support.video_matrix import BEGIN, CASES, END, chosen_stream, compare, reference, rows_of_table, write

pytestmark = pytest.mark.filterwarnings("ignore:.*decoded by PyAV, not TorchCodec")

_ALWAYS = {
    "hevc.ts",
    "turned_mirrored.mp4",
    "twice.ts",
    "edit_list.mp4",
    "hevc_10bit.mp4",
    "second_is_default.mkv",
    "cover.mp4",
}
SAMPLE = [name for number, name in enumerate(CASES) if number % 5 == 0 or name in _ALWAYS]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Any]]:
    folder = tmp_path_factory.mktemp("matrix")

    @cache
    def make(name: str) -> tuple[Path, Any]:
        path = write(CASES[name], folder)
        return path, reference(path, chosen_stream(path)) if CASES[name].whole else None

    return make


@pytest.mark.parametrize("name", SAMPLE)
def test_a_file_is_read_as_ffmpeg_reads_it(
    name: str, made: Callable[[str], tuple[Path, Any]], decoder: Callable[..., Video], ffmpeg: object
) -> None:
    path, expected = made(name)
    result = compare(path, decoder, expected)

    assert result.is_right(CASES[name]), result


def test_the_matrix_has_at_least_120_files_and_its_table_lists_them() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reading.md").read_text(encoding="utf-8")
    table = page.partition(BEGIN)[2].partition(END)[0].split("\n")
    listed = [tuple(cell.strip() for cell in line.split("|")[1:3]) for line in table[3:] if line]

    assert len(CASES) >= 120
    assert listed == list(rows_of_table())
