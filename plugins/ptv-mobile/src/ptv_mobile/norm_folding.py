"""Norms that stand alone after a convolution block, folded into it."""

from __future__ import annotations

import weakref
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn

from ptv_mobile.activations import Identity
from ptv_mobile.block_base import EfficientBlock
from ptv_mobile.comparison import tensors_in
from ptv_mobile.conv_blocks import Conv3dBnAct
from ptv_mobile.norms import BatchNormBlock


def outermost(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The efficient blocks of a model and what is outside them, each once; not what is inside a block."""
    inside: set[nn.Module] = set()
    for name, module in model.named_modules():
        if module in inside:
            continue
        if isinstance(module, EfficientBlock):
            inside.update(module.modules())
        yield name, module


class LoneNorms:
    """Finds, while an example passes, the batch norms that read what a convolution block makes and no other layer reads.

    What reads it without being a layer (a sum) cannot be seen: compare the outputs after :meth:`fold`.

    Args:
        model: the model that the example is going to pass.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._made: dict[int, tuple[weakref.ref[torch.Tensor], Conv3dBnAct]] = {}
        self._readers: dict[nn.Module, list[nn.Module]] = {}
        self._calls: Counter[nn.Module] = Counter()
        self._hooks: list[Any] = []
        for _, module in outermost(model):
            if isinstance(module, EfficientBlock) or not list(module.children()):
                self._hooks.append(module.register_forward_pre_hook(self._read, with_kwargs=True))
                if isinstance(module, Conv3dBnAct) and _only_convolves(module):
                    self._hooks.append(module.register_forward_hook(self._note))

    def close(self) -> None:
        """Stop looking."""
        for hook in self._hooks:
            hook.remove()

    def fold(self) -> dict[str, str]:
        """Fold the norms that were found; gives, by path, the class of what stands there now."""
        done: dict[str, str] = {}
        for conv, readers in self._readers.items():
            if len(readers) != 1 or self._calls[conv] != 1 or self._calls[readers[0]] != 1:
                continue
            norm = readers[0].bn if isinstance(readers[0], BatchNormBlock) else readers[0]
            if (
                type(norm) is not nn.BatchNorm3d
                or norm.running_var is None
                or norm._forward_hooks
                or norm._forward_pre_hooks
            ):
                continue
            parts = OrderedDict(conv.kernel.named_children())  # type: ignore[union-attr]
            conv.kernel = nn.Sequential(OrderedDict(conv=parts["conv"], bn=norm, act=parts["act"]))
            if isinstance(readers[0], BatchNormBlock):
                readers[0].bn = nn.Identity()
            else:
                done.update(self._replaced(norm))
        return done

    def _replaced(self, norm: nn.Module) -> dict[str, str]:
        places = [name for name, module in self._model.named_modules(remove_duplicate=False) if module is norm]
        inside_blocks = {f"{name}.kernel.bn" for name, m in outermost(self._model) if isinstance(m, Conv3dBnAct)}
        done = {}
        for path in set(places) - inside_blocks:
            parent, _, name = path.rpartition(".")
            setattr(self._model.get_submodule(parent), name, nn.Identity())
            done[path] = "Identity"
        return done

    def _read(self, module: nn.Module, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        self._calls[module] += 1
        for tensor in tensors_in([args, kwargs]):
            made, conv = self._made.get(id(tensor), (None, None))
            if made is not None and conv is not None and made() is tensor:
                self._readers.setdefault(conv, []).append(module)

    def _note(self, module: Conv3dBnAct, args: Sequence[Any], output: torch.Tensor) -> None:
        self._made[id(output)] = weakref.ref(output), module


def _only_convolves(block: Conv3dBnAct) -> bool:
    """Whether a block is a convolution of torch with nothing after it."""
    parts = dict(block.kernel.named_children())
    return type(parts["conv"]) is nn.Conv3d and "bn" not in parts and isinstance(parts["act"], Identity)
