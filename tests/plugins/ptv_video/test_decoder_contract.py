"""What every decoder promises, on the same files."""

import gc
import math
import os
import pickle
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from ptv_registry.errors import ArgumentError
from ptv_video import ClipRangeError, Video, VideoDecodeError
from tests.support.damage import damaged
from tests.support.video_files import CLIPS, RECIPES, numbers_of, sine

#: TorchCodec's way out, which the tests of ptv_torchcodec are about.
pytestmark = pytest.mark.filterwarnings("ignore:.*decoded by PyAV, not TorchCodec")

Files = Callable[[str], Path]
Decoder = Callable[..., Video]


PICTURES = [name for name, recipe in RECIPES.items() if recipe.codec and not any(recipe.rotation)]

#: Files of which a decoder says in its documentation that it does not read them exactly.
KNOWN_LIMITS = {("TorchCodecVideo", "h264_refresh.mp4")}


@pytest.fixture(autouse=True)
def _within_limits(request: pytest.FixtureRequest) -> None:
    names = {"decoder", "name"} & set(request.fixturenames)
    if len(names) == 2:
        case = (request.getfixturevalue("decoder").__name__, request.getfixturevalue("name"))
        if case in KNOWN_LIMITS:
            pytest.skip("a documented limit of this decoder")


def spans_of(name: str) -> list[tuple[float, float]]:
    """Spans whose borders lie between frames: start, middle, over keyframes, end, all, beyond the end."""
    recipe = RECIPES[name]
    times = [float(time) for time in recipe.frame_times()]
    last = times[-1] + float(1 / recipe.fps)
    if len(times) < 10:
        return [(0, last), (0, math.inf)]
    borders = [(0, 8), (3, 9), (11, 13), (13, 14), (23, 26), (len(times) - 2, len(times)), (0, len(times))]
    edge = 0.008
    ends = [*times, last + 1]
    return [(max(0.0, times[first] - edge), ends[end] - edge) for first, end in borders] + [(0, math.inf)]


def thirds(count: int) -> list[int]:
    return [count - 1, 0, count // 3, count // 3]


@pytest.mark.parametrize("name", PICTURES)
def test_a_clip_holds_the_frames_presented_in_it(decoder: Decoder, file_named: Files, name: str) -> None:
    recipe = RECIPES[name]
    times = recipe.frame_times()

    with decoder(file_named(name)) as video:
        for start, end in spans_of(name):
            clip = video.get_clip(start, end)
            expected = recipe.numbers_in(start, end)
            assert numbers_of(clip["video"]) == expected, (start, end)
            seconds = [float(times[number]) for number in expected]
            assert clip["pts"].tolist() == pytest.approx(seconds, abs=recipe.slack + 1e-5)
            assert clip["video"].dtype == torch.uint8
            assert clip["video"].shape == (3, len(expected), *video.size)


@pytest.mark.parametrize("name", PICTURES)
def test_selected_frames_equal_the_frames_of_the_whole_clip(decoder: Decoder, file_named: Files, name: str) -> None:
    with decoder(file_named(name)) as video:
        for start, end in spans_of(name):
            whole = video.get_clip(start, end)
            few = video.get_clip(start, end, select=thirds)
            indices = thirds(whole["video"].shape[1])
            assert torch.equal(few["video"], whole["video"][:, indices])
            assert torch.equal(few["pts"], whole["pts"][indices])


@pytest.mark.parametrize("name", PICTURES)
def test_clips_read_together_equal_clips_read_one_by_one(decoder: Decoder, file_named: Files, name: str) -> None:
    spans = spans_of(name)[::-1]

    with decoder(file_named(name)) as video:
        together = video.get_clips(spans, select=thirds)
        for span, clip in zip(spans, together, strict=True):
            alone = video.get_clip(*span, select=thirds)
            assert torch.equal(clip["video"], alone["video"])
            assert torch.equal(clip["pts"], alone["pts"])
            if alone["audio"] is not None:
                assert torch.equal(clip["audio"], alone["audio"])


@pytest.mark.parametrize("name", PICTURES)
def test_duration_is_that_of_the_pictures(decoder: Decoder, file_named: Files, name: str) -> None:
    recipe = RECIPES[name]
    times = recipe.frame_times()
    lasts = {float(1 / recipe.fps)} if recipe.times is None else {float(times[-1] - times[-2]), float(1 / recipe.fps)}

    with decoder(file_named(name)) as video:
        low, high = min(lasts), max(lasts)
        assert float(times[-1]) + low - 0.008 <= video.duration <= float(times[-1]) + high + 0.002


@pytest.mark.parametrize("name", ["h264_23976.mp4", "h264_2997.mp4", "h264_25.mp4"])
def test_borders_on_a_frame_include_it_at_the_start_and_not_at_the_end(
    decoder: Decoder, file_named: Files, name: str
) -> None:
    rate = RECIPES[name].fps

    with decoder(file_named(name)) as video:
        for first, count in ((0, 1), (7, 5), (24, 25)):
            exact = video.get_clip(first / rate, (first + count) / rate)
            rounded = video.get_clip(float(first / rate), float((first + count) / rate))
            assert numbers_of(exact["video"]) == list(range(first, first + count))
            assert torch.equal(exact["video"], rounded["video"])


def test_one_second_at_25_fps_from_an_odd_start_is_25_frames(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("h264_25.mp4")) as video:
        assert video.get_clip(0.02, 1.02)["video"].shape[1] == 25


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (180, 2), (270, 3)])
def test_the_display_matrix_turns_frames(decoder: Decoder, file_named: Files, degrees: int, turns: int) -> None:
    with decoder(file_named("h264_25.mp4")) as plain, decoder(file_named(f"rotate_{degrees}.mp4")) as turned:
        upright = plain.get_clip(0, 1, select=thirds)["video"]
        shown = turned.get_clip(0, 1, select=thirds)["video"]
        assert turned.size == tuple(shown.shape[2:])
        assert turned.size == (plain.size if turns == 2 else plain.size[::-1])
        assert torch.equal(shown, torch.rot90(upright, turns, (2, 3)))


