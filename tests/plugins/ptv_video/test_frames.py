import logging
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from iopath.common.file_io import PathHandler

from ptv_registry.errors import ArgumentError
from ptv_video import ClipRangeError, FrameVideo, VideoDecodeError, open_frames, open_video, path_manager, read_image
from tests.support.video_files import numbered_image, numbers_of


def save(path: Path, image: np.ndarray) -> None:
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream("png", rate=1)
        stream.height, stream.width, stream.pix_fmt = image.shape[0], image.shape[1], "rgb24"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames") / "a video"
    folder.mkdir()
    for number in range(12):
        save(folder / f"img_{number}.png", numbered_image(number))
    (folder / "notes.txt").write_text("no image")
    return folder


def test_a_folder_is_read_in_natural_order_at_the_stated_rate(folder: Path) -> None:
    video = FrameVideo.from_directory(str(folder), fps=6)

    clip = video.get_clip(0.5, 2)

    assert video.duration == 2.0
    assert video.name == "a video"
    assert numbers_of(clip["video"]) == list(range(3, 12))
    assert clip["frame_indices"] == list(range(3, 12))
    assert clip["pts"].tolist() == pytest.approx([k / 6 for k in range(3, 12)])


def test_images_are_read_to_the_bit(folder: Path) -> None:
    assert torch.equal(read_image(str(folder / "img_5.png")), torch.from_numpy(numbered_image(5)).permute(2, 0, 1))


def test_audio_asked_of_a_frame_folder_is_none(folder: Path) -> None:
    video = open_video(folder, decode_audio=True)

    assert isinstance(video, FrameVideo)
    assert not video.has_audio
    assert video.get_clip(0, math.inf)["audio"] is None
    assert video.fps == 30


def test_paths_come_from_a_function_of_the_index(folder: Path) -> None:
    video = FrameVideo(2.0, 6, video_frame_to_path_fn=lambda index: str(folder / f"img_{index}.png"))

    assert video.num_frames == 12
    assert numbers_of(video.get_clip(1, 2, select=lambda count: [count - 1, 0])["video"]) == [11, 6]


def test_every_frame_belongs_to_exactly_one_of_neighbouring_clips() -> None:
    count = 2999
    video = FrameVideo.from_frame_paths([str(k) for k in range(count)], 30)
    video._decode_video = False

    seen: list[int] = []
    for second in range(100):
        seen += video.get_clip(float(second), float(second) + 1.0)["frame_indices"]

    assert seen == list(range(count))


def test_ntsc_rates_are_taken_as_fractions() -> None:
    assert FrameVideo.from_frame_paths(["0"], 29.97).fps == Fraction(2997, 100)
    assert FrameVideo.from_frame_paths(["0"], 30000 / 1001).fps == Fraction(30000, 1001)


def test_a_clip_that_starts_at_the_end_is_a_range_error(folder: Path) -> None:
    with pytest.raises(ClipRangeError, match=r"\[0, 2\) s"):
        FrameVideo.from_directory(str(folder), fps=6).get_clip(2.0, 3.0)


def test_threads_read_the_same_images(folder: Path) -> None:
    one = FrameVideo.from_directory(str(folder), 6).get_clip(0, 2)["video"]
    several = FrameVideo.from_directory(str(folder), 6, multithreaded_io=True).get_clip(0, 2)["video"]

    assert torch.equal(one, several)


def test_the_order_of_a_folder_is_remembered(folder: Path, tmp_path: Path) -> None:
    cache: dict[str, list[str]] = {}
    FrameVideo.from_directory(str(folder), 6, path_order_cache=cache)
    cache[str(folder)] = cache[str(folder)][:3]

    assert FrameVideo.from_directory(str(folder), 6, path_order_cache=cache).num_frames == 3


class _Flaky(PathHandler):
    failures = 0

    def _get_supported_prefixes(self) -> list[str]:
        return ["flaky://"]

    def _open(self, path: str, mode: str = "r", buffering: int = -1, **kwargs: Any) -> Any:
        if type(self).failures > 0:
            type(self).failures -= 1
            raise OSError("connection reset")
        return open(path.removeprefix("flaky://"), mode)


@pytest.fixture(scope="module")
def flaky() -> type[_Flaky]:
    path_manager.register_handler(_Flaky(), allow_override=True)
    return _Flaky


def test_reading_is_tried_again_and_each_failure_is_logged(
    folder: Path, flaky: type[_Flaky], caplog: pytest.LogCaptureFixture
) -> None:
    flaky.failures = 2
    with caplog.at_level(logging.WARNING, "ptv_video.decoders.images"):
        image = read_image(f"flaky://{folder}/img_3.png")

    assert torch.equal(image, read_image(str(folder / "img_3.png")))
    assert [record.getMessage().count("connection reset") for record in caplog.records] == [1, 1]


def test_reading_that_keeps_failing_names_the_image_and_the_cause(folder: Path, flaky: type[_Flaky]) -> None:
    flaky.failures = 100
    with pytest.raises(VideoDecodeError, match=r"img_3\.png.*3 attempt.*connection reset"):
        read_image(f"flaky://{folder}/img_3.png", retries=2)
    flaky.failures = 0


def test_a_folder_without_images_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VideoDecodeError, match="no image"):
        open_frames(tmp_path)
    with pytest.raises(VideoDecodeError, match="no such folder"):
        open_frames(tmp_path / "missing")
    with pytest.raises(VideoDecodeError, match=r"wardrobe:// yet, .*path_manager\.register_handler"):
        open_frames("wardrobe://missing")


def test_images_of_different_sizes_are_an_error(tmp_path: Path) -> None:
    save(tmp_path / "0.png", numbered_image(0))
    save(tmp_path / "1.png", numbered_image(0, 24, 32))

    with pytest.raises(VideoDecodeError, match=r"1\.png.*32x24.*64x48"):
        open_frames(tmp_path).get_clip(0, 1)


@pytest.mark.parametrize("fps", [0, -1, math.inf, "30", None, True])
def test_a_rate_that_is_not_positive_is_an_error(fps: Any) -> None:
    with pytest.raises(ArgumentError, match="fps"):
        FrameVideo.from_frame_paths(["0"], fps)


def test_frames_need_exactly_one_source_of_paths() -> None:
    with pytest.raises(ArgumentError, match="exactly one"):
        FrameVideo(1.0, 30)
    with pytest.raises(ArgumentError, match="empty"):
        FrameVideo.from_frame_paths([])
