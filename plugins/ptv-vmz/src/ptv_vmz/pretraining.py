"""VMZ's names for what its models were trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from torch import nn

import ptv_registry
from ptv_cards.published_weights import PublishedWeights
from ptv_registry.errors import ArgumentError, PtvError

_Model = TypeVar("_Model", bound=nn.Module)
_CSN: Final = ("ig65m_32frms", "ig_ft_kinetics_32frms", "sports1m_32frms", "sports1m_ft_kinetics_32frms")
AVAIL_PRETRAININGS: Final[dict[str, tuple[str, ...]]] = {
    "ir_csn_152": _CSN,
    "ip_csn_152": _CSN,
    "r2plus1d_152": _CSN,
    "r2plus1d_34": ("kinetics_8frms", "kinetics_32frms", "ig65m_8frms", "ig65m_32frms"),
}
"""The pre-trainings of each model."""


class PretrainingUnavailableError(PtvError, LookupError):
    """The pre-trained weights are known, but nothing installed provides them."""


def check_pretraining(arch: str, pretraining: str) -> None:
    """Refuse a pre-training that is unknown; an empty name asks for none.

    Raises:
        ArgumentError: VMZ has no such pre-training of this model.
    """
    if pretraining and pretraining not in AVAIL_PRETRAININGS[arch]:
        available = ", ".join(AVAIL_PRETRAININGS[arch])
        msg = f"pretraining {pretraining!r} of {arch} is unknown; use one of {available}, or '' for none"
        raise ArgumentError(msg, argument="pretraining", value=pretraining)


def load_pretraining(
    model: _Model, arch: str, pretraining: str, rows: Sequence[PublishedWeights], progress: bool
) -> _Model:
    """The model, with the weights of a pre-training unless its name is empty.

    Raises:
        PretrainingUnavailableError: no address is known, or nothing is installed that loads weights.
    """
    if not pretraining:
        return model
    url = next((row.url for row in rows if row.name == pretraining), None)
    if url is None:
        msg = f"VMZ names the weights {pretraining!r} of {arch}, but never said where they are"
        raise PretrainingUnavailableError(msg, arch=arch, pretraining=pretraining)
    source = f"{pretraining} of {arch}"
    if ptv_registry.call_hook("ptv_load_weights", model=model, uri=url, source=source, progress=progress) is None:
        msg = (
            f"the weights {pretraining!r} of {arch} are loaded by ptv-zoo, which is not installed: install ptv-zoo, or "
            f"build the model with pretraining='' and load {url} yourself"
        )
        raise PretrainingUnavailableError(msg, arch=arch, pretraining=pretraining)
    return model
