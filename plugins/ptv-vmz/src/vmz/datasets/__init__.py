"""VMZ's datasets, which are those of ptv_datasets."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        "get_dataset": "ptv_datasets.Kinetics or Ucf101",
        "dataset_asserts": "ptv_datasets, which checks its files itself",
        "dataset_load_defaults": "the paths of your own files with `ptv train`",
        "get_dataset_arguments": "the options of `ptv train`",
    },
)
