"""A run's record holds no passwords."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

import ptv_registry as ptv
from ptv_train.run.record import RECORD, write_record
from ptv_train.training.training import describe

URI = "https://ann:hunter2@h/labels.csv?token=hunter2"


def test_neither_the_command_nor_what_was_skipped_shows_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["ptv", "train", "--train", URI])

    write_record(tmp_path, {"weights": URI}, finished=True, skipped={URI: f"{URI}: gone"}, spec=f"a(b='{URI}')")

    text = (tmp_path / RECORD).read_text()
    assert "hunter2" not in text
    shown = "https://ann:***@h/labels.csv?token=***"
    assert {shown: f"{shown}: gone"} == yaml.safe_load(text)["skipped"]


def test_data_is_described_without_them() -> None:
    spec = ptv.parse(f"dataset:kinetics(data_path='{URI}')")

    assert "https://ann:***@h/labels.csv?token=***" == describe(URI)
    assert ptv.parse("dataset:kinetics(data_path='https://ann:***@h/labels.csv?token=***')") == ptv.parse(
        str(describe(spec))
    )
