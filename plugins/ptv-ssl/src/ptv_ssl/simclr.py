"""SimCLR."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from ptv_ssl.gathering import gather_rows
from ptv_ssl.projection import as_module, features_for
from ptv_ssl.slots import BuiltLayer, BuiltModel
from ptv_ssl.views import check_views, checked_temperature


class SimCLR(nn.Module):
    """A Simple Framework for Contrastive Learning of Visual Representations (https://arxiv.org/abs/2002.05709).

    The loss of recognising, for each sample's first view, its second view among those of the batch (of all processes
    in a distributed training): ``mean_i -log softmax_j(cos(x1_i, x2_j) / temperature)[i]``.
    :class:`ptv_ssl.NTXentLoss` is the symmetric form with the views' own batch as further negatives.

    ::

        mlp = make_multilayer_perceptron(fully_connected_dims=(2048, 1024, 2048))
        loss = SimCLR(mlp=mlp, backbone=create_resnet())(view1, view2)

    Args:
        mlp: projects features to embeddings, (B, C) to (B, D): a module, or what
            :func:`ptv_layers.make_multilayer_perceptron` returns; ``None`` if the features are the embeddings.
        backbone: makes features (B, C) of a view; ``None`` if the views are features. If it is a network that ends in
            a classifier, and the mlp takes what goes into that, the classifier is left out.
        temperature: divides the cosine similarities.

    Raises:
        ArgumentError: the temperature is not positive.
    """

    def __init__(
        self,
        mlp: BuiltLayer = None,
        backbone: BuiltModel | None = None,
        temperature: float = 0.07,
    ) -> None:
        super().__init__()
        self.mlp = as_module(mlp)
        self.backbone = None if backbone is None else features_for(backbone, self.mlp)
        self.temperature = checked_temperature(temperature)

    def forward(self, x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
        """The loss, a scalar.

        Args:
            x1: a view of a batch, as the backbone takes it: (B, C, T, H, W), (B, C, H, W) or (B, C).
            x2: another view of the same batch.

        Raises:
            ArgumentError: the views have not the same number of samples.
        """
        check_views(x1, x2)
        queries = self._embed(x1)
        keys, before = gather_rows(self._embed(x2))
        targets = torch.arange(before, before + len(queries), device=queries.device)
        return F.cross_entropy(queries @ keys.T / self.temperature, targets)

    def _embed(self, x: torch.Tensor) -> torch.Tensor:
        if self.backbone is not None:
            x = self.backbone(x)
        if self.mlp is not None:
            x = self.mlp(x)
        return F.normalize(x, dim=1)
