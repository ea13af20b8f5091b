"""Fixed sine and cosine encodings of places on a line, a plane and in a clip, as arrays of numpy.

He et al.: "Masked Autoencoders Are Scalable Vision Learners", https://arxiv.org/abs/2111.06377
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ptv_registry.errors import ArgumentError

Array = np.ndarray[Any, Any]

_LONGEST_WAVE: Final = 10000.0


def get_1d_sincos_pos_embed_from_grid(embed_dim: int, pos: Array) -> Array:
    """Encode M places on a line.

    Args:
        embed_dim: length of an encoding, even: as many sines, then as many cosines.
        pos: the places, of any shape with M elements.

    Returns:
        (M, embed_dim).

    Raises:
        ArgumentError: the length is odd.
    """
    _divisible(embed_dim, 2)
    frequencies = _LONGEST_WAVE ** -(np.arange(embed_dim // 2, dtype=float) / (embed_dim / 2))
    angles = np.outer(np.asarray(pos).reshape(-1), frequencies)
    return np.concatenate((np.sin(angles), np.cos(angles)), axis=1)


def get_2d_sincos_pos_embed_from_grid(embed_dim: int, grid: Array) -> Array:
    """Encode M places on a plane: half of the channels for each coordinate.

    Args:
        embed_dim: length of an encoding, a multiple of 4.
        grid: (2, ...), both coordinates of M places.

    Returns:
        (M, embed_dim).

    Raises:
        ArgumentError: the length is not a multiple of 4.
    """
    _divisible(embed_dim, 4)
    return np.concatenate([get_1d_sincos_pos_embed_from_grid(embed_dim // 2, axis) for axis in grid[:2]], axis=1)


def get_2d_sincos_pos_embed(embed_dim: int, grid_size: int, cls_token: bool = False) -> Array:
    """Encode the patches of a square image, row by row; the first half of the channels is that of the column.

    Args:
        embed_dim: length of an encoding, a multiple of 4.
        grid_size: patches on a side.
        cls_token: put zeros for a class token before the patches.

    Returns:
        (grid_size * grid_size, embed_dim), with a class token one row more.

    Raises:
        ArgumentError: the length is not a multiple of 4.
    """
    side = np.arange(grid_size, dtype=np.float32)
    patches = get_2d_sincos_pos_embed_from_grid(embed_dim, np.stack(np.meshgrid(side, side)))
    return _with_cls(patches, cls_token)


def get_3d_sincos_pos_embed(embed_dim: int, grid_size: int, t_size: int, cls_token: bool = False) -> Array:
    """Encode the patches of a clip, time slowest: a quarter of the channels for time, the others for the plane.

    Args:
        embed_dim: length of an encoding, a multiple of 16.
        grid_size: patches on a side.
        t_size: patches along time.
        cls_token: put zeros for a class token before the patches.

    Returns:
        (t_size * grid_size * grid_size, embed_dim), with a class token one row more.

    Raises:
        ArgumentError: the length is not a multiple of 16.
    """
    _divisible(embed_dim, 16)
    plane = get_2d_sincos_pos_embed(embed_dim // 4 * 3, grid_size)
    times = get_1d_sincos_pos_embed_from_grid(embed_dim // 4, np.arange(t_size, dtype=np.float32))
    patches = np.concatenate((np.repeat(times, len(plane), axis=0), np.tile(plane, (t_size, 1))), axis=1)
    return _with_cls(patches, cls_token)


def _with_cls(patches: Array, cls_token: bool) -> Array:
    return np.concatenate((np.zeros((1, patches.shape[1])), patches)) if cls_token else patches


def _divisible(embed_dim: int, by: int) -> None:
    if embed_dim <= 0 or embed_dim % by:
        msg = f"embed_dim={embed_dim} must be a positive multiple of {by}"
        raise ArgumentError(msg, argument="embed_dim", value=embed_dim)
