"""How fast ``ptv predict`` is against its two halves: decoding alone, and the model alone on ready batches.

    python tests/benchmarks/bench_predict.py --seconds 600 --rounds 5

It writes x264 videos with keyframes every 250 frames, by the ffmpeg binary where there is one, else by PyAV; long ones
repeat the packets of a short one. The three are measured in turn in each round, all with as many threads; what is
printed are medians over the rounds. Memory is the peak of a process of its own that predicts once, above what it has
after its imports.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch
from torch import nn

from ptv_train.clip_recipe import ClipRecipe
from ptv_train.prediction.predictor import Predictor, windows
from ptv_video import PyAVVideo
from ptv_video.decoders.picture_stream import PictureStream

SIZES = {"640x480": (640, 480), "1920x1080": (1920, 1080)}
FPS = 30
CLIP_SECONDS = 32 / 15
PIXELS = 64
#: Seconds that are encoded; longer videos repeat them.
PART_SECONDS = 20


def transform(pixels: int) -> str:
    from ptv_cards.clip_input import ClipInput

    return ClipInput(8, 8, side=pixels, crop=pixels).transform


def network(width: int) -> nn.Module:
    """A small network, whose cost ``width`` sets."""
    torch.manual_seed(0)
    layers: list[nn.Module] = [nn.Conv3d(3, width, (1, 7, 7), (1, 2, 2), (0, 3, 3)), nn.ReLU()]
    for _ in range(4):
        layers += [nn.Conv3d(width, width, 3, 1, 1), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(width, 10)).eval()


def write(path: Path, size: tuple[int, int], seconds: int) -> None:
    """Writes a moving test picture with some noise: a part of it, again and again."""
    part = path.with_name(f"part_{path.name}")
    encode(part, size, min(seconds, PART_SECONDS))
    with av.open(str(part)) as source, av.open(str(path), "w") as target:
        template = source.streams.video[0]
        stream = target.add_stream_from_template(template)
        packets = [packet for packet in source.demux(template) if packet.size]
        length = packets[0].duration * len(packets)
        for repeat in range(seconds // min(seconds, PART_SECONDS)):
            for packet in packets:
                copied = av.Packet(bytes(packet))
                copied.pts, copied.dts = packet.pts + repeat * length, packet.dts + repeat * length
                copied.duration, copied.time_base = packet.duration, packet.time_base
                copied.is_keyframe, copied.stream = packet.is_keyframe, stream
                target.mux(copied)


def encode(path: Path, size: tuple[int, int], seconds: int) -> None:
    width, height = size
    if shutil.which("ffmpeg"):
        source = f"testsrc2=size={width}x{height}:rate={FPS}:duration={seconds},noise=alls=8:allf=t"
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "veryfast"]
        subprocess.run(
            [*command, "-pix_fmt", "yuv420p", "-g", "250", "-keyint_min", "250", "-y", str(path)], check=True
        )
        return
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 24, (height, width, 3), np.uint8) for _ in range(8)]
    base = (np.add.outer(np.arange(height), np.arange(width)) % 224).astype(np.uint8)[..., None]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=FPS, options={"preset": "veryfast", "g": "250", "keyint_min": "250"}
        )
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", 250
        for number in range(seconds * FPS):
            image = np.roll(base, 3 * number, 1) + noise[number % len(noise)]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")))
        container.mux(stream.encode(None))


def decode(path: Path) -> int:
    """Decodes all frames, as fast as FFmpeg can with as many threads as prediction has."""
    with PyAVVideo(str(path), decode_audio=False) as video:
        return sum(1 for _ in video._stream.frames(None))


class Counting:
    """Counts the frames that come out of the decoder."""

    def __enter__(self) -> Counting:
        self.frames, self._original = 0, PictureStream._decoded

        def counting(stream: PictureStream, packets: Any) -> Any:
            for frame in self._original(stream, packets):
                self.frames += 1
                yield frame

        PictureStream._decoded = counting  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        PictureStream._decoded = self._original  # type: ignore[method-assign]


def timed(function: Any) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def alone(path: Path, pixels: int, width: int, stride: float | None) -> dict[str, float]:
    """A process that predicts once: its MiB above the imports, and the frames that it decodes."""
    arguments = [str(path), str(pixels), str(width), str(stride or 0)]
    done = subprocess.run([sys.executable, __file__, "--child", *arguments], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def child(path: str, pixels: str, width: str, stride: str) -> None:
    before = _memory("VmRSS")
    with Counting() as counter:
        predictor(int(pixels), int(width)).predict(path, stride_s=float(stride) or None)
    sys.stdout.write(json.dumps({"mib": _memory("VmHWM") - before, "decoded": counter.frames}))


def _memory(name: str) -> float:
    """MiB of this process; the peak that ``getrusage`` knows may be that of the process which started this one."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def predictor(pixels: int, width: int) -> Predictor:
    return Predictor(network(width), ClipRecipe(CLIP_SECONDS, transform(pixels)), scores="logits")


def measure(path: Path, pixels: int, width: int, rounds: int) -> dict[str, float]:
    ours = predictor(pixels, width)
    with PyAVVideo(str(path), decode_audio=False) as video:
        count = len(list(windows(video.duration, CLIP_SECONDS)))
    sizes = [min(8, count - start) for start in range(0, count, 8)]
    ready = torch.rand(8, 3, 8, pixels, pixels)

    @torch.inference_mode()
    def model_alone() -> None:
        for size in sizes:
            ours.model(ready[:size])

    frames = 0

    def decode_all() -> None:
        nonlocal frames
        frames = decode(path)

    times: dict[str, list[float]] = {"decoding": [], "model": [], "prediction": []}
    for _ in range(rounds):
        times["decoding"].append(timed(decode_all))
        times["model"].append(timed(model_alone))
        times["prediction"].append(timed(lambda: ours.predict(path)))
    found: dict[str, float] = {name: statistics.median(values) for name, values in times.items()}
    found["ratio"] = found["prediction"] / max(found["decoding"], found["model"])
    found["frames"] = frames
    for name, stride in (("", None), ("_overlapping", CLIP_SECONDS / 2)):
        found |= {f"{key}{name}": value for key, value in alone(path, pixels, width, stride).items()}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES))
    parser.add_argument("--pixels", type=int, default=PIXELS, help="side of the model's clips")
    parser.add_argument("--width", type=int, default=16, help="channels of the model")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in options.sizes:
            path = Path(folder) / f"{name}.mp4"
            write(path, SIZES[name], options.seconds)
            found = measure(path, options.pixels, options.width, options.rounds)
            sys.stdout.write(
                f"{name}, {options.seconds} s, torch threads {torch.get_num_threads()}: "
                f"decoding {found['decoding']:.2f} s, model {found['model']:.2f} s, "
                f"prediction {found['prediction']:.2f} s, ratio {found['ratio']:.3f}; "
                f"frames {found['frames']:.0f}, decoded {found['decoded']:.0f}, with 50 % overlap "
                f"{found['decoded_overlapping']:.0f}; peak above import {found['mib']:.0f} MiB, "
                f"with overlap {found['mib_overlapping']:.0f} MiB\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main()
