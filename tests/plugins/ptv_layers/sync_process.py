"""One process of a gloo group: runs the synchronized norms on its share of the cases and saves what came out."""

import sys
from pathlib import Path

import torch
from torch import distributed

import ptv_layers
from ptv_registry.errors import ArgumentError


def run(rank: int, world: int, folder: Path) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=world)
    results = []
    for case in torch.load(folder / "cases.pt"):
        torch.manual_seed(0)
        norm = getattr(ptv_layers, case["norm"])(case["inputs"][rank].shape[1], **case["arguments"])
        if norm.affine:
            norm.weight.data.normal_()
            norm.bias.data.normal_()
        x = case["inputs"][rank].clone().requires_grad_()
        for _ in range(case["steps"]):
            y = norm(x)
        (y * case["weights"][rank]).sum().backward()
        results.append(
            {
                "output": y.detach(),
                "input_grad": x.grad,
                "parameter_grads": {name: p.grad for name, p in norm.named_parameters()},
                "buffers": dict(norm.named_buffers()),
                "eval_output": norm.eval()(x).detach(),
            }
        )
    try:
        ptv_layers.NaiveSyncBatchNorm3d(2)(torch.zeros(0, 2, 1, 1, 1))
    except ArgumentError as error:
        results.append(str(error))
    torch.save(results, folder / f"results{rank}.pt")
    distributed.destroy_process_group()


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
