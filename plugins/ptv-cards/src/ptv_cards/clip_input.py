"""``ClipInput``: what a clip is for a model. It follows from the model and its arguments, and everything that feeds the
model (training, validation, evaluation, prediction, export, calibration) takes it from here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import evolve, field, fields_dict, frozen

from ptv_cards.roles import plain
from ptv_registry.errors import ArgumentError

if TYPE_CHECKING:
    from ptv_registry import Plan

_Builder = TypeVar("_Builder", bound=Callable[..., Any])

_PIXELS_PER_CELL: Final = 32
"""The networks of the tables shrink height and width by this much before the head pools them."""
_HOP: Final = 256
"""Samples of the sound from one step of a spectrogram to the next."""


def _at_least_one(_: Any, attribute: Any, value: Any) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ArgumentError(f"{attribute.name}={value!r} of the input must be an integer of at least 1")


def _positive(_: Any, attribute: Any, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction) or not 0 < value < math.inf:
        raise ArgumentError(f"{attribute.name}={value!r} of the input must be a number above 0")


def _share(_: Any, attribute: Any, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ArgumentError(f"{attribute.name}={value!r} of the input must be a probability from 0 to 1")


@frozen
class ClipInput:
    """The clips that a model takes.

    Attributes:
        num_frames: frames of a clip; for models of several pathways, of the fastest one.
        sampling_rate: every so many frames of the video one is taken ("frame length x sample rate").
        side: short side in pixels that frames are scaled to.
        crop: side in pixels of the square that is cut from their centre.
        alpha: for SlowFast, how many times fewer frames the slow pathway gets.
        frame_rate: frames per second that ``sampling_rate`` counts in.
        mean, std: per channel, of pixel values in [0, 1].
        train_crop: side in pixels of the square that is cut at random in training; ``crop`` by default.
        flip: probability of mirroring in training. 0 by default: mirrored, "turning left" is another class.
        boxes: whether the model scores boxes: the frame is not cropped but in training, and boxes move along with it.
        pictures: whether the model takes pictures; one of sound alone does not.
        mel_steps: steps of time of the log-mel spectrogram (1, T, 1, F) of the clip's sound, which is the model's last
            pathway; ``None`` for a model that takes no sound.
        mels: its bands.
        mel_mean, mel_std: of the logarithms, to normalise them.
        audio_rate: samples a second of the sound.
        drop_sound: probability that a clip of the training comes without sound, as one of a video that has none:
            pathways that learn at different speeds are held together by it (https://arxiv.org/abs/2001.08740).
    """

    num_frames: int = field(validator=_at_least_one)
    sampling_rate: int | Fraction = field(validator=_positive)
    side: int = field(default=256, validator=_at_least_one)
    crop: int = field(default=256, validator=_at_least_one)
    alpha: int | None = field(default=None, validator=_at_least_one)
    frame_rate: int = field(default=30, validator=_positive)
    mean: tuple[float, ...] = (0.45, 0.45, 0.45)
    std: tuple[float, ...] = (0.225, 0.225, 0.225)
    train_crop: int | None = field(default=None, validator=_at_least_one)
    flip: float = field(default=0.0, validator=_share)
    boxes: bool = False
    pictures: bool = True
    mel_steps: int | None = field(default=None, validator=_at_least_one)
    mels: int = field(default=80, validator=_at_least_one)
    mel_mean: float = -7.03
    mel_std: float = field(default=4.66, validator=_positive)
    audio_rate: int = field(default=16000, validator=_at_least_one)
    drop_sound: float = field(default=0.0, validator=_share)

    def __attrs_post_init__(self) -> None:
        if not self.pictures and self.mel_steps is None:
            raise ArgumentError("pictures=False of the input, and mel_steps is None: the model would get nothing")

    @property
    def seconds(self) -> Fraction:
        """Length of a clip; of sound alone, what its steps span."""
        if not self.pictures and self.mel_steps is not None:
            return Fraction(self.mel_steps * _HOP, self.audio_rate)
        return Fraction(self.num_frames) * Fraction(self.sampling_rate) / self.frame_rate

    @property
    def shapes(self) -> tuple[tuple[int, int, int, int], ...]:
        """(C, T, H, W) of each pathway: of the pictures, the slow pathway first, then of the sound."""
        frames = (self.num_frames // self.alpha, self.num_frames) if self.alpha else (self.num_frames,)
        pictures = [(3, count, self.crop, self.crop) for count in frames] if self.pictures else []
        sound = [(1, self.mel_steps, 1, self.mels)] if self.mel_steps is not None else []
        return (*pictures, *sound)

    @property
    def transform(self) -> str:
        """Spec of the transform of the published evaluation: equispaced frames, short side scaled, centre cropped.

        It takes samples: dicts whose ``video`` is a uint8 clip (C, T, H, W).
        """
        if self.boxes:
            return self._with_boxes(f"short_side_scale_with_boxes(min_size={self.side})")
        return self._of_samples(
            f"uniform_temporal_subsample(num_samples={self.num_frames})",
            # Scaling and normalising may change places: what is small is normalised, and the result is the same to 1e-5.
            f"short_side_scale(size={self.side}, to_float=true)",
            f"center_crop(size={self.crop})",
            self._normalize(),
        )

    @property
    def train_transform(self) -> str:
        """Spec of the transform for training: equispaced frames, short side scaled at random to 8/7 to 10/7 of the crop
        (256 to 320 pixels for 224, as in the published recipes), cropped at random, mirrored with probability ``flip``.
        """
        crop = self.train_crop or self.crop
        if self.boxes:
            return self._with_boxes(
                f"short_side_scale_with_boxes(min_size={-(-crop * 8 // 7)}, max_size={-(-crop * 10 // 7)})",
                f"random_crop_with_boxes(size={crop})",
                *([f"horizontal_flip_with_boxes(p={float(self.flip)})"] if self.flip else []),
            )
        return self._of_samples(
            f"uniform_temporal_subsample(num_samples={self.num_frames})",
            f"random_short_side_scale(min_size={-(-crop * 8 // 7)}, max_size={-(-crop * 10 // 7)})",
            f"random_crop(size={crop})",
            *([f"random_horizontal_flip(p={float(self.flip)})"] if self.flip else []),
            "convert_uint8_to_float",
            self._normalize(),
            drop_sound=self.drop_sound,
        )

    def _normalize(self) -> str:
        return f"normalize(mean={list(self.mean)}, std={list(self.std)})"

    def _of_samples(self, *steps: str, drop_sound: float = 0.0) -> str:
        pathways = [f"pack_pathway(alpha={self.alpha})"] if self.alpha else []
        chain = ", ".join([*steps, *pathways])
        pictures = f"apply_transform_to_key(key='video', transform=compose(transforms=[{chain}]))"
        if self.mel_steps is None:
            return pictures
        drop = [f"drop_pathway(key='audio', p={float(drop_sound)})"] if drop_sound else []
        sound = (
            f"masked_spectrogram(num_steps={self.mel_steps}, num_mels={self.mels}, sample_rate={self.audio_rate}, "
            f"mean={float(self.mel_mean)}, std={float(self.mel_std)})"
        )
        keys = "['video', 'audio']" if self.pictures else "['audio']"
        rest = [*drop, f"apply_transform_to_key(key='audio', transform={sound})", f"join_pathways(keys={keys})"]
        return f"compose(transforms=[{', '.join([*([pictures] if self.pictures else []), *rest])}])"

    def _with_boxes(self, *steps: str) -> str:
        """Steps that take samples, between choosing frames and normalising them."""
        pathways = f", pack_pathway(alpha={self.alpha})" if self.alpha else ""
        frames = f"uniform_temporal_subsample(num_samples={self.num_frames})"
        last = f"compose(transforms=[convert_uint8_to_float, {self._normalize()}{pathways}])"
        return (
            f"compose(transforms=[apply_transform_to_key(key='video', transform={frames}), boxes_to_pixels, "
            f"{', '.join(steps)}, apply_transform_to_key(key='video', transform={last})])"
        )

    def adjusted(self, changes: Mapping[str, Any]) -> ClipInput:
        """The same with other values.

        Args:
            changes: attributes by name; or ``seconds``, which gives ``sampling_rate``.

        Raises:
            ArgumentError: an attribute is unknown, or a value is out of range.
        """
        names = fields_dict(ClipInput)
        wrong = [name for name in changes if name not in names and name != "seconds"]
        if wrong:
            raise ArgumentError(f"the input has no {wrong[0]!r}; it has {', '.join(names)}, seconds")
        plain_changes: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in changes.items()
            if name != "seconds"
        }
        if "crop" in changes and "side" not in changes:
            plain_changes["side"] = max(int(changes["crop"]), self.side * int(changes["crop"]) // self.crop)
        if "crop" in changes and "train_crop" not in changes:
            plain_changes["train_crop"] = None
        made = evolve(self, **plain_changes)
        if "seconds" not in changes:
            return made
        seconds = changes["seconds"]
        if isinstance(seconds, bool) or not isinstance(seconds, int | float | Fraction) or not 0 < seconds < math.inf:
            raise ArgumentError(f"seconds={seconds!r} of the input must be a number above 0")
        exact = Fraction(seconds).limit_denominator(1_000_000)
        return evolve(made, sampling_rate=exact * made.frame_rate / made.num_frames)


def takes_clips(clip_input: ClipInput) -> Callable[[_Builder], _Builder]:
    """Declares on a model's builder what clips the model takes, unless its arguments say otherwise.

    The arguments that do are found by their roles, see :mod:`ptv_cards.roles`.
    """

    def mark(builder: _Builder) -> _Builder:
        builder.clip_input = clip_input  # type: ignore[attr-defined]
        return builder

    return mark


def clip_input_of(plan: Plan, declared: ClipInput | None = None) -> ClipInput | None:
    """What a clip is for the model of a plan: as its builder says, changed by the arguments that it was given.

    Args:
        plan: of a model.
        declared: instead of what the builder says, such as the clips that published weights were trained on.

    Returns:
        The description, or ``None`` if neither says anything.

    Raises:
        ArgumentError: the model takes clips of other than 3 channels, which videos do not give.
    """
    found = declared or getattr(plan.root.target, "clip_input", None)
    if found is None:
        return None
    channels = plan.of_role("channels")
    if channels is not None and found.pictures and plain(channels.argument.value) != len(found.mean):
        raise ArgumentError(
            f"{channels.path}={plain(channels.argument.value)}, and videos have {len(found.mean)} channels; "
            "say with a transform spec (--transform) how they become the model's"
        )
    changes: dict[str, Any] = {}
    if (frames := _given(plan, "frames")) is not None:
        changes["num_frames"] = plain(frames)
    if (pixels := _given(plan, "pixels")) is not None:
        changes["crop"] = plain(pixels)
    if (stride := _given(plan, "pathway_stride")) is not None:
        changes["alpha"] = stride[0]
    window = _given(plan, "head_window")
    if window is not None and found.pictures:
        changes |= _seen_by_head(found, _fastest(window), _fastest(_default(plan, "head_window")))
    return found.adjusted(changes)


def _given(plan: Plan, role: str) -> Any:
    """The value of the argument of a role, if somebody gave it."""
    found = plan.of_role(role)
    return None if found is None or found.argument.source == "default" else found.argument.value


def _default(plan: Plan, role: str) -> Any:
    found = plan.of_role(role)
    parameters = plan.root.signature.parameters
    return parameters[found.path].default if found is not None and found.path in parameters else None


def _fastest(windows: Any) -> Any:
    """The window of the pathway with the most frames, of one window or one for each pathway."""
    rows = isinstance(windows, list | tuple) and windows and isinstance(windows[0], list | tuple)
    return max(windows, key=lambda window: window[0]) if rows else windows


def _seen_by_head(found: ClipInput, window: Any, usual: Any) -> dict[str, Any]:
    """The clip that the head's pool covers, as far as its window is not the usual one."""
    changes: dict[str, Any] = {}
    if usual is not None and window[0] != usual[0]:
        changes["num_frames"] = max(1, found.num_frames * window[0] // usual[0])
    if usual is not None and window[1] != usual[1]:
        changes["crop"] = window[1] * _PIXELS_PER_CELL
    return changes
