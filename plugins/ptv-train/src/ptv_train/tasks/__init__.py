"""The tasks beside classification: how each reads its data, learns, and is measured."""
