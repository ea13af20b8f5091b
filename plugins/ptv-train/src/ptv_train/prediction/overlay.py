"""The video with what the model says about it drawn in: labels, scores, and a strip of time."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Final

import matplotlib
import numpy as np
import torch
from matplotlib import colormaps
from PIL import Image, ImageDraw, ImageFont
from tqdm import tqdm

from ptv_train.prediction.prediction import Prediction
from ptv_train.prediction.report import percent, seconds, segments
from ptv_video.decoders.pyav import PyAVVideo
from ptv_video.opening import holds_frames, open_video
from ptv_video.slots import Decoder
from ptv_video.video import Video
from ptv_video.writing import VideoWriter

#: Seconds that are read at once: whole pictures wait in memory.
_SPAN: Final = Fraction(1, 2)

#: Of the pictures' times: fine enough for every rate that cameras have.
_TICK: Final = Fraction(1, 90_000)

_INK, _SHADE = (255, 255, 255, 255), (16, 18, 24, 178)

#: Text is this share of the picture's shorter side, and never below what can be read.
_TEXT_SHARE: Final = 1 / 24
_LEAST_TEXT: Final = 11


def draw_overlay(
    prediction: Prediction,
    path: str | Path,
    *,
    top: int = 3,
    decoder: Decoder = PyAVVideo,
    progress: bool = False,
) -> None:
    """Write the video anew with the best classes of each moment in it, and a strip of time at its foot.

    Size, orientation, the times of the frames and the sound stay as they were (the sound is encoded anew; of more than
    two channels it becomes one). The video is read and written frame by frame, whatever its length.

    Args:
        prediction: whose video is still where it was.
        path: of the new video; its suffix names the container, such as ``.mp4``.
        top: how many classes are shown at a time.
        decoder: for encoded video.
        progress: whether to show a progress bar.

    Raises:
        VideoDecodeError: the video cannot be read, or the new one not be written.
        ArgumentError: the suffix names no container that can be written.
    """
    source = prediction.video
    with open_video(source, decode_audio=False, decoder=decoder) as video:
        spans = list(_spans(Fraction(prediction.duration_s).limit_denominator(1_000_000)))
        sound = _Sound(source)
        with (
            sound,
            video.stream_clips(spans, ahead=1) as clips,
            tqdm(total=len(spans), desc="overlay", disable=not progress, leave=False) as bar,
        ):
            _write(prediction, path, top, video, zip(spans, clips, strict=True), sound, bar)


def _write(
    prediction: Prediction,
    path: str | Path,
    top: int,
    video: Video,
    clips: Iterator[tuple[tuple[Fraction, Fraction], dict[str, torch.Tensor]]],
    sound: _Sound,
    bar: tqdm[object],
) -> None:
    first = next(clips)
    height, width = first[1]["video"].shape[2:]
    painter = Painter(prediction, (height, width), top)
    last = -1.0
    with VideoWriter(
        path,
        (height, width),
        video.fps or 30,
        sample_rate=sound.rate,
        channels=sound.channels,
        options={"crf": "20", "preset": "veryfast"},
        time_base=_TICK,
    ) as writer:
        for span, clip in itertools.chain([first], clips):
            for picture, time in zip(clip["video"].permute(1, 2, 3, 0).numpy(), clip["pts"].tolist(), strict=True):
                # A span in which no frame starts holds the one before, which is written already.
                if time > last and round(Fraction(time) / _TICK) > round(Fraction(max(last, -1.0)) / _TICK):
                    writer.write(painter.paint(picture, time), time)
                    last = time
            heard = sound.read(*span)
            if heard is not None:
                writer.write_sound(heard)
            bar.update()


def _spans(duration: Fraction) -> Iterator[tuple[Fraction, Fraction]]:
    start = Fraction(0)
    while start < duration:
        # A remainder below a millisecond is rounding of the duration, not content.
        end = start + _SPAN if duration - start > _SPAN + Fraction(1, 1000) else duration
        yield start, end
        start = end


class _Sound:
    """The sound of a video, stretch by stretch; none where there is none."""

    def __init__(self, source: str) -> None:
        self._video: PyAVVideo | None = None
        self.rate: int | None = None
        self.channels = 1
        if holds_frames(source):
            return
        video = PyAVVideo(source, decode_video=False, mono=False)
        if not video.has_audio:
            video.close()
            return
        clip = video.get_clip(0, Fraction(1, 100))
        self._video, self.rate = video, clip["sample_rate"]
        self.channels = clip["audio"].shape[0] if clip["audio"].shape[0] in (1, 2) else 1

    def read(self, start: Fraction, end: Fraction) -> np.ndarray | None:
        """(channels, samples) of a stretch in seconds."""
        if self._video is None or self.rate is None:
            return None
        # Whole samples, so that neither gaps nor repeats add up from stretch to stretch.
        begin, stop = (Fraction(round(time * self.rate), self.rate) for time in (start, end))
        audio = self._video.get_clip(begin, stop)["audio"]
        if audio.shape[0] != self.channels:
            audio = audio.mean(0, keepdim=True)
        return np.asarray(audio.numpy())

    def __enter__(self) -> _Sound:
        return self

    def __exit__(self, *_: object) -> None:
        if self._video is not None:
            self._video.close()


class Painter:
    """Draws a prediction into pictures of one size.

    Args:
        prediction: what is drawn.
        size: height and width of the pictures in pixels.
        top: how many classes are shown at a time.
    """

    def __init__(self, prediction: Prediction, size: tuple[int, int], top: int = 3) -> None:
        self._prediction = prediction
        self._height, self._width = size
        self._top = min(top, len(prediction.categories))
        self._centres = [(window.start_s + window.end_s) / 2 for window in prediction.windows]
        self._text = max(_LEAST_TEXT, round(min(size) * _TEXT_SHARE))
        self._font = ImageFont.truetype(
            str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), self._text
        )
        self._segments = segments(prediction)
        names = list(dict.fromkeys(segment.category for segment in self._segments))
        self._colours = {
            name: tuple(round(255 * part) for part in colormaps["tab10"](i % 10)[:3]) for i, name in enumerate(names)
        }
        self._strip_height = max(4, self._text // 2)
        self._strip = self._draw_strip()
        self._panel = lru_cache(maxsize=2)(self._draw_panel)

    def window_at(self, time_s: float) -> int:
        """The number of the window whose middle is nearest to a time in seconds."""
        right = bisect.bisect_left(self._centres, time_s)
        near = [index for index in (right - 1, right) if 0 <= index < len(self._centres)]
        return min(near, key=lambda index: abs(self._centres[index] - time_s))

    def paint(self, picture: np.ndarray, time_s: float) -> np.ndarray:
        """A copy of a picture (H, W, 3), uint8, with what is said about its time in seconds."""
        painted = np.array(picture)
        margin = self._text // 2
        panel = self._panel(self.window_at(time_s))
        bottom = self._height - self._strip_height
        _blend(painted, panel, max(0, bottom - margin - panel.shape[0]), margin)
        painted[bottom:] = self._strip
        cursor = int(min(time_s / max(self._prediction.duration_s, 1e-9), 1.0) * (self._width - 1))
        half = max(1, self._text // 12)
        painted[bottom - half :, max(0, cursor - half) : cursor + half + 1] = 255
        return painted

    def _draw_strip(self) -> np.ndarray:
        strip = np.full((self._strip_height, self._width, 3), 90, np.uint8)
        scale = self._width / max(self._prediction.duration_s, 1e-9)
        for segment in self._segments:
            strip[:, int(segment.start_s * scale) : max(int(segment.end_s * scale), 1)] = self._colours[
                segment.category
            ]
        return strip

    def _draw_panel(self, number: int) -> np.ndarray:
        window = self._prediction.windows[number]
        rows = self._prediction.top(self._top, window)
        pad, line = self._text // 2, round(self._text * 1.45)
        most = self._width - 4 * pad
        bar = min(self._text * 5, most // 3)
        figure = round(self._font.getlength("100 %"))
        name_space = max(most - bar - figure - 2 * pad, self._text * 3)
        names = [self._shortened(name, name_space) for name, _ in rows]
        wide = max(round(self._font.getlength(name)) for name in names)
        notice = "random weights: the scores mean nothing" if self._prediction.weights == "random" else ""
        head = self._shortened(notice or f"{seconds(window.start_s)} to {seconds(window.end_s)} s", most)
        inner = max(wide + pad + bar + pad + figure, round(self._font.getlength(head)))
        image = Image.new("RGBA", (inner + 2 * pad, line * (len(rows) + 1) + pad), _SHADE)
        canvas = ImageDraw.Draw(image)
        canvas.text((pad, pad // 2), head, font=self._font, fill=(200, 205, 215, 255))
        for index, (name, (full, score)) in enumerate(zip(names, rows, strict=True), start=1):
            y = pad // 2 + line * index
            canvas.text((pad, y), name, font=self._font, fill=_INK)
            left = pad + wide + pad
            box = (left, y + self._text // 4, left + bar, y + self._text)
            canvas.rectangle(box, outline=(150, 155, 165, 255))
            colour = (*self._colours.get(full, (170, 175, 185)), 255)
            canvas.rectangle((box[0], box[1], box[0] + round(bar * min(max(score, 0.0), 1.0)), box[3]), fill=colour)
            canvas.text((left + bar + pad, y), percent(score), font=self._font, fill=_INK)
        return np.asarray(image)

    def _shortened(self, text: str, space: int) -> str:
        if self._font.getlength(text) <= space:
            return text
        while text and self._font.getlength(f"{text}…") > space:
            text = text[:-1]
        return f"{text}…"


def _blend(picture: np.ndarray, panel: np.ndarray, top: int, left: int) -> None:
    """Lay an RGBA panel over a picture, in place; what lies outside is cut off."""
    target = picture[top : top + panel.shape[0], left : left + panel.shape[1]]
    cut = panel[: target.shape[0], : target.shape[1]].astype(np.uint16)
    alpha = cut[..., 3:]
    target[:] = (cut[..., :3] * alpha + target * (255 - alpha) + 127) // 255
