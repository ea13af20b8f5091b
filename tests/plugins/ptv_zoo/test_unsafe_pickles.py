"""Pickles of arrays that lie about memory, and archives that would fill it: typed errors, and the process lives."""

from __future__ import annotations

import io
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ptv_zoo.errors import UnsafeWeightsError, WeightsFileError
from ptv_zoo.pickles import load_arrays
from ptv_zoo.reading import read_weights


def array_pickle(kind: str, state: Any, shape: tuple[int, ...], data: bytes) -> bytes:
    """The pickle that numpy would write of an array, with whatever is said in its parts."""

    class Dtype:
        def __reduce__(self) -> Any:
            return np.dtype, (kind, False, True), state

    class Array:
        def __reduce__(self) -> Any:
            return np._core.multiarray._reconstruct, (np.ndarray, (0,), b"b"), (1, shape, Dtype(), False, data)  # type: ignore[attr-defined]

    return pickle.dumps({"blobs": {"x": Array()}}, 2)


PLAIN = (3, "<", None, None, None, -1, -1, 0)


def test_an_array_is_read_from_its_parts() -> None:
    found = load_arrays(io.BytesIO(array_pickle("f4", PLAIN, (2,), struct.pack("<2f", 1.5, -2.0))))

    assert [1.5, -2.0] == found["blobs"]["x"].tolist()


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_arrays_of_numpy_are_read_whatever_their_order(protocol: int) -> None:
    arrays = {
        "c": np.arange(6, dtype=np.float32).reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
        "big": np.arange(3, dtype=">i8"),
        "bools": np.array([True, False]),
    }
    found = load_arrays(io.BytesIO(pickle.dumps({"blobs": {**arrays, "scalar": np.float64(2.5)}}, protocol)))["blobs"]

    assert 2.5 == found["scalar"]
    for name, array in arrays.items():
        assert array.tolist() == found[name].tolist()


@pytest.mark.parametrize(
    ("kind", "state", "shape", "data", "message"),
    [
        ("O8", (3, "|", None, None, None, -1, -1, 0), (1,), struct.pack("<Q", 0x4141414141), "not a number type"),
        ("O8", (3, "|", None, None, None, -1, -1, 63), (1,), b"\x00" * 8, "not a number type"),
        ("V8", PLAIN, (1,), b"\x00" * 8, "not a number type"),
        ("M8", PLAIN, (1,), b"\x00" * 8, "not a number type"),
        ("f4", PLAIN, (1 << 28,), b"\x00", "does not match the size of its data"),
        ("f4", PLAIN, (1 << 62, 4), b"\x00", "does not match the size of its data"),
        ("f4", PLAIN, (-1, -1), b"\x00" * 4, "shape"),
        ("f4", PLAIN, (2,), b"\x00" * 4, "does not match the size of its data"),
        ("f4", (3, "<", None, ("a",), {"a": 1}, -1, -1, 0), (1,), b"\x00" * 8, "does not match the size of its data"),
        ("f4", (3, "!", None, None, None, -1, -1, 0), (1,), b"\x00" * 4, "order"),
    ],
)
def test_an_array_that_lies_is_refused(
    kind: str, state: Any, shape: tuple[int, ...], data: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "w.pkl"
    path.write_bytes(array_pickle(kind, state, shape, data))

    with pytest.raises(WeightsFileError, match=message):
        read_weights(path)


def test_the_pickle_that_ended_the_process_is_an_error(tmp_path: Path) -> None:
    # numpy takes the eight bytes for a pointer once the flag that says "objects" is cleared.
    path = tmp_path / "w.pkl"
    state = (3, "|", None, None, None, -1, -1, 0)
    path.write_bytes(array_pickle("O8", state, (1,), struct.pack("<Q", 0x4141414141)))
    code = "import sys; from ptv_zoo.reading import read_weights; print(read_weights(sys.argv[1]).tensors)"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False, timeout=120
    )

    assert 1 == done.returncode
    assert "UnsafeWeightsError" in done.stderr


def test_a_key_that_takes_years_to_hash_is_refused(tmp_path: Path) -> None:
    key: Any = ()
    for _ in range(60):
        key = (key, key)
    (tmp_path / "w.pkl").write_bytes(b"\x80\x02}" + pickle.dumps(key, 2)[2:-1] + b"K\x01s.")

    with pytest.raises(UnsafeWeightsError, match="again and again"):
        read_weights(tmp_path / "w.pkl")


def test_an_archive_that_unpacks_to_more_than_itself_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    torch.save({"model_state": {"a": torch.zeros(1 << 22)}}, buffer)
    path = tmp_path / "w.pth"
    with zipfile.ZipFile(buffer) as plain, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in plain.namelist():
            packed.writestr(name, plain.read(name))

    with pytest.raises(UnsafeWeightsError, match="hold more than the file"):
        read_weights(path)


def test_a_tensor_that_states_more_numbers_than_are_stored_is_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1).expand(1 << 40)}, tmp_path / "w.pth")

    with pytest.raises(UnsafeWeightsError, match="a states 1099511627776 numbers"):
        read_weights(tmp_path / "w.pth")
