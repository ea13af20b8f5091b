"""Audio as a picture: the log-mel spectrogram that acoustic models take."""

import math
from typing import Literal

import torch
from torch import nn

from ptv_registry.errors import ArgumentError


def hertz_to_mel(hertz: float) -> float:
    """Gives the pitch in mel, ``2595 log10(1 + f / 700)`` (O'Shaughnessy, as in HTK)."""
    return 2595.0 * math.log10(1.0 + hertz / 700.0)


def mel_filters(num_mels: int, n_fft: int, sample_rate: int, f_min: float, f_max: float) -> torch.Tensor:
    """Gives triangular filters that are evenly spaced in mel, as a (num_mels, n_fft // 2 + 1) matrix.

    Filter ``i`` rises from 0 at the i-th of ``num_mels + 2`` evenly spaced pitches to 1 at the next and falls to 0 at
    the one after that.

    Args:
        num_mels: number of filters.
        n_fft: length of the Fourier transform in samples.
        sample_rate: samples per second.
        f_min: lower end of the lowest filter in hertz.
        f_max: upper end of the highest filter in hertz.
    """
    pitches = torch.linspace(hertz_to_mel(f_min), hertz_to_mel(f_max), num_mels + 2, dtype=torch.float64)
    corners = 700.0 * (10.0 ** (pitches / 2595.0) - 1.0)
    bins = torch.arange(n_fft // 2 + 1, dtype=torch.float64) * sample_rate / n_fft
    low, peak, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    return torch.minimum((bins - low) / (peak - low), (high - bins) / (high - peak)).clamp(min=0.0).to(torch.float32)


class LogMelSpectrogram(nn.Module):
    """Turns a waveform into the log-mel spectrogram that acoustic models take.

    The defaults are those of audiovisual SlowFast networks (https://arxiv.org/abs/2001.08740): 16 kHz, windows of 32 ms
    every 16 ms, 80 filters; 2.048 s give 128 steps. The value is ``log(filters @ |STFT|² + eps)`` of Hann windows,
    centred on the samples ``0, hop_length, ...``, with silence around the waveform.

    Args:
        sample_rate: samples per second of the waveform.
        n_fft: length of the Fourier transform and of its Hann window in samples.
        hop_length: samples from one window to the next.
        num_mels: number of mel filters, the F of the result.
        f_min: lower end of the lowest filter in hertz.
        f_max: upper end of the highest filter in hertz; half the sample rate if ``None``.
        num_steps: the T of the result: longer spectrograms are cut, shorter ones get silence at the end. ``None`` keeps
            one step per started ``hop_length`` samples.
        eps: power added before the logarithm.
        mean: subtracted from the logarithm.
        std: divides the logarithm, after the subtraction.
        channels: what to do with a waveform of several channels, (C, S): ``mix`` averages them, ``keep`` makes a
            spectrogram of each, the C of the result.

    Raises:
        ArgumentError: if a number is out of range, or so many filters are asked for that some cover no frequency.
    """

    window: torch.Tensor
    filters: torch.Tensor

    def __init__(
        self,
        sample_rate: int = 16000,
        n_fft: int = 512,
        hop_length: int = 256,
        num_mels: int = 80,
        f_min: float = 0.0,
        f_max: float | None = None,
        num_steps: int | None = None,
        eps: float = 1e-6,
        mean: float = 0.0,
        std: float = 1.0,
        channels: Literal["mix", "keep"] = "mix",
    ) -> None:
        super().__init__()
        top = sample_rate / 2 if f_max is None else f_max
        if not 0 <= f_min < top <= sample_rate / 2:
            raise ArgumentError(
                f"the filters range from {f_min} to {top} Hz; with sample_rate={sample_rate} it must be within"
                f" [0, {sample_rate / 2}]"
            )
        positive = {"n_fft": n_fft, "hop_length": hop_length, "num_mels": num_mels, "eps": eps, "std": std}
        if min(positive.values()) <= 0:
            raise ArgumentError(f"of {positive}, each must be positive")
        if num_steps is not None and num_steps < 1:
            raise ArgumentError(f"num_steps is {num_steps}; it must be at least 1, or none for as many as there are")
        if channels not in ("mix", "keep"):
            raise ArgumentError(f"channels is {channels!r}; it must be 'mix' or 'keep'")
        filters = mel_filters(num_mels, n_fft, sample_rate, f_min, top)
        if not filters.any(dim=1).all():
            raise ArgumentError(
                f"num_mels is {num_mels}: with n_fft={n_fft} some filters cover no frequency; use fewer filters, or a"
                " larger n_fft"
            )
        self.hop_length = hop_length
        self.n_fft = n_fft
        self.num_steps = num_steps
        self.eps = eps
        self.mean = mean
        self.std = std
        self.mix = channels == "mix"
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        self.register_buffer("filters", filters, persistent=False)

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        """Takes (S) or (C, S), float in [-1, 1], and returns (C, T, 1, F); C is 1 unless channels are kept.

        Raises:
            ArgumentError: if the waveform is empty, not float, or has other dimensions.
        """
        if waveform.dim() not in (1, 2) or waveform.shape[-1] == 0 or not waveform.is_floating_point():
            raise ArgumentError(
                f"the waveform has the shape {list(waveform.shape)} and dtype {waveform.dtype}; it must be (S) or"
                " (C, S), not empty, and float"
            )
        if waveform.dim() == 1:
            waveform = waveform.unsqueeze(0)
        elif self.mix:
            waveform = waveform.mean(dim=0, keepdim=True)
        steps = -(-waveform.shape[-1] // self.hop_length)
        if self.num_steps is not None:
            steps = self.num_steps
        # Window i covers the samples from i * hop_length - n_fft // 2 on.
        before = self.n_fft // 2
        after = (steps - 1) * self.hop_length + self.n_fft - before - waveform.shape[-1]
        samples = nn.functional.pad(waveform.to(torch.float32), [before, after])
        window = self.window.to(samples.device)
        spectrum = torch.stft(samples, self.n_fft, self.hop_length, window=window, center=False, return_complex=True)
        power = spectrum.real.square() + spectrum.imag.square()
        mels = torch.matmul(self.filters.to(samples.device), power)
        return ((mels + self.eps).log() - self.mean).div(self.std).transpose(1, 2).unsqueeze(2)

    def extra_repr(self) -> str:
        """Shows the arguments that shape the result."""
        return f"n_fft={self.n_fft}, hop_length={self.hop_length}, num_mels={self.filters.shape[0]}"
