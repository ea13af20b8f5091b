"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(
            (
                "VideoClassificationModule",
                "VideoClassificationModuleConf",
                "VideoClassificationModuleConfVisionTransformer",
                "Batch",
            ),
            "`ptv train`, whose task classification it is",
        ),
        **dict.fromkeys(
            ("create_classification_model_from_modelzoo",),
            "`ptv train --weights NAME`, or build(model, weights=NAME) of ptv_registry",
        ),
        **dict.fromkeys(
            ("create_classification_model_from_lightning",),
            "`ptv train --weights FILE`, or the checkpoint of ptv_train",
        ),
        **dict.fromkeys(
            ("create_syncbn_process_group",), "torch.nn.SyncBatchNorm, or norm=naive_sync_batch of ptv_layers"
        ),
    },
)
