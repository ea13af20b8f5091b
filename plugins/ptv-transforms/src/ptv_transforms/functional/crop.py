"""Cropping of clips."""

from __future__ import annotations

import math

import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms.functional.scale import resize


def check_crop(height: int, width: int, size: int) -> None:
    """Raises :class:`ArgumentError` if a square crop of ``size`` does not fit a frame."""
    if size < 1 or size > height or size > width:
        raise ArgumentError(
            f"a crop of {size}x{size} does not fit frames of {height}x{width} (height x width); scale the clip first,"
            " for instance with ShortSideScale, or crop less"
        )


def uniform_crop_offsets(height: int, width: int, size: int, spatial_idx: int) -> tuple[int, int]:
    """Gives (y, x) of the upper left corner of a square crop at one of three places along the longer side.

    Raises:
        ArgumentError: if ``spatial_idx`` is not 0, 1 or 2, or the crop does not fit.
    """
    if spatial_idx not in (0, 1, 2):
        raise ArgumentError(
            f"spatial_idx is {spatial_idx}; it must be 0 (left or top), 1 (centre), 2 (right or bottom)"
        )
    check_crop(height, width, size)
    y, x = (height - size + 1) // 2, (width - size + 1) // 2
    if height > width:
        y = (0, y, height - size)[spatial_idx]
    else:
        x = (0, x, width - size)[spatial_idx]
    return y, x


def uniform_crop(images: torch.Tensor, size: int, spatial_idx: int) -> torch.Tensor:
    """Cuts a square at one of three places along the longer side.

    Args:
        images: a clip, (C, T, H, W).
        size: side of the square in pixels.
        spatial_idx: 0, 1 or 2 for left, centre or right; for top, centre or bottom if the clip is higher than wide.

    Raises:
        ArgumentError: if ``spatial_idx`` is not 0, 1 or 2, or the crop does not fit.
    """
    y, x = uniform_crop_offsets(images.shape[-2], images.shape[-1], size, spatial_idx)
    return images[..., y : y + size, x : x + size]


def center_crop(images: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Cuts a box out of the middle of every frame, and fills with zeros what it reaches beyond: torchvision's.

    Args:
        images: a clip, (..., H, W), of any dtype.
        height: height of the box in pixels.
        width: width of the box in pixels.
    """
    missing_rows, missing_columns = max(0, height - images.shape[-2]), max(0, width - images.shape[-1])
    if missing_rows > 0 or missing_columns > 0:
        left, top = missing_columns // 2, missing_rows // 2
        padding = [left, missing_columns - left, top, missing_rows - top]
        images = torch.nn.functional.pad(images, padding)
    y, x = _half(images.shape[-2] - height), _half(images.shape[-1] - width)
    return images[..., y : y + height, x : x + width]


def _half(margin: int) -> int:
    """Half of it; an odd one's goes to the even neighbour, as Python's round() has it (and TorchScript's has not)."""
    return margin // 2 if margin % 2 == 0 else (margin + 1) // 4 * 2


def _random_box(
    height: int,
    width: int,
    scale: tuple[float, float],
    aspect_ratio: tuple[float, float],
    log_uniform_ratio: bool,
    num_tries: int,
) -> tuple[int, int, int, int]:
    for _ in range(num_tries):
        u, v = torch.rand(1).item(), torch.rand(1).item()
        area = height * width * (scale[0] + u * (scale[1] - scale[0]))
        if log_uniform_ratio:
            low, high = math.log(aspect_ratio[0]), math.log(aspect_ratio[1])
            ratio = math.exp(low + v * (high - low))
        else:
            ratio = aspect_ratio[0] + v * (aspect_ratio[1] - aspect_ratio[0])
        # TorchScript's round() gives a float.
        w, h = int(math.sqrt(area * ratio) + 0.5), int(math.sqrt(area / ratio) + 0.5)
        if 0 < w <= width and 0 < h <= height:
            y = int(torch.randint(0, height - h + 1, (1,)).item())
            x = int(torch.randint(0, width - w + 1, (1,)).item())
            return y, x, h, w
    h, w = height, width
    if width < aspect_ratio[0] * height:
        h = max(1, min(height, int(width / aspect_ratio[0] + 0.5)))
    elif width > aspect_ratio[1] * height:
        w = max(1, min(width, int(height * aspect_ratio[1] + 0.5)))
    return (height - h) // 2, (width - w) // 2, h, w


def _along_time(first: int, last: int, num_frames: int) -> list[int]:
    if num_frames == 1:
        return [first]
    return [first + (last - first) * i // (num_frames - 1) for i in range(num_frames)]


def random_resized_crop(
    frames: torch.Tensor,
    target_height: int,
    target_width: int,
    scale: tuple[float, float],
    aspect_ratio: tuple[float, float],
    shift: bool = False,
    log_uniform_ratio: bool = True,
    interpolation: str = "bilinear",
    num_tries: int = 10,
) -> torch.Tensor:
    """Cuts a box of random size and aspect ratio and resizes it ("Inception" cropping).

    Args:
        frames: a clip, (C, T, H, W).
        target_height: height of the result in pixels.
        target_width: width of the result in pixels.
        scale: range of the area of the box, as a share of the frame's area, in (0, 1].
        aspect_ratio: range of width / height of the box.
        shift: draws a second box for the last frame; the frames between get boxes between the two.
        log_uniform_ratio: draws the logarithm of the aspect ratio uniformly instead of the ratio.
        interpolation: see :func:`~ptv_transforms.functional.resize`.
        num_tries: how often a box that does not fit is drawn again; then the largest allowed central box is taken.

    Raises:
        ArgumentError: if a range or ``num_tries`` is not positive.
    """
    scale, aspect_ratio = (min(scale), max(scale)), (min(aspect_ratio), max(aspect_ratio))
    if scale[0] <= 0 or aspect_ratio[0] <= 0:
        raise ArgumentError(f"scale is {scale} and aspect_ratio {aspect_ratio}; both ranges must be positive")
    if num_tries < 1:
        raise ArgumentError(f"num_tries is {num_tries}; it must be at least 1")
    num_frames, height, width = frames.shape[-3], frames.shape[-2], frames.shape[-1]
    y, x, h, w = _random_box(height, width, scale, aspect_ratio, log_uniform_ratio, num_tries)
    if not shift:
        return resize(frames[..., y : y + h, x : x + w], target_height, target_width, interpolation)
    y2, x2, h2, w2 = _random_box(height, width, scale, aspect_ratio, log_uniform_ratio, num_tries)
    ys, xs = _along_time(y, y2, num_frames), _along_time(x, x2, num_frames)
    hs, ws = _along_time(h, h2, num_frames), _along_time(w, w2, num_frames)
    shifted: list[torch.Tensor] = []
    for i in range(num_frames):
        box = frames[..., i : i + 1, ys[i] : ys[i] + hs[i], xs[i] : xs[i] + ws[i]]
        shifted.append(resize(box, target_height, target_width, interpolation))
    return torch.cat(shifted, dim=-3)
