"""One augmentation of random strength."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms import augmentation_ops as ops
from ptv_transforms.functional.dtype import check_unit_range

MAX_LEVEL = 10
"""The largest magnitude."""

SAMPLING_DEFAULT_HPARAS: Mapping[str, Any] = MappingProxyType({"sampling_std": 0.5})
"""How magnitudes are drawn by default."""

TRANSFORM_DEFAULT_HPARAS: Mapping[str, Any] = MappingProxyType({"fill": (0.5, 0.5, 0.5)})
"""What every operation gets by default."""

LevelToArg = Callable[[float, tuple[float, float]], tuple[float, ...]]


def increasing_magnitude_to_arg(level: float, params: tuple[float, float]) -> tuple[float]:
    """Gives ``base + level / 10 * range``; ``params`` is (base, range)."""
    return (params[0] + level / MAX_LEVEL * params[1],)


def increasing_randomly_negate_to_arg(level: float, params: tuple[float, float]) -> tuple[float]:
    """Gives ``base ± level / 10 * range``, either sign with even chance; ``params`` is (base, range)."""
    sign = 1.0 if torch.rand(1).item() > 0.5 else -1.0
    return (params[0] + sign * level / MAX_LEVEL * params[1],)


def decreasing_to_arg(level: float, params: tuple[float, float]) -> tuple[float]:
    """Gives ``base - level / 10 * range``; ``params`` is (base, range)."""
    return (params[0] - level / MAX_LEVEL * params[1],)


def decreasing_int_to_arg(level: float, params: tuple[float, float]) -> tuple[int]:
    """Gives ``base - int(level / 10 * range)``; ``params`` is (base, range)."""
    return (int(params[0]) - int(level / MAX_LEVEL * params[1]),)


OPERATIONS: Mapping[str, Callable[..., torch.Tensor]] = MappingProxyType(
    {
        "AdjustBrightness": ops.adjust_brightness,
        "AdjustContrast": ops.adjust_contrast,
        "AdjustSaturation": ops.adjust_saturation,
        "AdjustSharpness": ops.adjust_sharpness,
        "AutoContrast": ops.auto_contrast,
        "Equalize": ops.equalize,
        "Invert": ops.invert,
        "Rotate": ops.rotate,
        "Posterize": ops.posterize,
        "Solarize": ops.solarize,
        "ShearX": ops.shear_x,
        "ShearY": ops.shear_y,
        "TranslateX": ops.translate_x,
        "TranslateY": ops.translate_y,
    }
)
"""The operations by name."""

LEVEL_TO_ARG: Mapping[str, LevelToArg | None] = MappingProxyType(
    {
        **dict.fromkeys(OPERATIONS, increasing_randomly_negate_to_arg),
        **dict.fromkeys(("AutoContrast", "Equalize", "Invert"), None),
        "Posterize": decreasing_int_to_arg,
        "Solarize": decreasing_to_arg,
    }
)
"""How a magnitude becomes an operation's factor; ``None`` for an operation without one."""

TRANSFORM_MAX_PARAMS: Mapping[str, tuple[float, float] | None] = MappingProxyType(
    {
        "AdjustBrightness": (1, 0.9),
        "AdjustContrast": (1, 0.9),
        "AdjustSaturation": (1, 0.9),
        "AdjustSharpness": (1, 0.9),
        "AutoContrast": None,
        "Equalize": None,
        "Invert": None,
        "Rotate": (0, 30),
        "Posterize": (4, 4),
        "Solarize": (1, 1),
        "ShearX": (0, 0.3),
        "ShearY": (0, 0.3),
        "TranslateX": (0, 0.45),
        "TranslateY": (0, 0.45),
    }
)
"""The factor's (base, range) of each operation."""


