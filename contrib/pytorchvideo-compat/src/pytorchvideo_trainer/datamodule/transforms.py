"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(
            ("build_single_transform", "build_transforms"), "a spec of a transform, `ptv train --transform SPEC`"
        ),
        **dict.fromkeys(("ApplyTransformToKeyOnList",), "ptv_transforms.ApplyTransformToKey"),
        **dict.fromkeys(("SlowFastPackPathway",), "the transform pathway of ptv_transforms"),
        **dict.fromkeys(
            ("ColorJitterVideoSSl", "GaussianBlur", "RepeatandConverttoList"), "ptv_ssl, which makes its views itself"
        ),
        **dict.fromkeys(
            ("MixVideoBatchWrapper",), "the batch transforms of ptv_train, `ptv train --batch-transform mixup`"
        ),
    },
)
