"""Pickles and archives that would take memory or time without bound."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch

from ptv_registry.archives import UnsafeFileError, check_archive, check_pickle


def shared(depth: int, make: Any = tuple) -> Any:
    value: Any = make(())
    for _ in range(depth):
        value = make((value, value))
    return value


@pytest.mark.parametrize("protocol", range(6))
def test_a_plain_pickle_passes_and_its_end_is_found(protocol: int) -> None:
    data = {
        "a": [1, 2.5, "x", None, True],
        "b": (b"y" * 300, {"c": frozenset({1}), "d": 10**50}),
        "e": OrderedDict(f=1),
    }
    written = pickle.dumps(data, protocol)

    assert len(written) == check_pickle(written + b"rest", 1000)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("wrap", [lambda v: {"a": v}, lambda v: [v], lambda v: ("x", v)])
def test_values_that_are_shared_without_end_are_refused(protocol: int, wrap: Any) -> None:
    bomb = pickle.dumps(wrap(shared(60)), protocol)

    with pytest.raises(UnsafeFileError, match="again and again"):
        check_pickle(bomb, len(bomb))


def test_a_key_that_takes_years_to_hash_is_refused() -> None:
    key = pickle.dumps(shared(60), 2)
    bomb = b"\x80\x02}" + key[2:-1] + b"K\x01s."

    with pytest.raises(UnsafeFileError, match="again and again"):
        check_pickle(bomb, len(bomb))


@pytest.mark.parametrize(
    "name", [b"cbuiltins\nbytearray\n", b"\x8c\x08builtins\x8c\tbytearray\x93", b"ctorch\nTensor\n"]
)
def test_what_makes_memory_of_a_number_is_refused(name: bytes) -> None:
    with pytest.raises(UnsafeFileError, match="as much memory as it is told to"):
        check_pickle(b"\x80\x04" + name + b"J\x00\x00\x00\x40\x85R.", 100)


def test_deep_nesting_is_refused() -> None:
    bomb = b"\x80\x02" + b"]" * 2000 + b"a" * 1999 + b"."

    with pytest.raises(UnsafeFileError, match="deep"):
        check_pickle(bomb, len(bomb))


@pytest.mark.parametrize(
    "data", [b"", b"x", b"\x80\x02", b"\x80\x02a.", b"\x80\x02h\x05.", b"\x80\x02R.", b"\x80\x02t.", b"(((("]
)
def test_what_is_no_pickle_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"damaged|not a pickle|not found|cut off"):
        check_pickle(data, 10)


def saved(value: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def test_an_archive_of_torch_passes(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    path.write_bytes(saved({"a": torch.zeros(300), "b": torch.zeros(300)[::2], "c": [torch.tensor(1)] * 3}))

    check_archive(path)


def test_a_compressed_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    whole = io.BytesIO(saved({"a": torch.zeros(1 << 20)}))
    with zipfile.ZipFile(whole) as plain, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in plain.namelist():
            packed.writestr(name, plain.read(name))

    assert path.stat().st_size < 1 << 16
    with pytest.raises(UnsafeFileError, match="hold more than the file"):
        check_archive(path)


def check_legacy(data: bytes) -> None:
    """The five pickles at the beginning of a file of torch before 1.6."""
    position = 0
    for _ in range(5):
        position = check_pickle(data, len(data), position)


def test_a_tensor_of_more_numbers_than_the_file_has_bytes_is_refused() -> None:
    written = saved({"a": torch.zeros(70_000)}, _use_new_zipfile_serialization=False)
    check_legacy(written)
    bomb = written.replace((70_000).to_bytes(4, "little"), (1 << 30).to_bytes(4, "little"))

    with pytest.raises(UnsafeFileError, match="1073741824 numbers stands in a file"):
        check_legacy(bomb)
