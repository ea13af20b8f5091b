"""See :mod:`vmz.datasets`."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        "UCF": "ptv_datasets.Ucf101",
    },
)
