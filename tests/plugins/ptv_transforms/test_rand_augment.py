"""RandAugment and AugMix."""

import copy
import pickle

import pytest
import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms import AugMix, RandAugment
from ptv_transforms.augmentations import OPERATIONS


def video(dtype=torch.uint8):
    clip = torch.randint(20, 230, (2, 3, 12, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return clip if dtype == torch.uint8 else (clip / 255).to(dtype)


def repeated(transform, x, times=60):
    torch.manual_seed(0)
    return [transform(x) for _ in range(times)]


@pytest.mark.parametrize("make", [RandAugment, AugMix])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_dtype_shape_and_range_stay_and_the_seed_decides(make, dtype):
    x = video(dtype)
    results = repeated(make(), x)

    assert all(result.dtype == dtype and result.shape == x.shape for result in results)
    assert all(result.min() >= 0 and result.max() <= (255 if dtype == torch.uint8 else 1) for result in results)
    assert any(not torch.equal(result, x) for result in results)
    assert all(torch.equal(a, b) for a, b in zip(results, repeated(make(), x), strict=True))
    assert torch.equal(x, video(dtype))


@pytest.mark.parametrize("make", [RandAugment, AugMix])
def test_they_can_be_copied_and_sent_to_workers(make):
    for clone in (copy.deepcopy(make()), pickle.loads(pickle.dumps(make()))):
        assert torch.equal(repeated(clone, video(), 1)[0], repeated(make(), video(), 1)[0])


def test_rand_augment_draws_among_all_operations():
    augment = RandAugment(num_layers=14)

    assert {op.transform_name for op in augment.randaug_fn.transforms_list} == set(OPERATIONS)
    assert augment.randaug_fn.num_sample_op == 14


def test_rand_augment_hands_on_what_it_is_given():
    augment = RandAugment(3, 1, 0.7, "uniform", {"sampling_min": 1}, {"fill": (0.0, 0.0, 0.0)})

    for operation in augment.randaug_fn.transforms_list:
        assert (operation.magnitude, operation.prob, operation.sampling_type) == (3, 0.7, "uniform")
        assert operation.sampling_hparas["sampling_min"] == 1
        assert operation.transform_hparas == {"fill": (0.0, 0.0, 0.0)}


def test_rand_augment_of_probability_0_changes_nothing():
    assert all(torch.equal(result, video()) for result in repeated(RandAugment(prob=0.0), video()))


def test_more_layers_than_operations_is_an_error():
    with pytest.raises(ArgumentError, match="1 to 14"):
        RandAugment(num_layers=15)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float16])
def test_augmix_of_chains_that_change_nothing_is_the_video_without_loss(dtype):
    mix = AugMix()
    mix.augmix_fn = lambda x: x
    x = video(dtype)

    for result in repeated(mix, x):
        torch.testing.assert_close(result, x, rtol=0, atol=0 if dtype == torch.uint8 else 1e-3)


def test_augmix_weighs_the_video_and_its_chains(monkeypatch):
    mix = AugMix(width=2)
    chains = iter([torch.full((1, 1, 1, 1), 0.2), torch.full((1, 1, 1, 1), 0.6)])
    mix.augmix_fn = lambda x: next(chains)
    monkeypatch.setattr(mix.dirichlet, "sample", lambda: torch.tensor([0.25, 0.75]))
    monkeypatch.setattr(mix.beta, "sample", lambda: torch.tensor(0.4))

    assert mix(torch.ones(1, 1, 1, 1)).item() == pytest.approx(0.4 * 1 + 0.6 * (0.25 * 0.2 + 0.75 * 0.6))


def test_augmix_mixes_on_the_videos_device():
    mix = AugMix()
    mix.augmix_fn = lambda x: x

    assert mix(torch.zeros(2, 3, 4, 4, device="meta")).device.type == "meta"


@pytest.mark.parametrize(("depth", "depths"), [(-1, {1, 2, 3}), (2, {2}), (20, {20})])
def test_augmix_chains_have_the_asked_depth(depth, depths):
    mix, lengths = AugMix(depth=depth), []
    for operation in range(len(mix.augmix_fn.transforms_list)):
        mix.augmix_fn.transforms_list[operation] = lambda x: lengths.append(1) or x
    torch.manual_seed(0)
    seen = set()
    for _ in range(40):
        lengths.clear()
        mix.augmix_fn(video())
        seen.add(len(lengths))

    assert seen == depths


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"magnitude": 0}, r"magnitude is 0; it must be in \[1, 10\]"),
        ({"alpha": 0.0}, "alpha is 0.0"),
        ({"width": 0}, "width is 0"),
        ({"depth": 0}, "depth is 0"),
    ],
)
def test_augmix_arguments_out_of_range_are_errors(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        AugMix(**arguments)
