"""One time line, one size and one stream per file, whatever was read before: files of ffmpeg, read as ffmpeg does."""

import json
import math
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ptv_datasets import LabeledVideoDataset
from ptv_prepare import Settings, scan
from ptv_prepare.reencode import Reencode
from ptv_registry.errors import ArgumentError
from ptv_video import PyAVVideo, Video, VideoDecodeError
from ptv_video.decoders.frames import open_frames
from ptv_video.samplers.factory import make_clip_sampler

pytestmark = pytest.mark.filterwarnings("ignore:.*decoded by PyAV, not TorchCodec")

Decoder = Callable[..., Video]
Write = Callable[[str, str], Path]

_X264 = "-c:v libx264 -pix_fmt yuv420p"
_FOUR_SECONDS = "-f lavfi -i testsrc2=r=25:s=64x48:d=4 -f lavfi -i sine=d=4"
_AGAIN = {"ts": f"{_FOUR_SECONDS} {_X264} -c:a aac", "mpg": f"{_FOUR_SECONDS} -c:v mpeg2video -bf 2 -c:a mp2"}


@pytest.fixture
def held(ffmpeg: Write) -> Path:
    """A picture every four seconds, 12 s long."""
    return ffmpeg("held.mp4", f"-f lavfi -i testsrc2=r=.25:s=64x48:d=12 {_X264}")


