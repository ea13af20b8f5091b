"""The trainer's program: ``python -m pytorchvideo_trainer.train_app --config-name NAME`` says what to use instead."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ptv_registry.retired import RetiredNameError, retired_names
from pytorchvideo_trainer.conf import refuse

_NAMES = (
    "VideoClassificationTrainApp",
    "VideoClassificationTrainAppConf",
    "run_app_in_certain_mode",
    "submitit_launcher",
)


def main(arguments: Sequence[str]) -> None:
    """Say what to use for the configuration that is named.

    Raises:
        RetiredNameError: always.
    """
    for number, argument in enumerate(arguments):
        option, _, value = argument.partition("=")
        if option in ("--config-name", "-cn"):
            refuse(value or "".join(arguments[number + 1 : number + 2]))
    refuse("")


__getattr__ = retired_names(__name__, dict.fromkeys(_NAMES, "`ptv train`"))

if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except RetiredNameError as error:
        sys.exit(str(error))
