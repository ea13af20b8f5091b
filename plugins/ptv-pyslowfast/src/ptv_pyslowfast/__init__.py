"""PySlowFast's configurations, checkpoints and registries, see https://github.com/facebookresearch/SlowFast."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_pyslowfast.config import Config, config_of, read_config
    from ptv_pyslowfast.errors import ConfigError, NoCounterpartError
    from ptv_pyslowfast.models import model_of
    from ptv_pyslowfast.names import from_pyslowfast, pyslowfast_names, to_pyslowfast
    from ptv_pyslowfast.run import Run, run_of

__all__ = [
    "Config",
    "ConfigError",
    "NoCounterpartError",
    "Run",
    "config_of",
    "from_pyslowfast",
    "model_of",
    "pyslowfast_names",
    "read_config",
    "run_of",
    "to_pyslowfast",
]

__getattr__, __dir__ = lazy_package(__name__)
