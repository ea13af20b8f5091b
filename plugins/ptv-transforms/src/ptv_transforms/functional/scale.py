"""Resizing of clips."""

import importlib

import torch

from ptv_registry.errors import ArgumentError, PtvError


class OpenCVMissingError(PtvError, ImportError):
    """The ``opencv`` backend was asked for, and OpenCV is not installed."""


def resize(x: torch.Tensor, height: int, width: int, interpolation: str = "bilinear") -> torch.Tensor:
    """Resizes every frame of a clip, without antialiasing.

    ``torch.nn.functional.interpolate`` does the work, because torchvision's resize lacks ``area``. Integer clips are
    computed in float32 and rounded. ``linear`` and ``trilinear`` are other names for ``bilinear`` here: the number of
    frames stays, so that there is nothing to blend along time.

    Args:
        x: a clip, (..., H, W).
        height: height of the result in pixels.
        width: width of the result in pixels.
        interpolation: ``nearest``, ``bilinear``, ``linear``, ``trilinear``, ``bicubic`` or ``area``.

    Raises:
        ArgumentError: if the interpolation is unknown.
    """
    if interpolation not in ("nearest", "linear", "bilinear", "bicubic", "trilinear", "area"):
        raise ArgumentError(
            f"interpolation is {interpolation}; it must be nearest, linear, bilinear, bicubic, trilinear or area"
        )
    mode = "bilinear" if interpolation in ("linear", "trilinear") else interpolation
    shape = list(x.shape[:-2])
    # One channel per image, always contiguous: torch picks its kernel by the number of channels and the layout, and they
    # differ in the last bits. So a frame comes out the same in any company.
    planes = x.reshape(-1, 1, x.shape[-2], x.shape[-1]).contiguous()
    if not x.is_floating_point():
        planes = planes.to(torch.float32)
    align = False if mode in ("bilinear", "bicubic") else None
    planes = torch.nn.functional.interpolate(planes, size=[height, width], mode=mode, align_corners=align)
    if not x.is_floating_point():
        if x.dtype == torch.uint8:
            planes = planes.clamp(0.0, 255.0)
        planes = planes.round().to(x.dtype)
    return planes.reshape(shape + [height, width])


def short_side_size(height: int, width: int, size: int) -> tuple[int, int]:
    """Gives (height, width) after scaling the shorter side to ``size``, the longer one rounded down.

    Raises:
        ArgumentError: if ``size`` is not positive.
    """
    if size < 1:
        raise ArgumentError(f"size is {size}; the shorter side must have at least 1 pixel")
    if width < height:
        return height * size // width, size
    return size, width * size // height


def short_side_scale_to_float(x: torch.Tensor, size: int) -> torch.Tensor:
    """Scales a uint8 clip, bilinearly, so that its shorter side gets ``size`` pixels, to float32 in [0, 1].

    To within 1e-6 it is :func:`short_side_scale` of the clip divided by 255, made without floats of the full size: each
    frame is scaled as it lies in memory, and what is divided is small.

    Args:
        x: a uint8 clip, (C, T, H, W).
        size: the shorter side in pixels.

    Raises:
        ArgumentError: if the clip is not uint8, or has not four dimensions.
    """
    if x.dim() != 4 or x.dtype != torch.uint8:
        raise ArgumentError(f"the clip is {x.dtype} with {x.dim()} dimensions; it must be a uint8 (C, T, H, W)")
    height, width = short_side_size(x.shape[-2], x.shape[-1], size)
    result = torch.empty([x.shape[0], x.shape[1], height, width], dtype=torch.float32, device=x.device)
    for place in range(x.shape[1]):
        # Always one image with its channels last, as decoders give them: so a frame comes out the same in any company.
        image = x[:, place].unsqueeze(0).contiguous(memory_format=torch.channels_last).to(torch.float32)
        result[:, place] = torch.nn.functional.interpolate(
            image, size=[height, width], mode="bilinear", align_corners=False
        )[0]
    return result.div_(255.0)


@torch.jit.ignore
def _resize_opencv(x: torch.Tensor, height: int, width: int, interpolation: str) -> torch.Tensor:
    try:
        cv2 = importlib.import_module("cv2")
    except ImportError as error:
        msg = "backend is 'opencv', which needs OpenCV: pip install 'ptv-transforms[opencv]', or use backend='pytorch'"
        raise OpenCVMissingError(msg) from error
    modes = {
        "nearest": cv2.INTER_NEAREST,
        "linear": cv2.INTER_LINEAR,
        "bilinear": cv2.INTER_AREA,
        "bicubic": cv2.INTER_CUBIC,
    }
    if interpolation not in modes:
        raise ArgumentError(f"interpolation is {interpolation}; the opencv backend has {', '.join(modes)}")
    planes = x.reshape(-1, x.shape[-2], x.shape[-1]).cpu().numpy()
    resized = [
        torch.from_numpy(cv2.resize(plane, (width, height), interpolation=modes[interpolation])) for plane in planes
    ]
    return torch.stack(resized).reshape([*x.shape[:-2], height, width]).to(x.device)


def short_side_scale(
    x: torch.Tensor, size: int, interpolation: str = "bilinear", backend: str = "pytorch"
) -> torch.Tensor:
    """Scales a clip so that its shorter side gets ``size`` pixels; the longer side follows, rounded down.

    Args:
        x: a clip of any real dtype, (C, T, H, W).
        size: the shorter side in pixels.
        interpolation: ``nearest``, ``linear``, ``bilinear``, ``bicubic``, ``trilinear`` or ``area``; see
            :func:`resize`. The ``opencv`` backend has the first four, and takes ``bilinear`` for its own area mode.
        backend: ``pytorch``, or ``opencv``, which works on the CPU and is not scriptable.

    Raises:
        ArgumentError: if an argument is not one of these, or the clip has not four dimensions.
        OpenCVMissingError: if the backend is ``opencv`` and OpenCV is not installed.
    """
    if x.dim() != 4:
        raise ArgumentError(f"the clip has {x.dim()} dimensions; it must be (C, T, H, W)")
    height, width = short_side_size(x.shape[-2], x.shape[-1], size)
    if backend == "pytorch":
        return resize(x, height, width, interpolation)
    if backend == "opencv":
        return _resize_opencv(x, height, width, interpolation)
    raise ArgumentError(f"backend is {backend}; it must be pytorch or opencv")


def random_short_side(min_size: int, max_size: int) -> int:
    """Draws a side length in [min_size, max_size], both included, from torch's global generator.

    Raises:
        ArgumentError: if the range is empty or not positive.
    """
    if min_size < 1 or max_size < min_size:
        raise ArgumentError(f"the range of sizes is [{min_size}, {max_size}]; it needs 1 <= min_size <= max_size")
    return int(torch.randint(min_size, max_size + 1, (1,)).item())
