"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(
            (
                "DataLoaderConf",
                "PhaseDataLoaderConf",
                "PyTorchVideoDataModule",
                "TransformsConf",
                "VideoClassificationDataModuleConf",
            ),
            "the datasets and loaders of `ptv train --train SPEC --val SPEC`",
        ),
    },
)
