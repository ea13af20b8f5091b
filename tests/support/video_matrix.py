"""The matrix of video files that both decoders must read as ffmpeg does, and how that is compared."""

from __future__ import annotations

import json
import random
import struct
import subprocess
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

SOURCE = "-f lavfi -i testsrc2=r=25:s=64x48:d=1"
_LATE = 0.0021  # seconds; Matroska and FLV have milliseconds
X264 = "-c:v libx264 -pix_fmt yuv420p -preset ultrafast"
B_FRAMES = "-c:v libx264 -pix_fmt yuv420p -preset veryfast -bf 2 -g 12"


class Case(NamedTuple):
    """A file of the matrix.

    Attributes:
        name: of the file.
        group: what it is an example of.
        arguments: what ffmpeg makes it with.
        inputs: the inputs of ffmpeg.
        made: what becomes of the bytes, ``None`` for nothing.
        whole: whether it is to be read; otherwise an error that names it is right.
        difference: how far, of 255, the mean of a frame may be from ffmpeg's. The conversion to RGB of more than 8 bits and of
            interlaced pictures is another in other versions of FFmpeg.
    """

    name: str
    group: str
    arguments: str
    inputs: str = SOURCE
    made: Callable[[bytes], bytes] | None = None
    whole: bool = True
    difference: float = 1


_OTHER_RGB = {"h264_10bit.mp4", "hevc_10bit.mp4", "hevc_12bit.mkv", "av1_10bit.mkv", "interlaced.mpg", "interlaced.mp4"}


def _codecs() -> list[Case]:
    vp = "-deadline realtime -cpu-used 8"
    rows = {
        "h264": (X264, "mp4 mkv mov ts flv avi m4v 3gp h264 nut"),
        "h264_b": (B_FRAMES, "mp4 mkv ts flv avi h264"),
        "hevc": ("-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=1", "mp4 mkv ts hevc"),
        "av1": ("-c:v libaom-av1 -cpu-used 8 -usage realtime -row-mt 0", "mp4 mkv webm ivf"),
        "vp8": (f"-c:v libvpx {vp}", "webm mkv ivf"),
        "vp9": (f"-c:v libvpx-vp9 {vp}", "webm mkv mp4 ivf"),
        "mpeg4": ("-c:v mpeg4 -q:v 3", "mp4 avi mkv mov m4v"),
        "mpeg4_b": ("-c:v mpeg4 -q:v 3 -bf 2", "mp4 mkv avi"),
        "xvid": ("-c:v libxvid -q:v 3", "avi mp4"),
        "xvid_b": ("-c:v libxvid -q:v 3 -bf 2", "avi"),
        "mpeg2": ("-c:v mpeg2video -q:v 3 -bf 2", "mpg ts mkv vob"),
        "mpeg1": ("-c:v mpeg1video -q:v 3", "mpg"),
        "mjpeg": ("-c:v mjpeg -pix_fmt yuvj420p -q:v 3", "avi mov mkv"),
        "prores": ("-c:v prores_ks", "mov mkv"),
        "dnxhr": ("-c:v dnxhd -profile:v dnxhr_lb -s 256x128", "mov"),
        "gif": ("", "gif"),
        "apng": ("-plays 0", "apng"),
        "theora": ("-c:v libtheora -q:v 6", "ogv"),
        "wmv2": ("-c:v wmv2 -q:v 3", "wmv asf"),
        "msmpeg4": ("-c:v msmpeg4 -q:v 3", "avi"),
        "flv1": ("-c:v flv -q:v 3", "flv"),
        "h263": ("-c:v h263 -s 128x96 -q:v 3", "3gp"),
        "ffv1": ("-c:v ffv1", "mkv avi"),
        "huffyuv": ("-c:v huffyuv", "avi"),
        "utvideo": ("-c:v utvideo", "avi"),
        "png": ("-c:v png", "mov"),
        "qtrle": ("-c:v qtrle", "mov"),
        "jpeg2000": ("-c:v jpeg2000", "mov"),
        "raw": ("-c:v rawvideo -pix_fmt yuv420p", "avi"),
        "y4m": ("-pix_fmt yuv420p", "y4m"),
    }
    return [
        Case(f"{codec}.{container}", "codecs and containers", arguments)
        for codec, (arguments, containers) in rows.items()
        for container in containers.split()
    ]


