"""``ptv demo``: the whole workflow from end to end."""
