"""One side of :mod:`bench_reading`: started by it in the side's own environment, reads a video when told to.

Each line of standard input is a request (JSON); each line of standard output its answer: CPU seconds of one pass over
the clips of the video, the peak memory of the pass, and the memory before the first one. Runs with the original's environment too, so it
imports nothing of this repository but what the side itself uses.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch

CLIP_SECONDS = 2
CLIPS = 4
FRAMES = 8
MEAN, STD = [0.45] * 3, [0.225] * 3


def documented_steps(transforms, division):
    """The steps of the documentation's Kinetics pipeline, with its random ones made fixed; the same on both sides."""
    from torchvision.transforms import CenterCrop, Lambda

    return [
        transforms.UniformTemporalSubsample(FRAMES),
        Lambda(division) if sys.argv[2] == "lambda" else transforms.Div255(),
        transforms.Normalize(MEAN, STD),
        transforms.ShortSideScale(256),
        CenterCrop(224),
    ]


def original():
    import warnings

    warnings.filterwarnings("ignore")
    from torchvision.transforms import _functional_tensor

    # torchvision removed the private module that the original imports; this is the same module under its present name.
    sys.modules["torchvision.transforms.functional_tensor"] = _functional_tensor
    from pytorchvideo import transforms
    from pytorchvideo.data import LabeledVideoDataset, make_clip_sampler

    return _from_dataset(LabeledVideoDataset, make_clip_sampler, transforms)


def ours():
    import ptv_transforms as transforms
    from ptv_datasets import LabeledVideoDataset
    from ptv_video.samplers.factory import make_clip_sampler

    return _from_dataset(LabeledVideoDataset, make_clip_sampler, transforms)


def _from_dataset(dataset, make_clip_sampler, transforms):
    from torch.utils.data import SequentialSampler
    from torchvision.transforms import Compose

    steps = Compose(documented_steps(transforms, lambda x: x / 255.0))

    def clips(path):
        data = dataset(
            [(path, {"label": 0})],
            make_clip_sampler("constant_clips_per_video", CLIP_SECONDS, CLIPS),
            SequentialSampler,
            transforms.ApplyTransformToKey("video", steps),
            decode_audio=False,
            decoder="pyav",
        )
        return (sample["video"] for sample in data)

    return clips


def torchcodec():
    """TorchCodec as one would use it by hand: one decoder, one sorted request for all frames, the same arithmetic."""
    from torchcodec.decoders import VideoDecoder

    def clips(path):
        decoder = VideoDecoder(path, num_ffmpeg_threads=1)
        metadata = decoder.metadata
        wanted = [index for clip in _wanted(metadata.num_frames, metadata.average_fps) for index in clip]
        frames = decoder.get_frames_at(indices=sorted(wanted)).data
        return (_transformed(frames[first : first + FRAMES]) for first in range(0, CLIPS * FRAMES, FRAMES))

    return clips


def _wanted(num_frames, rate):
    rate = round(rate)
    span = CLIP_SECONDS * rate
    for number in range(CLIPS):
        first = -(-(num_frames - span) * number // CLIPS)
        yield [first + (span - 1) * step // (FRAMES - 1) for step in range(FRAMES)]


def _transformed(frames):
    from torchvision.transforms.functional import center_crop

    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    height, width = frames.shape[-2:]
    size = (256, int(width * 256 / height)) if height <= width else (int(height * 256 / width), 256)
    made = []
    for frame in frames:  # one after the other, which is faster than all at once: floats of full size are large
        x = (frame / 255.0 - mean) / std
        x = torch.nn.functional.interpolate(x[None], size=size, mode="bilinear", align_corners=False)
        made.append(center_crop(x, [224, 224]))
    return torch.cat(made).transpose(0, 1)


def decoding():
    """The floor: every frame of the video is decoded once, and nothing is converted."""
    import av

    def clips(path):
        with av.open(path) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            for _ in container.decode(stream):
                pass
        return ()

    return clips


def main():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    side = {"original": original, "ours": ours, "torchcodec": torchcodec, "decoding": decoding}[sys.argv[1]]()
    idle = 0.0
    for line in sys.stdin:
        request = json.loads(line)
        idle = idle or memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
        before = time.process_time()
        clips = []
        for clip in side(request["path"]):
            if request["keep"]:
                clips.append(clip.numpy())
        seconds = time.process_time() - before
        if clips:
            np.save(request["keep"], np.stack(clips))
        print(json.dumps({"seconds": seconds, "peak": memory("VmHWM"), "idle": idle}), flush=True)


def memory(field):
    """MiB of this process: VmRSS now, VmHWM at its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


if __name__ == "__main__":
    main()