def _pixels() -> list[Case]:
    x265 = "-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=1"
    vp9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"
    rows = {
        "h264_422.mp4": f"{X264} -pix_fmt yuv422p",
        "h264_444.mkv": f"{X264} -pix_fmt yuv444p",
        "h264_10bit.mp4": f"{X264} -pix_fmt yuv420p10le",
        "h264_full_range.mp4": f"{X264} -pix_fmt yuvj420p",
        "h264_bt709.mp4": f"{X264} -vf scale=out_color_matrix=bt709 -colorspace bt709",
        "hevc_10bit.mp4": f"{x265} -pix_fmt yuv420p10le",
        "hevc_12bit.mkv": f"{x265} -pix_fmt yuv420p12le",
        "hevc_444_10bit.mp4": f"{x265} -pix_fmt yuv444p10le",
        "vp9_alpha.webm": f"{vp9} -pix_fmt yuva420p -auto-alt-ref 0",
        "vp9_444.webm": f"{vp9} -pix_fmt yuv444p",
        "av1_10bit.mkv": "-c:v libaom-av1 -cpu-used 8 -usage realtime -row-mt 0 -pix_fmt yuv420p10le",
        "prores_4444.mov": "-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le",
        "prores_422.mov": "-c:v prores_ks -profile:v 3",
        "ffv1_gray.mkv": "-c:v ffv1 -pix_fmt gray",
        "ffv1_rgb.mkv": "-c:v ffv1 -pix_fmt bgr0",
        "mjpeg_gray.avi": "-c:v mjpeg -pix_fmt gray -strict unofficial",
        "mjpeg_444.avi": "-c:v mjpeg -pix_fmt yuvj444p",
        "png_alpha.mov": "-c:v png -pix_fmt rgba",
        "raw_rgb.avi": "-c:v rawvideo -pix_fmt bgr24",
    }
    return [Case(name, "pixel formats", arguments) for name, arguments in rows.items()]


def _time_lines() -> list[Case]:
    vfr = "-vf select='not(mod(n,3))+not(mod(n,7))' -fps_mode vfr"
    gap = "-vf select='lt(n,8)+gt(n,17)' -fps_mode vfr"
    rows = {
        "fps_23976.mp4": f"-r 24000/1001 {B_FRAMES}",
        "fps_2997.mkv": f"-r 30000/1001 {B_FRAMES}",
        "fps_5994.ts": f"-r 60000/1001 {B_FRAMES}",
        "fps_1.mp4": f"-r 1 {X264}",
        "vfr.mp4": f"{vfr} {B_FRAMES}",
        "vfr.mkv": f"{vfr} {B_FRAMES}",
        "vfr.ts": f"{vfr} {B_FRAMES}",
        "gap.mp4": f"{gap} {X264}",
        "gap.mkv": f"{gap} {X264}",
        "offset.mp4": f"{B_FRAMES} -output_ts_offset 10",
        "offset.mkv": f"{B_FRAMES} -output_ts_offset 10",
        "offset.ts": f"{B_FRAMES} -output_ts_offset 1000",
        "offset.flv": f"{X264} -output_ts_offset 10",
        "negative.mkv": f"{X264} -output_ts_offset -0.4 -avoid_negative_ts disabled",
        "negative.mov": f"{B_FRAMES} -output_ts_offset -0.4 -avoid_negative_ts disabled",
        "no_edit_list.mp4": f"{B_FRAMES} -use_editlist 0",
        "open_gop.mp4": "-c:v libx264 -pix_fmt yuv420p -x264-params open-gop=1:keyint=8:bframes=3:b-adapt=0",
        "open_gop.ts": "-c:v libx264 -pix_fmt yuv420p -x264-params open-gop=1:keyint=8:bframes=3:b-adapt=0",
        "pyramid.mkv": "-c:v libx264 -pix_fmt yuv420p -bf 5 -b_strategy 0 -x264-params b-pyramid=normal",
        "one_key_frame.mp4": "-c:v libx264 -pix_fmt yuv420p -g 999",
        "intra_refresh.mp4": "-c:v libx264 -pix_fmt yuv420p -x264-params intra-refresh=1:keyint=8:bframes=0",
        "intra_only.mp4": f"{X264} -g 1",
        "fragmented.mp4": f"{B_FRAMES} -movflags frag_keyframe+empty_moov",
        "fast_start.mp4": f"{B_FRAMES} -movflags faststart",
        "live.mkv": f"{B_FRAMES} -live 1",
        "live.webm": "-c:v libvpx -deadline realtime -cpu-used 8 -live 1",
        "packed.avi": "-c:v libxvid -bf 2 -mpeg_quant 0 -g 12 -q:v 3",
        "one_frame.mp4": f"{X264} -frames:v 1",
    }
    found = [Case(name, "time lines", arguments) for name, arguments in rows.items()]
    held = "-f lavfi -i testsrc2=r=.5:s=64x48:d=8"
    found += [Case(f"held.{end}", "time lines", X264, held) for end in ("mp4", "mkv")]
    found += [
        Case("twice.ts", "time lines", B_FRAMES, made=lambda content: content * 2),
        Case("twice.mpg", "time lines", "-c:v mpeg2video -bf 2 -q:v 3", made=lambda content: content * 2),
        Case("edit_list.mp4", "time lines", "-c copy", "-ss 0.5 -i {one_key_frame.mp4}"),
        Case("edit_list.mov", "time lines", "-c copy", "-ss 0.5 -i {h264_b.mp4}"),
    ]
    return found


