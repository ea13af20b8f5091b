"""Small models of every family, and what to ask of them."""

from __future__ import annotations

TRANSFORM = (
    "apply_transform_to_key(key='video', transform=compose(transforms=[uniform_temporal_subsample(num_samples=4), "
    "convert_uint8_to_float, normalize(mean=[0.45, 0.45, 0.45], std=[0.225, 0.225, 0.225]), "
    "short_side_scale(size=32), center_crop(size=32)]))"
)
RESNET = "resnet(model_depth=18, stem_dim_out=4, model_num_class=5, head_pool_kernel_size=[4, 1, 1], dropout_rate=0.0)"
OF_CLIPS = ["--clip-seconds", "0.5", "--transform", TRANSFORM]
