"""Instance discrimination with a memory bank."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import distributed, nn
from torch.nn import functional as F

from ptv_registry.errors import ArgumentError, PtvError
from ptv_ssl.gathering import gather_rows, is_distributed
from ptv_ssl.momentum import checked_momentum
from ptv_ssl.projection import as_module, features_for
from ptv_ssl.slots import BuiltLayer, BuiltModel
from ptv_ssl.views import checked_temperature


class MemoryBankSizeError(PtvError, MemoryError):
    """The memory bank does not fit into memory."""


class MemoryBank(nn.Module):
    """Non-Parametric Instance Discrimination (https://arxiv.org/abs/1805.01978; MoCo's paper compares it, 1911.05722).

    The loss of telling each sample's remembered embedding from those of random others. The bank remembers an
    embedding of each sample of the training set, ``bank_size * dim * 4`` bytes: 10.5 GB with the default values, so
    give the size of your training set. It comes to be, on the device of the embeddings, at the first forward call or
    with a checkpoint, and changes in training only. In a distributed training every process remembers the samples of
    all.

    Args:
        backbone: makes features (B, C) of a batch. If it is a network that ends in a classifier, and the mlp takes
            what goes into that, the classifier is left out.
        mlp: projects features to ``dim``: a module, or what :func:`ptv_layers.make_multilayer_perceptron` returns;
            ``None`` for none.
        neg_size: number of random negatives for each sample.
        temperature: divides the cosine similarities.
        bank_size: number of samples of the training set.
        dim: dimension of the embeddings.
        mmt: share of a remembered embedding that stays when its sample is seen again.

    Raises:
        ArgumentError: ``mmt`` is not between 0 and 1, or the temperature or a size is not positive.
    """

    memory: torch.Tensor | None

    def __init__(
        self,
        backbone: BuiltModel,
        mlp: BuiltLayer = None,
        neg_size: int = 4096,
        temperature: float = 0.07,
        bank_size: int = 1280000,
        dim: int = 2048,
        mmt: float = 0.999,
    ) -> None:
        super().__init__()
        for name, size in (("neg_size", neg_size), ("bank_size", bank_size), ("dim", dim)):
            if size < 1:
                msg = f"{name}={size!r} must be positive"
                raise ArgumentError(msg, argument=name, value=size)
        mlp = as_module(mlp)
        self.backbone = features_for(backbone, mlp)
        self.mlp = mlp
        self.neg_size = neg_size
        self.temperature = checked_temperature(temperature)
        self.bank_size = bank_size
        self.dim = dim
        self.mmt = checked_momentum(mmt)
        self.register_buffer("memory", None)

    def forward(self, x: torch.Tensor, x_ind: torch.Tensor) -> torch.Tensor:
        """The loss, a scalar. In training the bank then takes in the new embeddings.

        Args:
            x: a batch, as the backbone takes it.
            x_ind: (B,), the number of each sample in the training set, from 0.

        Raises:
            ArgumentError: there is not one number from 0 to ``bank_size - 1`` for each sample.
            MemoryBankSizeError: the bank does not fit into memory.
        """
        self._check_indices(x, x_ind)
        x = self.backbone(x)
        if self.mlp is not None:
            x = self.mlp(x)
        x = F.normalize(x, dim=1)
        memory = self._memory_for(x)
        chosen = torch.randint(0, self.bank_size, (len(x), self.neg_size + 1), device=x.device)
        chosen[:, 0] = x_ind
        logits = torch.einsum("bkc,bc->bk", memory[chosen].to(x.dtype), x) / self.temperature
        loss = F.cross_entropy(logits, torch.zeros(len(x), dtype=torch.long, device=x.device))
        if self.training:
            self._remember(memory, x.detach(), x_ind)
        return loss

    @torch.no_grad()
    def _remember(self, memory: torch.Tensor, x: torch.Tensor, x_ind: torch.Tensor) -> None:
        x, _ = gather_rows(x.to(memory.dtype))
        x_ind, _ = gather_rows(x_ind)
        memory[x_ind] = F.normalize(memory[x_ind] * self.mmt + x * (1 - self.mmt), dim=1)

    def _memory_for(self, x: torch.Tensor) -> torch.Tensor:
        if self.memory is None:
            bound = math.sqrt(3 / self.dim)  # of the uniform distribution whose rows have length 1 on average
            try:
                memory = torch.empty(self.bank_size, self.dim, device=x.device).uniform_(-bound, bound)
            except (RuntimeError, MemoryError) as error:
                msg = (
                    f"a bank of {self.bank_size} x {self.dim} embeddings takes {self.bank_size * self.dim * 4 / 1e9:.1f} "
                    f"GB, which {x.device} does not have: set bank_size to the number of samples in the training set, or "
                    "give an mlp and dim=128"
                )
                raise MemoryBankSizeError(msg, bank_size=self.bank_size, dim=self.dim) from error
            if is_distributed():
                distributed.broadcast(memory, 0)
            self.memory = memory
        return self.memory

    def _check_indices(self, x: torch.Tensor, x_ind: torch.Tensor) -> None:
        if x_ind.shape != x.shape[:1] or x_ind.is_floating_point() or x_ind.dtype == torch.bool:
            msg = f"x_ind is {x_ind.dtype} of shape {tuple(x_ind.shape)}, but must hold {len(x)} integers"
            raise ArgumentError(msg, argument="x_ind", value=tuple(x_ind.shape))
        if torch.compiler.is_compiling() or x_ind.is_meta:
            return
        if bool(((x_ind < 0) | (x_ind >= self.bank_size)).any()):
            msg = (
                f"x_ind={x_ind.tolist()} must be from 0 to {self.bank_size - 1}: set bank_size to the number of "
                "samples in the training set"
            )
            raise ArgumentError(msg, argument="x_ind", value=x_ind.tolist())

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        saved = state_dict.get(f"{prefix}memory")
        if self.memory is None and saved is not None and saved.shape == (self.bank_size, self.dim):
            self.memory = torch.empty_like(saved)
        super()._load_from_state_dict(state_dict, prefix, *args)
