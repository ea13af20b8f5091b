"""Batch norms whose statistics are those of all processes of a distributed training."""

from __future__ import annotations

from typing import Any

import torch
from torch import distributed, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ptv_registry.errors import ArgumentError


class _MeanOverProcesses(torch.autograd.Function):
    """The mean of each process's tensor; the gradient of what all processes make of it flows back to each."""

    @staticmethod
    def forward(ctx: Any, local: torch.Tensor) -> torch.Tensor:
        return _mean_over_processes(local)

    @staticmethod
    def backward(ctx: Any, grad_output: torch.Tensor) -> torch.Tensor:
        return _mean_over_processes(grad_output)


def _mean_over_processes(local: torch.Tensor) -> torch.Tensor:
    total = local.detach().clone(memory_format=torch.contiguous_format)
    distributed.all_reduce(total)
    return total / distributed.get_world_size()


class _NaiveSync(_BatchNorm):
    """What the three dimensions share; see :class:`NaiveSyncBatchNorm2d`."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Normalize a tensor of shape (B, C, ...).

        Raises:
            ArgumentError: the batch of this process is empty while training with several processes.
        """
        alone = not (distributed.is_available() and distributed.is_initialized()) or distributed.get_world_size() == 1
        if alone or not self.training:
            return super().forward(input)
        self._check_input_dim(input)
        if input.numel() == 0:
            msg = f"{type(self).__name__} takes no empty batch (shape {tuple(input.shape)}): drop the last batch"
            raise ArgumentError(msg, argument="input", value=tuple(input.shape))

        values = input.float() if input.dtype in (torch.float16, torch.bfloat16) else input
        others = [dim for dim in range(input.dim()) if dim != 1]
        per_channel = [-1 if dim == 1 else 1 for dim in range(input.dim())]
        mean = _MeanOverProcesses.apply(values.mean(dim=others))
        centred = values - mean.reshape(per_channel)
        variance = _MeanOverProcesses.apply(centred.square().mean(dim=others))
        self._track(mean.detach(), variance.detach(), input.numel() // input.shape[1])

        normed = centred * torch.rsqrt(variance + self.eps).reshape(per_channel)
        if self.weight is not None:
            normed = normed * self.weight.reshape(per_channel) + self.bias.reshape(per_channel)
        return normed.to(input.dtype)

    @torch.no_grad()
    def _track(self, mean: torch.Tensor, variance: torch.Tensor, local_count: int) -> None:
        """Update the running statistics as batch norm does, with the unbiased variance."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        momentum = 1.0 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        count = local_count * distributed.get_world_size()
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), momentum)
        self.running_var.lerp_((variance * count / max(count - 1, 1)).to(self.running_var.dtype), momentum)


class NaiveSyncBatchNorm1d(_NaiveSync, nn.BatchNorm1d):
    """Synchronized batch norm of (B, C) or (B, C, L); see :class:`NaiveSyncBatchNorm2d`."""


class NaiveSyncBatchNorm2d(_NaiveSync, nn.BatchNorm2d):
    """Synchronized batch norm of (B, C, H, W): a slower ``nn.SyncBatchNorm`` that runs on every device.

    While training with several processes (``torch.distributed``), each channel is normalized by the mean and the
    variance over all of them, each process weighing the same; that is batch norm of the concatenated batch when all
    have inputs of one shape. The gradients are its gradients, too. Otherwise it is ``nn.BatchNorm2d``.

    Args:
        num_features: the number of channels C.
        eps: what is added to the variance.
        momentum: the weight of the new value in the running statistics; ``None`` for their cumulative average.
        affine: learn a scale and a shift per channel.
        track_running_stats: keep running statistics for evaluation.
    """


class NaiveSyncBatchNorm3d(_NaiveSync, nn.BatchNorm3d):
    """Synchronized batch norm of (B, C, T, H, W); see :class:`NaiveSyncBatchNorm2d`."""


_PLAIN: dict[type, type[nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d]] = {
    NaiveSyncBatchNorm1d: nn.BatchNorm1d,
    NaiveSyncBatchNorm2d: nn.BatchNorm2d,
    NaiveSyncBatchNorm3d: nn.BatchNorm3d,
}


def plain_batch_norm(module: nn.Module) -> _BatchNorm | None:
    """A batch norm of torch with the parameters and statistics of a synchronized one; ``None`` for other modules."""
    plain = _PLAIN.get(type(module))
    if plain is None or not isinstance(module, _NaiveSync):
        return None
    norm = plain(module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats)
    for name, parameter in module.named_parameters(recurse=False):
        setattr(norm, name, nn.Parameter(parameter.detach().clone(), parameter.requires_grad))
    for name, buffer in module.named_buffers(recurse=False):
        setattr(norm, name, buffer.clone())
    return norm.train(module.training)
