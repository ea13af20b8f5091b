import copy
import pickle

import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_resnet import (
    create_acoustic_bottleneck_block,
    create_acoustic_resnet,
    create_bottleneck_block,
    create_resnet,
    create_resnet_with_roi_head,
)

SMALL = {"model_depth": 18, "stem_dim_out": 8, "model_num_class": 5}
CLIP = torch.randn(1, 3, 4, 64, 64)
BOXES = torch.tensor([[0.0, 4, 4, 40, 60], [0, 0, 0, 64, 64]])
MODELS = {
    "resnet": (create_resnet, {"head_pool_kernel_size": (4, 2, 2)}, (CLIP,)),
    "resnet_with_roi_head": (create_resnet_with_roi_head, {}, (CLIP, BOXES)),
    "acoustic_resnet": (create_acoustic_resnet, {}, (torch.randn(1, 1, 32, 1, 80),)),
}
each_model = pytest.mark.parametrize(("build", "arguments", "inputs"), MODELS.values(), ids=MODELS)


@each_model
def test_a_model_scores_each_clip_or_box_and_its_gradients_are_finite(build, arguments, inputs):
    model = build(**SMALL, **arguments)
    scores = model(*inputs)
    scores.square().sum().backward()

    assert (len(inputs[-1]), 5) == tuple(scores.shape)
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@each_model
def test_a_model_copies_and_pickles(build, arguments, inputs):
    model = build(**SMALL, **arguments).eval()
    expected = model(*inputs)

    assert torch.equal(expected, copy.deepcopy(model)(*inputs))
    assert torch.equal(expected, pickle.loads(pickle.dumps(model))(*inputs))


@each_model
def test_a_model_runs_on_the_meta_device(build, arguments, inputs):
    with torch.device("meta"):
        model = build(**SMALL, **arguments)

    assert (len(inputs[-1]), 5) == tuple(model(*(x.to("meta") for x in inputs)).shape)


@pytest.mark.slow
@each_model
def test_a_model_exports(build, arguments, inputs):
    model = build(**SMALL, **arguments).eval()
    exported = torch.export.export(model, inputs).module()

    torch.testing.assert_close(model(*inputs), exported(*inputs))


@pytest.mark.parametrize("build", [create_resnet, create_resnet_with_roi_head])
def test_without_head_features_come_out(build):
    assert (1, 256) == tuple(build(**SMALL, head=None)(CLIP).shape[:2])


@each_model
def test_a_model_works_without_norm_and_activation(build, arguments, inputs):
    model = build(**SMALL, **arguments, norm=None, activation=None, head_activation=None)

    assert (len(inputs[-1]), 5) == tuple(model(*inputs).shape)


@pytest.mark.parametrize("head_pool", [None, nn.MaxPool3d, nn.AdaptiveAvgPool3d, nn.AvgPool3d])
def test_every_kind_of_head_pool_works(head_pool):
    model = create_resnet(**SMALL, head_pool=head_pool, head_pool_kernel_size=(4, 2, 2))

    assert (1, 5) == tuple(model(CLIP).shape)


def test_a_clip_too_small_for_the_head_is_refused_with_a_way_out():
    with pytest.raises(ArgumentError, match=r"\(4, 7, 7\), but its input is \(4, 2, 2\).*head_pool_kernel_size"):
        create_resnet(**SMALL)(CLIP)


def test_stages_take_one_size_or_one_for_each_or_several_in_turn():
    def kernels(sizes):
        model = create_resnet(**{**SMALL, "model_depth": 50}, stage_conv_a_kernel_size=sizes)
        return [[block.branch2.conv_a.kernel_size[0] for block in stage.res_blocks] for stage in model.blocks[1:5]]

    assert [{3}] * 4 == [set(stage) for stage in kernels([3, 1, 1])]
    assert [{1}, {3}, {1}, {3}] == [set(stage) for stage in kernels([(1, 1, 1), (3, 1, 1)] * 2)]
    assert [3, 1, 3, 1, 3, 1] == kernels([[3, 1, 1], [1, 1, 1], [[3, 1, 1], [1, 1, 1]], [1, 1, 1]])[2]


def test_dilation_keeps_the_size_of_larger_kernels():
    model = create_resnet(
        **SMALL,
        head=None,
        stage_conv_b_kernel_size=(3, 5, 5),
        stage_conv_b_dilation=(2, 2, 2),
        stage_spatial_h_stride=(1, 1, 1, 1),
        stage_spatial_w_stride=(1, 1, 1, 1),
    )

    assert (4, 16, 16) == tuple(model(CLIP).shape[2:])


def test_the_detection_model_honours_bottleneck_and_stem():
    made = []

    def stem(**arguments):
        made.append("stem")
        return nn.Conv3d(arguments["in_channels"], arguments["out_channels"], (1, 4, 4), (1, 4, 4))

    with torch.device("meta"):
        model = create_resnet_with_roi_head(**SMALL, stem=stem, bottleneck=create_acoustic_bottleneck_block)

    assert ["stem"] == made
    assert "model.blocks.1.res_blocks.0.branch2.conv_b.1.weight" in model.state_dict()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"model_depth": 34}, "model_depth is 34; use one of 18, 50, 101, 152"),
        ({"stage_temporal_stride": (1, 1)}, "stage_temporal_stride has 2 entries"),
        ({"bottleneck": [create_bottleneck_block]}, "bottleneck has 1 entries"),
        ({"stage_conv_b_kernel_size": ((1, 3, 3),) * 3}, "stage_conv_b_kernel_size has 3 entries"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_arguments_that_do_not_fit_the_stages_are_refused(wrong, message):
    with pytest.raises(ArgumentError, match=message):
        create_resnet(**{**SMALL, **wrong})


def test_convolutions_start_kaiming_normal_and_the_classifier_small():
    torch.manual_seed(0)
    model = create_resnet(**{**SMALL, "model_num_class": 400})
    conv = model.blocks[4].res_blocks[0].branch2.conv_b.weight
    head = model.blocks[5].proj

    assert abs(conv.std().item() / (2 / (conv.shape[0] * 9)) ** 0.5 - 1) < 0.05
    assert abs(head.weight.std().item() / 0.01 - 1) < 0.05
    assert 0 == head.bias.abs().max()
