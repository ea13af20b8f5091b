"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(("create_mlp_util",), "the projections of ptv_ssl"),
        **dict.fromkeys(
            ("SSLFineTuningModel", "create_classification_model_from_ssl_checkpoint"),
            "`ptv train --weights FILE --freeze backbone`",
        ),
        **dict.fromkeys(("KnnMemory",), "ptv_ssl, without a classifier of nearest neighbours"),
        **dict.fromkeys(("SSLBaseModule",), "ptv_ssl"),
    },
)
