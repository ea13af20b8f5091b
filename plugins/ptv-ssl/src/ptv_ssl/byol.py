"""BYOL."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from ptv_layers import make_activation
from ptv_layers.slots import Activation, Norm
from ptv_ssl.momentum import checked_momentum, follow, follower_of
from ptv_ssl.projection import as_module, features_for
from ptv_ssl.slots import BuiltLayer, BuiltModel
from ptv_ssl.views import check_views


class BYOL(nn.Module):
    """Bootstrap Your Own Latent (https://arxiv.org/abs/2006.07733).

    An encoder learns to predict what its momentum copy makes of another view of the same sample. The copy follows the
    encoder in training only: evaluation changes nothing.

    Args:
        backbone: makes features (B, C) of a view (B, C), (B, C, H, W) or (B, C, T, H, W). If it is a network that ends
            in a classifier, and the projector takes what goes into that, the classifier is left out.
        projector: projects features, an MLP with 2 to 3 layers, norm and ReLU, or what
            :func:`ptv_layers.make_multilayer_perceptron` returns; ``None`` for none.
        predictor: predicts the copy's projection; ``None`` for an MLP with ``predictor_inner`` channels inside.
        feature_dim: dimension of the features after the projector.
        predictor_inner: channels inside the predictor that is made here.
        mmt: share of its own weights that the copy keeps at each training step.
        norm: makes the norm of the predictor that is made here, of (B, ``predictor_inner``); ``None`` for none. In a
            spec it goes down to the backbone as well, unless that is given its own.
        activation: makes the activation of the predictor that is made here; ``None`` for none.

    Raises:
        ArgumentError: ``mmt`` is not between 0 and 1.
    """

    def __init__(
        self,
        backbone: BuiltModel,
        projector: BuiltLayer = None,
        predictor: BuiltLayer = None,
        feature_dim: int = 2048,
        predictor_inner: int = 4096,
        mmt: float = 0.99,
        norm: Norm = nn.SyncBatchNorm,
        activation: Activation = nn.ReLU,
    ) -> None:
        super().__init__()
        projector, predictor = as_module(projector), as_module(predictor)
        self.mmt = checked_momentum(mmt)
        self.feature_dim = feature_dim
        backbone = features_for(backbone, projector)
        self.backbone = backbone if projector is None else nn.Sequential(backbone, projector)
        self.backbone_mmt = follower_of(self.backbone)
        if predictor is None:
            predictor = nn.Sequential(
                nn.Linear(feature_dim, predictor_inner, bias=False),
                nn.Identity() if norm is None else norm(num_features=predictor_inner),
                make_activation(activation) or nn.Identity(),
                nn.Linear(predictor_inner, feature_dim),
            )
        self.predictor = predictor

    def sim_loss(self, q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        """The negative mean of the dot products of the rows of two tensors (B, C), a scalar."""
        return -(q * k).sum(dim=1).mean()

    def update_mmt(self, mmt: float) -> None:
        """Set the momentum, for annealing.

        Raises:
            ArgumentError: it is not between 0 and 1.
        """
        self.mmt = checked_momentum(mmt)

    def get_mmt(self) -> float:
        """The momentum, for annealing."""
        return self.mmt

    @torch.no_grad()
    def forward_backbone_mmt(self, x: torch.Tensor) -> torch.Tensor:
        """The projection of a view by the momentum copy, (B, C), each row of length 1, without gradient."""
        return F.normalize(self.backbone_mmt(x), dim=1)

    def forward_backbone(self, x: torch.Tensor) -> torch.Tensor:
        """The prediction of a view by the encoder, (B, C), each row of length 1."""
        return F.normalize(self.predictor(self.backbone(x)), dim=1)

    def forward(self, x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
        """The loss, a scalar from -1 (every prediction right) to 1. In training the copy takes a step first.

        Args:
            x1: a view of a batch, as the backbone takes it.
            x2: another view of the same batch.

        Raises:
            ArgumentError: the views have not the same number of samples.
        """
        check_views(x1, x2)
        predictions = self.forward_backbone(x1), self.forward_backbone(x2)
        if self.training:
            follow(self.backbone_mmt, self.backbone, self.mmt)
        targets = self.forward_backbone_mmt(x1), self.forward_backbone_mmt(x2)
        return (self.sim_loss(predictions[0], targets[1]) + self.sim_loss(predictions[1], targets[0])) / 2
