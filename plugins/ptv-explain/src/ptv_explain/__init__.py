"""ptv_explain: why a video model predicts what it predicts."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_explain.activation_map import HeatMap, Method, heat_map
    from ptv_explain.explanation import ExplainedWindow, Explanation, explain
    from ptv_explain.layers import find_layer

__all__ = ["ExplainedWindow", "Explanation", "HeatMap", "Method", "explain", "find_layer", "heat_map"]

__getattr__, __dir__ = lazy_package(__name__)
