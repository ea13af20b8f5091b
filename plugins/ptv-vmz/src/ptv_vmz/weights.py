"""The pre-trained weights that VMZ names, with the addresses that it gives."""

from __future__ import annotations

from typing import Final

from ptv_cards.published_weights import PublishedWeights

_VMZ: Final = "https://github.com/bjuncek/VMZ/releases/download/test_models"
_IG65M: Final = "https://github.com/moabitcoin/ig65m-pytorch/releases/download/v1.0.0"
_KINETICS: Final = "Kinetics-400 (VMZ)"
_INPUT_NOTE: Final = "VMZ does not say how its clips are normalised"


def _row(name: str, url: str, arch: str, depth: int, model: str, dataset: str) -> PublishedWeights:
    return PublishedWeights(
        name=name,
        url=url,
        spec=model,
        dataset=dataset,
        num_classes=400 if dataset == _KINETICS else None,
        arch=arch,
        depth=f"R{depth}",
        views=None,
        input_note=_INPUT_NOTE,
    )


def _csn(model: str, arch: str, files: dict[str, tuple[str, str]]) -> tuple[PublishedWeights, ...]:
    return tuple(_row(n, f"{_VMZ}/{file}.pth", arch, 152, model, dataset) for n, (file, dataset) in files.items())


IR_CSN_152: Final = _csn(
    "ir_csn_152",
    "ir-CSN",
    {
        "ig65m_32frms": ("irCSN_152_ig65m_from_scratch_f125286141", "IG-65M"),
        "ig_ft_kinetics_32frms": ("irCSN_152_ft_kinetics_from_ig65m_f126851907", _KINETICS),
        "sports1m_32frms": ("irCSN_152_Sports1M_from_scratch_f99918785", "Sports-1M"),
        "sports1m_ft_kinetics_32frms": ("irCSN_152_ft_kinetics_from_Sports1M_f101599884", _KINETICS),
    },
)
IP_CSN_152: Final = _csn(
    "ip_csn_152",
    "ip-CSN",
    {
        "ig65m_32frms": ("ipCSN_152_ig65m_from_scratch_f130601052", "IG-65M"),
        "ig_ft_kinetics_32frms": ("ipCSN_152_ft_kinetics_from_ig65m_f133090949", _KINETICS),
        "sports1m_32frms": ("ipCSN_152_Sports1M_from_scratch_f111018543", "Sports-1M"),
        "sports1m_ft_kinetics_32frms": ("ipCSN_152_ft_kinetics_from_Sports1M_f111279053", _KINETICS),
    },
)
# VMZ names sports1m_32frms for R(2+1)D-152 too, but gives no address for it.
R2PLUS1D_152: Final = _csn(
    "r2plus1d_152",
    "R(2+1)D",
    {
        "ig65m_32frms": ("r2plus1d_152_ig65m_from_scratch_f106380637", "IG-65M"),
        "ig_ft_kinetics_32frms": ("r2plus1d_152_ft_kinetics_from_ig65m_f107107466", _KINETICS),
        "sports1m_ft_kinetics_32frms": ("r2plus1d_152_ft_kinetics_from_sports1m_f128957437", _KINETICS),
    },
)
R2PLUS1D_34: Final = tuple(
    _row(name, f"{_IG65M}/{file}.pth", "R(2+1)D", 34, "r2plus1d_34", dataset)
    for name, file, dataset in (
        ("kinetics_8frms", "r2plus1d_34_clip8_ft_kinetics_from_ig65m-0aa0550b", _KINETICS),
        ("kinetics_32frms", "r2plus1d_34_clip32_ft_kinetics_from_ig65m-ade133f1", _KINETICS),
        ("ig65m_8frms", "r2plus1d_34_clip8_ig65m_from_scratch-9bae36ae", "IG-65M"),
        ("ig65m_32frms", "r2plus1d_34_clip32_ig65m_from_scratch-449a7af9", "IG-65M"),
    )
)
