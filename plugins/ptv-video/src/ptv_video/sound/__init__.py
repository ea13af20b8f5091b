"""The audio of a clip, aligned to its frames."""
