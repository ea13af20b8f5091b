"""What is special to reading with PyAV, to sources, and to the names of decoders."""

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import pytest
import torch
from av.video.frame import VideoFrame
from iopath.common.file_io import PathHandler

from ptv_registry import build
from ptv_registry.errors import ArgumentError
from ptv_video import EncodedVideo, PyAVVideo, VideoDecodeError, path_manager, write_video
from ptv_video.encoder_options import repeatable
from ptv_video.hooks import ptv_doctor, ptv_guess_decoder
from tests.support.video_files import CLIPS, RECIPES, numbers_of, reference_frames

Files = Callable[[str], Path]

PEOPLE = CLIPS / "people_h264_340x256_30fps.mp4"


@pytest.mark.parametrize(
    "name", [name for name, recipe in RECIPES.items() if recipe.codec and not any(recipe.rotation)]
)
def test_frames_are_bit_identical_to_decoding_everything(file_named: Files, name: str) -> None:
    reference = reference_frames(file_named(name))
    count = reference.shape[1]

    with PyAVVideo(file_named(name)) as video:
        end = video.duration
        assert torch.equal(video.get_clip(0, end)["video"], reference)
        for start in (0, end / 3, end / 2, end * 0.9) if count > 1 else (0,):
            clip = video.get_clip(start, end, select=lambda kept: [kept // 2, kept - 1])
            kept = video.get_clip(start, end)["video"].shape[1]
            first = count - kept
            assert torch.equal(clip["video"], reference[:, [first + kept // 2, count - 1]])


@pytest.mark.parametrize("path", sorted(CLIPS.iterdir()), ids=lambda path: path.name)
def test_real_clips_are_bit_identical_to_decoding_everything(path: Path) -> None:
    reference = reference_frames(path)

    with PyAVVideo(path) as video:
        clips = video.get_clips([(1, 2), (0, 1), (4, 5)], select=lambda count: [0, count // 2, count - 1])
        for clip, start in zip(clips, (1, 0, 4), strict=True):
            times = torch.arange(reference.shape[1]) / float(video.fps or 1)
            inside = torch.nonzero((times > start - 1e-6) & (times < start + 1 - 1e-6)).flatten()
            assert torch.equal(clip["video"], reference[:, inside[[0, len(inside) // 2, -1]]])


def test_only_selected_frames_are_converted(file_named: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    from ptv_video.decoders.pictures import RgbConverter

    converted = []
    original = RgbConverter.image
    monkeypatch.setattr(RgbConverter, "image", lambda self, frame: converted.append(frame.pts) or original(self, frame))

    with PyAVVideo(file_named("h264_pyramid.mp4")) as video:
        video.get_clips([(0, 2), (1, 3)], select=lambda count: [0, count - 1, 0])

    assert len(converted) == 4


def test_channels_are_averaged_or_kept(tmp_path: Path) -> None:
    tones = torch.sin(torch.arange(16000) / 20)
    path = tmp_path / "stereo.mkv"
    frames = torch.zeros(3, 10, 16, 16)
    write_video(path, frames, 10, audio=torch.stack([tones, -tones]) / 2, sample_rate=16000, audio_codec="pcm_s16le")

    with PyAVVideo(path) as mixed, PyAVVideo(path, mono=False) as kept:
        assert mixed.get_clip(0, 1)["audio"].abs().max() < 1e-3
        both = kept.get_clip(0, 1)["audio"]

    assert both.shape == (2, 16000)
    assert (both[0] - tones / 2).abs().max() < 1e-3


def test_a_folder_given_as_a_file_names_the_decoder_for_it(tmp_path: Path) -> None:
    with pytest.raises(VideoDecodeError, match="'frames'"):
        PyAVVideo(tmp_path).get_clip(0, 1)


def test_a_path_with_a_colon_and_spaces_opens(file_named: Files, tmp_path: Path) -> None:
    path = tmp_path / "concat:a b.mp4"
    path.write_bytes(file_named("one_frame.mp4").read_bytes())

    assert PyAVVideo(path).get_clip(0, 1)["video"].shape[1] == 1


class _Cupboard(PathHandler):
    shelves: dict[str, bytes] = {}  # noqa: RUF012

    def _get_supported_prefixes(self) -> list[str]:
        return ["cupboard://"]

    def _open(self, path: str, mode: str = "r", buffering: int = -1, **kwargs: Any) -> Any:
        import io

        return io.BytesIO(self.shelves[path])


def test_a_storage_of_your_own_is_registered_with_the_path_manager(file_named: Files) -> None:
    path_manager.register_handler(_Cupboard(), allow_override=True)
    _Cupboard.shelves["cupboard://x.mp4"] = file_named("h264_25.mp4").read_bytes()

    with PyAVVideo("cupboard://x.mp4") as video:
        assert video.name == "x.mp4"
        assert numbers_of(video.get_clip(1, 1.12)["video"]) == [25, 26, 27]
    with pytest.raises(VideoDecodeError, match="cupboard://y"):
        PyAVVideo("cupboard://y.mp4").get_clip(0, 1)
    with pytest.raises(VideoDecodeError, match=r"wardrobe:// yet, .*path_manager\.register_handler"):
        PyAVVideo("wardrobe://y.mp4").get_clip(0, 1)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(file_named: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("PTV_CACHE", str(tmp_path / "cache"))
    folder = file_named("h264_25.mp4").parent
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_video_is_read_over_http(server: str) -> None:
    with PyAVVideo(f"{server}/h264_25.mp4") as video:
        assert numbers_of(video.get_clip(1, 1.12)["video"]) == [25, 26, 27]
    with pytest.raises(VideoDecodeError, match="missing"):
        PyAVVideo(f"{server}/missing.mp4").get_clip(0, 1)


def test_encoded_video_opens_as_documented(file_named: Files, tmp_path: Path) -> None:
    video = EncodedVideo.from_path(str(file_named("h264_25.mp4")), decode_audio=False)

    assert isinstance(video, EncodedVideo)
    assert video.duration == 2.0
    assert video.get_clip(0, 1)["audio"] is None
    video.close()
    with pytest.raises(VideoDecodeError, match="missing"):
        EncodedVideo.from_path(str(tmp_path / "missing.mp4"))


@pytest.mark.filterwarnings("ignore:decoder.*deprecated name:ptv_registry.errors.DeprecatedNameWarning")
@pytest.mark.parametrize("name", ["torchvision", "decord"])
def test_retired_decoders_warn_and_open_the_video(file_named: Files, name: str) -> None:
    with pytest.warns(UserWarning, match=r"(?i)torchcodec|pyav"):
        video = build(name, kind="decoder", source=str(file_named("h264_25.mp4")))

    assert numbers_of(video.get_clip(1, 1.12)["video"]) == [25, 26, 27]
    video.close()


def test_the_container_tells_the_decoder(file_named: Files, tmp_path: Path) -> None:
    for name in ("h264_25.mp4", "h264_2997.mkv", "mpeg4.avi", "h264_offset.ts", "h264.flv", "mpeg2.mpg"):
        assert ptv_guess_decoder(uri=name, head=file_named(name).read_bytes()[:512]) == "pyav", name
    assert ptv_guess_decoder(uri="a.txt", head=b"hello") is None
    assert ptv_guess_decoder(uri=str(tmp_path), head=b"") == "frames"
    assert ptv_doctor()["pyav"] == av.__version__


def test_written_video_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    frames = torch.linspace(0, 1, 12).view(1, 12, 1, 1).expand(3, 12, 32, 48)

    write_video(path, frames, 29.97, audio=torch.zeros(8000), sample_rate=16000)

    with PyAVVideo(path) as video:
        clip = video.get_clip(0, 1)
        assert video.fps == pytest.approx(29.97)
    assert clip["video"].shape == (3, 12, 32, 48)
    assert (clip["video"].float() / 255 - frames).abs().max() < 0.03
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize(
    ("frames", "fps", "message"),
    [
        (torch.full((3, 2, 16, 16), 255.0), 30, "uint8"),
        (torch.zeros(3, 2, 16, 16, dtype=torch.int64), 30, "int64"),
        (torch.zeros(2, 16, 16, 3), 30, "channels"),
        (torch.zeros(3, 2, 16, 16), 0, "fps"),
    ],
)
def test_what_cannot_be_written_is_an_error(tmp_path: Path, frames: torch.Tensor, fps: float, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        write_video(tmp_path / "a.mp4", frames, fps)

    assert not list(tmp_path.iterdir())


class _Surprised:
    """A container in which PyAV meets a packet of a stream that it does not know, as in damaged MPEG-TS."""

    def __init__(self, container: av.container.InputContainer) -> None:
        self._container = container
        self.surprises = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def demux(self, streams: Any) -> Iterator[av.Packet]:
        for number, packet in enumerate(self._container.demux(streams)):
            yield packet
            if number == 5 and not self.surprises:
                self.surprises += 1
                raise IndexError("list index out of range")


def test_a_stream_that_begins_in_the_middle_is_no_hindrance(file_named: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr(
        av, "open", lambda *given, _open=av.open, **options: _remembered(opened, _open(*given, **options))
    )

    with PyAVVideo(file_named("h264_offset.ts"), decode_audio=False) as video:
        assert numbers_of(video.get_clip(0, 2)["video"]) == list(range(50))
    assert any(container.surprises for container in opened)


def _remembered(opened: list[_Surprised], container: Any) -> _Surprised:
    opened.append(_Surprised(container))
    return opened[-1]


def test_a_decoded_picture_is_freed_without_the_garbage_collector() -> None:
    def pictures() -> int:
        return sum(type(thing) is VideoFrame for thing in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        with PyAVVideo(PEOPLE) as video:
            video.get_clip(0, 1)
            before = pictures()
            video.get_clip(1, 3)
            assert before == pictures()
    finally:
        gc.enable()


def test_a_clip_is_let_go_before_the_next_is_whole() -> None:
    alive: list[weakref.ref[torch.Tensor]] = []

    def function(number: int, clip: dict[str, Any]) -> tuple[int, float]:
        assert all(tensor() is None for tensor in alive)
        alive.append(weakref.ref(clip["video"]))
        return number, float(clip["pts"][0])

    with PyAVVideo(PEOPLE) as video:
        assert [(0, 1), (1, 0), (2, 2)] == video.map_clips(function, [(1, 2), (0, 1), (2, 3)])


def test_a_subclass_that_changes_its_clips_maps_the_changed_ones() -> None:
    class Named(PyAVVideo):
        def get_clips(self, *args: Any, **named: Any) -> list[dict[str, Any]]:
            return [{**clip, "name": self.name} for clip in super().get_clips(*args, **named)]

    with Named(PEOPLE) as video:
        assert [video.name] == video.map_clips(lambda _, clip: clip["name"], [(0, 1)])


def test_the_same_frames_are_written_as_the_same_bytes(tmp_path: Path) -> None:
    frames = torch.randint(0, 256, (3, 40, 96, 128), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, frames, 25, threads=1)

    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.parametrize(
    ("codec", "given", "expected"),
    [
        ("libx264", None, {"x264-params": "no-mbtree=1"}),
        ("libx264", {"crf": "18"}, {"crf": "18", "x264-params": "no-mbtree=1"}),
        ("libx264", {"x264-params": "ref=2"}, {"x264-params": "ref=2:no-mbtree=1"}),
        ("libx264", {"x264-params": "mbtree=1"}, {"x264-params": "mbtree=1"}),
        ("mpeg4", {"g": "12"}, {"g": "12"}),
    ],
)
def test_x264_is_told_to_do_without_its_macroblock_tree(
    codec: str, given: dict[str, str] | None, expected: dict[str, str]
) -> None:
    assert expected == repeatable(codec, given)
