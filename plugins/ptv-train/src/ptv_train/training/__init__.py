"""A run from its specs to checkpoints and logs."""
