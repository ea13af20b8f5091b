import pytest
import torch

from ptv_video import write_video


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def videos(tmp_path_factory):
    """Six videos of 2 seconds at 10 frames per second; video n has pictures of the level 20 * n, and no sound."""
    folder = tmp_path_factory.mktemp("videos")
    paths = [folder / f"video {number}.mp4" for number in range(6)]
    for number, path in enumerate(paths):
        write_video(path, torch.full((3, 20, 48, 64), 20 * number, dtype=torch.uint8), fps=10)
    return paths


@pytest.fixture(scope="session")
def labeled(videos):
    return [(str(path), {"label": number % 3}) for number, path in enumerate(videos)]


@pytest.fixture
def train_csv(videos, tmp_path):
    path = tmp_path / "train.csv"
    path.write_text("".join(f"{video.name} {number % 3}\n" for number, video in enumerate(videos)))
    return path
