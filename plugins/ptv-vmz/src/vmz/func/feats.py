"""Extraction of features, which is a method of models here."""

from ptv_registry.retired import retired_names

__getattr__ = retired_names(
    __name__,
    {
        "ef_main": "model.forward_features(clips) of any built model of ptv, because no command extracts features",
        "extract_feats": "model.forward_features(clips) of any built model of ptv, because no command extracts features",
    },
)
