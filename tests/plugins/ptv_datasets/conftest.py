from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import torch


def write_video(path, seconds=1.0, rate=10, size=(48, 64), sound=False, level=0, sound_seconds=None):
    """A small encoded video whose frames get brighter one by one; with a tone if asked for, by default as long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        stream.gop_size = 5
        audio = container.add_stream("aac", rate=16000, layout="mono") if sound else None
        for number in range(round(seconds * rate)):
            picture = np.full((*size, 3), (level + 5 * number) % 256, np.uint8)
            picture[:8, : 8 + number] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
        if audio is not None:
            wave = 0.5 * np.sin(np.arange(round((sound_seconds or seconds) * 16000)) * 2 * np.pi * 440 / 16000)
            frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None], format="fltp", layout="mono")
            frame.sample_rate = 16000
            container.mux(audio.encode(frame))
            container.mux(audio.encode())
    return path


@pytest.fixture(scope="session")
def videos(tmp_path_factory):
    """Six videos of 1 to 2 seconds at 10 frames per second, 9 whole seconds in all; the first has sound."""
    folder = tmp_path_factory.mktemp("videos")
    seconds = [1.0, 2.0, 1.5, 2.0, 1.0, 2.0]
    return [
        write_video(folder / f"video {number}.mp4", length, level=20 * number, sound=number == 0)
        for number, length in enumerate(seconds)
    ]


@pytest.fixture(scope="session")
def labeled(videos):
    return [(str(path), {"label": number % 3}) for number, path in enumerate(videos)]


@pytest.fixture(scope="session")
def broken(tmp_path_factory, videos):
    """Ten files that are not videos."""
    folder = tmp_path_factory.mktemp("broken")
    whole = videos[0].read_bytes()
    paths = []
    for number in range(10):
        path = folder / f"broken {number}.mp4"
        path.write_bytes(whole[: 40 * number] if number % 2 else bytes(1000 * number))
        paths.append(path)
    return paths


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def make_video():
    return write_video


@pytest.fixture(scope="session")
def frame_folder(tmp_path_factory):
    """Twenty images of growing brightness."""
    from PIL import Image

    folder: Path = tmp_path_factory.mktemp("frames") / "wave v1.0"
    folder.mkdir()
    for number in range(20):
        Image.fromarray(np.full((24, 32, 3), 10 * number, np.uint8)).save(folder / f"img_{number}.png")
    return folder
