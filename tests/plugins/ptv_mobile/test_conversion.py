import copy
import pickle

import pytest
import torch
from torch import nn

import ptv_mobile
from ptv_mobile import (
    Conv3d3x3x3DwBnAct,
    Conv3dPwBnAct,
    EfficientBlock,
    ParityError,
    convert_and_compare,
    convert_to_deployable_form,
)
from ptv_registry.errors import ArgumentError

CLIP = torch.randn(1, 3, 4, 9, 9, generator=torch.Generator().manual_seed(0))


class TwoPathways(nn.Module):
    """Takes a list of clips and boxes, as SlowFast for detection does, and changes its list."""

    def __init__(self):
        super().__init__()
        self.slow = Conv3d3x3x3DwBnAct(3, 2)
        self.fast = Conv3dPwBnAct(3, 5, activation="swish")

    def forward(self, clips, boxes=None):
        clips[0], clips[1] = self.slow(clips[0]).mean((2, 3, 4)), self.fast(clips[1]).mean((2, 3, 4))
        scores = torch.cat(clips, dim=1)
        return scores if boxes is None else {"scores": scores[boxes[:, 0].long()], "boxes": [boxes]}


class Twice(nn.Module):
    """Uses one block at two sizes, one not at all."""

    def __init__(self):
        super().__init__()
        self.used, self.unused = Conv3dPwBnAct(3, 3), Conv3dPwBnAct(3, 3)
        self.other = Conv3dPwBnAct(3, 3)

    def forward(self, x):
        return self.other(self.used(self.used(x)[:, :, ::2]))


def small(**arguments):
    torch.manual_seed(0)
    return nn.Sequential(Conv3dPwBnAct(3, 6), Conv3d3x3x3DwBnAct(6, 2, **arguments))


def test_the_model_itself_is_not_touched():
    model = small().train()
    before = copy.deepcopy(model)
    converted = convert_to_deployable_form(model, CLIP)

    assert model.training  # the original flipped the caller to eval (lesson 47)
    assert not converted.training
    assert repr(before) == repr(model)
    assert all(
        torch.equal(a, b) for a, b in zip(before.state_dict().values(), model.state_dict().values(), strict=True)
    )
    assert not any(m._forward_hooks or m._forward_pre_hooks for r in (model, converted) for m in r.modules())
    assert {p.data_ptr() for p in model.parameters()}.isdisjoint(p.data_ptr() for p in converted.parameters())


def test_the_largest_difference_is_reported():
    converted, report = convert_and_compare(small(), CLIP)

    assert {"0": "Conv3dPwBnAct", "1": "Conv3d3x3x3DwBnAct"} == report.converted
    assert 0 <= report.largest_difference <= report.tolerance == 1e-4
    assert "2 modules converted, largest difference" in str(report)
    assert report == convert_to_deployable_form(small(), CLIP).conversion_report
    assert tuple(converted(CLIP).shape) == (1, 6, 4, 5, 5)


class Wrong(EfficientBlock):
    def __init__(self, by):
        super().__init__()
        self.by = by

    def convert(self, input_size):
        self.begin_conversion()

    def forward(self, x):
        return x + self.by if self.convert_flag else x


@pytest.mark.parametrize("by", [1e-2, float("nan"), float("inf")])
def test_a_conversion_that_changes_the_output_is_an_error_that_says_by_how_much(by):
    with pytest.raises(ParityError, match="differs by") as caught:
        convert_and_compare(nn.Sequential(Wrong(by)), CLIP)

    assert caught.value.fields["report"].largest_difference > 1e-4
    assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))


def test_the_tolerance_is_of_the_largest_output():
    _, report = convert_and_compare(nn.Sequential(Wrong(0.01)), CLIP, tolerance=0.1)

    assert report.absolute_difference == pytest.approx(0.01, abs=1e-5)
    assert report.largest_difference == pytest.approx(0.01 / CLIP.abs().max().item(), rel=1e-3)


def test_a_list_is_one_argument():
    clips = [torch.randn(2, 3, 2, 9, 9), torch.randn(2, 3, 8, 9, 9)]
    model = TwoPathways().eval()
    converted, report = convert_and_compare(model, clips)

    assert ["slow", "fast"] == list(report.converted)
    assert [tuple(clip.shape) for clip in clips] == [(2, 3, 2, 9, 9), (2, 3, 8, 9, 9)]
    torch.testing.assert_close(converted(list(clips)), model(list(clips)))


def test_a_tuple_is_all_the_arguments():
    clips = [torch.randn(2, 3, 2, 9, 9), torch.randn(2, 3, 8, 9, 9)]
    boxes = torch.tensor([[0.0, 1, 1, 5, 5], [1, 0, 0, 9, 9], [1, 2, 2, 4, 4]])
    model = TwoPathways().eval()
    converted, _ = convert_and_compare(model, (clips, boxes))
    more = [torch.cat([clip, clip]) for clip in clips]

    torch.testing.assert_close(converted(list(more), boxes)["scores"], model(list(more), boxes)["scores"])


