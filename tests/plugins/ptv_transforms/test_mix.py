"""MixUp, CutMix, MixVideo."""

import pytest
import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms import CutMix, MixUp, MixVideo

MIXES = [MixUp(num_classes=4), CutMix(num_classes=4), MixVideo(0.0, num_classes=4), MixVideo(1.0, num_classes=4)]


def batch(size=4, dtype=torch.float32):
    """Clips whose every value is their number; labels are the numbers."""
    clips = torch.arange(size, dtype=dtype).view(-1, 1, 1, 1, 1).expand(size, 3, 2, 16, 20).clone()
    return clips, torch.arange(size)


def spectrograms(size=4):
    return torch.arange(size).float().view(-1, 1, 1, 1, 1).expand(size, 1, 32, 1, 16).clone()


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_mixup_blends_clips_and_labels_in_one_proportion():
    x, labels = batch()
    mixed, targets = MixUp(num_classes=4)(x, labels)
    share = targets[0, 0].item()

    assert 0 < share < 1
    torch.testing.assert_close(mixed, x * share + x.flip(0) * (1 - share))
    torch.testing.assert_close(targets, torch.eye(4) * share + torch.eye(4).flip(0) * (1 - share))


def test_mixup_shares_follow_the_beta_distribution():
    shares = torch.tensor([MixUp(alpha=4.0, num_classes=2)(*batch(2))[1][0, 0] for _ in range(500)])

    assert shares.mean() == pytest.approx(0.5, abs=0.03)
    assert shares.var() == pytest.approx(1 / 36, rel=0.2)


def test_cutmix_pastes_a_box_and_mixes_labels_by_its_area():
    x, labels = batch()
    for _ in range(50):
        mixed, targets = CutMix(num_classes=4)(x, labels)
        pasted = mixed[0] == 3
        share = 1 - pasted.float().mean().item()

        assert ((mixed[0] == 0) | pasted).all()
        assert (pasted == pasted[:1, :1]).all()
        rows, columns = pasted[0, 0].any(1).sum(), pasted[0, 0].any(0).sum()
        assert rows * columns == pasted[0, 0].sum()
        torch.testing.assert_close(targets, torch.eye(4) * share + torch.eye(4).flip(0) * (1 - share))


@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.uint8])
def test_what_is_given_stays_and_the_dtype_too(mix, dtype):
    x, labels = batch(dtype=dtype)
    mixed, targets = mix(x, labels)

    assert (mixed.dtype, mixed.shape, targets.shape) == (dtype, x.shape, (4, 4))
    assert torch.equal(x, batch(dtype=dtype)[0])
    assert torch.equal(labels, batch()[1])


@pytest.mark.parametrize("mix", MIXES)
def test_audio_is_mixed_along_by_position_or_name_and_stays_as_given(mix):
    x, labels = batch()
    audio = spectrograms()
    for result in (mix(x, labels, audio), mix(x, labels, x_audio=audio)):
        mixed, mixed_audio, targets = result

        assert (mixed.shape, mixed_audio.shape, targets.shape) == (x.shape, audio.shape, (4, 4))
    assert torch.equal(audio, spectrograms())


def test_mixup_mixes_audio_in_the_same_proportion():
    _, audio, targets = MixUp(num_classes=4)(*batch(), spectrograms())

    torch.testing.assert_close(audio[0], torch.full_like(audio[0], 3 * (1 - targets[0, 0].item())))


def test_cutmix_cuts_time_and_frequency_of_a_spectrogram():
    shares = []
    for _ in range(50):
        _, audio, _ = CutMix(num_classes=4)(*batch(), spectrograms())
        shares.append((audio[0] == 3).float().mean().item())

    assert max(shares) > 0.3


