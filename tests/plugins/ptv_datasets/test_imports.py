"""What the package offers, and what importing it costs."""

import subprocess
import sys

import pytest

import ptv_datasets


@pytest.mark.parametrize("name", ptv_datasets.__all__)
def test_every_public_name_is_there(name):
    assert getattr(ptv_datasets, name).__name__ == name


def test_there_are_no_other_names():
    assert sorted(ptv_datasets.__all__) == sorted(ptv_datasets._HOMES) == dir(ptv_datasets)
    with pytest.raises(AttributeError, match="has no attribute 'Kinetic'"):
        ptv_datasets.Kinetic  # noqa: B018


def test_reading_lists_of_labels_imports_no_torch():
    script = "import sys; from ptv_datasets import Failure, read_label_file; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
