"""``Classifier``: what every clip model offers, under timm's names."""

from __future__ import annotations

from typing import Any, ClassVar

from torch import nn


class Classifier:
    """Mixin for modules that turn clips into class scores.

    It says where its parts are, so that nobody looks for them by name. A model of somebody else's may do without this
    class and say the same with attributes of these names.

    Attributes:
        head_path: dotted name of the module that turns features into scores; ``None`` for a model that gives features.
        classifier_path: dotted name of the linear layer whose outputs are the classes; ``None`` if there is none.
        score_activation: dotted name of the module that turns logits into scores; ``None`` for logits.
    """

    __jit_unused_properties__: ClassVar[list[str]] = ["head_path", "classifier_path", "score_activation", "num_classes"]

    @property
    def head_path(self) -> str | None:
        """The module named ``head``, unless it does nothing."""
        return path_of("", self, "head")

    @property
    def classifier_path(self) -> str | None:
        """The last linear layer of the head."""
        return None if self.head_path is None else last_linear(self, self.head_path)

    @property
    def score_activation(self) -> str | None:
        """The head's module named ``activation``, unless it does nothing."""
        path = self.head_path
        return None if path is None else path_of(path, self.get_submodule(path), "activation")  # type: ignore[attr-defined]

    @property
    def num_classes(self) -> int:
        """Number of classes; 0 for a model that returns features."""
        from ptv_cards.inspection import num_classes

        return num_classes(self) or 0  # type: ignore[arg-type]

    def forward_features(self, *inputs: Any) -> Any:
        """The features that the head receives for clips (B, C, T, H, W)."""
        from ptv_cards.inspection import forward_features

        return forward_features(self, *inputs)  # type: ignore[arg-type]

    def get_classifier(self) -> nn.Module | None:
        """The linear layer whose outputs are the classes."""
        path = self.classifier_path
        return None if path is None else self.get_submodule(path)  # type: ignore[attr-defined]

    def reset_classifier(self, num_classes: int) -> None:
        """Replace the head's classifier with a fresh one for another number of classes; all other weights stay.

        Args:
            num_classes: of the new classifier; 0 takes the classifier away, so that the model gives pooled features.

        Raises:
            ArgumentError: the model has no classifier, or the number is negative.
        """
        from ptv_cards.inspection import reset_head

        reset_head(self, num_classes)  # type: ignore[arg-type]


def path_of(prefix: str, module: Any, leaf: str) -> str | None:
    """``prefix.leaf`` if the module has a part of that name that does something."""
    part = getattr(module, leaf, None)
    if not isinstance(part, nn.Module) or isinstance(part, nn.Identity):
        return None
    return f"{prefix}.{leaf}" if prefix else leaf


def last_linear(model: Any, path: str) -> str | None:
    """The dotted name of the last linear layer at or below a module."""
    found = [name for name, module in model.get_submodule(path).named_modules() if isinstance(module, nn.Linear)]
    return ".".join(filter(None, (path, found[-1]))) if found else None
