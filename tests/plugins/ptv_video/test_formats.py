"""A file that is neither a video nor an image opens no socket and no other file, whatever its name and however it is passed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

import ptv_registry as ptv
from ptv_registry import limits
from ptv_video import PyAVVideo, VideoDecodeError
from ptv_video.decoders.images import read_image
from ptv_video.writing import write_video
from tests.support.video_files import RECIPES, write

PORT = 50_420
LISTS = {
    "sdp": (
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video %d RTP/AVP 96\r\n"
        b"a=rtpmap:96 H264/90000\r\n" % PORT
    ),
    "ffconcat": b"ffconcat version 1.0\nfile secret.mp4\n",
    "hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.mp4\n#EXT-X-ENDLIST\n",
    "hls of the web": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
    "dash": (
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
        b'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static"><Period><AdaptationSet>'
        b'<Representation id="0"><BaseURL>secret.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>'
    ),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="secret.png"/></svg>',
}
SUFFIXES = (".mp4", ".jpg", ".m3u8", ".sdp", ".avi", ".ffconcat")


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a video that nobody gave."""
    folder = tmp_path_factory.mktemp("lists")
    write_video(folder / "secret.mp4", torch.zeros(3, 4, 32, 32, dtype=torch.uint8), 5)
    return folder


def ways(path: Path) -> list[Any]:
    return [str(path), path.read_bytes(), io.BytesIO(path.read_bytes())]


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_of_other_files_is_no_video_and_no_image(secret: Path, kind: str) -> None:
    for suffix in SUFFIXES:
        path = secret / f"list{suffix}"
        path.write_bytes(LISTS[kind])
        for source in ways(path):
            with pytest.raises(VideoDecodeError, match="cannot be opened as a video"):
                _ = PyAVVideo(source, decode_audio=False).duration
        with pytest.raises(VideoDecodeError, match="cannot be read as an image"):
            read_image(str(path), retries=0)


@pytest.mark.parametrize("kind", LISTS)
def test_the_other_decoder_refuses_a_list_of_other_files_too(secret: Path, kind: str) -> None:
    opener = ptv.as_factory("decoder", "torchcodec")
    assert opener is not None
    for suffix in SUFFIXES:
        path = secret / f"list{suffix}"
        path.write_bytes(LISTS[kind])
        for source in ways(path):
            with pytest.raises(VideoDecodeError, match="cannot be opened as a video"):
                opener(source, decode_audio=False).get_clip(0, 1)


