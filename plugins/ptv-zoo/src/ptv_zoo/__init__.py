"""Published weights of video models: found beside the models, downloaded, checked, converted and loaded."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

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

__getattr__, __dir__ = lazy_package(__name__)
