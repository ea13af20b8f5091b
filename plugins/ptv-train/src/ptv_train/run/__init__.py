"""The settings of a run: read from options and run files, resolved, recorded."""