WATCH = """
import os, socket, sys
opened = []
def audit(event, arguments):
    if event in ("socket.bind", "socket.connect"):
        opened.append(event)
sys.addaudithook(audit)
def fds():
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            found.add(os.readlink(f"/proc/self/fd/{name}").partition(":")[0])
        except OSError:
            pass
    return found
import threading, time
seen, stop = set(), threading.Event()
def watch():
    while not stop.is_set():
        seen.update(fds())
        seen.update("udp" for line in open("/proc/self/net/udp") if f":{int(sys.argv[1]):04X} " in line)
        time.sleep(0.005)
from ptv_video import PyAVVideo, VideoDecodeError
from ptv_video.decoders.images import read_image
thread = threading.Thread(target=watch); thread.start()
for path in sys.argv[2:]:
    for data in (path, open(path, "rb").read()):
        try:
            PyAVVideo(data).get_clip(0, 1)
            sys.exit("it was opened")
        except VideoDecodeError:
            pass
    try:
        read_image(path, retries=0)
        sys.exit("it was opened")
    except VideoDecodeError:
        pass
time.sleep(0.05)
stop.set(); thread.join()
bad = [name for name in seen if name in ("socket", "udp") or name.endswith("secret.mp4")]
sys.exit(f"{bad} {opened}" if bad or opened else 0)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_no_port_is_bound_and_no_other_file_is_opened(secret: Path) -> None:
    paths = [secret / f"watched{number}.jpg" for number in range(len(LISTS))]
    for path, data in zip(paths, LISTS.values(), strict=True):
        path.write_bytes(data)
    words = [sys.executable, "-c", WATCH, str(PORT), *map(str, paths)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)

    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    "name", ["concat:secret.mp4|secret.mp4", "subfile,,start,0,end,0,,:secret.mp4", "lavfi:testsrc"]
)
@pytest.mark.parametrize("decoder", ["pyav", "torchcodec"])
def test_a_path_names_no_protocol(secret: Path, monkeypatch: pytest.MonkeyPatch, name: str, decoder: str) -> None:
    monkeypatch.chdir(secret)
    opener = ptv.as_factory("decoder", decoder)
    assert opener is not None

    with pytest.raises(VideoDecodeError, match="No such file"):
        opener(name, decode_audio=False).get_clip(0, 1)


def test_a_folder_that_is_called_like_a_protocol_leads_to_its_own_file(
    secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkdir("concat:sub")
    os.mkdir("sub")
    write_video(tmp_path / "concat:sub" / "a.mp4", torch.full((3, 4, 32, 32), 250, dtype=torch.uint8), 5)
    write_video(tmp_path / "sub" / "a.mp4", torch.zeros(3, 4, 32, 32, dtype=torch.uint8), 5)
    opener = ptv.as_factory("decoder", "torchcodec")
    assert opener is not None
    clip = opener("concat:sub/a.mp4", decode_audio=False).get_clip(0, 1)["video"]

    assert clip is not None
    assert clip.float().mean() > 200


@pytest.mark.parametrize("make", [bytes, io.BytesIO, bytearray])
def test_a_video_is_read_however_it_is_given(secret: Path, make: Callable[[bytes], Any]) -> None:
    assert 4 == PyAVVideo(make((secret / "secret.mp4").read_bytes())).get_clip(0, 0.8)["video"].shape[1]


@pytest.mark.parametrize("form", ["bmp", "jpeg", "png", "tiff", "webp"])
def test_an_image_with_more_pixels_than_are_allowed_is_refused(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"large.{form}"
    Image.new("RGB", (320, 200)).save(path)
    monkeypatch.setattr(limits, "PICTURE_PIXELS", 320 * 200)

    assert read_image(str(path), retries=0).shape == (3, 200, 320)

    monkeypatch.setattr(limits, "PICTURE_PIXELS", 320 * 200 - 1)
    with pytest.raises(VideoDecodeError, match=f"large.{form}"):
        read_image(str(path), retries=0)


@pytest.mark.parametrize("decoder", ["pyav", "torchcodec"])
def test_a_video_that_claims_to_be_huge_is_refused_before_memory_is_taken(
    tmp_path: Path, decoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(RECIPES["mpeg2.mpg"], tmp_path)
    content = bytearray(path.read_bytes())
    place = content.find(b"\x00\x00\x01\xb3")  # a sequence header: twelve bits of width, twelve of height
    while place >= 0:
        content[place + 4 : place + 7] = b"\xff\xff\xff"
        place = content.find(b"\x00\x00\x01\xb3", place + 4)
    path.write_bytes(content)
    monkeypatch.setattr(limits, "PICTURE_PIXELS", 4095 * 4095 - 1)
    with (
        pytest.raises(VideoDecodeError, match="4095x4095 pixels"),
        ptv.as_factory("decoder", decoder)(str(path)) as video,
    ):
        video.get_clip(0, 1)


def test_the_sound_of_a_transport_stream_is_read_without_its_pictures(tmp_path: Path) -> None:
    path = write(RECIPES["h264_offset.ts"], tmp_path)
    with PyAVVideo(str(path), decode_video=False) as video:
        alone = video.get_clip(0.5, 1)["audio"]
    with PyAVVideo(str(path)) as video:
        together = video.get_clip(0.5, 1)["audio"]

    assert torch.equal(alone, together)