@pytest.fixture(params=["ts", "mpg"])
def twice(ffmpeg: Write, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Four seconds, and the same four seconds again."""
    once = ffmpeg(f"once.{request.param}", _AGAIN[request.param])
    path = tmp_path / f"twice.{request.param}"
    path.write_bytes(once.read_bytes() * 2)
    return path


@pytest.fixture
def growing(ffmpeg: Write, tmp_path: Path) -> Path:
    """64x48 for two seconds, then 128x96."""
    small = ffmpeg("small.ts", f"-f lavfi -i testsrc2=r=25:s=64x48:d=2 {_X264}")
    large = ffmpeg("large.ts", f"-f lavfi -i testsrc2=r=25:s=128x96:d=2 {_X264} -output_ts_offset 2.1")
    path = tmp_path / "growing.ts"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    return path


@pytest.fixture
def two(ffmpeg: Write) -> Path:
    """Two streams of pictures and two of audio; the second of each, which is the smaller one, is the default."""
    inputs = "-f lavfi -i testsrc2=r=25:s=128x96:d=2 -f lavfi -i testsrc2=r=25:s=64x48:d=2 -f lavfi -i sine=440:d=2"
    marks = "-disposition:v:0 0 -disposition:v:1 default -disposition:a:0 0 -disposition:a:1 default"
    sounds = "-f lavfi -i sine=880:d=2:r=22050 -map 0 -map 1 -map 2 -map 3"
    return ffmpeg("two.mkv", f"{inputs} {sounds} {_X264} -c:a pcm_s16le {marks}")


def _probed(path: Path) -> dict[str, Any]:
    words = ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0", "-show_streams", "-of", "json"]
    found = json.loads(subprocess.run([*words, str(path)], capture_output=True, check=True, timeout=60).stdout)
    return dict(found["streams"][0])


def _shown(path: Path, rate: str, height: int, width: int) -> np.ndarray:
    """What ffmpeg shows at each tick of a rate, (T, H, W, C)."""
    words = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", f"fps={rate},scale={width}:{height}"]
    raw = subprocess.run(
        [*words, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], capture_output=True, check=True, timeout=60
    )
    return np.frombuffer(raw.stdout, np.uint8).reshape(-1, height, width, 3)


def _difference(clip: torch.Tensor, frame: int, expected: np.ndarray) -> float:
    return float(np.abs(clip[:, frame].permute(1, 2, 0).numpy().astype(int) - expected).mean())


def test_a_clip_in_which_no_frame_starts_shows_the_one_on_the_screen(decoder: Decoder, held: Path) -> None:
    shown = _shown(held, "1", 48, 64)
    assert len(shown) == 12

    with decoder(held) as video:
        assert video.duration == 12
        clips = video.get_clips([(second, second + 1) for second in range(12)])
        alone = video.get_clip(7, 7.5)
    assert [clip["pts"].tolist() for clip in clips] == [[4.0 * (second // 4)] for second in range(12)]
    assert all(_difference(clip["video"], 0, shown[second]) < 3 for second, clip in enumerate(clips))
    assert torch.equal(alone["video"], clips[4]["video"])


def test_a_clip_that_lies_within_one_frame_shows_that_frame(
    decoder: Decoder, file_named: Callable[[str], Path]
) -> None:
    for name in ("h264_25.mp4", "mpeg4_b.avi"):
        with decoder(file_named(name)) as video:
            clip = video.get_clip(0.41, 0.43)
            first = video.get_clip(0, 1e-9)
        assert clip["pts"].tolist() == pytest.approx([0.4])
        assert first["pts"].tolist() == [0]


def test_images_are_held_as_frames_are(tmp_path: Path) -> None:
    for number in range(3):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / f"{number}.png")

    with open_frames(tmp_path, fps=1) as video:
        assert [video.get_clip(start, start + 0.2)["frame_indices"] for start in (0.5, 1, 2.7)] == [[0], [1], [2]]


def test_datasets_read_a_held_picture(decoder: Decoder, held: Path) -> None:
    dataset = LabeledVideoDataset([(str(held), 0)], make_clip_sampler("uniform", 2), decoder=decoder)

    assert [1] * 6 == [dataset[index]["video"].shape[1] for index in range(len(dataset))]


def test_scan_and_prepare_take_a_held_picture_for_what_it_is(ffmpeg: Write, held: Path, tmp_path: Path) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    slides = ffmpeg("slides.mp4", f"-f lavfi -i testsrc2=r=.01:s=64x48:d=300 {_X264}")
    for path in (held, slides):
        (folder / path.name).write_bytes(path.read_bytes())

    found = scan(folder, settings=Settings(jobs=0, progress=False))
    assert [("12", 3, ""), ("300", 3, "")] == [(video.duration, video.frames, video.error) for video in found]
    made = Reencode(short_side=48)(str(slides), tmp_path / "small.mp4", lambda: None)
    assert {"frames": 3} == made
    with PyAVVideo(tmp_path / "small.mp4") as video:
        assert video.duration == 300


def test_a_time_line_that_starts_again_is_put_end_to_end(decoder: Decoder, twice: Path) -> None:
    frames = int(_probed(twice)["nb_read_frames"])
    assert frames == 200

    with decoder(twice) as video:
        duration = video.duration
        late = video.get_clip(6, 7)
        early = video.get_clip(2, 3)
        whole = video.get_clip(0, 8)
        assert (duration, video.duration, video.num_frames) == (8, 8, frames)
    assert whole["video"].shape[1] == frames
    assert whole["pts"].tolist() == pytest.approx([number / 25 for number in range(frames)])
    assert torch.equal(late["video"], early["video"])
    assert torch.equal(late["video"], whole["video"][:, 150:175])
    assert whole["audio"][-44100 // 2 :].abs().max() > 0.05


def test_scan_counts_a_time_line_that_starts_again(twice: Path) -> None:
    (found,) = scan(twice.parent, settings=Settings(jobs=0, progress=False))

    assert ("8", 200, "") == (found.duration, found.frames, found.error)


@pytest.mark.parametrize("order", [(0, 3), (3, 0)])
def test_a_file_has_one_size_whatever_was_read_before(
    decoder: Decoder, growing: Path, order: tuple[float, float]
) -> None:
    with decoder(growing) as video:
        first, second = (video.get_clip(start, start + 0.4) for start in order)
        again = video.get_clip(order[0], order[0] + 0.4)
        size, duration = video.size, video.duration
    with decoder(growing) as video:
        expected = {start: video.get_clip(start, start + 0.4) for start in (0, 3)}
        assert (video.duration, video.size, size) == (duration, (48, 64), (48, 64))
    assert first["video"].shape[2:] == second["video"].shape[2:] == (48, 64)
    assert all(torch.equal(clip["video"], expected[order[0]]["video"]) for clip in (first, again))
    assert torch.equal(second["video"], expected[order[1]]["video"])


@pytest.mark.parametrize("options", ["-bf 2", "-bf 2 -g 12", "-bf 0"])
def test_a_complete_avi_of_xvid_is_not_called_truncated(
    decoder: Decoder, ffmpeg: Write, tmp_path: Path, options: str
) -> None:
    source = ffmpeg(
        f"xvid{options}.avi".replace(" ", ""), f"-f lavfi -i testsrc2=r=25:s=64x48:d=2 -c:v libxvid {options}"
    )
    frames = int(_probed(source)["nb_read_frames"])

    with decoder(source) as video:
        assert video.get_clip(0, math.inf)["video"].shape[1] == frames
    path = tmp_path / "xvid.avi"
    path.write_bytes(source.read_bytes())
    (found,) = scan(tmp_path, settings=Settings(jobs=0, progress=False))
    assert (frames, "") == (found.frames, found.error)
    path.write_bytes(source.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(VideoDecodeError, match="truncated"), decoder(path) as video:
        video.get_clip(0, video.duration)


def test_the_stream_is_the_one_that_ffmpeg_takes(decoder: Decoder, two: Path) -> None:
    with decoder(two) as video:
        clip = video.get_clip(0, 1)
        assert video.size == (48, 64)
    assert clip["sample_rate"] == 22050
    assert _difference(clip["video"], 5, _shown(two, "25", 48, 64)[5]) < 3


def test_without_a_mark_the_larger_pictures_win(decoder: Decoder, ffmpeg: Write) -> None:
    inputs = "-f lavfi -i testsrc2=s=64x48:d=1 -f lavfi -i testsrc2=s=128x96:d=1 -map 0 -map 1"
    path = ffmpeg("unmarked.mkv", f"{inputs} {_X264} -disposition:v 0")

    with decoder(path) as video:
        assert video.size == (96, 128)


def test_another_stream_is_read_by_its_index(decoder: Decoder, two: Path) -> None:
    with decoder(two, video_stream=0, audio_stream=2) as video:
        clip = video.get_clip(0, 1)
        assert (video.size, clip["sample_rate"]) == ((96, 128), 44100)
        assert clip["video"].shape == (3, 25, 96, 128)


@pytest.mark.parametrize("wrong", [{"video_stream": 2}, {"audio_stream": 9}])
def test_a_stream_that_is_not_there_is_an_error_that_names_those_that_are(
    decoder: Decoder, two: Path, wrong: dict[str, int]
) -> None:
    with pytest.raises(VideoDecodeError, match=r"two\.mkv.*those are (0, 1|2, 3)"), decoder(two, **wrong) as video:
        video.get_clip(0, 1)


@pytest.mark.parametrize("wrong", [-1, True, "v:0"])
def test_an_index_that_is_none_is_an_error(decoder: Decoder, two: Path, wrong: object) -> None:
    with pytest.raises(ArgumentError, match="video_stream"):
        decoder(two, video_stream=wrong)


def test_an_attached_picture_is_no_video(decoder: Decoder, ffmpeg: Write) -> None:
    ffmpeg("cover.png", "-f lavfi -i testsrc2=s=640x480 -frames:v 1")
    inputs = "-f lavfi -i testsrc2=s=64x48:d=1 -i cover.png -map 1 -map 0"
    path = ffmpeg("covered.mp4", f"{inputs} -c:v:0 copy -c:v:1 libx264 -disposition:v:0 attached_pic")

    with decoder(path) as video:
        assert video.size == (48, 64)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("edit.mp4", "-ss 0.5 -i plain.mp4 -c copy"),
        ("gap.mp4", f"-i plain.mp4 -vf select=lt(t\\,1)+gt(t\\,3) -fps_mode passthrough {_X264}"),
    ],
)
def test_edit_lists_and_gaps_are_read_as_ffmpeg_does(decoder: Decoder, ffmpeg: Write, name: str, options: str) -> None:
    ffmpeg("plain.mp4", f"-f lavfi -i testsrc2=r=25:s=64x48:d=4 {_X264} -g 50 -bf 2")
    path = ffmpeg(name, options)
    shown = _shown(path, "25", 48, 64)

    with decoder(path) as video:
        whole = video.get_clip(0, math.inf)
        spans = [(Fraction(tick, 25), Fraction(tick + 1, 25)) for tick in range(0, len(shown), 7)]
        clips = video.get_clips(spans)
    assert whole["pts"][0] == 0
    assert len(shown) == round(25 * video.duration)
    assert all(_difference(clip["video"], 0, shown[7 * number]) < 3 for number, clip in enumerate(clips))


def test_a_stretch_of_a_time_line_that_starts_again_is_cut_where_it_is_read(twice: Path, tmp_path: Path) -> None:
    target = tmp_path / "stretch.mp4"
    Reencode(None, Fraction(5), Fraction(2), preset="ultrafast")(str(twice), target, lambda: None)
    with PyAVVideo(str(twice)) as video, PyAVVideo(str(target)) as cut:
        expected = video.get_clip(5, 7)["video"].float()
        clip = cut.get_clip(0, 2)["video"].float()
        sound = cut.get_clip(0.2, 1.8)["audio"]

    assert expected.shape == clip.shape
    assert float(sound.abs().mean()) > 0.01
    assert float((expected - clip).abs().mean()) < 12
