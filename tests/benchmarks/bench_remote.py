"""How much of a long file one clip fetches, over http and from an S3 server on this machine.

Run as ``python tests/benchmarks/bench_remote.py [--size BYTES] [--folder FOLDER] [--seconds SECONDS]``; a file of 1 GB by
default. Needs ``moto[server]`` and ``s3fs``.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2]))

from ptv_torchcodec import TorchCodecVideo
from ptv_video import PyAVVideo, Video
from tests.support.long_files import write_long_video
from tests.support.servers import CountingProxy, file_server


def measure(name: str, path: Path, uri: str, seconds: float, sent: Callable[[], int]) -> None:
    """Prints the share of the file that one clip, and each of four further ones, fetches."""
    with PyAVVideo(path) as local:
        length = float(local.duration)
        for label, decoder in (("pyav", PyAVVideo), ("torchcodec", TorchCodecVideo)):
            before, began = sent(), time.perf_counter()
            video: Video
            with decoder(uri) as video:
                shares = []
                for part in (0.5, 0.1, 0.9, 0.3, 0.7):
                    start = length * part
                    clip = video.get_clip(start, start + seconds)["video"]
                    assert torch.equal(clip, local.get_clip(start, start + seconds)["video"])
                    shares.append((sent() - before) / path.stat().st_size)
                    if len(shares) == 1:
                        first = time.perf_counter() - began
            print(
                f"{name:<6} {path.suffix:<5} {label:<11} one clip {shares[0]:7.3%} in {first:5.2f} s, five clips {shares[-1]:7.3%}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000_000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        os.environ["PTV_CACHE"] = str(Path(folder) / "cache")
        for ending in ("mp4", "mkv"):
            path = Path(folder) / f"long.{ending}"
            write_long_video(path, arguments.size)
            print(f"{path.name}: {path.stat().st_size:,} bytes")
            with file_server() as server:
                server.body = path.read_bytes()
                measure("http", path, server.address(path.name), arguments.seconds, lambda: server.sent)
                server.body = b""
            over_s3(path, arguments.seconds)
            path.unlink()


def over_s3(path: Path, seconds: float) -> None:
    """As :func:`measure`, from a bucket."""
    import boto3
    import s3fs
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    proxy = CountingProxy(server.get_host_and_port()[1])
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    s3fs.S3FileSystem.clear_instance_cache()  # it remembers another server
    client = boto3.client("s3")
    client.create_bucket(Bucket="films")
    client.upload_file(str(path), "films", path.name)
    measure("s3", path, f"s3://films/{path.name}", seconds, lambda: proxy.sent)
    client.delete_object(Bucket="films", Key=path.name)
    client.delete_bucket(Bucket="films")
    proxy.close()
    server.stop()


if __name__ == "__main__":
    main()
