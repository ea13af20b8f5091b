"""ptv_prepare: the documented preparation of datasets, and a scan for broken videos."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_prepare.ava import prepare_ava
    from ptv_prepare.charades import prepare_charades
    from ptv_prepare.errors import OutputError, WorkerError
    from ptv_prepare.extraction import ExtractFrames
    from ptv_prepare.kinetics import prepare_kinetics
    from ptv_prepare.reencode import Reencode
    from ptv_prepare.run import Report, Settings
    from ptv_prepare.scanning import Scanned, scan, write_manifest
    from ptv_prepare.ssv2 import prepare_ssv2

__all__ = [
    "ExtractFrames",
    "OutputError",
    "Reencode",
    "Report",
    "Scanned",
    "Settings",
    "WorkerError",
    "prepare_ava",
    "prepare_charades",
    "prepare_kinetics",
    "prepare_ssv2",
    "scan",
    "write_manifest",
]

__getattr__, __dir__ = lazy_package(__name__)
