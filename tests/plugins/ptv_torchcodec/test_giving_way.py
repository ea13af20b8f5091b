import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch

from ptv_torchcodec import DecodedByPyAVWarning, TorchCodecVideo
from ptv_video import PyAVVideo
from tests.support.video_files import RECIPES, write

pytestmark = pytest.mark.usefixtures("needs_torchcodec")


@pytest.fixture
def file_named(tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: write(RECIPES[name], tmp_path)


@pytest.mark.parametrize("name", ["mpeg4_b.avi", "vfr.ts"])
def test_a_video_that_pyav_decodes_instead_is_named_once(file_named: Callable[[str], Path], name: str) -> None:
    path = file_named(name)

    with warnings.catch_warnings(record=True) as caught, TorchCodecVideo(path) as video:
        warnings.simplefilter("always")
        clips = [video.get_clip(0, 1)["video"], video.get_clip(0, 1)["video"]]

    assert [warning.category for warning in caught] == [DecodedByPyAVWarning]
    assert str(path) in str(caught[0].message)
    with PyAVVideo(path) as video:
        assert all(torch.equal(clip, video.get_clip(0, 1)["video"]) for clip in clips)


def test_a_video_that_torchcodec_decodes_is_not_mentioned(file_named: Callable[[str], Path]) -> None:
    with warnings.catch_warnings(record=True) as caught, TorchCodecVideo(file_named("h264_25.mp4")) as video:
        warnings.simplefilter("always")
        video.get_clip(0, 1)

    assert not caught


@pytest.mark.parametrize("each_frame", [None, lambda frame: frame[:, :, ::2, ::2].float() / 255])
def test_a_stream_asks_torchcodec_for_each_frame_once_and_not_for_all_at_a_time(
    file_named: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, each_frame: Callable | None
) -> None:
    asked: list[list[int]] = []
    original = TorchCodecVideo._frames_at

    def noting(self: TorchCodecVideo, wanted: Sequence[int]) -> torch.Tensor | None:
        asked.append(list(wanted))
        return original(self, wanted)

    monkeypatch.setattr(TorchCodecVideo, "_frames_at", noting)
    with TorchCodecVideo(file_named("h264_25.mp4"), decode_audio=False) as video:
        step = video.duration / 10
        spans = [(k * step, (k + 4) * step) for k in range(7)]
        with video.stream_clips(spans, each_frame=each_frame, ahead=1) as stream:
            first = next(stream)
            before = len(asked)
            found = [first, *stream]
        asked, calls = [], asked
        expected = [video.get_clip(*span) for span in spans]
        count = video.num_frames

    assert count == sum(map(len, calls)) == len({time for times in calls for time in times})
    assert before < len(calls)
    for ours, theirs in zip(found, expected, strict=True):
        pictures = theirs["video"] if each_frame is None else each_frame(theirs["video"])
        assert torch.equal(pictures, ours["video"])
        assert pictures.stride() == ours["video"].stride() or each_frame is not None
        assert torch.equal(theirs["pts"], ours["pts"])
