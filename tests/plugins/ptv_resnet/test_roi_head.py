import pickle

import pytest
import torch
from torch import nn
from torchvision.ops import roi_align

from ptv_registry.errors import ArgumentError
from ptv_resnet import ResNetRoIHead, create_res_roi_pooling_head

FEATURES = torch.randn(2, 4, 2, 8, 8)
BOXES = torch.tensor([[0.0, 0, 0, 64, 64], [1, 16, 16, 100, 120], [0, 5, 5, 20, 20]])


def head(**arguments):
    arguments = {"resolution": (3, 3), "spatial_scale": 1 / 16, "pool_kernel_size": (2, 1, 1), **arguments}
    return create_res_roi_pooling_head(in_features=4, out_features=5, **arguments).eval()


def test_each_box_is_cut_out_of_the_pooled_features_and_scored():
    model = head()
    cut = roi_align(FEATURES.mean(dim=2), BOXES, (3, 3), 1 / 16, 0)

    torch.testing.assert_close(model.proj(cut.amax(dim=(2, 3))), model(FEATURES, BOXES))


def test_without_spatial_pool_and_average_each_position_of_a_box_is_scored():
    model = head(pool_spatial=None, output_with_global_average=False)

    assert (3, 5, 1, 3, 3) == tuple(model(FEATURES, BOXES).shape)


def test_without_region_layer_whole_clips_are_scored():
    assert (2, 5) == tuple(head(roi=None)(FEATURES, BOXES).shape)


def test_no_boxes_give_no_scores():
    assert (0, 5) == tuple(head()(FEATURES, BOXES[:0]).shape)


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        (BOXES[:, 1:], r"a tensor \(3, 4\)"),
        (BOXES.tolist(), "bboxes is list"),
        (BOXES + torch.tensor([2.0, 0, 0, 0, 0]), "from 0 to 1"),
        (BOXES + torch.tensor([0.5, 0, 0, 0, 0]), "whole"),
        (BOXES[:, [0, 3, 4, 1, 2]], "ends before it starts"),
        (BOXES * float("nan"), "whole"),
    ],
    ids=["columns", "list", "index", "fraction", "corners", "nan"],
)
def test_boxes_of_another_form_are_refused(boxes, message):
    with pytest.raises(ArgumentError, match=message):
        head()(FEATURES, boxes)


def test_several_time_steps_after_the_pool_are_refused():
    with pytest.raises(ArgumentError, match="2 time steps after the pool"):
        head(pool_kernel_size=(1, 1, 1))(FEATURES, BOXES)


def test_the_error_of_a_box_survives_pickling():
    with pytest.raises(ArgumentError) as caught:
        head()(FEATURES, BOXES[:, 1:])

    assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))


def test_a_detection_head_needs_a_projection():
    with pytest.raises(ArgumentError, match="proj is None"):
        ResNetRoIHead(pool=nn.Identity())
