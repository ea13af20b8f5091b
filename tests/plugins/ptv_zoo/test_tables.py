"""Rows of published weights: declared by entry points, and the same ones as beside the builders."""

from __future__ import annotations

import json

from ptv_cards.published_weights import weights_of
from ptv_registry import _registry
from ptv_zoo.tables import rows
from tests.support.fakes import ptv, write_dist


def test_the_declared_rows_are_those_of_the_builders():
    registry = _registry.default
    beside = [
        (entry.name, weights)
        for entry in registry.entries("model")
        if not entry.deprecated
        for weights in weights_of(registry.load(entry))
    ]

    assert beside == [(row.model, row.weights) for row in rows()]


STRANGER = """
from ptv_cards.published_weights import PublishedWeights

ROWS = (PublishedWeights(name="mine", url="https://acme.example/net.pth", spec="acme_net", dataset="Acme"),)
"""


def test_a_stranger_declares_rows_without_importing_the_model(tmp_path):
    modules = {"acme_rows": STRANGER, "acme_model": "1 / 0"}
    write_dist(tmp_path, "acme-net", {"v1.model": {"acme_net": "acme_model:build"}}, modules)
    with next(tmp_path.glob("*.dist-info/entry_points.txt")).open("a") as file:
        file.write("[ptv_zoo.v1.weights]\nacme_net = acme_rows:ROWS\n")

    done = ptv(["zoo", "list", "acme_net", "--json"], path=tmp_path)

    assert ["acme_net/mine"] == [row["key"] for row in json.loads(done.stdout)]