def test_a_block_that_the_example_does_not_reach_stays_and_is_reported():
    # The original ended in a KeyError (lesson 47).
    converted, report = convert_and_compare(Twice(), CLIP)

    assert ["other"] == list(report.converted)
    assert "does not reach" in report.left["unused"]
    assert "several sizes" in report.left["used"]
    assert [False, False, True] == [
        converted.used.convert_flag,
        converted.unused.convert_flag,
        converted.other.convert_flag,
    ]
    assert "left as it is: unused" in str(report)


def test_a_block_in_two_places_is_converted_once():
    block = Conv3dPwBnAct(3, 3)
    converted, report = convert_and_compare(nn.Sequential(block, block), CLIP)

    assert ["0"] == list(report.converted)
    assert converted[0] is converted[1]


def test_a_model_that_is_a_block_itself_is_converted():
    converted, report = convert_and_compare(Conv3dPwBnAct(3, 3), CLIP)

    assert {"": "Conv3dPwBnAct"} == report.converted
    assert converted.convert_flag


def test_a_model_without_blocks_is_refused():
    with pytest.raises(ArgumentError, match="no efficient block"):
        convert_to_deployable_form(nn.Conv3d(3, 3, 1), CLIP)
    with pytest.raises(ArgumentError, match="no efficient block in its original form"):
        convert_to_deployable_form(convert_to_deployable_form(small(), CLIP), CLIP)


def test_an_example_may_come_from_a_computation():
    clips = (CLIP * torch.ones(1, requires_grad=True)).requires_grad_()

    assert convert_to_deployable_form(small(), clips).conversion_report.left == {}


@pytest.mark.parametrize("example", ["clip", []])
def test_an_example_without_a_tensor_is_refused(example):
    with pytest.raises(ArgumentError, match="hold no tensor"):
        convert_to_deployable_form(small(), example)


def test_options_reach_the_blocks():
    kept = convert_to_deployable_form(small(), CLIP, keep_conv3d=True)
    fixed = convert_to_deployable_form(small(), CLIP, fixed_batch=True)

    assert 2 == sum(isinstance(m, nn.Conv3d) for m in kept.modules())
    with pytest.raises(ptv_mobile.CalibratedSizeError):
        fixed(torch.cat([CLIP, CLIP]))


def test_a_converted_model_copies_pickles_and_exports_with_any_batch():
    converted = convert_to_deployable_form(small(), CLIP)
    two, three = torch.cat([CLIP] * 2), torch.cat([CLIP] * 3)
    batch = torch.export.Dim("batch", min=1, max=8)
    exported = torch.export.export(converted, (two,), dynamic_shapes=({0: batch},)).module()
    expected = converted(three)

    for twin in (copy.deepcopy(converted), pickle.loads(pickle.dumps(converted)), exported):
        torch.testing.assert_close(twin(three), expected)


class ConvThenNorm(nn.Module):
    """A convolution, a norm, an activation; with ``and_more`` something else reads what the convolution makes."""

    def __init__(self, and_more=None):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.bn, self.act = nn.Conv3d(3, 6, 1), nn.BatchNorm3d(6), nn.ReLU()
        self.and_more = and_more
        self.train()(torch.randn(4, 3, 4, 9, 9))
        self.eval()

    def forward(self, x):
        x = self.conv(x)
        more = 0 if self.and_more is None else self.and_more(x)
        return self.act(self.bn(x)) + more


def norms_left(model):
    """Batch norms, as such or as their scale and shift."""
    return [m for m in model.modules() if isinstance(m, nn.BatchNorm3d) or hasattr(m, "shift")]


@pytest.mark.parametrize("keep_conv3d", [False, True])
def test_the_norms_of_a_transmuted_model_are_folded_into_its_convolutions(keep_conv3d):
    model = ConvThenNorm()
    expected = model(CLIP)
    transmuted = ptv_mobile.transmute_model(model, example_inputs=CLIP)
    deployable, report = convert_and_compare(transmuted, CLIP, keep_conv3d=keep_conv3d)

    assert [] == norms_left(deployable)
    assert {"conv": "Conv3dPwBnAct", "bn": "BatchNormBlock"} == report.converted
    torch.testing.assert_close(deployable(CLIP), expected, rtol=1e-4, atol=1e-5)
    assert isinstance(transmuted.bn.bn, nn.BatchNorm3d)


def test_a_norm_of_torch_after_an_efficient_convolution_is_folded_too():
    model = ConvThenNorm()
    expected = model(CLIP)
    model.conv = ptv_mobile.Conv3dPwBnAct(
        3, 6, activation="identity", use_bn=False, conv=lambda conv=model.conv, **_: conv
    )
    deployable, report = convert_and_compare(model, CLIP)

    assert [] == norms_left(deployable)
    assert {"conv": "Conv3dPwBnAct", "bn": "Identity"} == report.converted
    torch.testing.assert_close(deployable(CLIP), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("and_more", [nn.Sigmoid(), torch.sigmoid], ids=["a layer", "a function"])
def test_a_norm_is_not_folded_where_the_convolution_is_read_twice(and_more):
    model = ConvThenNorm(and_more)
    transmuted = ptv_mobile.transmute_model(model, example_inputs=CLIP)
    deployable, report = convert_and_compare(transmuted, CLIP)

    assert 1 == len(norms_left(deployable))
    assert report.largest_difference < 1e-4
    torch.testing.assert_close(deployable(CLIP), model(CLIP), rtol=1e-4, atol=1e-5)
