"""Errors cross processes whole."""

from __future__ import annotations

import inspect
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import pytest

import ptv_registry as ptv
from ptv_registry import errors
from ptv_registry.errors import ComponentError, PtvError, UnknownNameError, component_error

ALL = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, PtvError)]
ALL += [type(component_error(IndexError("x"), "here", "stem")), type(component_error(OSError("x"), "here", "stem"))]


@pytest.mark.parametrize("cls", ALL)
def test_every_error_pickles_with_message_fields_and_notes(cls: type[PtvError]) -> None:
    error = cls("what happened", path="a.b", column=3)
    error.add_note("while building x")
    twin = pickle.loads(pickle.dumps(error))

    assert cls is type(twin)
    assert ("what happened", {"path": "a.b", "column": 3}) == (twin.message, twin.fields)
    assert ["while building x"] == twin.__notes__
    assert "what happened" == str(twin)


@pytest.mark.parametrize("cls", ALL)
def test_every_error_is_made_of_one_string_as_the_data_loader_makes_it(cls: type[PtvError]) -> None:
    assert "a message" == str(cls("a message"))
    assert cls("a message").fields == {}


@pytest.mark.parametrize("cls", [cls for cls in ALL if cls not in (PtvError, ComponentError)])
def test_every_error_is_also_the_built_in_that_it_resembles(cls: type[PtvError]) -> None:
    assert any(issubclass(cls, built_in) for built_in in (ValueError, LookupError, OSError, ImportError, RuntimeError))
    assert cls.__doc__


def test_there_is_an_error_for_each_case_of_the_design() -> None:
    assert {"UnknownNameError", "AmbiguousNameError", "PluginLoadError", "UnfreezableError", "LockError"} <= {
        cls.__name__ for cls in ALL
    }


def test_an_error_of_a_worker_process_arrives_whole() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        future = pool.submit(ptv.build, "no_such_model")
        with pytest.raises(UnknownNameError, match="no model is called 'no_such_model'") as caught:
            future.result(60)

    assert "no_such_model" == caught.value.fields["name"]
