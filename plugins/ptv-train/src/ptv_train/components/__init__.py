"""Losses, metrics, optimizers, schedules and callbacks as components."""
