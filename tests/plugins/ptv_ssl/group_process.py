"""One process of a gloo group: takes training steps on its share of the batch and saves what came out."""

import sys
from pathlib import Path

import torch
from torch import distributed, nn

import ptv_ssl


def backbone():
    """A small network whose norm sees which samples are in a batch."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 4)).double()


MODELS = {
    "simclr": lambda: ptv_ssl.SimCLR(None, nn.Linear(6, 4).double(), temperature=0.5),
    "ntxent": lambda: ptv_ssl.NTXentLoss(temperature=0.5),
    "ntxent_alone": lambda: ptv_ssl.NTXentLoss(temperature=0.5, gather=False),
    "moco": lambda: ptv_ssl.MoCoV2(backbone(), dim=4, queue_size=9, mmt=0.5),
    "moco_unshuffled": lambda: ptv_ssl.MoCoV2(backbone(), dim=4, queue_size=9, mmt=0.5, batch_shuffle=False),
    "memory_bank": lambda: ptv_ssl.MemoryBank(backbone(), neg_size=3, bank_size=12, dim=4, mmt=0.5),
}


def step(model, x1, x2):
    """The loss of a forward pass, the gradients of everything, and the state after it."""
    x1, x2 = x1.clone().requires_grad_(), x2.clone().requires_grad_()
    if isinstance(model, ptv_ssl.MemoryBank):
        x2 = x2.detach()[:, 0].long()
    loss = model(x1, x2)
    loss.backward()
    grads = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    return {
        "loss": loss.detach(),
        "grads": {**grads, "x1": x1.grad, "x2": x2.grad},
        "state": {name: tensor.clone() for name, tensor in model.state_dict().items()},
    }


def run(rank, world, folder):
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=world)
    x1, x2 = (view[rank] for view in torch.load(folder / "views.pt"))
    results = {}
    for name, make in MODELS.items():
        torch.manual_seed(0)
        model = make()
        torch.manual_seed(1 + rank)
        results[name] = step(model, x1, x2)
    torch.save(results, folder / f"results{rank}.pt")
    distributed.destroy_process_group()


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
