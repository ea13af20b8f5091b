"""Videos, frames and images of web servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
import torch

from ptv_registry.errors import PtvError
from ptv_remote.cache import CachedFile
from ptv_video import PyAVVideo, VideoDecodeError, open_video, read_image
from ptv_video.containers.container import Container
from tests.support.long_files import write_long_video
from tests.support.servers import FileServer, file_server
from tests.support.video_files import numbers_of

Files = Callable[[str], Path]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("PTV_CACHE", str(tmp_path / "cache"))
    with file_server() as state:
        yield state


@pytest.fixture(scope="module", params=["mp4", "mkv"])
def long_video(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("long") / f"long.{request.param}"
    write_long_video(path, 100_000_000)
    return path


def test_a_clip_of_a_long_file_fetches_little_of_it(long_video: Path, server: FileServer) -> None:
    server.body = long_video.read_bytes()

    with PyAVVideo(long_video) as local, PyAVVideo(server.address(long_video.name)) as remote:
        expected, found = (video.get_clip(100, 101)["video"] for video in (local, remote))
        assert local.duration == remote.duration

    assert torch.equal(expected, found)
    assert 0.03 * len(server.body) >= server.sent
    assert not CachedFile.of(server.address(long_video.name)).file.exists()


def test_a_file_that_changes_between_two_clips_is_an_error(long_video: Path, server: FileServer) -> None:
    server.body = long_video.read_bytes()

    with PyAVVideo(server.address(long_video.name)) as video:
        video.get_clip(100, 100.1)
        server.etag = '"v2"'
        with pytest.raises(PtvError, match="changed while it was read"):
            video.get_clip(20, 20.1)


def test_a_file_that_changes_before_it_is_opened_again_is_an_error(long_video: Path, server: FileServer) -> None:
    server.body = long_video.read_bytes()
    container = Container(server.address(long_video.name), "long", 1)
    container.reopen()
    server.etag = '"v2"'

    with pytest.raises(VideoDecodeError, match="changed while it was read"):
        container.reopen()


def test_two_servers_have_two_videos(file_named: Files, server: FileServer) -> None:
    with file_server() as other:
        server.body, other.body = file_named("h264_25.mp4").read_bytes(), file_named("one_frame.mp4").read_bytes()
        paths = [state.address("1.mp4") for state in (server, other, server)]
        durations = [PyAVVideo(path).duration for path in paths]

    assert durations[0] == durations[2] == 2
    assert durations[1] < 1


def test_a_video_that_is_replaced_is_read_anew(file_named: Files, server: FileServer) -> None:
    server.body = file_named("h264_25.mp4").read_bytes()
    PyAVVideo(server.address("1.mp4")).get_clip(0, 1)
    server.body, server.etag = file_named("one_frame.mp4").read_bytes(), '"v2"'

    assert Fraction(1) > PyAVVideo(server.address("1.mp4")).duration


def test_a_login_and_a_signature_are_neither_in_names_nor_in_messages(file_named: Files, server: FileServer) -> None:
    server.body = file_named("h264_25.mp4").read_bytes()
    uri = server.address("1.mp4?X-Amz-Signature=hunter2").replace("//", "//ann:hunter2@")

    with PyAVVideo(uri) as video:
        assert "1.mp4" == video.name
        assert [25] == numbers_of(video.get_clip(1, 1.04)["video"])
        with pytest.raises(PtvError) as caught:
            video.get_clip(5, 6)
    assert "hunter2" not in str(caught.value)
    server.codes = [404]
    with pytest.raises(VideoDecodeError, match="404") as missing:
        PyAVVideo(uri).get_clip(0, 1)
    assert "hunter2" not in f"{missing.value} {missing.value.fields}"


def test_images_of_a_web_server_are_frames(server: FileServer, file_named: Files) -> None:
    names = ("a.png", "b.png")
    for number, name in enumerate(names):
        server.files[name] = _png(number)

    with open_video([server.address(name) for name in names], fps=1) as video:
        assert (3, 2, 48, 64) == tuple(video.get_clip(0, 2)["video"].shape)
    assert (3, 48, 64) == tuple(read_image(server.address("a.png")).shape)


def _png(number: int) -> bytes:
    import io

    import av

    from tests.support.video_files import numbered_image

    memory = io.BytesIO()
    with av.open(memory, "w", format="image2pipe") as output:
        stream = output.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        for packet in stream.encode(av.VideoFrame.from_ndarray(numbered_image(number), format="rgb24")):
            output.mux(packet)
        for packet in stream.encode():
            output.mux(packet)
    return memory.getvalue()
