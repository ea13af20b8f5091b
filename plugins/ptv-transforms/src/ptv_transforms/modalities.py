"""Samples of several modalities: spectrograms that say when sound is missing, dropped pathways, inputs of several keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms.frame_pushdown import Pushdown
from ptv_transforms.sample_keys import value_of
from ptv_transforms.spectrogram import LogMelSpectrogram


class MaskedSpectrogram(LogMelSpectrogram):
    """The log-mel spectrogram of a clip's sound; zeros, the mean of what is normalised, for a clip without any.

    Sound that is missing comes as zeros throughout (a video without a sound track, or :class:`DropPathway`), and would
    otherwise be the loudest signal of all: the logarithm of nothing, far from the mean.

    Args:
        num_steps, num_mels, sample_rate, mean, std: see :class:`LogMelSpectrogram`.
    """

    def __init__(
        self, num_steps: int = 128, num_mels: int = 80, sample_rate: int = 16000, mean: float = 0.0, std: float = 1.0
    ) -> None:
        super().__init__(sample_rate=sample_rate, num_mels=num_mels, num_steps=num_steps, mean=mean, std=std)

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        """Takes (S) or (C, S), float in [-1, 1], and returns (1, T, 1, F)."""
        found = super().forward(waveform)
        return found if bool(waveform.any()) else torch.zeros_like(found)


class DropPathway:
    """Takes a modality away from a sample, by chance: its values become zeros.

    So a network of several modalities does not lean on the one that learns fastest, and learns to do without one
    (https://arxiv.org/abs/2001.08740, section 3.3).

    Args:
        key: whose value is dropped: a tensor, or a list of them.
        p: how often, in [0, 1].

    Raises:
        ArgumentError: ``p`` is out of range.
    """

    def __init__(self, key: str, p: float = 0.5) -> None:
        if isinstance(p, bool) or not isinstance(p, int | float) or not 0 <= p <= 1:
            raise ArgumentError(f"p={p!r} must be a probability from 0 to 1", argument="p")
        self.key, self.p = key, p

    def __call__(self, x: dict[str, Any]) -> dict[str, Any]:
        """Returns a sample; the one given stays as it is.

        Raises:
            MissingKeyError: if the sample lacks the key.
        """
        value = value_of(x, self.key, "DropPathway")
        if torch.rand(()).item() >= self.p:
            return x
        zeros = [torch.zeros_like(part) for part in value] if isinstance(value, list) else torch.zeros_like(value)
        return {**x, self.key: zeros}

    def __repr__(self) -> str:
        return f"DropPathway(key={self.key!r}, p={self.p})"

    def sample_pushdown(self, key: str) -> Pushdown | None:
        """Leaves the frames of other keys alone."""
        return None if key == self.key else Pushdown(rest=self)


class JoinPathways:
    """Makes values of several keys the pathways of one input, in order; what is a list already gives all of its parts.

    ``['video', 'audio']`` with a slow and a fast clip and a spectrogram gives ``[slow, fast, spectrogram]``.

    Args:
        keys: of the values; a single one becomes the input as it is.
        to: key of the input.

    Raises:
        ArgumentError: no key is given.
    """

    def __init__(self, keys: Sequence[str], to: str = "video") -> None:
        if not keys or isinstance(keys, str):
            raise ArgumentError(f"keys={keys!r} must be a list of at least one key", argument="keys")
        self.keys, self.to = list(keys), to

    def __call__(self, x: dict[str, Any]) -> dict[str, Any]:
        """Returns a sample without the other keys; the one given stays as it is.

        Raises:
            MissingKeyError: if the sample lacks a key.
        """
        values = [value_of(x, key, "JoinPathways") for key in self.keys]
        rest = {key: value for key, value in x.items() if key not in self.keys}
        if len(values) == 1:
            return {**rest, self.to: values[0]}
        joined = [part for value in values for part in (value if isinstance(value, list | tuple) else [value])]
        return {**rest, self.to: joined}

    def __repr__(self) -> str:
        return f"JoinPathways(keys={self.keys!r}, to={self.to!r})"
