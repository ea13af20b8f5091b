import pytest
import torch
from torch import nn

from ptv_layers import NonLocal, create_nonlocal
from ptv_registry.errors import ArgumentError


def _formula(block, x, pool=None):
    """The sum over positions, one position at a time."""
    n, _, *extents = x.shape
    asked = x if pool is None else pool(x)
    theta, phi, g = (
        conv(t).flatten(2) for conv, t in ((block.conv_theta, x), (block.conv_phi, asked), (block.conv_g, asked))
    )
    y = torch.zeros_like(theta)
    for b in range(n):
        for i in range(theta.shape[2]):
            products = theta[b, :, i] @ phi[b]
            if block.instantiation == "softmax":
                weights = torch.exp(products / theta.shape[1] ** 0.5)
                weights = weights / weights.sum()
            else:
                weights = products / products.numel()
            y[b, :, i] = g[b] @ weights
    out = block.conv_out(y.reshape(n, -1, *extents))
    return x + (out if block.norm is None else block.norm(out))


@pytest.mark.parametrize("instantiation", ["softmax", "dot_product"])
@pytest.mark.parametrize("pool_size", [None, (1, 1, 1), (1, 2, 2), 2])
def test_nonlocal_is_the_formula_of_the_paper(instantiation, pool_size):
    block = create_nonlocal(dim_in=6, dim_inner=4, pool_size=pool_size, instantiation=instantiation).eval()
    block.norm.weight.data.normal_()
    x = torch.randn(2, 6, 2, 4, 4)
    pool = None if pool_size in (None, (1, 1, 1)) else nn.MaxPool3d(pool_size)

    torch.testing.assert_close(block(x), _formula(block, x, pool))


def test_without_norm_the_sum_is_added_as_it_is():
    block = create_nonlocal(dim_in=6, dim_inner=4, norm=None)
    x = torch.randn(2, 6, 2, 3, 3)

    torch.testing.assert_close(block(x), _formula(block, x))


def test_every_part_comes_from_its_slot():
    class Conv(nn.Conv3d):
        pass

    class Pool(nn.MaxPool3d):
        pass

    class Norm(nn.BatchNorm3d):
        pass

    block = create_nonlocal(
        dim_in=6, dim_inner=4, pool_size=(1, 2, 2), norm=Norm, norm_eps=0.3, norm_momentum=0.6, conv=Conv, pool=Pool
    )

    assert all(type(conv) is Conv for conv in (block.conv_theta, block.conv_phi, block.conv_g, block.conv_out))
    assert (type(block.norm), block.norm.eps, block.norm.momentum) == (Norm, 0.3, 0.6)
    assert (type(block.pool), block.pool.kernel_size, block.pool.stride) == (Pool, (1, 2, 2), (1, 2, 2))


def test_parameter_names_are_the_published_ones():
    prefixes = {name.split(".")[0] for name in create_nonlocal(dim_in=6, dim_inner=4).state_dict()}

    assert prefixes == {"conv_theta", "conv_phi", "conv_g", "conv_out", "norm"}


def test_the_class_defaults_to_dot_product():
    convs = {name: nn.Conv3d(4, 4, 1) for name in ("conv_theta", "conv_phi", "conv_g", "conv_out")}

    assert NonLocal(**convs).instantiation == "dot_product"


def test_unknown_instantiation_is_named():
    with pytest.raises(ArgumentError, match="gaussian"):
        create_nonlocal(dim_in=6, dim_inner=4, instantiation="gaussian")


def test_convolutions_that_do_not_fit_together_are_refused():
    with pytest.raises(ArgumentError, match="inner channels"):
        NonLocal(
            conv_theta=nn.Conv3d(6, 4, 1),
            conv_phi=nn.Conv3d(6, 3, 1),
            conv_g=nn.Conv3d(6, 4, 1),
            conv_out=nn.Conv3d(4, 6, 1),
        )


def test_pool_size_must_be_a_triple():
    with pytest.raises(ArgumentError, match="pool_size"):
        create_nonlocal(dim_in=6, dim_inner=4, pool_size=(2, 2))
