"""Synchronized batch norms in a real process group are batch norm of the concatenated batch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from ptv_layers import NaiveSyncBatchNorm1d, NaiveSyncBatchNorm2d, NaiveSyncBatchNorm3d

PLAIN = {
    "NaiveSyncBatchNorm1d": nn.BatchNorm1d,
    "NaiveSyncBatchNorm2d": nn.BatchNorm2d,
    "NaiveSyncBatchNorm3d": nn.BatchNorm3d,
}
WORLD = 2
CASES = {
    "1d of vectors": ("NaiveSyncBatchNorm1d", (3, 4), {}),
    "1d of sequences": ("NaiveSyncBatchNorm1d", (3, 4, 5), {}),
    "2d": ("NaiveSyncBatchNorm2d", (2, 4, 3, 3), {}),
    "3d": ("NaiveSyncBatchNorm3d", (2, 4, 2, 3, 3), {}),
    "eps and momentum": ("NaiveSyncBatchNorm3d", (2, 4, 2, 3, 3), {"eps": 0.1, "momentum": 0.7}),
    "cumulative average": ("NaiveSyncBatchNorm3d", (2, 4, 2, 3, 3), {"momentum": None}),
    "without scale and shift": ("NaiveSyncBatchNorm3d", (2, 4, 2, 3, 3), {"affine": False}),
    "without running statistics": ("NaiveSyncBatchNorm3d", (2, 4, 2, 3, 3), {"track_running_stats": False}),
}


def _case(norm, shape, arguments, offset=0.0, shapes=None, dtype=torch.float32):
    shapes = shapes or [shape] * WORLD
    return {
        "norm": norm,
        "arguments": arguments,
        "inputs": [(torch.randn(s) * (1 + rank) + rank + offset).to(dtype) for rank, s in enumerate(shapes)],
        "weights": [torch.randn(s).to(dtype) for s in shapes],
        "steps": 2,
    }


@pytest.fixture(scope="module")
def synced(tmp_path_factory):
    """The cases and, for each, what every process of a gloo group computed."""
    folder = tmp_path_factory.mktemp("group")
    torch.manual_seed(1)
    cases = {name: _case(*arguments) for name, arguments in CASES.items()}
    cases["far from zero"] = _case("NaiveSyncBatchNorm3d", (2, 4, 2, 3, 3), {}, offset=3000.0)
    cases["half precision"] = _case("NaiveSyncBatchNorm3d", (2, 4, 2, 3, 3), {}, offset=10.0, dtype=torch.bfloat16)
    cases["unequal"] = _case("NaiveSyncBatchNorm2d", None, {}, shapes=[(1, 4, 3, 3), (3, 4, 2, 5)])
    torch.save(list(cases.values()), folder / "cases.pt")
    script = Path(__file__).with_name("sync_process.py")
    environment = {**os.environ, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(
            [sys.executable, script, str(rank), str(WORLD), str(folder)], env=environment, stderr=subprocess.PIPE
        )
        for rank in range(WORLD)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=100)
        assert process.returncode == 0, errors.decode()
    results = [torch.load(folder / f"results{rank}.pt") for rank in range(WORLD)]
    return {name: (case, [r[i] for r in results]) for i, (name, case) in enumerate(cases.items())} | {
        "empty": [r[-1] for r in results]
    }


def _reference(case):
    torch.manual_seed(0)
    norm = PLAIN[case["norm"]](case["inputs"][0].shape[1], **case["arguments"])
    if norm.affine:
        norm.weight.data.normal_()
        norm.bias.data.normal_()
    norm = norm.double()
    x = torch.cat(case["inputs"]).double().requires_grad_()
    for _ in range(case["steps"]):
        y = norm(x)
    (y * torch.cat(case["weights"])).sum().backward()
    return norm, x, y


@pytest.mark.parametrize("name", CASES)
def test_synchronized_norm_is_batch_norm_of_the_concatenated_batch(synced, name):
    case, results = synced[name]
    norm, x, y = _reference(case)

    torch.testing.assert_close(torch.cat([r["output"] for r in results]), y.detach().float())
    torch.testing.assert_close(torch.cat([r["input_grad"] for r in results]), x.grad.float(), rtol=1e-4, atol=1e-5)
    for parameter, value in norm.named_parameters():
        total = sum(r["parameter_grads"][parameter] for r in results)
        torch.testing.assert_close(total, value.grad.float(), rtol=1e-4, atol=1e-5)
    for result in results:
        assert result["buffers"].keys() == dict(norm.named_buffers()).keys()
        for buffer, value in norm.named_buffers():
            torch.testing.assert_close(result["buffers"][buffer], value.to(result["buffers"][buffer].dtype))


@pytest.mark.parametrize("name", [name for name in CASES if "running" not in name])
def test_evaluation_uses_the_running_statistics(synced, name):
    case, results = synced[name]
    norm, x, _ = _reference(case)

    torch.testing.assert_close(torch.cat([r["eval_output"] for r in results]), norm.eval()(x).detach().float())


def test_statistics_far_from_zero_do_not_cancel(synced):
    case, results = synced["far from zero"]
    _, _, y = _reference(case)

    torch.testing.assert_close(torch.cat([r["output"] for r in results]), y.detach().float(), rtol=1e-2, atol=1e-3)


def test_half_precision_stays_half_precision_with_good_statistics(synced):
    case, results = synced["half precision"]
    _, _, y = _reference(case)

    output = torch.cat([r["output"] for r in results])
    assert output.dtype == torch.bfloat16
    torch.testing.assert_close(output.float(), y.detach().float(), rtol=2e-2, atol=2e-2)


def test_each_process_weighs_the_same_when_shapes_differ(synced):
    case, results = synced["unequal"]
    mean = torch.stack([x.mean((0, 2, 3)) for x in case["inputs"]]).mean(0)
    square = torch.stack([x.square().mean((0, 2, 3)) for x in case["inputs"]]).mean(0)

    for x, result in zip(case["inputs"], results, strict=True):
        normed = (x - mean.view(-1, 1, 1)) * (square - mean**2 + 1e-5).rsqrt().view(-1, 1, 1)
        ranges = [t.amax((0, 2, 3)) - t.amin((0, 2, 3)) for t in (normed, result["output"])]
        torch.manual_seed(0)
        weight = nn.init.normal_(torch.empty(4))
        torch.testing.assert_close(ranges[1], ranges[0] * weight.abs(), rtol=1e-4, atol=1e-4)


def test_an_empty_batch_is_refused(synced):
    assert all("takes no empty batch" in message for message in synced["empty"])


@pytest.mark.parametrize(
    ("synchronized", "plain", "shape"),
    [
        (NaiveSyncBatchNorm1d, nn.BatchNorm1d, (4, 3)),
        (NaiveSyncBatchNorm2d, nn.BatchNorm2d, (2, 3, 4, 4)),
        (NaiveSyncBatchNorm3d, nn.BatchNorm3d, (2, 3, 2, 4, 4)),
    ],
)
def test_a_single_process_computes_plain_batch_norm(synchronized, plain, shape):
    norm, reference, x = synchronized(3), plain(3), torch.randn(shape)

    assert torch.equal(norm(x), reference(x))
    assert torch.equal(norm.running_var, reference.running_var)
    assert norm.state_dict().keys() == reference.state_dict().keys()
