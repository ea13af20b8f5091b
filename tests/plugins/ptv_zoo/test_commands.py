from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file

import ptv_registry
from ptv_registry.cli import _commands, ptv
from ptv_registry.errors import ArgumentError, PtvError
from ptv_zoo.errors import UnknownWeightsError, WeightsMismatchError
from ptv_zoo.tables import Row, find, rows
from ptv_zoo.verification import verify
from tests.support import reference_models

assert _commands
KEYS = ("dataset", "arch", "depth", "frames_x_rate")


def run(*arguments):
    result = CliRunner().invoke(ptv, list(map(str, arguments)))
    if isinstance(result.exception, PtvError):
        raise result.exception
    return result


def key(table, row):
    return (table, *(row[name] for name in KEYS))


def test_every_row_of_the_published_tables_is_listed_as_published():
    published = {key(t, row): row for t, table in reference_models.tables().items() for row in table}
    rows_of_tables = [row for row in json.loads(run("zoo", "list", "--json").output) if row["table"]]
    listed = {(r["table"], *(r[n] for n in KEYS)): r for r in rows_of_tables}

    assert 40 == len(published)
    assert len(rows_of_tables) == len(listed)
    assert set(published) == set(listed)
    for name, row in published.items():
        found = listed[name]
        metrics = {metric: row[metric] for metric in ("top1", "top5", "map") if row.get(metric) is not None}
        for field in ("url", "params_m", "flops_g", "views", "pretrain", "config"):
            assert row[field] == found[field], (name, field)
        assert metrics == found["metrics"], name


@pytest.mark.slow
def test_the_models_of_all_rows_have_the_published_figures():
    published = {key(t, row): row for t, table in reference_models.tables().items() for row in table}

    result = run("zoo", "verify", "--json")
    found = json.loads(result.output)

    assert 0 == result.exit_code
    assert 40 == len(found)
    for row in found:
        expected = published[key(row["table"], row)]
        if not row["erratum"] or row["params_agree"]:
            assert abs(expected["params_m"] - row["params_m"]) <= 0.01, row
        if expected["flops_g"] is not None:
            assert abs(expected["flops_g"] - row["flops_g"]) <= 0.005 * expected["flops_g"], row
    wrong = [(row["model"], row["weights"]) for row in found if not row["params_agree"]]
    assert [("slow_r50", "ssv2"), ("slow_r50", "ssv2_pyslowfast"), ("slow_r50_detection", "ava")] == wrong


def test_a_figure_that_differs_is_reported_and_gives_status_1(monkeypatch):
    from attrs import evolve

    from ptv_zoo import tables

    row = find("x3d_xs/kinetics400")
    wrong = Row(row.model, evolve(row.weights, params_m=3.81))
    monkeypatch.setattr(tables, "rows", lambda: iter([row, wrong]))

    result = run("zoo", "verify")

    assert verify(row).agrees
    assert 1 == result.exit_code
    assert ["ok", "DIFFERS"] == [line.split()[0] for line in result.output.splitlines()]


def test_the_clips_of_a_row_are_those_of_its_model_unless_its_spec_says_otherwise():
    for row in rows():
        if row.weights.spec == row.model and row.weights.clip_input is not None:
            assert ptv_registry.resolve(row.model).root.target.clip_input == row.weights.clip_input, row.key


def test_show_explains_a_row():
    text = run("zoo", "show", "slow_r50/ssv2").output
    data = json.loads(run("zoo", "show", "slowfast_r50", "--json").output)

    assert "channels in the order BGR" in text
    assert "build('slow_r50(model_num_class=174)', weights='ssv2')" in text
    assert "slowfast_r50/kinetics400" == data["key"]
    assert 400 == len(data["categories"])
    assert callable(ptv_registry.build(data["transform"], kind="transform"))
    assert "ava_action_list" in json.loads(run("zoo", "show", "slow_r50_detection", "--json").output)["categories_note"]


def test_an_unknown_row_names_the_known_ones():
    with pytest.raises(UnknownWeightsError, match="slow_r50 has no weights 'k'; there are kinetics400, "):
        find("slow_r50/k")
    with pytest.raises(UnknownWeightsError, match="no weights are published for 'resnet'; they are for c2d_r50"):
        find("resnet")


def test_pull_prints_where_the_file_is(server):
    server.body = b"weights"

    (found,) = json.loads(run("zoo", "pull", server.url, "--json").output)

    assert b"weights" == Path(found["path"]).read_bytes()


def test_convert_writes_the_names_of_the_model(tmp_path):
    spec = "resnet(model_depth=18, stem_dim_out=4, model_num_class=5)"
    source = reference_models.fill_(ptv_registry.build(spec)).state_dict()
    torch.save({"model_state": {f"model.{n}": t for n, t in source.items()}}, tmp_path / "in.pyth")

    run("zoo", "convert", tmp_path / "in.pyth", tmp_path / "out.safetensors", "--model", spec)
    run("zoo", "convert", tmp_path / "out.safetensors", tmp_path / "out.pth")

    for written in (load_file(tmp_path / "out.safetensors"), torch.load(tmp_path / "out.pth", weights_only=True)):
        assert set(source) == set(written)
        assert all(torch.equal(tensor, written[name]) for name, tensor in source.items())
    with pytest.raises(WeightsMismatchError):
        run("zoo", "convert", tmp_path / "in.pyth", tmp_path / "o.pth", "--model", spec.replace("=5", "=6"))
    with pytest.raises(ArgumentError, match="ending"):
        run("zoo", "convert", tmp_path / "in.pyth", tmp_path / "out.onnx")


def test_show_counts_the_operations_of_a_model_by_module():
    data = json.loads(run("show", "x3d_xs", "--flops", "--json").output)
    text = run("show", "resnet(model_depth=18, stem_dim_out=4)", "--flops", "--input", "1x3x4x224x224").output

    assert (843919472, 3794274) == (data["flops"][0]["macs"], data["flops"][0]["params"])
    assert "blocks.5" in text
    with pytest.raises(ArgumentError, match="is not a shape"):
        run("show", "x3d_xs", "--flops", "--input", "1,3")
    with pytest.raises(ArgumentError, match="no installed plugin knows the flops of activation:relu"):
        run("show", "activation:relu", "--flops")


def test_a_list_shows_rows_without_figures_too():
    text = run("zoo", "list", "ir_csn_152").output

    assert "ir_csn_152/ig65m_32frms" in text
    assert 4 == len(text.splitlines())
    assert "No weights are published for resnet." in run("zoo", "list", "resnet").output
    with pytest.raises(ArgumentError, match="no published figures"):
        verify(find("ir_csn_152/ig65m_32frms"))
