"""Pickles that hold nothing but arrays and plain containers."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from math import prod
from typing import IO, Any, Final, Literal

import numpy as np

from ptv_registry.archives import check_pickle
from ptv_registry.errors import PtvError
from ptv_zoo.errors import UnsafeWeightsError, WeightsFileError

#: Kinds of numbers, by the text that numpy's pickles give: never objects, records or dates.
_KINDS: Final = frozenset(["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"])
_MOST_DIMENSIONS: Final = 16


class _Dtype:
    """Stands for ``numpy.dtype``: which numbers, and in which order their bytes are."""

    def __init__(self, kind: Any, *_: Any) -> None:
        text = kind.decode("latin1") if isinstance(kind, bytes) else kind
        if not isinstance(text, str) or text not in _KINDS:
            raise UnsafeWeightsError(f"the pickle holds an array of {str(text)[:40]!r}, which is not a number type")
        self._kind = text
        self._order: Literal["<", ">", "|", "="] = "="

    def __setstate__(self, state: Any) -> None:
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else None
        if order not in ("<", ">", "|", "="):
            raise WeightsFileError(f"it is damaged: numbers in the order {str(order)[:40]!r}")
        self._order = order

    @property
    def of_numpy(self) -> np.dtype[Any]:
        return np.dtype(self._kind).newbyteorder(self._order)


class _Array:
    """Stands for ``numpy.ndarray``: shape, kind of number and bytes, whose number is the product of the two."""

    def __init__(self, *_: Any) -> None:
        self.made = np.empty(0, np.float32)

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple) or len(state) != 5:
            raise WeightsFileError("it is damaged: the state of an array has five parts")
        _, shape, dtype, is_fortran, data = state
        if not isinstance(dtype, _Dtype):
            raise WeightsFileError("it is damaged: an array has no number type")
        if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
            raise WeightsFileError(f"it is damaged: an array of the shape {str(shape)[:80]}")
        if isinstance(data, str):
            data = data.encode("latin1")
        wanted = prod(shape) * dtype.of_numpy.itemsize
        if not isinstance(data, bytes) or len(data) != wanted or len(shape) > _MOST_DIMENSIONS:
            raise WeightsFileError(
                f"it is damaged: an array of the shape {str(shape)[:80]} does not match the size of its data"
            )
        numbers = np.frombuffer(data, dtype.of_numpy).reshape(shape, order="F" if is_fortran else "C")
        self.made = numbers.astype(dtype.of_numpy.newbyteorder("="))


def _scalar(dtype: Any, data: Any) -> Any:
    if isinstance(data, str):
        data = data.encode("latin1")
    if not isinstance(dtype, _Dtype) or not isinstance(data, bytes) or len(data) != dtype.of_numpy.itemsize:
        raise WeightsFileError("it is damaged: a number has the wrong number of bytes")
    return np.frombuffer(data, dtype.of_numpy)[0].item()


def _encode(text: Any, encoding: str = "latin1") -> bytes:
    if not isinstance(text, str):
        raise WeightsFileError("it is damaged: what is encoded is not text")
    return text.encode("latin1")


_CORE: Final = ("numpy.core.multiarray", "numpy._core.multiarray")
_ADMITTED: Final[dict[tuple[str, str], Any]] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("collections", "OrderedDict"): OrderedDict,
    ("_codecs", "encode"): _encode,
    **{(module, "_reconstruct"): _Array for module in _CORE},
    **{(module, "scalar"): _scalar for module in _CORE},
}


class ArraysUnpickler(pickle.Unpickler):
    """Reads numpy arrays, numbers, texts, and lists, tuples and dicts of them; strings of Python 2 as latin1.

    Whatever else a pickle names is refused before anything of it is called, and what it calls arrays are stand-ins here:
    numpy's own would believe what a pickle says of memory.
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
        WeightsFileError: it is not a pickle, or a damaged one.
    """
    data = file.read()
    try:
        check_pickle(data, len(data))
        return _unwrapped(ArraysUnpickler(io.BytesIO(data)).load())
    except (UnsafeWeightsError, WeightsFileError):
        raise
    except PtvError as error:
        raise UnsafeWeightsError(str(error)) from error
    except Exception as error:  # a damaged pickle can end in nearly any error
        raise WeightsFileError(f"it is not a pickle of arrays: {type(error).__name__}: {error}") from error


def _unwrapped(data: Any) -> Any:
    """Arrays in the place of their stand-ins, in the containers that files of weights are made of: dicts of dicts."""
    if isinstance(data, _Array):
        return data.made
    if isinstance(data, dict):
        return {key: _unwrapped(value) for key, value in data.items() if not isinstance(key, _Array | _Dtype)}
    return data
