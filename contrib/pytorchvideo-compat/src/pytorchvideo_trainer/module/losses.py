"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(("SoftTargetCrossEntropy",), "ptv_ssl.SoftTargetCrossEntropyLoss"),
        **dict.fromkeys(
            ("ContrastiveLoss", "NtxentLoss", "SimilarityLoss"), "the losses inside ptv_ssl.SimCLR, BYOL and MoCo"
        ),
    },
)