def _pictures() -> list[Case]:
    turned = [
        Case(f"turned_{turn}.{end}", "geometry", "-c copy", "-i {h264_b.mp4}", partial(_with_matrix, turn))
        for turn in ("90", "180", "270", "mirrored")
        for end in ("mp4", "mov")
    ]
    rows = {
        "odd_size.mkv": "-c:v ffv1 -pix_fmt yuv444p -s 63x47",
        "tiny.mp4": f"{X264} -s 16x16",
        "wide_pixels.mp4": f"{X264} -aspect 16:9",
        "tall_pixels.mkv": f"{X264} -aspect 1:1",
        "interlaced.mpg": "-c:v mpeg2video -flags +ildct+ilme -q:v 3",
        "interlaced.mp4": f"{X264} -flags +ildct+ilme",
    }
    return [*turned, *(Case(name, "geometry", arguments) for name, arguments in rows.items())]


def _with_matrix(turn: str, content: bytes) -> bytes:
    """An mp4 whose first track has another display matrix."""
    sides = {"90": (0, 1, -1, 0), "180": (-1, 0, 0, -1), "270": (0, -1, 1, 0), "mirrored": (-1, 0, 0, 1)}[turn]
    one = 1 << 16
    a, b, c, d = (side * one for side in sides)
    start = content.index(b"tkhd") + 44
    return content[:start] + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30) + content[start + 36 :]


def _streams() -> list[Case]:
    two = f"{SOURCE} -f lavfi -i testsrc=r=20:s=32x32:d=1"
    sound = f"{SOURCE} -f lavfi -i sine=d=3"
    marks = "-map 0 -map 1 -disposition:v:0 0 -disposition:v:1 default"
    cover = "-map 0 -map 1 -c:v:0 copy -c:v:1 mjpeg -frames:v:1 1 -disposition:v:1 attached_pic"
    picture = "-i {h264_b.mp4} -f lavfi -i testsrc=s=200x200:d=0.04"
    return [
        Case("second_is_default.mkv", "streams", f"{marks} {X264}", two),
        Case("second_is_default.mp4", "streams", f"{marks} {X264}", two),
        Case("two_programs.ts", "streams", f"-map 0 -map 1 {X264}", two),
        Case("with_sound.mp4", "streams", f"{X264} -c:a aac", sound),
        Case("with_sound.mkv", "streams", f"{X264} -c:a pcm_s16le", sound),
        Case("sound_first.mkv", "streams", f"-map 1 -map 0 {X264} -c:a pcm_s16le", sound),
        Case("with_sound.ts", "streams", f"{B_FRAMES} -c:a mp2", sound),
        Case("cover.mp4", "streams", cover, picture),
    ]


