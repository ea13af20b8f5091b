"""Rows of published weights: out of the tables of installed distributions."""

from __future__ import annotations

import json
import sys

import pytest

from ptv_cards.published_weights import PublishedWeights, published_models
from ptv_registry.records import RecordError
from tests.support.fakes import ptv, write_dist

TABLE = """
[acme_net]
clip_input = { num_frames = 8, sampling_rate = 4 }

[[acme_net.weights]]
name = "mine"
url = "https://acme.example/net.pth"
dataset = "Acme"
views = []
pyslowfast = { url = "acme/net.pth", config = "Acme/net" }
"""


@pytest.fixture
def acme(tmp_path, monkeypatch):
    """The import name of a package whose table is given."""

    def write(table):
        package = tmp_path / "acme_tables"
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
        (package / "weights.toml").write_text(table)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "acme_tables", raising=False)
        published_models.cache_clear()
        return "acme_tables"

    return write


def test_a_stranger_declares_rows_without_importing_the_model(tmp_path, acme):
    write_dist(tmp_path, "acme-net", {"v1.model": {"acme_net": "acme_model:build"}}, {"acme_model": "1 / 0"})
    with next(tmp_path.glob("*.dist-info/entry_points.txt")).open("a") as file:
        file.write(f"[ptv_zoo.v1.weights]\nacme = {acme(TABLE)}\n")

    done = ptv(["zoo", "list", "acme_net", "--json"], path=tmp_path)

    assert ["acme_net/mine", "acme_net/mine_pyslowfast"] == [row["key"] for row in json.loads(done.stdout)]


def test_a_row_takes_what_it_does_not_say_from_its_model(acme):
    first, second = published_models(acme(TABLE))["acme_net"].weights

    assert first == PublishedWeights(
        "mine", "https://acme.example/net.pth", "acme_net", "Acme", clip_input=first.clip_input, views=None
    )
    assert (8, 4) == (first.clip_input.num_frames, first.clip_input.sampling_rate)
    assert ("pyslowfast", "Acme/net", first.clip_input) == (second.table, second.config, second.clip_input)
    assert second.url.endswith("/pysf_model_zoo/acme/net.pth")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[acme_net", "weights.toml of acme_tables: Expected"),
        ("[net]\nclips = 3", "net in weights.toml of acme_tables has clips, which is unknown"),
        ("[net]\nclip_input = { num_frames = 0, sampling_rate = 1 }", "clip_input of net .* must be an integer"),
        ("[[net.weights]]\nname = 'a'", "a row of net in weights.toml of acme_tables lacks url, dataset"),
        ("[[net.weights]]\nnames = 'a'", "a row of net in weights.toml of acme_tables has names, which is unknown"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(acme, table, message):
    with pytest.raises(RecordError, match=message):
        published_models(acme(table))


def test_a_table_that_cannot_be_read_takes_nothing_else_with_it(tmp_path, acme):
    write_dist(tmp_path, "acme-net", {"v1.model": {"acme_net": "acme_model:build"}}, {"acme_model": "1 / 0"})
    with next(tmp_path.glob("*.dist-info/entry_points.txt")).open("a") as file:
        file.write(f"[ptv_zoo.v1.weights]\nacme = {acme('[')}\n")

    rows = json.loads(ptv(["zoo", "list", "--json"], path=tmp_path).stdout)

    assert "acme_net" not in {row["model"] for row in rows}
    assert "x3d_xs/kinetics400" in {row["key"] for row in rows}
