"""The conversion of models."""
