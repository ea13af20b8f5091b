"""Long video files, made quickly: one group of pictures, written again and again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

FPS, GROUP = 25, 12


def write_long_video(path: Path, size: int, *, codec: str = "mpeg2video", noise: int = 60) -> None:
    """Writes a video of about ``size`` bytes, as the name's ending says; about 4 Mbit/s of noise at 320x240.

    Each group of pictures has a picture of its own brightness first, from 0 on, four shades a group, so that a reader
    can tell where it is: see :func:`group_of`.
    """
    groups = [_encode(codec, shade, noise) for shade in range(8)]
    template, _ = groups[0]
    group_bytes = sum(len(data) for _, packets in groups for data, _, _ in packets) / len(groups)
    with av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(template)
        stream.time_base = Fraction(1, FPS)
        for number in range(int(size / group_bytes)):
            for data, pts, dts in groups[number % 8][1]:
                packet = av.Packet(data)
                packet.pts, packet.dts = pts + number * GROUP, dts + number * GROUP
                packet.duration = 1
                packet.time_base = Fraction(1, FPS)
                packet.is_keyframe = pts == 0
                packet.stream = stream
                output.mux(packet)


def _encode(codec: str, shade: int, noise: int) -> tuple[av.VideoStream, list[tuple[bytes, int, int]]]:
    memory = av.open("/dev/null", "w", format="null")
    stream = memory.add_stream(codec, rate=FPS, options={"g": str(GROUP), "bf": "0", "b": "4M"})
    stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
    random = np.random.default_rng(shade)
    packets = []
    for number in range(GROUP):
        image = np.full((240, 320, 3), 20 + 28 * shade, np.int16) + random.integers(
            -noise // 3, noise // 3, (240, 320, 3)
        )
        frame = av.VideoFrame.from_ndarray(np.clip(image, 0, 255).astype(np.uint8), format="rgb24")
        frame.pts = number
        packets += stream.encode(frame)
    packets += stream.encode()
    assert isinstance(stream, av.VideoStream)
    return stream, [(bytes(p), i, i) for i, p in enumerate(packets)]
