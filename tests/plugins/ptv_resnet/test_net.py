import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_resnet import DetectionBBoxNetwork, MultiPathWayWithFuse, Net, create_res_basic_stem, create_resnet


def test_a_net_runs_its_blocks_in_order_and_leaves_their_weights():
    blocks = nn.ModuleList([nn.Linear(2, 3), nn.Linear(3, 4)])
    before = [parameter.clone() for parameter in blocks.parameters()]
    net = Net(blocks=blocks)
    x = torch.randn(5, 2)

    assert torch.equal(blocks[1](blocks[0](x)), net(x))
    assert all(map(torch.equal, before, net.parameters()))


def test_a_stem_that_was_handed_in_keeps_its_weights():
    mine = create_res_basic_stem(in_channels=3, out_channels=8)
    nn.init.constant_(mine.conv.weight, 0.5)

    model = create_resnet(model_depth=18, stem_dim_out=8, stem=lambda **_: mine)

    assert 0.5 == model.blocks[0].conv.weight.min()


def test_a_net_needs_blocks():
    with pytest.raises(ArgumentError, match="blocks is None"):
        Net(blocks=None)


@pytest.mark.parametrize("inplace", [True, False])
def test_pathways_leave_the_list_of_the_caller_alone(inplace):
    model = MultiPathWayWithFuse(
        multipathway_blocks=nn.ModuleList([nn.Linear(2, 3), nn.Linear(4, 5)]),
        multipathway_fusion=None,
        inplace=inplace,
    )
    clips = [torch.randn(1, 2), torch.randn(1, 4)]
    kept = list(clips)
    first, second = model(clips), model(clips)

    assert all(map(torch.equal, first, second))
    assert all(a is b for a, b in zip(clips, kept, strict=True))


def test_in_place_a_pathway_without_block_stays_and_otherwise_it_is_none():
    x = [torch.ones(1, 2), torch.ones(1, 4)]
    blocks = nn.ModuleList([None, nn.Linear(4, 5)])
    outputs = [MultiPathWayWithFuse(multipathway_blocks=blocks, multipathway_fusion=None, inplace=i)(x) for i in (1, 0)]

    assert outputs[0][0] is x[0]
    assert outputs[1][0] is None


def test_the_fusion_sees_all_pathways():
    class Sum(nn.Module):
        def forward(self, x):
            return [x[0] + x[1], x[1]]

    blocks = nn.ModuleList([nn.Identity(), nn.Identity()])
    x = [torch.ones(1, 2), torch.ones(1, 2)]
    model = MultiPathWayWithFuse(multipathway_blocks=blocks, multipathway_fusion=Sum())

    assert [2, 1] == [int(t.max()) for t in model(x)]


@pytest.mark.parametrize(("x", "got"), [(torch.ones(2, 2), "Tensor"), ([torch.ones(2)], "1 entries")])
def test_an_input_that_is_not_one_clip_for_each_pathway_is_refused(x, got):
    model = MultiPathWayWithFuse(
        multipathway_blocks=nn.ModuleList([nn.Identity(), nn.Identity()]), multipathway_fusion=None
    )

    with pytest.raises(ArgumentError, match=f"2 pathways, but its input is {got}"):
        model(x)


def test_a_detection_network_gives_one_row_for_each_box():
    class Head(nn.Module):
        def forward(self, x, bboxes):
            return x.new_zeros(len(bboxes), 3, 1, 1, 1) + x.sum()

    assert (4, 3) == tuple(DetectionBBoxNetwork(nn.Identity(), Head())(torch.ones(1, 2), torch.zeros(4, 5)).shape)
