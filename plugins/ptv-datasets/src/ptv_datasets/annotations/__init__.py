"""Readers of annotations: label files, lists and manifests, as datasets are published."""
