import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

WORLD = 2
SCRIPT = Path(__file__).with_name("group_process.py")
_spec = importlib.util.spec_from_file_location("ptv_ssl_group_process", SCRIPT)
group_process = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(group_process)


@pytest.fixture(scope="module")
def views():
    """Two views, each with the share of either process; the shares differ in size."""
    torch.manual_seed(2)
    first, second = torch.randn(2, 5, 6, dtype=torch.float64)
    second[:, 0] = torch.tensor([3, 0, 7, 1, 11])  # the number of each sample for the memory bank
    return [list(view.split([3, 2])) for view in (first, second)]


@pytest.fixture(scope="module")
def results(views, tmp_path_factory):
    """What each process of a gloo group computed."""
    folder = tmp_path_factory.mktemp("group")
    torch.save(views, folder / "views.pt")
    environment = {**os.environ, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(
            [sys.executable, SCRIPT, str(rank), str(WORLD), str(folder)], env=environment, stderr=subprocess.PIPE
        )
        for rank in range(WORLD)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors.decode()
    return [torch.load(folder / f"results{rank}.pt") for rank in range(WORLD)]


def alone(name, views):
    torch.manual_seed(0)
    return group_process.step(group_process.MODELS[name](), *(torch.cat(view) for view in views))


@pytest.mark.parametrize("name", ["simclr", "ntxent"])
def test_the_loss_and_its_gradients_are_those_of_the_whole_batch(name, views, results):
    whole = alone(name, views)
    mine = [r[name] for r in results]
    share = torch.tensor([3 / 5, 2 / 5], dtype=torch.float64)

    torch.testing.assert_close(whole["loss"], sum(s * r["loss"] for s, r in zip(share, mine, strict=True)))
    # The gradients are those of the sum of the processes' losses; distributed training divides them by their number.
    torch.manual_seed(0)
    model = group_process.MODELS[name]()
    x1, x2 = (torch.cat(view).requires_grad_() for view in views)
    sum(_share_of_loss(name, model, x1, x2, rows) for rows in (slice(0, 3), slice(3, 5))).backward()
    for key, expected in (("x1", x1.grad), ("x2", x2.grad)):
        torch.testing.assert_close(expected, torch.cat([r["grads"][key] for r in mine]))


def _share_of_loss(name, model, x1, x2, rows):
    """The loss of the samples of one process among those of all, from the formula."""
    embed = model.backbone if name == "simclr" else lambda x: x
    first, second = F.normalize(embed(x1), dim=1), F.normalize(embed(x2), dim=1)
    if name == "simclr":
        return -((first @ second.T / 0.5).log_softmax(dim=1).diagonal()[rows]).mean()
    views = torch.cat([first, second])
    similar = (views @ views.T / 0.5).exp()
    count = len(first)
    terms = [
        -torch.log(similar[i, (i + count) % (2 * count)] / (similar[i].sum() - similar[i, i]))
        for base in (0, count)
        for i in range(base + rows.start, base + rows.stop)
    ]
    return torch.stack(terms).mean()


def test_nt_xent_need_not_gather(views, results):
    for rank in range(WORLD):
        expected = group_process.MODELS["ntxent"]()(views[0][rank], views[1][rank])

        torch.testing.assert_close(expected, results[rank]["ntxent_alone"]["loss"])


def test_the_queue_of_moco_takes_in_the_keys_of_all_processes_in_order(views, results):
    states = [r["moco_unshuffled"]["state"] for r in results]
    follower = group_process.backbone()  # the copy follows an encoder that is equal to it
    keys = torch.cat([F.normalize(follower(view), dim=1) for view in views[1]]).float()

    for name in ("queue_x", "ptr"):
        assert torch.equal(states[0][name], states[1][name])
    assert 5 == states[0]["ptr"]
    torch.testing.assert_close(keys.detach(), states[0]["queue_x"][:5])


def test_moco_shuffles_the_samples_over_the_processes_and_back(views, results):
    shuffled, unshuffled = ([r[name]["state"] for r in results] for name in ("moco", "moco_unshuffled"))
    torch.manual_seed(1)  # as the first process, whose order is everybody's
    order = torch.randperm(5)
    follower = group_process.backbone()
    samples = torch.cat(views[1])
    keys = torch.cat([F.normalize(follower(samples[part]), dim=1) for part in order.split([3, 2])])

    assert not torch.allclose(shuffled[0]["queue_x"], unshuffled[0]["queue_x"])
    for state in shuffled:
        torch.testing.assert_close(keys[order.argsort()].float().detach(), state["queue_x"][:5])


def test_every_process_remembers_the_samples_of_all(views, results):
    first, second = (r["memory_bank"]["state"]["memory"] for r in results)
    seen = torch.cat(views[1])[:, 0].long()

    assert torch.equal(first, second)
    torch.testing.assert_close(torch.ones(5), first[seen].norm(dim=1))
