"""Weights out of files, in whichever layout somebody wrote them, without running code."""

from __future__ import annotations

import pickle
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import safetensors
import torch
from attrs import frozen
from safetensors.torch import load_file

from ptv_registry.archives import UnsafeFileError, check_archive, check_pickle
from ptv_zoo import caffe2
from ptv_zoo.errors import UnsafeWeightsError, WeightsFileError
from ptv_zoo.pickles import load_arrays
from ptv_zoo.wrapped_names import Unwrapping, unwrapping

Layout = Literal["safetensors", "ptv train", "model_state", "state_dict", "caffe2", "plain"]
_LEGACY_TORCH: Final = 0x1950A86A20F9469CFC6C
"""The number that torch's format before 1.6 begins with."""


@frozen
class WeightsFile:
    """What is in a file of weights.

    Attributes:
        layout: who writes such files.
        tensors: by name; for ``caffe2``, arrays by name of the blob.
    """

    layout: Layout
    tensors: Mapping[str, Any]

    def named_for(self, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
        """The tensors under a model's names: without the prefix of a wrapper, blobs renamed.

        Args:
            shapes: names and shapes of the model's state dict.

        Raises:
            WeightsMismatchError: the file holds the model several times.
        """
        if self.layout == "caffe2":
            return caffe2.to_state_dict(self.tensors, shapes)
        how = self.unwrapping_for(shapes)
        prefix = how.prefix
        named = {how.inner(name): tensor for name, tensor in self.tensors.items()}
        if self.layout in ("ptv train", "state_dict") and prefix.startswith("model."):
            # Beside Lightning's model stand metrics and losses, which are not the model's.
            return {n.removeprefix(prefix): t for n, t in named.items() if n.startswith(prefix)}
        return {n.removeprefix(prefix): t for n, t in named.items()}

    def unwrapping_for(self, shapes: Mapping[str, tuple[int, ...]]) -> Unwrapping:
        """What :meth:`named_for` takes off the names.

        Raises:
            WeightsMismatchError: the file holds the model several times.
        """
        if self.layout == "caffe2":
            return Unwrapping()
        prefer = "model." if self.layout in ("ptv train", "state_dict") else None
        return unwrapping(self.tensors, shapes, prefer=prefer)


def read_weights(path: str | Path) -> WeightsFile:
    """Read safetensors, a torch checkpoint or VMZ's pickle; tensors come to the CPU.

    Raises:
        WeightsFileError: the file is missing, damaged, or of an unknown layout; :class:`UnsafeWeightsError` if it holds
            code, which is not run.
    """
    path = Path(path)
    try:
        if _is_safetensors(path):
            return WeightsFile("safetensors", load_file(path))
        return _unwrapped(_unpickled(path), path)
    except FileNotFoundError:
        raise WeightsFileError(f"the file {path} does not exist", path=str(path)) from None
    except UnsafeWeightsError as error:
        raise UnsafeWeightsError(f"{path}: {error}", path=str(path), **error.fields) from error
    except WeightsFileError as error:
        raise WeightsFileError(f"{path}: {error}", path=str(path)) from error
    except (OSError, safetensors.SafetensorError) as error:
        raise WeightsFileError(f"{path} cannot be read: {error}", path=str(path)) from error


def _is_safetensors(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(9)
    return len(head) == 9 and head[8:] == b"{" and int.from_bytes(head[:8], "little") < path.stat().st_size


def _unpickled(path: Path) -> Any:
    try:
        if zipfile.is_zipfile(path):
            check_archive(path)
        else:
            with path.open("rb") as file:
                found = load_arrays(file)
            if found != _LEGACY_TORCH:
                return found
            _check_legacy(path.read_bytes())
        data = torch.load(path, map_location="cpu", weights_only=True)
    except WeightsFileError:
        raise
    except UnsafeFileError as error:
        raise UnsafeWeightsError(str(error)) from error
    except pickle.UnpicklingError as error:
        named = re.search(
            r"GLOBAL ([\w.]+)|(?:[Uu]nsupported (?:class|global|function)|instruction)[: ]+([\w.]+)", str(error)
        )
        if named is None:
            raise WeightsFileError(f"it is damaged: {str(error).partition(chr(10))[0]}") from error
        name = named[1] or named[2]
        raise UnsafeWeightsError(
            f"the checkpoint holds code: it names {name}, and only tensors and plain containers are admitted", name=name
        ) from error
    except OSError:
        raise
    except Exception as error:  # a damaged pickle can end in nearly any error
        cause = str(error).partition(chr(10))[0] or type(error).__name__
        raise WeightsFileError(f"it is damaged: {cause}") from error
    return data


def _check_legacy(data: bytes) -> None:
    """The five pickles that torch's format before 1.6 begins with: magic number, version, machine, data and keys."""
    position = 0
    for _ in range(5):
        position = check_pickle(data, len(data), position)


def _unwrapped(data: Any, path: Path) -> WeightsFile:
    if isinstance(data, Mapping):
        named: dict[str, Layout] = {"model_state": "model_state", "state_dict": "state_dict", "blobs": "caffe2"}
        for key, layout in named.items():
            if isinstance(data.get(key), Mapping):
                return WeightsFile(
                    "ptv train" if key == "state_dict" and "ptv" in data else layout, _checked(data[key])
                )
        if data and all(isinstance(value, torch.Tensor) for value in data.values()):
            return WeightsFile("plain", _checked(data))
        found = ", ".join(map(repr, list(data)[:10])) or "nothing"
    else:
        found = f"a {type(data).__name__}"
    raise WeightsFileError(
        f"it holds {found}; known are model_state (PyTorchVideo, PySlowFast), state_dict (Lightning), blobs (VMZ), a plain dict of tensors, and safetensors"
    )


def _checked(weights: Mapping[Any, Any]) -> Mapping[str, Any]:
    for name, value in weights.items():
        if not isinstance(name, str):
            raise WeightsFileError("a name of its weights is not a string")
        if isinstance(value, torch.Tensor) and value.layout == torch.strided and not value.is_meta:
            if value.numel() * value.element_size() > value.untyped_storage().nbytes():
                raise UnsafeWeightsError(f"{name} states {value.numel()} numbers, and fewer are stored")
        elif isinstance(value, torch.Tensor):
            raise WeightsFileError(f"{name} is not a plain tensor")
    return weights
