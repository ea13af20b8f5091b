"""VMZ's names for what its models were trained on."""

from __future__ import annotations

from typing import Final

from ptv_registry.errors import ArgumentError, PtvError

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


def require_no_pretraining(arch: str, pretraining: str) -> None:
    """Refuse a pre-training that is unknown or that nothing here can load; an empty name asks for none.

    Raises:
        ArgumentError: VMZ has no such pre-training of this model.
        PretrainingUnavailableError: it has, but its weights come from ptv-zoo.
    """
    if not pretraining:
        return
    available = AVAIL_PRETRAININGS[arch]
    if pretraining not in available:
        msg = f"pretraining {pretraining!r} of {arch} is unknown; use one of {', '.join(available)}, or '' for none"
        raise ArgumentError(msg, argument="pretraining", value=pretraining)
    msg = (
        f"the weights {pretraining!r} of {arch} are provided by ptv-zoo, which does not serve them here: install "
        "ptv-zoo, or build the model with pretraining='' and load a checkpoint of your own"
    )
    raise PretrainingUnavailableError(msg, arch=arch, pretraining=pretraining)
