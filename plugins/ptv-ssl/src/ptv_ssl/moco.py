"""MoCo v2."""

from __future__ import annotations

import torch
from torch import distributed, nn
from torch.nn import functional as F

from ptv_registry.errors import ArgumentError
from ptv_ssl.gathering import gather_rows, is_distributed
from ptv_ssl.momentum import checked_momentum, follow, follower_of
from ptv_ssl.projection import as_module, features_for
from ptv_ssl.slots import BuiltLayer, BuiltModel
from ptv_ssl.views import check_views, checked_temperature


class MoCoV2(nn.Module):
    """Momentum Contrast, version 2 (https://arxiv.org/abs/2003.04297, https://arxiv.org/abs/1911.05722).

    The loss of telling, for each sample's first view, the key of its second view from a queue of keys of earlier
    batches. Keys come from a copy of the encoder that follows it slowly. Copy and queue change in training only. In a
    distributed training the queue takes in the keys of all processes, and is the same in each if they start equal.

    Args:
        backbone: makes features (B, C) of a view. If it is a network that ends in a classifier, and the projector
            takes what goes into that, the classifier is left out.
        projector: projects features to ``dim``, in version 2 an MLP with one layer inside, such as
            ``make_multilayer_perceptron((2048, 2048, 128), final_activation=None)``; ``None`` for none.
        dim: dimension of the embeddings.
        queue_size: number of keys in the queue.
        mmt: share of its own weights that the copy keeps at each training step.
        temperature: divides the cosine similarities.
        batch_shuffle: shuffle the batch over the processes for the copy, whose norms could otherwise give away which
            key belongs to which view. Without several processes there is nothing to shuffle; clips of several pathways
            are not.

    Raises:
        ArgumentError: ``mmt`` is not between 0 and 1, or the temperature or a size is not positive.
    """

    queue_x: torch.Tensor
    ptr: torch.Tensor

    def __init__(
        self,
        backbone: BuiltModel,
        projector: BuiltLayer = None,
        dim: int = 128,
        queue_size: int = 65536,
        mmt: float = 0.999,
        temperature: float = 0.2,
        batch_shuffle: bool = True,
    ) -> None:
        super().__init__()
        if dim < 1 or queue_size < 1:
            msg = f"dim={dim!r} and queue_size={queue_size!r} must be positive"
            raise ArgumentError(msg)
        projector = as_module(projector)
        backbone = features_for(backbone, projector)
        self.backbone = backbone if projector is None else nn.Sequential(backbone, projector)
        self.backbone_mmt = follower_of(self.backbone)
        self.mmt = checked_momentum(mmt)
        self.temperature = checked_temperature(temperature)
        self.batch_shuffle = batch_shuffle
        self.register_buffer("queue_x", F.normalize(torch.randn(queue_size, dim), dim=1))
        self.register_buffer("ptr", torch.zeros(1, dtype=torch.long))

    def forward(self, x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
        """The loss, a scalar. In training the copy takes a step first, and the queue takes in the keys afterwards.

        Args:
            x1: a view of a batch, as the backbone takes it, whose embeddings are the queries.
            x2: another view of the same batch, whose embeddings are the keys.

        Raises:
            ArgumentError: the views have not the same number of samples.
        """
        check_views(x1, x2)
        queries = F.normalize(self.backbone(x1), dim=1)
        if self.training:
            follow(self.backbone_mmt, self.backbone, self.mmt)
        keys, all_keys = self._keys(x2)
        positive = (queries * keys).sum(dim=1, keepdim=True)
        # The queue is overwritten below, before the backward pass reads what it was.
        negative = queries @ self.queue_x.to(queries.dtype, copy=True).T
        logits = torch.cat([positive, negative], dim=1) / self.temperature
        loss = F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long, device=logits.device))
        if self.training:
            self._enqueue(all_keys)
        return loss

    @torch.no_grad()
    def _keys(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The keys of this process's samples and those of all processes' samples."""
        if not (self.training and self.batch_shuffle and is_distributed() and isinstance(x, torch.Tensor)):
            keys = F.normalize(self.backbone_mmt(x), dim=1)
            return keys, gather_rows(keys)[0] if self.training else keys
        samples, before = gather_rows(x)
        mine = slice(before, before + len(x))
        order = torch.randperm(len(samples), device=x.device)
        distributed.broadcast(order, 0)
        shuffled, _ = gather_rows(F.normalize(self.backbone_mmt(samples[order[mine]]), dim=1))
        keys = shuffled[order.argsort()]
        return keys[mine], keys

    @torch.no_grad()
    def _enqueue(self, keys: torch.Tensor) -> None:
        size = len(self.queue_x)
        end = self.ptr + len(keys)
        kept = keys[-size:].to(self.queue_x.dtype)
        self.queue_x[torch.arange(-len(kept), 0, device=keys.device).add(end) % size] = kept
        self.ptr.copy_(end % size)