def _damage() -> list[Case]:
    def cut(content: bytes) -> bytes:
        return content[: len(content) * 2 // 3]

    def front(content: bytes) -> bytes:
        return content[len(content) // 3 :]

    vp8 = "-c:v libvpx -deadline realtime"
    return [
        Case("cut.mov", "damage", X264, made=cut, whole=False),
        Case("cut.avi", "damage", "-c:v mpeg4 -q:v 3", made=cut, whole=False),
        Case("cut.webm", "damage", vp8, made=cut),
        Case("cut_fast_start.mp4", "damage", f"{X264} -movflags faststart", made=cut, whole=False),
        Case("headless.mp4", "damage", X264, made=front, whole=False),
        Case("empty.mp4", "damage", X264, made=lambda _: b"", whole=False),
        Case("joined_late.ts", "damage", f"{X264} -g 5", made=lambda c: c[188 * (len(c) // 188 // 3) :]),
        Case("with_junk_behind.mkv", "damage", X264, made=lambda content: content + bytes(1000)),
    ]


CASES = {
    case.name: case._replace(difference=10) if case.name in _OTHER_RGB else case
    for case in [*_codecs(), *_pixels(), *_time_lines(), *_pictures(), *_streams(), *_damage()]
}


def write(case: Case, folder: Path) -> Path:
    """The file of a case; files that it is made from are made first."""
    path = folder / case.name
    if path.exists():
        return path
    inputs = case.inputs
    for name in CASES:
        if f"{{{name}}}" in inputs:
            write(CASES[name], folder)
            inputs = inputs.replace(f"{{{name}}}", name)
    words = ["ffmpeg", "-v", "error", "-threads", "1", *inputs.split(), *case.arguments.split(), "-y", case.name]
    subprocess.run(words, cwd=folder, check=True, timeout=120)
    if case.made is not None:
        path.write_bytes(case.made(path.read_bytes()))
    return path


def reference(path: Path, stream: int) -> tuple[bytes, list[Fraction]]:
    """ffmpeg's own frames as RGB, one after the other, and their times in seconds as ffprobe has them."""
    words = ["ffmpeg", "-v", "error", "-i", str(path), "-map", f"0:{stream}", "-fps_mode", "passthrough"]
    pixels = subprocess.run(
        [*words, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], capture_output=True, check=True, timeout=120
    ).stdout
    words = [
        "ffprobe",
        "-v",
        "error",
        "-select_streams",
        str(stream),
        "-show_entries",
        "frame=best_effort_timestamp_time",
    ]
    probed = subprocess.run([*words, "-of", "json", str(path)], capture_output=True, check=True, timeout=120).stdout
    told = [frame.get("best_effort_timestamp_time", "") for frame in json.loads(probed)["frames"]]
    times = [] if "" in told else [Fraction(text) for text in told]
    return pixels, times


def chosen_stream(path: Path) -> int:
    """The stream of pictures that ffmpeg takes unless told otherwise."""
    words = ["ffmpeg", "-v", "info", "-i", str(path), "-frames:v", "1", "-an", "-f", "null", "-"]
    told = subprocess.run(words, capture_output=True, text=True, timeout=120).stderr
    mapped = next(line for line in told.split("\n") if line.strip().startswith("Stream #0:") and "->" in line)
    return int(mapped.partition("#0:")[2].split()[0])


class Comparison(NamedTuple):
    """What a decoder made of a file, compared with ffmpeg.

    Attributes:
        frames: how many frames it gave.
        expected: how many ffmpeg gives.
        difference: the largest mean difference of a frame, of 255.
        late: the largest difference of times in seconds, both counted from the first frame; 0 where ffprobe has none.
        at_random: whether frames read alone, in random order, are those of reading all.
        error: type of the error, if it gave one.
    """

    frames: int = 0
    expected: int = 0
    difference: float = 0.0
    late: float = 0.0
    at_random: bool = True
    error: str = ""

    def is_right(self, case: Case) -> bool:
        """Whether the file is read as ffmpeg reads it, or refused if it is damaged."""
        if not case.whole:
            return bool(self.error)
        near = self.difference <= case.difference and self.late < _LATE
        return not self.error and self.frames == self.expected > 0 and near and self.at_random


def compare(path: Path, decoder: Callable[..., Any], expected: tuple[bytes, list[Fraction]] | None) -> Comparison:
    """Reads a file whole and a few frames alone.

    Args:
        path: the file.
        decoder: opens it.
        expected: see :func:`reference`; ``None`` for a file that cannot be read.
    """
    from ptv_registry.errors import PtvError

    try:
        with decoder(str(path), decode_audio=False) as video:
            clip = video.get_clip(0, video.exact_duration)
            frames, times = (
                clip["video"],
                [Fraction(time).limit_denominator(10**6) for time in torch.as_tensor(clip["pts"]).tolist()],
            )
            order = random.Random(path.name).sample(range(len(times)), min(4, len(times)))
            alone = [video.get_clip(times[place], times[place] + Fraction(1, 10**6))["video"] for place in order]
    except PtvError as error:
        return Comparison(error=type(error).__name__)
    at_random = all(
        one.shape[1] == 1 and bool((one[:, 0] == frames[:, place]).all())
        for place, one in zip(order, alone, strict=True)
    )
    count = frames.shape[1]
    if expected is None:
        return Comparison(frames=count, at_random=at_random)
    pixels, probed = expected
    size = int(np.prod(frames.shape)) // max(count, 1)
    number = len(pixels) // size if len(pixels) % size == 0 else -1
    if number != count:
        return Comparison(count, number, at_random=at_random)
    theirs = np.frombuffer(pixels, np.uint8).reshape(count, *frames.shape[2:], 3).astype(np.int16)
    ours = frames.permute(1, 2, 3, 0).numpy().astype(np.int16)
    difference = float(np.abs(theirs - ours).mean((1, 2, 3)).max())
    known = len(probed) == count and probed == sorted(set(probed))
    late = (
        max(abs((ours - times[0]) - (they - probed[0])) for ours, they in zip(times, probed, strict=True))
        if known
        else 0
    )
    return Comparison(count, number, difference, float(late), at_random)


BEGIN, END = "<!-- matrix: tests/benchmarks/reading_matrix.py --write -->", "<!-- end of matrix -->"


def rows_of_table() -> dict[tuple[str, str], list[str]]:
    """The files of each row of the table, by group and label; files that differ in the container alone share a row."""
    found: dict[tuple[str, str], list[str]] = {}
    for case in CASES.values():
        found.setdefault((case.group, case.name.rpartition(".")[0]), []).append(case.name)
    labels = {key: f"{key[1]}: {', '.join(name.rpartition('.')[2] for name in names)}" for key, names in found.items()}
    return {(group, labels[group, stem]): names for (group, stem), names in found.items()}


def written_table(page: str, results: dict[str, tuple[str, str]]) -> str:
    """The page with the table of these results, of both decoders by name of the file, between its marks."""
    lines = ["", "| example of | files | `pyav` | `torchcodec` |", "|---|---|---|---|"]
    for (group, label), names in rows_of_table().items():
        cells = []
        for decoder in 0, 1:
            ends: dict[str, list[str]] = {}
            for name in names:
                ends.setdefault(results[name][decoder], []).append(name.rpartition(".")[2])
            cells.append(
                next(iter(ends))
                if len(ends) == 1
                else "; ".join(f"{', '.join(of)}: {words}" for words, of in ends.items())
            )
        lines.append(f"| {group} | {label} | {' | '.join(cells)} |")
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + "\n".join([*lines, "", ""]) + END + rest.partition(END)[2]
