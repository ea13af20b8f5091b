"""Files of ``torch.export``: loaded only if they hold nothing but plain tensors and a graph of operators that calculate.

``torch.export.load`` unpickles whatever a file marks as pickled, evaluates its symbolic sizes as Python, imports what its
tree of arguments names, and lets a graph call any attribute of ``torch``. So the file is read here first, by the same
reader, and every text in it has to be of a kind that cannot be code.
"""

from __future__ import annotations

import io
import logging
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any, Final

import torch
from torch.export import ExportedProgram

from ptv_deploy.artifacts.graph_texts import Refused, check_graph, check_payloads
from ptv_deploy.errors import ArtifactError, UntrustedArtifactError
from ptv_deploy.muted_logging import quietly
from ptv_registry import limits
from ptv_registry.records import parse_json

_CONSTANTS: Final = "data/constants/model_constants_config.json"
_WEIGHTS: Final = "data/weights/model_weights_config.json"
_GRAPH: Final = "models/model.json"
_SAMPLE: Final = "data/sample_inputs/model.pt"
_RECORDS: Final = re.compile(
    r"archive_format|archive_version|version|byteorder|\.format_version|\.storage_alignment|\.data/[a-z_]+"
    r"|models/model\.json|data/sample_inputs/model\.pt"
    r"|data/weights/(?:model_weights_config\.json|weight_\d+)|data/constants/(?:model_constants_config\.json|tensor_\d+)"
)
#: By how much what is read may be more than the file: nothing in it is compressed.
_SPARE_BYTES: Final = 1 << 20


def load_graph(path: Path, *, trusted: bool = False) -> ExportedProgram:
    """The graph in a file that ``torch.export.save`` wrote.

    Args:
        path: the file.
        trusted: load whatever is in it, code too.

    Raises:
        ArtifactError: it is damaged; :class:`UntrustedArtifactError` if it holds something that may run code.
    """
    if not trusted:
        check_graph_file(path)
    with quietly(logging.CRITICAL):  # what it cannot read it logs at length, besides the error
        return torch.export.load(path)


def check_graph_file(path: Path) -> None:
    """Refuse a file that may run code when it is loaded, or when its graph runs.

    Raises:
        ArtifactError: it is damaged; :class:`UntrustedArtifactError` if it does.
    """
    try:
        _check(path)
    except Refused as refused:
        msg = (
            f"{path} is not loaded: {refused}. It may run code; if you trust whoever made it, say so with --trust "
            "(trust=True)"
        )
        raise UntrustedArtifactError(msg, path=str(path.parent), file=path.name) from None
    except (RuntimeError, ValueError, KeyError, TypeError, OSError, RecursionError, zipfile.BadZipFile) as error:
        cause = str(error).strip().partition("\n")[0]
        raise ArtifactError(f"{path} is damaged: {cause}", path=str(path.parent), file=path.name) from error


def _check(path: Path) -> None:
    reader = torch._C.PyTorchFileReader(str(path))  # as torch.export.load: two readers of zip files can differ
    names = list(reader.get_all_records())
    with zipfile.ZipFile(path) as archive:  # which torch.export.load opens for files of older versions
        outer = archive.namelist()
    roots = {name.partition("/")[0] for name in outer}
    if len(roots) != 1 or len(set(outer)) != len(outer) or len(set(names)) != len(names):
        raise Refused("its entries are not those of one archive")
    if {name.partition("/")[2] for name in outer} != set(names):
        raise Refused("two readers find different entries in it")
    for name in names:
        if not _RECORDS.fullmatch(name):
            raise Refused(f"it holds {name!r}, which is neither a tensor nor the graph")
    if sum(reader.get_record_size(name) for name in names) > path.stat().st_size + _SPARE_BYTES:
        raise Refused("it holds more than its size, so it is compressed; torch.export does not compress")
    weights = _json(reader, _WEIGHTS)
    constants = _json(reader, _CONSTANTS)
    check_payloads(weights, "weight_", lambda name: _size_of(reader, names, f"data/weights/{name}"))
    check_payloads(constants, "tensor_", lambda name: _size_of(reader, names, f"data/constants/{name}"))
    check_graph(_json(reader, _GRAPH))
    if _SAMPLE in names:
        _check_sample(reader.get_record(_SAMPLE))


def _size_of(reader: Any, names: list[str], record: str) -> int:
    if record not in names:
        raise Refused(f"{record} is missing")
    return int(reader.get_record_size(record))


def _json(reader: Any, record: str) -> Any:
    if reader.get_record_size(record) > limits.RECORD_BYTES:
        raise Refused(f"{record} is larger than {limits.RECORD_BYTES >> 20} MB")
    return parse_json(reader.get_record(record))


def _check_sample(data: bytes) -> None:
    """The example's tensors: torch.export.load would run the code of a pickle that holds some."""
    if not data:
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(item.file_size for item in archive.infolist()) > len(data):
            raise Refused("its example inputs are compressed")
    try:
        torch.load(io.BytesIO(data), weights_only=True)
    except pickle.UnpicklingError as error:
        cause = str(error).strip().partition("\n")[0]
        raise Refused(f"its example inputs are not plain tensors: {cause}") from None
