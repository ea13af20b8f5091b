"""LogMelSpectrogram, against its formula in numpy."""

import numpy as np
import pytest
import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms import LogMelSpectrogram


def waveform(samples=4000):
    return torch.rand(samples, generator=torch.Generator().manual_seed(0)) * 2 - 1


def by_formula(signal, rate, n_fft, hop, num_mels, f_min, f_max, steps, eps):
    """Window by window, filter by filter."""
    mel = lambda f: 2595 * np.log10(1 + f / 700)  # noqa: E731
    corners = 700 * (10 ** (np.linspace(mel(f_min), mel(f_max), num_mels + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(n_fft, 1 / rate)
    filters = [np.interp(bins, corners[i : i + 3], [0, 1, 0], left=0, right=0) for i in range(num_mels)]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    padded = np.concatenate([np.zeros(n_fft // 2), signal, np.zeros(n_fft + steps * hop)])
    windows = [padded[i * hop : i * hop + n_fft] * hann for i in range(steps)]
    power = np.stack([np.abs(np.fft.rfft(window)) ** 2 for window in windows])
    return np.log(power @ np.stack(filters).T + eps)


@pytest.mark.parametrize(
    "arguments",
    [
        {"rate": 16000, "n_fft": 512, "hop": 256, "num_mels": 80, "f_min": 0.0, "f_max": 8000.0},
        {"rate": 8000, "n_fft": 256, "hop": 100, "num_mels": 20, "f_min": 60.0, "f_max": 3000.0},
        {"rate": 8000, "n_fft": 255, "hop": 300, "num_mels": 10, "f_min": 60.0, "f_max": 3000.0},
    ],
)
def test_values_are_those_of_the_formula(arguments):
    signal = waveform()
    steps = -(-4000 // arguments["hop"])
    spectrogram = LogMelSpectrogram(
        arguments["rate"],
        arguments["n_fft"],
        arguments["hop"],
        arguments["num_mels"],
        arguments["f_min"],
        arguments["f_max"],
    )(signal)

    assert spectrogram.shape == (1, steps, 1, arguments["num_mels"])
    expected = by_formula(signal.double().numpy(), **arguments, steps=steps, eps=1e-6)
    np.testing.assert_allclose(spectrogram[0, :, 0].numpy(), expected, rtol=0, atol=2e-3)


def test_a_tone_is_loudest_at_its_own_pitch():
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(16000) / 16000)
    spectrum = LogMelSpectrogram()(tone)[0, 30, 0]
    pitches = torch.linspace(0, 2595 * np.log10(1 + 8000 / 700), 82)[1:-1]
    frequencies = 700 * (10 ** (pitches / 2595) - 1)

    assert frequencies[spectrum.argmax()].item() == pytest.approx(1000, rel=0.03)


def test_two_seconds_give_the_size_of_audiovisual_slowfast():
    assert LogMelSpectrogram()(torch.zeros(32768)).shape == (1, 128, 1, 80)


@pytest.mark.parametrize("num_steps", [5, 40])
def test_a_number_of_steps_cuts_or_adds_silence(num_steps):
    whole = LogMelSpectrogram()(waveform())
    fixed = LogMelSpectrogram(num_steps=num_steps)(waveform())
    common = min(num_steps, whole.shape[1])

    assert fixed.shape == (1, num_steps, 1, 80)
    torch.testing.assert_close(fixed[:, :common], whole[:, :common])
    torch.testing.assert_close(fixed[:, 20:], torch.full_like(fixed[:, 20:], np.log(1e-6)))


def test_silence_and_a_single_sample_are_finite():
    assert LogMelSpectrogram()(torch.zeros(1)).isfinite().all()


def test_mean_and_std_normalise_the_logarithm():
    plain = LogMelSpectrogram()(waveform())

    torch.testing.assert_close(LogMelSpectrogram(mean=-3.0, std=2.0)(waveform()), (plain + 3.0) / 2.0)


def test_channels_are_mixed_or_kept():
    stereo = torch.stack([waveform(), -waveform()])

    assert LogMelSpectrogram()(stereo).max() == pytest.approx(np.log(1e-6))
    kept = LogMelSpectrogram(channels="keep")(stereo)
    assert kept.shape[0] == 2
    torch.testing.assert_close(kept[:1], LogMelSpectrogram()(waveform()))


def test_its_tables_are_no_weights():
    assert LogMelSpectrogram().state_dict() == {}


@pytest.mark.parametrize("signal", [torch.zeros(0), torch.zeros(1, 2, 3), torch.zeros(9, dtype=torch.int16)])
def test_what_is_no_waveform_is_an_error(signal):
    with pytest.raises(ArgumentError, match="not empty, and float"):
        LogMelSpectrogram()(signal)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"f_max": 9000.0}, "9000.0 Hz"),
        ({"f_min": 5000.0, "f_max": 4000.0}, "5000.0 to 4000.0"),
        ({"hop_length": 0}, "each must be positive"),
        ({"num_steps": 0}, "num_steps is 0"),
        ({"channels": "left"}, "'mix' or 'keep'"),
        ({"num_mels": 400}, "cover no frequency"),
    ],
)
def test_arguments_out_of_range_are_errors(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        LogMelSpectrogram(**arguments)