@pytest.mark.parametrize("mix", [MixUp, CutMix, MixVideo])
def test_labels_may_be_vectors_already(mix):
    vectors = torch.eye(4)
    _, targets = mix(num_classes=4, one_hot=True)(batch()[0], vectors)

    torch.testing.assert_close(targets.sum(1), torch.ones(4))
    assert torch.equal(vectors, torch.eye(4))


@pytest.mark.parametrize("prob", [0.0, 1.0])
def test_mix_video_hands_one_hot_on_to_both(prob):
    vectors = torch.eye(4)
    _, targets = MixVideo(cutmix_prob=prob, num_classes=4, one_hot=True)(batch()[0], vectors)

    # Class indices would be refused for their shape, and vectors taken for indices would not sum to one.
    assert vectors.shape == targets.shape
    torch.testing.assert_close(targets.sum(1), torch.ones(4))


def test_smoothing_is_part_of_the_targets():
    _, targets = MixUp(label_smoothing=0.4, num_classes=4)(*batch())

    assert targets.min() == pytest.approx(0.1)
    torch.testing.assert_close(targets.sum(1), torch.ones(4))


def test_mix_video_takes_either_with_its_probability(monkeypatch):
    mix = MixVideo(cutmix_prob=0.3, num_classes=4)
    monkeypatch.setattr(mix.cutmix, "forward", lambda x, labels, audio: "cutmix")
    monkeypatch.setattr(mix.mixup, "forward", lambda x, labels, audio: "mixup")
    names = [mix(*batch()) for _ in range(1000)]

    assert names.count("cutmix") / 1000 == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("mix", MIXES)
def test_a_single_sample_cannot_be_mixed(mix):
    with pytest.raises(ArgumentError, match="at least 2"):
        mix(*batch(1))


@pytest.mark.parametrize("mix", MIXES)
def test_each_sample_needs_a_label(mix):
    with pytest.raises(ArgumentError, match="4 samples and 2 labels"):
        mix(batch()[0], torch.tensor([0, 1]))


def test_vectors_must_have_the_number_of_classes():
    with pytest.raises(ArgumentError, match=r"must be \(B, 5\)"):
        MixUp(num_classes=5, one_hot=True)(batch()[0], torch.eye(4))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MixUp(alpha=0.0), "alpha is 0.0"),
        (lambda: CutMix(label_smoothing=1.0), "label_smoothing is 1.0"),
        (lambda: MixUp(num_classes=0), "num_classes is 0"),
        (lambda: MixVideo(cutmix_prob=1.2), "cutmix_prob is 1.2"),
        (lambda: CutMix(num_classes=4)(torch.zeros(2, 3), torch.tensor([0, 1])), "4 or 5 dimensions"),
    ],
)
def test_arguments_out_of_range_are_errors(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


def test_mixup_mixes_all_pathways_alike():
    slow, labels = batch()
    fast = torch.cat([slow, slow], dim=2)
    (mixed_slow, mixed_fast), targets = MixUp(num_classes=4)([slow, fast], labels)
    share = targets[0, 0].item()

    torch.testing.assert_close(mixed_slow, slow * share + slow.flip(0) * (1 - share))
    torch.testing.assert_close(mixed_fast, fast * share + fast.flip(0) * (1 - share))


@pytest.mark.parametrize("prob", [0.0, 1.0])
def test_the_pathways_of_mixed_clips_get_the_same_box(prob):
    slow, labels = batch()
    fast = torch.cat([slow, slow], dim=2)
    for _ in range(20):
        pathways, targets = MixVideo(prob, num_classes=4)([slow, fast], labels)

        assert torch.equal(torch.cat([pathways[0]] * 2, dim=2), pathways[1])
        assert targets[0, 3].item() == pytest.approx(pathways[0][0].mean().item() / 3, abs=1e-6)


def test_pathways_of_different_sizes_cannot_get_one_box():
    x, labels = batch()
    with pytest.raises(ArgumentError, match="one box must fit all"):
        CutMix(num_classes=4)([x, x[..., :10]], labels)
