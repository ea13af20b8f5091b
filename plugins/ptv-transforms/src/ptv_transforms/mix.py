"""Mixtures of the samples of a batch, and of their labels."""

from __future__ import annotations

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_transforms.functional import convert_to_one_hot

Clips = torch.Tensor | list[torch.Tensor]
"""Clips of one pathway, or of each of several."""
Mixed = tuple[Clips, torch.Tensor] | tuple[Clips, torch.Tensor, torch.Tensor]


def _blend(x: torch.Tensor, share: float) -> torch.Tensor:
    """Mixes each sample with the one at the mirrored place of the batch; the first gets ``share``."""
    if x.is_floating_point():
        return x * share + x.flip(0) * (1.0 - share)
    pixels = x.to(torch.float32)
    return (pixels * share + pixels.flip(0) * (1.0 - share)).round().to(x.dtype)


def _pathways(x: Clips) -> list[torch.Tensor]:
    return list(x) if isinstance(x, list | tuple) else [x]


def _as_given(x: Clips, mixed: list[torch.Tensor]) -> Clips:
    return mixed if isinstance(x, list | tuple) else mixed[0]


def _check_batch(x: torch.Tensor, labels: torch.Tensor, receiver: str) -> None:
    if x.shape[0] < 2:
        raise ArgumentError(f"{receiver} got a batch of {x.shape[0]}; it mixes samples, so there must be at least 2")
    if labels.shape[0] != x.shape[0]:
        raise ArgumentError(f"{receiver} got {x.shape[0]} samples and {labels.shape[0]} labels")


class _Mix(nn.Module):
    """What MixUp and CutMix share: the draw of the share, and the labels."""

    def __init__(self, alpha: float, label_smoothing: float, num_classes: int, one_hot: bool) -> None:
        super().__init__()
        if alpha <= 0.0:
            raise ArgumentError(f"alpha is {alpha}; it must be positive")
        if not 0.0 <= label_smoothing < 1.0:
            raise ArgumentError(f"label_smoothing is {label_smoothing}; it must be at least 0 and less than 1")
        if num_classes < 1:
            raise ArgumentError(f"num_classes is {num_classes}; it must be at least 1")
        self.alpha = alpha
        self.label_smoothing = label_smoothing
        self.num_classes = num_classes
        self.one_hot = one_hot

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return (
            f"alpha={self.alpha}, label_smoothing={self.label_smoothing}, num_classes={self.num_classes},"
            f" one_hot={self.one_hot}"
        )

    def _draw_share(self) -> float:
        return torch.distributions.Beta(float(self.alpha), float(self.alpha)).sample().item()

    def _mix_labels(self, labels: torch.Tensor, share: float) -> torch.Tensor:
        if not self.one_hot:
            labels = convert_to_one_hot(labels, self.num_classes, self.label_smoothing)
        elif labels.dim() != 2 or labels.shape[1] != self.num_classes:
            raise ArgumentError(
                f"with one_hot=True labels must be (B, {self.num_classes}); they are {tuple(labels.shape)}"
            )
        return labels * share + labels.flip(0) * (1.0 - share)


class MixUp(_Mix):
    """Blends each sample of a batch with another one: mixup, https://arxiv.org/abs/1710.09412.

    Args:
        alpha: parameter of the beta distribution of the share.
        label_smoothing: share of the target that is spread evenly over all classes.
        num_classes: number of classes.
        one_hot: the labels are vectors, (B, num_classes), already; they are not smoothed again.

    Raises:
        ArgumentError: if an argument is out of range.
    """

    def __init__(
        self, alpha: float = 1.0, label_smoothing: float = 0.0, num_classes: int = 400, one_hot: bool = False
    ) -> None:
        super().__init__(alpha, label_smoothing, num_classes, one_hot)

    def forward(self, x: Clips, labels: torch.Tensor, x_audio: torch.Tensor | None = None) -> Mixed:
        """Mixes a batch; what is given stays as it is.

        Args:
            x: clips, (B, C, T, H, W), of dtype uint8 or float, or a list of such for several pathways, which are mixed
                alike.
            labels: class indices, (B), or vectors, (B, num_classes), if ``one_hot``.
            x_audio: audio that belongs to the clips, (B, ...); mixed in the same proportion.

        Returns:
            ``(x, labels)``, or ``(x, x_audio, labels)`` with audio; labels are (B, num_classes).

        Raises:
            ArgumentError: if the batch has a single sample, or the labels do not suit.
        """
        pathways = _pathways(x)
        for pathway in pathways:
            _check_batch(pathway, labels, "MixUp")
        share = self._draw_share()
        mixed_labels = self._mix_labels(labels, share)
        mixed = _as_given(x, [_blend(pathway, share) for pathway in pathways])
        if x_audio is None:
            return mixed, mixed_labels
        _check_batch(x_audio, labels, "MixUp")
        return mixed, _blend(x_audio, share), mixed_labels