@pytest.mark.parametrize("name", ["h264_offset.ts", "h264_2997.mkv", "mpeg4.avi", "h264_25.mp4"])
@pytest.mark.parametrize("span", [(0, 0.5), (0.3, 1.1), (1.5, 2)])
def test_audio_is_sample_exact_and_aligned(
    decoder: Decoder, file_named: Files, name: str, span: tuple[float, float]
) -> None:
    recipe = RECIPES[name]
    rate = recipe.audio_rate
    with decoder(file_named(name)) as video:
        audio = video.get_clip(*span)["audio"]

    assert audio.dtype == torch.float32
    assert audio.shape == (round((span[1] - span[0]) * rate),)
    assert audio.abs().max() <= 1
    expected = torch.from_numpy(sine(2, rate)[0])[round(span[0] * rate) :][: len(audio)]
    inner = slice(1200, -1200)
    shift = _best_shift(audio[inner], expected[inner])
    assert abs(shift) <= max(1, recipe.slack * rate), "the audio is not aligned with the pictures"


def _best_shift(found: torch.Tensor, expected: torch.Tensor) -> int:
    shifts = list(range(-60, 61))
    scores = [float((torch.roll(expected, shift)[100:-100] * found[100:-100]).sum()) for shift in shifts]
    return shifts[int(np.argmax(scores))]


def test_neighbouring_clips_share_out_the_audio(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("audio_long.mp4")) as video:
        whole = video.get_clip(0, 2)["audio"]
        parts = [video.get_clip(Fraction(k, 8), Fraction(k + 1, 8))["audio"] for k in range(16)]

    assert torch.allclose(torch.cat(parts), whole, atol=1e-6)


def test_audio_that_starts_late_is_preceded_by_silence(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("audio_late.mp4")) as video:
        audio = video.get_clip(0, 2)["audio"]

    assert audio.shape == (96000,)
    assert audio[:23900].abs().max() == 0
    assert audio[24000:72000].abs().max() > 0.4
    assert audio[72100:].abs().max() == 0


def test_audio_that_ends_early_is_followed_by_silence(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("audio_short.mkv")) as video:
        assert video.get_clip(0.5, 1.5)["audio"][24200:].abs().max() == 0
        after = video.get_clip(1.25, 1.75)["audio"]

    assert after.shape == (24000,)
    assert after.abs().max() == 0


def test_longer_audio_does_not_lengthen_the_video(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("audio_long.mp4")) as video:
        assert video.duration == 2.0
        assert video.get_clip(0, math.inf)["audio"].shape == (96000,)


def test_audio_is_resampled_on_request(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("audio_long.mp4"), sample_rate=16000) as video:
        clip = video.get_clip(0.25, 1.25)

    assert clip["sample_rate"] == 16000
    expected = torch.from_numpy(sine(4, 16000)[0])[4000:20000]
    assert clip["audio"].shape == expected.shape
    assert (clip["audio"] - expected)[100:-100].abs().max() < 0.01


def test_audio_alone_is_read_without_pictures(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("h264_25.mp4"), decode_video=False) as video:
        clip = video.get_clip(0.5, 1.5)
        assert not video.has_video
        assert video.duration == 2.0

    assert clip["video"] is None
    assert clip["audio"].shape == (44100,)
    assert clip["audio"].abs().max() > 0.4


