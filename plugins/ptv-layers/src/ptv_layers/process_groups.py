"""The processes of a distributed training, all of them and those of one machine."""

from __future__ import annotations

from typing import Any

import torch
from torch import distributed

from ptv_registry.errors import ArgumentError, PtvError


class NoLocalGroupError(PtvError, RuntimeError, AssertionError):
    """This machine's processes have no group: :func:`init_distributed_training` was not called."""


class _Local:
    group: Any = None


def is_distributed() -> bool:
    """Whether this process belongs to a process group."""
    return distributed.is_available() and distributed.is_initialized()


def get_world_size() -> int:
    """The number of processes; 1 without a process group."""
    return distributed.get_world_size() if is_distributed() else 1


def init_distributed_training(num_gpus: int, shard_id: int) -> None:
    """Make the group of the processes of each machine. Every process has to call it.

    Args:
        num_gpus: processes of a machine; with one or none there is nothing to do.
        shard_id: number of this machine.

    Raises:
        ArgumentError: the processes are not multiple of ``num_gpus``, or no such machine.
    """
    if num_gpus <= 1:
        return
    machines, rest = divmod(get_world_size(), num_gpus)
    if rest or not 0 <= shard_id < machines:
        msg = f"num_gpus={num_gpus}, shard_id={shard_id}: {get_world_size()} processes do not have such machines"
        raise ArgumentError(msg, argument="shard_id", value=shard_id)
    groups = [distributed.new_group(list(range(i * num_gpus, (i + 1) * num_gpus))) for i in range(machines)]
    _Local.group = groups[shard_id]


def get_local_process_group() -> Any:
    """The group of the processes of this machine.

    Raises:
        NoLocalGroupError: it was not made.
    """
    if _Local.group is None:
        raise NoLocalGroupError("call init_distributed_training(num_gpus, shard_id) in every process first")
    return _Local.group


def get_local_size() -> int:
    """The number of processes of this machine; of all processes if :func:`init_distributed_training` made no groups."""
    return distributed.get_world_size(_Local.group) if is_distributed() else 1


def get_local_rank() -> int:
    """The number of this process on its machine; 0 without a process group.

    Raises:
        NoLocalGroupError: there is a process group, and none of this machine.
    """
    return distributed.get_rank(get_local_process_group()) if is_distributed() else 0


def cat_all_gather(tensors: torch.Tensor, local: bool = False) -> torch.Tensor:
    """The tensors (N, ...) of all processes, by rank, joined along the first dimension; without gradients.

    Args:
        tensors: of the same shape in every process.
        local: of this machine's processes only.
    """
    if not is_distributed():
        return tensors
    gathered = [torch.empty_like(tensors) for _ in range(get_local_size() if local else get_world_size())]
    distributed.all_gather(gathered, tensors.contiguous(), group=_Local.group if local else None)
    return torch.cat(gathered)


class GroupGather(torch.autograd.Function):
    """The sum of a tensor over a part of this machine's processes; the gradients are summed over the same part.

    ``GroupGather.apply(tensor, num_sync_devices, num_groups)``: each ``num_sync_devices`` processes in a row are a part,
    and there are ``num_groups`` of them.
    """

    @staticmethod
    def forward(ctx: Any, input: torch.Tensor, num_sync_devices: int, num_groups: int) -> torch.Tensor:
        """The sum."""
        ctx.part = num_sync_devices, num_groups
        return _sum_of_part(input, num_sync_devices, num_groups)

    @staticmethod
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        """The gradients, summed."""
        return _sum_of_part(grad_output, *ctx.part), None, None


def _sum_of_part(tensor: torch.Tensor, size: int, number: int) -> torch.Tensor:
    group = get_local_process_group()
    gathered = [torch.empty_like(tensor) for _ in range(distributed.get_world_size(group))]
    distributed.all_gather(gathered, tensor.contiguous(), group=group)
    stacked = torch.stack(gathered)
    if number > 1:
        first = distributed.get_rank(group) // size * size
        stacked = stacked[first : first + size]
    return stacked.sum(0)
