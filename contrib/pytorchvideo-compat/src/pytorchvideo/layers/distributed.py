"""The processes of a distributed training."""

from ptv_layers.process_groups import (
    GroupGather,
    cat_all_gather,
    get_local_process_group,
    get_local_rank,
    get_local_size,
    get_world_size,
    init_distributed_training,
)

__all__ = [
    "GroupGather",
    "cat_all_gather",
    "get_local_process_group",
    "get_local_rank",
    "get_local_size",
    "get_world_size",
    "init_distributed_training",
]
