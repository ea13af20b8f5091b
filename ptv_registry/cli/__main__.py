"""``python -m ptv_registry.cli``: the ``ptv`` command."""

from ptv_registry.cli import main

main()
