"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(
            ("build_collator_from_name", "multiple_samples_collate"),
            "the datasets and loaders of `ptv train --train SPEC --val SPEC`",
        ),
    },
)
