"""Pickles that hold nothing but arrays and plain containers."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import IO, Any, Final

import numpy as np

from ptv_zoo.errors import UnsafeWeightsError, WeightsFileError


def _new_array(subtype: type, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    return np.ndarray(shape if shape else (0,), np.dtype(dtype if isinstance(dtype, str) else dtype.decode("latin1")))


def _scalar(dtype: np.dtype, data: bytes | str) -> Any:
    return np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, dtype)[0]


def _encode(text: str, encoding: str = "latin1") -> bytes:
    return text.encode("latin1")


_CORE: Final = ("numpy.core.multiarray", "numpy._core.multiarray")
_ADMITTED: Final[dict[tuple[str, str], Callable[..., Any]]] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("collections", "OrderedDict"): OrderedDict,
    ("_codecs", "encode"): _encode,
    **{(module, "_reconstruct"): _new_array for module in _CORE},
    **{(module, "scalar"): _scalar for module in _CORE},
}


class ArraysUnpickler(pickle.Unpickler):
    """Reads numpy arrays, numbers, texts, and lists, tuples and dicts of them; strings of Python 2 as latin1.

    Whatever else a pickle names is refused before anything of it is called.
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, encoding="latin1")

    def find_class(self, module: str, name: str) -> Any:
        """One of the admitted names.

        Raises:
            UnsafeWeightsError: any other.
        """
        try:
            return _ADMITTED[module, name]
        except KeyError:
            pass
        raise UnsafeWeightsError(
            f"the pickle holds code: it names {module}.{name}, and only arrays and plain containers are admitted",
            name=f"{module}.{name}",
        )

    def persistent_load(self, pid: Any) -> Any:
        """Refused: there is nothing beside a file of arrays."""
        raise UnsafeWeightsError(f"the pickle refers to something outside itself: {pid!r}")


def load_arrays(file: IO[bytes]) -> Any:
    """The first object of a pickle of arrays.

    Raises:
        UnsafeWeightsError: it names anything but arrays and plain containers.
        WeightsFileError: it is no pickle, or a damaged one.
    """
    try:
        return ArraysUnpickler(file).load()
    except UnsafeWeightsError:
        raise
    except Exception as error:  # a damaged pickle can end in nearly any error
        raise WeightsFileError(f"it is no pickle of arrays: {type(error).__name__}: {error}") from error
