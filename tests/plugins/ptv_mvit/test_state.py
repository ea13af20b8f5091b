import copy
import pickle

import pytest
import torch
from torch.distributed.checkpoint.state_dict import get_model_state_dict

safetensors_torch = pytest.importorskip("safetensors.torch")


@pytest.fixture
def pooled(small):
    return small(pool_kv_stride_adaptive=(1, 4, 4)).eval()


def test_each_parameter_is_registered_once(pooled):
    all_names = [name for name, _ in pooled.named_parameters(remove_duplicate=False)]

    assert all_names == [name for name, _ in pooled.named_parameters()]
    assert not any(".pool_" in name or ".norm_k" in name for name in all_names)


def short_names(model):
    """The names of a checkpoint's pools by their short published name."""
    return {
        f"blocks.{n}.attn.{part}_{side}.{leaf}": f"blocks.{n}.attn._attention_pool_{side}.{part}.{leaf}"
        for n in range(len(model.blocks))
        for side in "qkv"
        for part, leaf in (("pool", "weight"), ("norm", "weight"), ("norm", "bias"))
        if f"blocks.{n}.attn._attention_pool_{side}.{part}.{leaf}" in model.state_dict()
    }


def test_every_name_of_the_state_dict_is_an_attribute(pooled, clips):
    state = pooled.state_dict()

    assert list(state) == [name for name, _ in (*pooled.named_parameters(), *pooled.named_buffers())]
    assert torch.equal(pooled(clips), torch.func.functional_call(pooled, state, (clips,)))
    assert list(state) == list(get_model_state_dict(pooled))


def test_safetensors_round_trips(pooled, small, clips, tmp_path):
    safetensors_torch.save_file(pooled.state_dict(), tmp_path / "mvit.safetensors")
    other = small(pool_kv_stride_adaptive=(1, 4, 4)).eval()
    torch.nn.init.zeros_(other.head.proj.weight)
    other.load_state_dict(safetensors_torch.load_file(tmp_path / "mvit.safetensors"))

    assert torch.equal(pooled(clips), other(clips))


def test_safetensors_round_trips_a_whole_model(pooled, small, clips, tmp_path):
    safetensors_torch.save_model(pooled, tmp_path / "mvit.safetensors")
    other = small(pool_kv_stride_adaptive=(1, 4, 4)).eval()
    torch.nn.init.zeros_(other.head.proj.weight)
    safetensors_torch.load_model(other, tmp_path / "mvit.safetensors")

    assert torch.equal(pooled(clips), other(clips))


@pytest.mark.parametrize("both", [False, True], ids=["short", "short and long"])
def test_a_checkpoint_with_the_short_published_names_loads(pooled, small, clips, both):
    with torch.no_grad():
        for parameter in pooled.parameters():
            parameter.add_(0.1)
    state = pooled.state_dict()
    short = short_names(pooled)
    state |= {name: state[long] if both else state.pop(long) for name, long in short.items()}
    keys = list(state)
    other = small(pool_kv_stride_adaptive=(1, 4, 4)).eval()
    other.load_state_dict(state)

    assert short
    assert keys == list(state)
    assert torch.equal(pooled(clips), other(clips))


def test_a_missing_pool_is_reported(pooled):
    state = {key: value for key, value in pooled.state_dict().items() if "_attention_pool_q" not in key}

    with pytest.raises(RuntimeError, match="_attention_pool_q"):
        pooled.load_state_dict(state)


def test_one_attention_saves_and_loads_by_itself(pooled):
    attention = pooled.blocks[1].attn
    state = attention.state_dict()

    assert attention.load_state_dict(state).missing_keys == []


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_it_deep_copies_and_pickles(pooled, clips, twin_of):
    twin = twin_of(pooled)

    assert list(pooled.state_dict()) == list(twin.state_dict())
    assert torch.equal(pooled(clips), twin(clips))


def test_it_is_built_on_the_meta_device_and_filled_later(pooled, small, clips):
    with torch.device("meta"):
        empty = small(pool_kv_stride_adaptive=(1, 4, 4)).eval()
    assert all(parameter.is_meta for parameter in empty.parameters())
    empty.load_state_dict(pooled.state_dict(), assign=True)

    assert torch.equal(pooled(clips), empty(clips))


def test_every_parameter_gets_a_finite_gradient(small, clips):
    model = small(pool_kv_stride_adaptive=(1, 4, 4), droppath_rate_block=0.1, residual_pool=True)
    model(clips).square().sum().backward()

    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.isfinite().all()] == []


def test_putting_blocks_into_a_model_leaves_their_weights_alone(small):
    model = small()
    before = copy.deepcopy(model.state_dict())
    rebuilt = type(model)(
        patch_embed=model.patch_embed,
        cls_positional_encoding=model.cls_positional_encoding,
        pos_drop=None,
        blocks=model.blocks,
        norm_embed=model.norm_embed,
        head=model.head,
    )

    assert all(torch.equal(before[key], value) for key, value in rebuilt.state_dict().items())
