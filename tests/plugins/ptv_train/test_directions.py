"""The demo's videos: only the direction tells the classes apart."""

from __future__ import annotations

import numpy as np
import torch

from ptv_train.demo import directions


def test_a_single_frame_does_not_depend_on_the_class() -> None:
    middle = directions.FRAMES // 2
    frames = [directions.render(np.random.default_rng(7), [label])[:, middle] for label in range(8)]

    assert all(torch.equal(frames[0], frame) for frame in frames)


def test_the_classes_differ_in_where_things_go() -> None:
    after = directions.FRAMES // 2 + 5
    frames = [directions.render(np.random.default_rng(7), [label])[:, after] for label in range(8)]

    assert all(not torch.equal(frames[i], frames[j]) for i in range(8) for j in range(i))


def test_sets_with_different_seeds_share_no_video() -> None:
    first, second = (directions.render(np.random.default_rng((seed, 0, 0)), [0], frames=2) for seed in (1, 2))

    assert not torch.equal(first, second)


def test_a_video_may_change_its_direction() -> None:
    frames = directions.render(np.random.default_rng(3), [0, 2], frames=4)

    assert (3, 8, directions.SIDE, directions.SIDE) == tuple(frames.shape)
