"""PySlowFast's configurations, checkpoints and registries, see https://github.com/facebookresearch/SlowFast."""
