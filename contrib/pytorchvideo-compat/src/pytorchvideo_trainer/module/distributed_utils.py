"""See :mod:`pytorchvideo_trainer`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        **dict.fromkeys(
            ("cat_all_gather", "get_local_rank", "get_world_size", "init_process_group", "get_process_group_size"),
            "pytorchvideo.layers.distributed, from ptv_layers.process_groups",
        ),
        **dict.fromkeys(
            ("AllGatherWithGradient", "all_gather", "all_gather_unaligned", "all_reduce", "get_rank", "synchronize"),
            "torch.distributed, and ptv_ssl.gather_rows for gradients",
        ),
    },
)
