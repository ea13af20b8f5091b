"""The commands ``export`` and ``bench``, in a package of their own so that other commands do not import torch."""