@pytest.mark.parametrize("name", ["audio_only.wav", "audio_only.m4a"])
def test_a_file_of_audio_only_has_no_pictures(decoder: Decoder, file_named: Files, name: str) -> None:
    with decoder(file_named(name)) as video:
        clip = video.get_clip(0.5, 1)
        assert video.duration == pytest.approx(2, abs=0.03)
        assert not video.has_video
        assert video.size is None

    assert clip["video"] is None
    assert clip["audio"].shape == (RECIPES[name].audio_rate // 2,)
    assert clip["audio"].abs().max() > 0.4


def test_audio_that_was_not_asked_for_is_none(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("h264_25.mp4"), decode_audio=False) as video:
        assert not video.has_audio
        assert video.get_clip(0, 1)["audio"] is None


def test_a_file_without_audio_gives_none(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("h264_no_b.mp4")) as video:
        clip = video.get_clip(0, 1)

    assert clip["audio"] is None
    assert clip["sample_rate"] is None


@pytest.mark.parametrize("span", [(2.0, 3.0), (5, 6), (-2, -1), (-1, 0), (1, 1), (1, 0.5), (math.inf, math.inf)])
def test_a_clip_outside_the_video_is_an_error_with_its_range(
    decoder: Decoder, file_named: Files, span: tuple[float, float]
) -> None:
    with (
        decoder(file_named("h264_25.mp4")) as video,
        pytest.raises(ClipRangeError, match=r"h264_25\.mp4.*\[0, 2\) s") as caught,
    ):
        video.get_clip(*span)

    assert caught.value.fields["duration"] == 2.0


def test_a_clip_that_starts_before_the_video_begins_with_its_first_frame(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("h264_25.mp4")) as video:
        clip = video.get_clip(-0.5, 0.2)

    assert numbers_of(clip["video"]) == [0, 1, 2, 3, 4]
    assert clip["audio"].shape == (30870,)
    assert clip["audio"][:22000].abs().max() == 0


@pytest.mark.parametrize("value", [math.nan, "1", None, True])
def test_a_time_that_is_no_number_is_an_error(decoder: Decoder, file_named: Files, value: object) -> None:
    with decoder(file_named("h264_25.mp4")) as video, pytest.raises(ArgumentError, match="seconds"):
        video.get_clip(value, 2)  # type: ignore[arg-type]


def test_selecting_a_frame_that_is_not_there_is_an_error(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("h264_25.mp4")) as video, pytest.raises(ArgumentError, match="25 frames"):
        video.get_clip(0, 1, select=lambda count: [count])


def test_an_earlier_clip_can_follow_a_later_one(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("h264_pyramid.mp4")) as video:
        assert numbers_of(video.get_clip(3, 3.2)["video"]) == [75, 76, 77, 78, 79]
        assert numbers_of(video.get_clip(0, 0.12)["video"]) == [0, 1, 2]
        assert numbers_of(video.get_clip(2, 2.12)["video"]) == [50, 51, 52]


def test_bytes_paths_and_file_objects_give_the_same(decoder: Decoder, file_named: Files) -> None:
    path = file_named("h264_25.mp4")
    with path.open("rb") as file:
        sources = [str(path), path, f"file://{path}", path.read_bytes(), file]
        clips = []
        for source in sources:
            with decoder(source) as video:
                clips.append(video.get_clip(0.4, 1.2)["video"])
        assert not file.closed

    assert all(torch.equal(clip, clips[0]) for clip in clips)


def test_the_name_is_the_file_name_or_the_one_given(decoder: Decoder, file_named: Files) -> None:
    assert decoder(file_named("h264_25.mp4")).name == "h264_25.mp4"
    assert decoder(file_named("h264_25.mp4"), video_name="a clip").name == "a clip"


def test_facts_are_known_without_decoding_the_video(decoder: Decoder, file_named: Files) -> None:
    with decoder(file_named("h264_23976.mp4")) as video:
        assert video.fps == Fraction(24000, 1001)
        assert video.num_frames == 50
        assert video.exact_duration == 50 * Fraction(1001, 24000)
        assert video.size == (48, 64)


def test_a_missing_file_is_an_error_that_names_it(decoder: Decoder, tmp_path: Path) -> None:
    with pytest.raises(VideoDecodeError, match=r"missing\.mp4"):
        decoder(tmp_path / "missing.mp4").get_clip(0, 1)


@pytest.mark.parametrize("source", [3, None, object()])
def test_a_source_of_no_known_kind_is_an_error(decoder: Decoder, source: object) -> None:
    with pytest.raises(ArgumentError, match="path"):
        decoder(source)


@pytest.mark.parametrize("content", [b"", b"no video at all", bytes(5000)])
def test_a_file_that_is_no_video_is_an_error_that_names_it(decoder: Decoder, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)

    with pytest.raises(VideoDecodeError, match=r"broken\.mp4"), decoder(path) as video:
        video.get_clip(0, 1)


@pytest.mark.parametrize("clip", sorted(path.name for path in CLIPS.iterdir()))
def test_a_truncated_copy_is_an_error_that_names_it(decoder: Decoder, tmp_path: Path, clip: str) -> None:
    content = (CLIPS / clip).read_bytes()
    path = tmp_path / clip
    path.write_bytes(content[: len(content) * 2 // 3])

    with pytest.raises(VideoDecodeError, match=clip), decoder(path) as video:
        video.get_clip(0, video.duration)


@pytest.mark.parametrize("seed", range(30))
def test_damaged_files_give_frames_or_a_typed_error(
    decoder: Decoder, file_named: Files, tmp_path: Path, seed: int
) -> None:
    names = ["h264_25.mp4", "h264_offset.ts", "h264_2997.mkv", "mpeg4_b.avi", "hevc.mp4", "vp9.webm"]
    original = file_named(names[seed % len(names)])
    path = tmp_path / f"damaged{original.suffix}"
    path.write_bytes(damaged(original.read_bytes(), seed))

    error = _error_of_reading(decoder, path)

    assert error is None or path.name in str(error)


def _error_of_reading(decoder: Decoder, path: Path) -> Exception | None:
    try:
        with decoder(path) as video:
            video.get_clip(0, 1)
    except (VideoDecodeError, ClipRangeError) as error:
        return error
    return None


def test_a_closed_video_says_so(decoder: Decoder, file_named: Files) -> None:
    video = decoder(file_named("h264_25.mp4"))
    video.get_clip(0, 1)
    video.close()
    video.close()

    with pytest.raises(VideoDecodeError, match="closed"):
        video.get_clip(0, 1)


def test_a_video_goes_to_another_process_before_and_after_it_was_opened(decoder: Decoder, file_named: Files) -> None:
    video = decoder(file_named("h264_25.mp4"))
    before = pickle.loads(pickle.dumps(video))
    expected = video.get_clip(0, 1)["video"]
    after = pickle.loads(pickle.dumps(video))

    assert torch.equal(before.get_clip(0, 1)["video"], expected)
    assert torch.equal(after.get_clip(0, 1)["video"], expected)


def test_a_video_on_a_file_object_does_not_pickle(decoder: Decoder, file_named: Files) -> None:
    with file_named("h264_25.mp4").open("rb") as file, pytest.raises(ArgumentError, match="path or bytes"):
        pickle.dumps(decoder(file))


class _OneClip(torch.utils.data.Dataset):
    def __init__(self, video: Video) -> None:
        self.video = video

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> list[int]:
        return numbers_of(self.video.get_clip(index / 5, index / 5 + 0.2)["video"])


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_worker_processes_read_a_video_that_the_parent_has_open(
    decoder: Decoder, file_named: Files, method: str
) -> None:
    with decoder(file_named("h264_25.mp4")) as video:
        video.get_clip(0, 1)
        loader = torch.utils.data.DataLoader(
            _OneClip(video), batch_size=None, num_workers=2, multiprocessing_context=method, timeout=60
        )
        found = list(loader)
        assert found == [list(range(5 * k, 5 * k + 5)) for k in range(8)]
        assert numbers_of(video.get_clip(0, 0.2)["video"]) == [0, 1, 2, 3, 4]


@pytest.mark.slow
def test_opening_many_times_leaks_no_file_and_no_memory(decoder: Decoder, file_named: Files) -> None:
    path = file_named("h264_25.mp4")
    broken = path.read_bytes()[:9000]

    def once() -> None:
        with decoder(path) as video:
            video.get_clip(0.5, 0.7)
        with pytest.raises(ClipRangeError), decoder(path) as video:
            video.get_clip(5, 6)
        with pytest.raises(VideoDecodeError), decoder(broken, video_name="broken") as video:
            video.get_clip(0, 1)

    for _ in range(30):
        once()
    gc.collect()
    files, memory = len(os.listdir("/proc/self/fd")), _resident_mib()
    for _ in range(150):
        once()
    gc.collect()

    assert len(os.listdir("/proc/self/fd")) == files
    assert _resident_mib() - memory < 12


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_a_clip_dropped_without_closing_closes_itself(decoder: Decoder, file_named: Files) -> None:
    decoder(file_named("h264_25.mp4")).get_clip(0, 0.2)
    gc.collect()

    links = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    assert not any(link.endswith("h264_25.mp4") for link in links)
