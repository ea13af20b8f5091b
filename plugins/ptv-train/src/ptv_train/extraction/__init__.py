"""``ptv extract``: what layers of a model make of videos, as tables."""
