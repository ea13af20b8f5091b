"""The base of efficient blocks."""
