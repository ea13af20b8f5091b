"""Published weights of video models: found beside the models, downloaded, checked, converted and loaded."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ptv_zoo.addresses import LocalFile, fetch, path_manager
    from ptv_zoo.categories import categories_of
    from ptv_zoo.conversion import convert
    from ptv_zoo.loading import Difference, Loaded, load_weights
    from ptv_zoo.reading import WeightsFile, read_weights
    from ptv_zoo.tables import Row, find, rows
    from ptv_zoo.verification import Verified, verify

__all__ = [
    "Difference",
    "Loaded",
    "LocalFile",
    "Row",
    "Verified",
    "WeightsFile",
    "categories_of",
    "convert",
    "fetch",
    "find",
    "load_weights",
    "path_manager",
    "read_weights",
    "rows",
    "verify",
]

_HOMES = {
    "addresses": ("LocalFile", "fetch", "path_manager"),
    "categories": ("categories_of",),
    "conversion": ("convert",),
    "loading": ("Difference", "Loaded", "load_weights"),
    "reading": ("WeightsFile", "read_weights"),
    "tables": ("Row", "find", "rows"),
    "verification": ("Verified", "verify"),
}


def __getattr__(name: str) -> Any:
    # The hooks are loaded where nobody needs torch yet, so everything else waits for its first use.
    for home, names in _HOMES.items():
        if name in names:
            found = getattr(import_module(f"ptv_zoo.{home}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module 'ptv_zoo' has no attribute {name!r}")