class AugmentTransform:
    """Applies one operation, with a probability and a random magnitude.

    Args:
        transform_name: name of the operation, such as ``Rotate``.
        magnitude: centre (gaussian) or upper end (uniform) of the magnitudes drawn, 0 to 10.
        prob: probability that the operation is applied.
        name_to_transform_func: the operations by name.
        level_to_arg: how a magnitude becomes the factor of each operation.
        transform_max_paras: (base, range) of each operation's factor.
        transform_hparas: passed to every operation; ``fill`` is a share of the range per channel.
        sampling_type: ``gaussian``, or ``uniform`` from ``sampling_min`` (0) to the magnitude.
        sampling_hparas: ``sampling_std`` of the gaussian; ``sampling_data_type`` (``int`` or ``float``) and
            ``sampling_min`` of the uniform distribution.

    Raises:
        ArgumentError: if an argument is not one of these.
    """

    def __init__(
        self,
        transform_name: str,
        magnitude: int = 10,
        prob: float = 0.5,
        name_to_transform_func: Mapping[str, Callable[..., torch.Tensor]] | None = None,
        level_to_arg: Mapping[str, LevelToArg | None] | None = None,
        transform_max_paras: Mapping[str, tuple[float, float] | None] | None = None,
        transform_hparas: Mapping[str, Any] | None = None,
        sampling_type: Literal["gaussian", "uniform"] = "gaussian",
        sampling_hparas: Mapping[str, Any] | None = None,
    ) -> None:
        operations = OPERATIONS if name_to_transform_func is None else name_to_transform_func
        if transform_name not in operations:
            raise ArgumentError(f"transform_name is {transform_name!r}; the operations are {', '.join(operations)}")
        if not 0 <= magnitude <= MAX_LEVEL:
            raise ArgumentError(f"magnitude is {magnitude}; it must be in [0, {MAX_LEVEL}]")
        if not 0.0 <= prob <= 1.0:
            raise ArgumentError(f"prob is {prob}; it must be in [0, 1]")
        if sampling_type not in ("gaussian", "uniform"):
            raise ArgumentError(f"sampling_type is {sampling_type!r}; it must be 'gaussian' or 'uniform'")
        sampling = dict(SAMPLING_DEFAULT_HPARAS if sampling_hparas is None else sampling_hparas)
        if sampling_type == "gaussian" and "sampling_std" not in sampling:
            raise ArgumentError(f"sampling_hparas is {sampling}; gaussian sampling needs the key 'sampling_std'")
        data_type = sampling.setdefault("sampling_data_type", "int")
        if data_type not in ("int", "float"):
            raise ArgumentError(f"sampling_data_type is {data_type!r}; it must be 'int' or 'float'")
        hparas = dict(TRANSFORM_DEFAULT_HPARAS if transform_hparas is None else transform_hparas)
        if "fill" not in hparas:
            raise ArgumentError(f"transform_hparas is {hparas}; it needs the key 'fill', such as (0.5, 0.5, 0.5)")
        self.transform_name = transform_name
        self.magnitude = magnitude
        self.prob = prob
        self.transform_fn = operations[transform_name]
        self.level_fn = (level_to_arg or LEVEL_TO_ARG).get(transform_name)
        self.level_paras = (transform_max_paras or TRANSFORM_MAX_PARAMS).get(transform_name)
        self.transform_hparas = hparas
        self.sampling_type = sampling_type
        self.sampling_hparas = sampling

    def __call__(self, video: torch.Tensor) -> torch.Tensor:
        """Takes and returns (T, C, H, W), of dtype uint8 or float in [0, 1].

        Raises:
            ArgumentError: if a float video has values of 0 to 255, or the fill does not suit its channels.
        """
        if torch.rand(1).item() >= self.prob:
            return video
        check_unit_range(video, self.transform_name)
        factors: tuple[float, ...] = ()
        if self.level_fn is not None and self.level_paras is not None:
            factors = self.level_fn(self._draw_magnitude(), self.level_paras)
        return self.transform_fn(video, *factors, **self.transform_hparas)

    def __repr__(self) -> str:
        return f"AugmentTransform({self.transform_name!r}, magnitude={self.magnitude}, prob={self.prob})"

    def _draw_magnitude(self) -> float:
        if self.sampling_type == "gaussian":
            drawn = torch.normal(float(self.magnitude), float(self.sampling_hparas["sampling_std"]), size=(1,)).item()
            return max(0.0, min(float(MAX_LEVEL), drawn))
        lowest = self.sampling_hparas.get("sampling_min", 0)
        if self.sampling_hparas["sampling_data_type"] == "int":
            return float(torch.randint(int(lowest), self.magnitude + 1, size=(1,)).item())
        return lowest + torch.rand(1).item() * (self.magnitude - lowest)
