"""Defects of the original's readers of files and of folders of frames."""

import sys
import warnings
from fractions import Fraction
from pathlib import Path

import pytest

from pytorchvideo.data.encoded_video import EncodedVideo
from pytorchvideo.data.frame_video import FrameVideo
from tests.support.video_files import numbers_of, sine


@pytest.mark.defect(14, there=r"assert -8")
def test_a_stream_that_does_not_start_at_0_has_its_own_duration(recorded):
    path = recorded("offset.ts", offset=Fraction(10))

    assert float(EncodedVideo.from_path(path).duration) == pytest.approx(2.0, abs=0.001)


@pytest.mark.defect(15, there=r"assert 1\.9")
def test_the_last_frame_of_a_file_without_durations_counts(recorded):
    video = EncodedVideo.from_path(recorded("video.mkv"))

    assert float(video.duration) == pytest.approx(2.0, abs=0.002)
    assert numbers_of(video.get_clip(0, video.duration)["video"]) == list(range(20))


@pytest.mark.defect(16, there=r"assert 4\.0")
def test_sound_that_is_longer_does_not_lengthen_the_video(recorded):
    path = recorded("long.mp4", audio=sine(4, 44100))

    assert float(EncodedVideo.from_path(path).duration) == pytest.approx(2.0)


@pytest.mark.defect(17, there="expected a non-empty list of Tensors")
def test_sound_that_ends_early_leaves_the_pictures(recorded):
    path = recorded("short.mkv", audio=sine(1, 48000), audio_codec="flac", audio_rate=48000)

    clip = EncodedVideo.from_path(path).get_clip(1.5, 2)

    assert numbers_of(clip["video"]) == [15, 16, 17, 18, 19]
    assert clip["audio"].abs().sum() == 0


@pytest.mark.defect(18, there=r"assert 176400 == 88200")
def test_stereo_is_averaged_over_its_channels(recorded):
    path = recorded("pcm.avi", codec="mpeg4", options={}, audio=sine(2, 44100, channels=2), audio_codec="pcm_s16le")

    audio = EncodedVideo.from_path(path).get_clip(0, 2)["audio"]

    assert len(audio) == 88200


@pytest.mark.defect(18, there=r"assert 16\d{3}\.\d+ <= 1")
def test_sound_lies_between_minus_1_and_1_whatever_the_codec(recorded):
    path = recorded("mono.avi", codec="mpeg4", options={}, audio=sine(2, 44100), audio_codec="pcm_s16le")

    audio = EncodedVideo.from_path(path).get_clip(0, 1)["audio"]

    assert float(audio.abs().max()) <= 1


@pytest.mark.defect(19, there=r"assert \[9216, 10240\] == \[9600\]")
def test_equal_clips_have_equally_many_samples(recorded):
    video = EncodedVideo.from_path(recorded("sound.mp4", audio=sine(2, 48000), audio_rate=48000))
    starts = [Fraction(number, 10) for number in range(1, 8)]

    counts = {len(video.get_clip(start, start + Fraction(1, 5))["audio"]) for start in starts}

    assert sorted(counts) == [9600]


@pytest.mark.defect(20, there=r"assert \(48, 64\) == \(64, 48\)")
def test_a_video_is_shown_as_its_display_matrix_says(recorded):
    path = recorded("rotated.mp4", rotation=(90, False, False))

    assert tuple(EncodedVideo.from_path(path).get_clip(0, 1)["video"].shape[2:]) == (64, 48)


@pytest.mark.defect(20, there="DID NOT RAISE")
def test_a_video_that_cannot_be_decoded_says_so(recorded, tmp_path):
    data = Path(recorded("front.mp4", format_options={"movflags": "faststart"})).read_bytes()
    path = tmp_path / "damaged.mp4"
    start = data.index(b"mdat") + 4
    path.write_bytes(data[:start] + bytes(len(data) - start))

    with pytest.raises((RuntimeError, ValueError, OSError), match="damaged"):
        EncodedVideo.from_path(str(path)).get_clip(0, 1)


@pytest.mark.defect(20, there="Unable to decode video stream")
def test_frames_without_times_are_shown_at_the_stated_rate(recorded):
    clip = EncodedVideo.from_path(recorded("raw.h264", fps=Fraction(25))).get_clip(0, Fraction(2, 5))

    assert numbers_of(clip["video"]) == list(range(10))


@pytest.mark.defect(22, there="video_reader")
def test_the_reader_that_torchvision_had_is_replaced(recorded):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        video = EncodedVideo.from_path(recorded(), decoder="torchvision")

        assert numbers_of(video.get_clip(0, 1)["video"]) == list(range(10))


@pytest.mark.defect(23, there="assert 44100 == 16000")
def test_decord_keeps_the_rate_of_sound_as_the_others_do(recorded):
    path = recorded("sound.mp4", audio=sine(2, 16000), audio_rate=16000)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        audio = EncodedVideo.from_path(path, decoder="decord").get_clip(0, 1)["audio"]

    assert audio.numel() == 16000


@pytest.mark.defect(23, there="assert 'torch' == 'native'")
def test_reading_with_decord_does_not_change_what_decord_gives_to_others(recorded):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        EncodedVideo.from_path(recorded(), decode_audio=False, decoder="decord").get_clip(0, 1)

    bridge = getattr(sys.modules.get("decord"), "bridge", None)
    kind = "native" if bridge is None else bridge._CURRENT_BRIDGE.type
    assert kind == "native"


@pytest.mark.defect(24, there=r"TypeError: object of type 'NoneType' has no len\(\)")
def test_paths_of_frames_may_come_from_a_function(frame_folder):
    folder = frame_folder("frames", 20)
    video = FrameVideo(2.0, 10, video_frame_to_path_fn=lambda number: f"{folder}/frame_{number:04d}.png")

    assert video.get_clip(0.5, 1)["video"][0, :, 0, 0].tolist() == [5, 6, 7, 8, 9]


@pytest.mark.defect(24, there="OSError: the storage is away")
def test_an_image_that_cannot_be_read_is_tried_again(frame_folder, monkeypatch):
    image = f"{frame_folder('frames', 1)}/frame_0000.png"
    opened, failed = open, []

    def at_the_second_time(path, *arguments, **words):
        if path == image and not failed:
            failed.append(path)
            raise OSError("the storage is away")
        return opened(path, *arguments, **words)

    monkeypatch.setattr("builtins.open", at_the_second_time)
    clip = FrameVideo.from_frame_paths([image], fps=10).get_clip(0, 0.1)

    assert failed == [image]
    assert clip["video"].shape == (3, 1, 16, 16)


@pytest.mark.defect(24, there="Actual message: 'need at least one array to stack'")
def test_a_clip_behind_the_last_frame_is_an_error_that_tells_the_range(frame_folder):
    video = FrameVideo.from_directory(frame_folder("frames", 20), fps=10)

    with pytest.raises(ValueError, match="2"):
        video.get_clip(2.0, 3.0)


@pytest.mark.defect(24, there=r"assert \[30, 31, 61, .* == \[\]")
def test_neighbouring_clips_share_out_the_frames(frame_folder):
    folder = frame_folder("frames", 1)
    video = FrameVideo.from_frame_paths(300 * [f"{folder}/frame_0000.png"], fps=30)
    spans = [(number / 30, (number + 1) / 30) for number in range(300)]

    skipped = []
    for number, (start, end) in enumerate(spans):
        try:
            found = video.get_clip(start, end)["frame_indices"]
        except ValueError:  # no frame, which the original cannot stack
            found = []
        if found != [number]:
            skipped.append(number)

    assert skipped == []
