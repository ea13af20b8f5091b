"""VMZ's commands, as commands of this project."""

from vmz.func.opts import parse_args

__all__ = ["parse_args"]
