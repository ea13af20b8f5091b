import copy
import pickle

import pytest
import torch

safetensors_torch = pytest.importorskip("safetensors.torch")


@pytest.fixture
def pooled(small):
    return small(pool_kv_stride_adaptive=(1, 4, 4)).eval()


def test_each_parameter_is_registered_once(pooled):
    all_names = [name for name, _ in pooled.named_parameters(remove_duplicate=False)]

    assert all_names == [name for name, _ in pooled.named_parameters()]
    assert not any(".pool_" in name or ".norm_k" in name for name in all_names)


def test_the_state_dict_has_the_pools_under_both_published_names_with_equal_values(pooled):
    state = pooled.state_dict()
    for side in "qkv":
        for part in ("pool", "norm"):
            short, long = f"blocks.1.attn.{part}_{side}.weight", f"blocks.1.attn._attention_pool_{side}.{part}.weight"
            assert torch.equal(state[short], state[long])


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


@pytest.mark.parametrize("left_out", ["._attention_pool_", (".pool_", ".norm_")], ids=["short", "long"])
def test_a_checkpoint_with_one_of_the_two_names_loads(pooled, small, clips, left_out):
    parts = (left_out,) if isinstance(left_out, str) else left_out
    with torch.no_grad():
        for parameter in pooled.parameters():
            parameter.add_(0.1)
    state = {key: value for key, value in pooled.state_dict().items() if not any(part in key for part in parts)}
    assert len(state) < len(pooled.state_dict())
    keys = list(state)
    other = small(pool_kv_stride_adaptive=(1, 4, 4)).eval()
    other.load_state_dict(state)

    assert keys == list(state)
    assert torch.equal(pooled(clips), other(clips))


def test_a_missing_pool_is_reported(pooled):
    state = {key: value for key, value in pooled.state_dict().items() if "pool_q" not in key}

    with pytest.raises(RuntimeError, match="_attention_pool_q"):
        pooled.load_state_dict(state)


def test_one_attention_saves_and_loads_by_itself(pooled):
    attention = pooled.blocks[1].attn
    state = attention.state_dict()

    assert list(state)[8:11] == ["pool_q.weight", "norm_q.weight", "norm_q.bias"]
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
