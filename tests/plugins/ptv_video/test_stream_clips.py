"""Streams of clips: what ``get_clip`` gives, each frame decoded and converted once, in a thread that ends."""

from __future__ import annotations

import gc
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest
import torch

from ptv_registry.errors import ArgumentError
from ptv_video import ClipRangeError, PyAVVideo, Video, VideoDecodeError, open_frames, write_video
from ptv_video.decoders.picture_stream import PictureStream
from ptv_video.decoders.pictures import RgbConverter
from tests.support.video_files import CLIPS, RECIPES

Files = Callable[[str], Path]

PICTURES = [name for name, recipe in RECIPES.items() if recipe.codec]


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    gc.collect()
    deadline = time.monotonic() + 5
    while any(thread.name == "ptv-clips" for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [] == [thread for thread in threading.enumerate() if thread.name == "ptv-clips"]


def overlapping(video: Video, parts: int = 5) -> list[tuple[float, float]]:
    """Windows of two fifths of the video, each half over the next."""
    if (video.num_frames or parts) < parts:
        return [(0, video.duration)]
    step = video.duration / parts
    return [(index * step, (index + 2) * step) for index in range(parts - 1)]


def quarter(frame: torch.Tensor) -> torch.Tensor:
    return frame[:, :, ::2, ::2].float() / 255


def ends(count: int) -> list[int]:
    return [0, count // 2, count - 1]


@pytest.mark.parametrize("each_frame", [None, quarter])
@pytest.mark.parametrize("select", [None, ends])
@pytest.mark.parametrize("name", PICTURES)
def test_a_stream_gives_what_get_clip_gives(
    file_named: Files, name: str, select: Callable, each_frame: Callable
) -> None:
    with PyAVVideo(str(file_named(name)), decode_audio=False) as video:
        spans = overlapping(video)
        with video.stream_clips(spans, select=select, each_frame=each_frame) as stream:
            found = list(stream)
        expected = [video.get_clip(*span, select=select) for span in spans]

    assert len(expected) == len(found)
    for ours, theirs in zip(found, expected, strict=True):
        pictures = theirs["video"] if each_frame is None else each_frame(theirs["video"])
        assert torch.equal(pictures, ours["video"])
        assert torch.equal(theirs["pts"], ours["pts"])
        assert theirs.keys() == ours.keys()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Counter]:
    """How often each frame, by its time, is decoded and converted."""
    found: dict[str, Counter] = {"decoded": Counter(), "converted": Counter()}
    decoded, image = PictureStream._decoded, RgbConverter.image

    def counting(self: PictureStream, packets: Iterator) -> Iterator:
        for frame in decoded(self, packets):
            found["decoded"][frame.pts] += 1
            yield frame

    def converting(self: RgbConverter, frame: object) -> object:
        found["converted"][frame.pts] += 1
        return image(self, frame)

    monkeypatch.setattr(PictureStream, "_decoded", counting)
    monkeypatch.setattr(RgbConverter, "image", converting)
    return found


@pytest.mark.parametrize("clip", sorted(CLIPS.glob("*.mp4")), ids=lambda path: path.name)
def test_each_frame_is_decoded_and_converted_at_most_once_however_windows_overlap(
    clip: Path, counted: dict[str, Counter]
) -> None:
    decoded = []
    for stride in (1.0, 0.5, 0.1):
        with PyAVVideo(str(clip), decode_audio=False) as video:
            spans = [(stride * k, stride * k + 1.0) for k in range(int((video.duration - 1) / stride) + 1)]
            for counter in counted.values():
                counter.clear()
            with video.stream_clips(spans, each_frame=quarter) as stream:
                clips = sum(1 for _ in stream)
        assert len(spans) == clips
        assert {1} == set(counted["decoded"].values())
        assert {1} == set(counted["converted"].values())
        decoded.append(len(counted["decoded"]))

    assert decoded[0] >= decoded[1] - 30  # the last window may begin a second later
    assert decoded[1] >= decoded[2] - 30


def referenced(path: Path) -> set[int]:
    """The times of the frames to which others refer, as the file itself says."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONREF"
        return {frame.pts for frame in container.decode(stream) if frame.pts is not None}


def eight(count: int) -> list[int]:
    return [index * (count - 1) // 7 for index in range(8)]


@pytest.mark.parametrize("name", ["h264_pyramid.mp4", "h264_open_gop.mp4"])
def test_overlap_decodes_no_frame_more_but_those_that_its_windows_show_and_no_other_frame_needs(
    name: str, file_named: Files, counted: dict[str, Counter]
) -> None:
    path = file_named(name)
    needed, sets = referenced(path), []
    for stride in (1.0, 0.5):
        with PyAVVideo(str(path), decode_audio=False) as video:
            spans = [(stride * k, stride * k + 1.0) for k in range(int((int(video.duration) - 1) / stride) + 1)]
            for counter in counted.values():
                counter.clear()
            with video.stream_clips(spans, select=eight, each_frame=quarter) as stream:
                list(stream)
        sets.append((set(counted["decoded"]), set(counted["converted"])))
    (plain, shown), (overlapping, shown_more) = sets

    assert shown < shown_more
    assert plain <= needed | shown
    assert overlapping <= needed | shown_more
    assert overlapping - plain <= shown_more - shown
    assert not (overlapping - plain) & needed


def test_only_selected_frames_are_converted(counted: dict[str, Counter]) -> None:
    with PyAVVideo(str(next(CLIPS.glob("*.mp4"))), decode_audio=False) as video:
        assert video.duration > 2
        counted["converted"].clear()
        with video.stream_clips([(0, 1), (1, 2)], select=ends, each_frame=quarter) as stream:
            list(stream)

    assert 6 == counted["converted"].total()


def test_only_as_many_clips_as_may_wait_are_read_ahead() -> None:
    made: list[int] = []

    def noting(frame: torch.Tensor) -> torch.Tensor:
        made.append(1)
        return frame

    with PyAVVideo(str(next(CLIPS.glob("*.mp4"))), decode_audio=False) as video:
        count = video.num_frames
        step = video.duration / 12
        with video.stream_clips(
            [(k * step, (k + 1) * step) for k in range(12)], select=lambda _: [0], each_frame=noting, ahead=2
        ) as stream:
            deadline = time.monotonic() + 2
            while len(made) < 3 and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.2)
            waiting = len(made)
            rest = len(list(stream))

    assert count >= 12
    assert 3 == waiting  # two wait, and one is in the thread's hand
    assert 12 == rest


def test_a_stream_that_is_left_early_ends_its_thread() -> None:
    with PyAVVideo(str(next(CLIPS.glob("*.mp4"))), decode_audio=False) as video:
        with video.stream_clips(overlapping(video, 20)) as stream:
            next(stream)
        clip = video.get_clip(0, 0.5)
        dropped = video.stream_clips(overlapping(video, 20))
        next(dropped)
        del dropped
        left = video.stream_clips(overlapping(video, 20))

    assert 19 == len(list(left))
    assert clip["video"].shape[1] > 0


def test_a_video_of_a_file_object_ends_its_stream_when_it_is_closed() -> None:
    with next(CLIPS.glob("*.mp4")).open("rb") as file, PyAVVideo(file, decode_audio=False) as video:
        stream = video.stream_clips(overlapping(video, 20))
        first = next(stream)

    assert first["video"].shape[1] > 0
    assert [] == list(stream)


def test_errors_come_out_where_the_clips_are_taken(tmp_path: Path) -> None:
    frames = torch.randint(0, 256, (3, 60, 64, 64), dtype=torch.uint8)
    write_video(tmp_path / "whole.mkv", frames, 10)
    whole = (tmp_path / "whole.mkv").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(b"no video")

    with PyAVVideo(str(tmp_path / "cut.mp4")) as video, pytest.raises(VideoDecodeError, match="cut"):
        video.stream_clips([(0, 1)])
    with PyAVVideo(whole, decode_audio=False) as video:
        with video.stream_clips([(0, 1), (99, 100)]) as stream, pytest.raises(ClipRangeError, match="outside"):
            list(stream)
        beyond = video.stream_clips([(0, 1), (1, 2)], select=lambda count: [count])
        with beyond as stream, pytest.raises(ArgumentError, match="chose frame"):
            next(stream)
        with (
            video.stream_clips([(0, 1)], each_frame=lambda frame: frame / (1 // 0)) as stream,
            pytest.raises(ZeroDivisionError),
        ):
            next(stream)
        with pytest.raises(ArgumentError, match="ahead"):
            video.stream_clips([(0, 1)], ahead=0)


def test_clips_before_a_failure_are_given() -> None:
    with PyAVVideo(str(next(CLIPS.glob("*.mp4"))), decode_audio=False) as video:
        half = video.duration / 2
        seen = []

        def failing(frame: torch.Tensor) -> torch.Tensor:
            seen.append(1)
            if len(seen) > 1:
                raise OSError("the disk is gone")
            return frame

        spans = [(0, half), (half, 2 * half)]
        with video.stream_clips(spans, select=lambda _: [0], each_frame=failing) as stream:
            first = next(stream)
            with pytest.raises(OSError, match="disk is gone"):
                next(stream)

    assert 1 == first["video"].shape[1]


def test_a_selection_of_nothing_is_an_empty_clip_in_its_place() -> None:
    with PyAVVideo(str(next(CLIPS.glob("*.mp4"))), decode_audio=False) as video:
        third = video.duration / 3
        spans = [(k * third, (k + 1) * third) for k in range(3)]
        turn = iter([[0], [], [0]])
        with video.stream_clips(spans, select=lambda _: next(turn, []), each_frame=quarter) as stream:
            lengths = [clip["pts"].numel() for clip in stream]

    assert [1, 0, 1] == lengths


def test_a_video_with_audio_is_streamed_with_it() -> None:
    clip = next(CLIPS.glob("*.avi"))
    with PyAVVideo(str(clip)) as video:
        with video.stream_clips([(0, 1), (0.5, 1.5)], each_frame=quarter) as stream:
            found = list(stream)
        expected = video.get_clip(0.5, 1.5)

    assert torch.equal(expected["audio"], found[1]["audio"])
    assert torch.equal(quarter(expected["video"]), found[1]["video"])


@pytest.mark.parametrize("each_frame", [None, quarter])
def test_a_folder_of_frames_is_streamed_reading_each_once(
    tmp_path: Path, each_frame: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    import av

    import ptv_video.decoders.frames
    from tests.support.video_files import numbered_image

    for number in range(12):
        av.VideoFrame.from_ndarray(numbered_image(number), format="rgb24").save(str(tmp_path / f"{number}.png"))
    video = open_frames(str(tmp_path), fps=4)
    spans = [(0, 1), (0.5, 1.5), (0.5, 2.0), (2.5, 3)]
    expected = [video.get_clip(*span) for span in spans]
    read: Counter = Counter()
    original = ptv_video.decoders.frames.read_image

    def counting(path: str, *, retries: int) -> torch.Tensor:
        read[path] += 1
        return original(path, retries=retries)

    monkeypatch.setattr(ptv_video.decoders.frames, "read_image", counting)
    with video.stream_clips(spans, each_frame=each_frame) as stream:
        found = list(stream)

    assert {1} == set(read.values())
    for ours, theirs in zip(found, expected, strict=True):
        assert torch.equal(theirs["video"] if each_frame is None else each_frame(theirs["video"]), ours["video"])
        assert theirs["frame_indices"] == ours["frame_indices"]


def test_many_windows_read_the_packets_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from ptv_video.timeline import clip_times

    calls = []
    original = clip_times.timeline
    monkeypatch.setattr(clip_times, "timeline", lambda *args: calls.append(1) or original(*args))
    with PyAVVideo(str(next(CLIPS.glob("*.mp4"))), decode_audio=False) as video:
        video.get_clips(overlapping(video, 20), select=ends)

    assert 1 == len(calls)


def repeated(count: int, path: Path) -> Path:
    """A small video of many frames, 25 a second: the packets of one of 50, again and again."""
    import av

    part = path.with_name("part.mp4")
    frames = torch.arange(50, dtype=torch.uint8)[None, :, None, None].expand(3, -1, 32, 32)
    write_video(part, frames, 25, codec="mpeg4")
    with av.open(str(part)) as source, av.open(str(path), "w") as target:
        template = source.streams.video[0]
        stream = target.add_stream_from_template(template)
        packets = [(packet.pts, packet.dts, packet.is_keyframe, bytes(packet)) for packet in source.demux(template)]
        step = packets[1][0] - packets[0][0]
        for round_ in range(count // 50):
            for pts, dts, is_key, data in packets:
                if not data:
                    continue
                packet = av.Packet(data)
                packet.pts, packet.dts = (time + round_ * 50 * step for time in (pts, dts))
                packet.is_keyframe, packet.stream, packet.time_base = is_key, stream, template.time_base
                target.mux(packet)
    return path


def peak_of_streaming(path: Path, overlap: float) -> tuple[int, int | None]:
    """The most bytes that Python's objects take while a video is streamed, and the number of its frames."""
    with PyAVVideo(str(path), decode_audio=False, threads=1) as video:
        spans = [(k * (1 - overlap), k * (1 - overlap) + 1) for k in range(int((video.duration - 1) / (1 - overlap)))]
        tracemalloc.start()
        with video.stream_clips(spans, select=ends, each_frame=lambda frame: frame[..., :2, :2]) as stream:
            for _ in stream:
                pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak, video.num_frames


@pytest.mark.parametrize("overlap", [0.0, 0.8])
def test_a_long_video_takes_a_few_bytes_more_a_frame(tmp_path: Path, overlap: float) -> None:
    peak_of_streaming(repeated(500, tmp_path / "short.mp4"), overlap)  # imports what is imported at the first use
    short, few = peak_of_streaming(tmp_path / "short.mp4", overlap)
    long, many = peak_of_streaming(repeated(5000, tmp_path / "long.mp4"), overlap)

    assert (500, 5000) == (few, many)
    assert 0 < (long - short) / (many - few) < 160


def test_a_frame_that_cannot_be_decoded_is_said_before_the_rest_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = repeated(500, tmp_path / "a.mp4")
    seen: list[int] = []

    with PyAVVideo(str(path), decode_audio=False) as video:
        second = int(1 / video._stream.tick)
        lost = 4 * second
        decoded = PictureStream._decoded

        def losing(self: PictureStream, packets: Iterator) -> Iterator:
            for frame in decoded(self, packets):
                seen.append(frame.pts)
                if frame.pts != lost:
                    yield frame

        monkeypatch.setattr(PictureStream, "_decoded", losing)
        spans = [(float(k), k + 1.0) for k in range(19)]
        with video.stream_clips(spans, select=lambda _: [0], each_frame=quarter) as stream:
            whole = [next(stream) for _ in range(4)]
            with pytest.raises(VideoDecodeError, match=r"1 frame\(s\) cannot be decoded, at 4.000 s"):
                next(stream)

    assert [0.0, 1.0, 2.0, 3.0] == [float(clip["pts"][0]) for clip in whole]
    assert max(seen) <= lost + second
