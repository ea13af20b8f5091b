"""Simple efficient layers, with a package per device."""