class CutMix(_Mix):
    """Replaces a box of each sample of a batch by that of another: CutMix, https://arxiv.org/abs/1905.04899.

    Args:
        alpha: parameter of the beta distribution of the share.
        label_smoothing: share of the target that is spread evenly over all classes.
        num_classes: number of classes.
        one_hot: the labels are vectors, (B, num_classes), already; they are not smoothed again.

    Raises:
        ArgumentError: if an argument is out of range.
    """

    def __init__(
        self, alpha: float = 1.0, label_smoothing: float = 0.0, num_classes: int = 400, one_hot: bool = False
    ) -> None:
        super().__init__(alpha, label_smoothing, num_classes, one_hot)

    def forward(self, x: Clips, labels: torch.Tensor, x_audio: torch.Tensor | None = None) -> Mixed:
        """Mixes a batch; what is given stays as it is.

        Args:
            x: clips, (B, C, T, H, W), or images, (B, C, H, W), of any dtype; or a list of such for several pathways of
                the same height and width, which get the same box.
            labels: class indices, (B), or vectors, (B, num_classes), if ``one_hot``.
            x_audio: spectrograms that belong to the clips, such as (B, 1, T, 1, F); they get a box of their own, of
                about the same share, in the last two dimensions that are longer than 1.

        Returns:
            ``(x, labels)``, or ``(x, x_audio, labels)`` with audio. Labels, (B, num_classes), are mixed by the area of
            the clips' box.

        Raises:
            ArgumentError: if the batch has a single sample, or a shape does not suit.
        """
        pathways = _pathways(x)
        for pathway in pathways:
            _check_batch(pathway, labels, "CutMix")
        share = self._draw_share()
        cut, kept = self._cut(pathways, share)
        mixed_labels = self._mix_labels(labels, kept)
        if x_audio is None:
            return _as_given(x, cut), mixed_labels
        _check_batch(x_audio, labels, "CutMix")
        return _as_given(x, cut), self._cut([x_audio], share)[0][0], mixed_labels

    def _cut(self, pathways: list[torch.Tensor], share: float) -> tuple[list[torch.Tensor], float]:
        """The pathways with one box of the mirrored sample, and the share of the area that stays."""
        axes = [_axes_of_the_box(pathway) for pathway in pathways]
        sizes = [pathways[0].shape[axis] for axis in axes[0]]
        if any([x.shape[axis] for axis in of] != sizes for x, of in zip(pathways, axes, strict=True)):
            shapes = ", ".join(str(tuple(pathway.shape)) for pathway in pathways)
            raise ArgumentError(
                f"CutMix got pathways of the shapes {shapes}; one box must fit all, so height and width too"
            )
        ranges = [self._draw_range(size, share) for size in sizes]
        area = 1.0
        for size, span in zip(sizes, ranges, strict=True):
            area *= (span.stop - span.start) / size
        cut = []
        for x, of in zip(pathways, axes, strict=True):
            box: list[slice] = [slice(None)] * x.dim()
            for axis, span in zip(of, ranges, strict=True):
                box[axis] = span
            mixed = x.clone()
            mixed[tuple(box)] = x.flip(0)[tuple(box)]
            cut.append(mixed)
        return cut, 1.0 - area

    @staticmethod
    def _draw_range(size: int, share: float) -> slice:
        """Draws a range around a random centre, clipped at the border."""
        half = int(size * (1.0 - share) ** 0.5) // 2
        centre = int(torch.randint(size, (1,)).item())
        return slice(max(0, centre - half), min(size, centre + half))


def _axes_of_the_box(x: torch.Tensor) -> list[int]:
    axes = [axis for axis in range(2, x.dim()) if x.shape[axis] > 1][-2:]
    if x.dim() not in (4, 5) or len(axes) < 2:
        raise ArgumentError(
            f"CutMix got a batch of the shape {tuple(x.shape)}; it must have 4 or 5 dimensions, and two of them to"
            " cut a box in"
        )
    return axes


class MixVideo(nn.Module):
    """Applies either CutMix or MixUp to a batch, at random.

    Args:
        cutmix_prob: probability of CutMix; otherwise it is MixUp.
        mixup_alpha: MixUp's ``alpha``.
        cutmix_alpha: CutMix's ``alpha``.
        label_smoothing: share of the target that is spread evenly over all classes.
        num_classes: number of classes.
        one_hot: the labels are vectors, (B, num_classes), already.

    Raises:
        ArgumentError: if an argument is out of range.
    """

    def __init__(
        self,
        cutmix_prob: float = 0.5,
        mixup_alpha: float = 1.0,
        cutmix_alpha: float = 1.0,
        label_smoothing: float = 0.0,
        num_classes: int = 400,
        one_hot: bool = False,
    ) -> None:
        super().__init__()
        if not 0.0 <= cutmix_prob <= 1.0:
            raise ArgumentError(f"cutmix_prob is {cutmix_prob}; it must be in [0, 1]")
        self.cutmix_prob = cutmix_prob
        self.mixup = MixUp(mixup_alpha, label_smoothing, num_classes, one_hot)
        self.cutmix = CutMix(cutmix_alpha, label_smoothing, num_classes, one_hot)

    def forward(self, x: Clips, labels: torch.Tensor, x_audio: torch.Tensor | None = None) -> Mixed:
        """Mixes a batch; arguments and result are those of :class:`MixUp` and :class:`CutMix`."""
        mix = self.cutmix if torch.rand(1).item() < self.cutmix_prob else self.mixup
        return mix(x, labels, x_audio)
