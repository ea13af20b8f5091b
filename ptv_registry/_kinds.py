"""``Kind``: what a component is for, and what its call sites pass."""

from __future__ import annotations

from typing import Final

from attrs import frozen


@frozen
class Kind:
    """A kind of component.

    Attributes:
        name: as it stands before the colon of a spec and in the entry-point group.
        meaning: one line for people.
        requires: what every call site passes; a component that does not take it breaks the contract.
        offers: what call sites pass as well, and what is dropped when the component does not take it.
    """

    name: str
    meaning: str
    requires: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()


BUILT_IN: Final = {
    kind.name: kind
    for kind in (
        Kind("model", "a whole network, from clips to its output"),
        Kind("stem", "the first layers of a pathway"),
        Kind("block", "a residual block or what stands in it"),
        Kind("stage", "a run of blocks at one resolution"),
        Kind("head", "from features to scores"),
        Kind("fusion", "merges pathways or modalities"),
        Kind("norm", "normalises features", ("num_features",), ("eps", "momentum")),
        Kind(
            "conv",
            "a spatiotemporal convolution",
            ("in_channels", "out_channels", "kernel_size", "stride", "padding"),
            ("dilation", "groups", "bias", "padding_mode"),
        ),
        Kind("activation", "an elementwise non-linearity"),
        Kind("pool", "pools over time and space", ("kernel_size", "stride", "padding")),
        Kind("layer", "any other building block of a network"),
        Kind("loss", "a training objective"),
        Kind("sampler", "chooses clips within a video"),
        Kind("video_sampler", "chooses the order of videos"),
        Kind(
            "decoder",
            "opens a video and gives its frames and sound",
            (),
            ("video_name", "decode_video", "decode_audio", "sample_rate"),
        ),
        Kind("dataset", "labelled clips"),
        Kind("transform", "changes a sample"),
        Kind("backend", "runs a model on a device"),
    )
}
