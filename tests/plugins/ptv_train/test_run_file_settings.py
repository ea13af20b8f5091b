"""Run files: a run repeats itself from its ``run.yaml``, options and ``--set`` win, and what is unknown is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import click
import pytest
import torch
import yaml
from click.testing import CliRunner

from ptv_registry.errors import ArgumentError, PtvError
from ptv_train.checkpoint import load_checkpoint
from ptv_train.commands import train as train_command
from ptv_train.run.settings import plain
from ptv_train.run.values import training_of
from ptv_train.training.training import Training

from .conftest import TRANSFORM, data_spec

MODEL = "resnet(model_depth=18, stem_dim_out=4, head_pool_kernel_size=[4, 1, 1], dropout_rate=0.5)"


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return path


def _training(tmp_path: Path, text: str, *edits: str, **options: Any) -> Training:
    base = "" if "model:" in text else f"model: slow_r50\ntrain: v/train\nout: {tmp_path / 'out'}\n"
    return training_of(_file(tmp_path, base + text), options, edits)


def _invoke(*arguments: str) -> None:
    done = CliRunner().invoke(train_command, [*arguments, "--quiet"], catch_exceptions=False)

    assert 0 == done.exit_code, done.output


def _tensors(checkpoint: Path) -> dict[str, torch.Tensor]:
    data = load_checkpoint(checkpoint)
    moments = {
        f"{number}/{name}": value
        for number, state in data["optimizer_states"][0]["state"].items()
        for name, value in state.items()
    }
    return {**data["state_dict"], **moments}


def test_a_run_is_repeated_bit_for_bit_from_its_own_record(videos: Path, tmp_path: Path) -> None:
    _invoke(
        *("--model", MODEL, "--train", data_spec(videos), "--val", data_spec(videos), "--out", str(tmp_path / "a")),
        *("--epochs", "2", "--batch-size", "2", "--accelerator", "cpu", "--clip-seconds", "0.5"),
        *("--transform", TRANSFORM, "--optimizer", "sgd(momentum=0.5)", "--lr", "0.02", "--label-smoothing", "0.1"),
        *("--batch-transform", "mixup(alpha=0.4)", "--callback", "ema(decay=0.5)", "--metric", "mean_class_accuracy"),
        *("--set", "schedule.warmup=0.25", "--set", "model.stem.norm=instance"),
    )
    _invoke(str(tmp_path / "a" / "run.yaml"), "--out", str(tmp_path / "b"))
    one, two = (_tensors(tmp_path / name / "last.ckpt") for name in ("a", "b"))
    records = [yaml.safe_load((tmp_path / name / "run.yaml").read_text()) for name in ("a", "b")]
    for record in records:
        del record["command"]

    assert one.keys() == two.keys()
    assert 0 == sum(not torch.equal(one[name], two[name]) for name in one)
    assert records[0] == records[1]
    assert "cosine(warmup=0.25, final=0.0)" == records[0]["schedule"]
    assert {"stem.norm": "instance"} == records[0]["edits"]


def test_a_run_goes_on_from_its_record_without_saying_where(videos: Path, tmp_path: Path) -> None:
    first = ("--model", MODEL, "--train", data_spec(videos), "--out", str(tmp_path / "a"), "--accelerator", "cpu")
    _invoke(*first, "--epochs", "1", "--clip-seconds", "0.5", "--transform", TRANSFORM)
    _invoke(str(tmp_path / "a" / "run.yaml"), "--resume", "--epochs", "2")

    assert 2 == load_checkpoint(tmp_path / "a" / "last.ckpt")["ptv_run"]["epochs_done"]


def test_a_run_of_a_lock_names_the_lock_beside_it(videos: Path, tmp_path: Path) -> None:
    import ptv_registry

    (tmp_path / "lock.json").write_text(ptv_registry.freeze(MODEL))
    data = ("--train", data_spec(videos), "--epochs", "1", "--accelerator", "cpu")
    recipe = ("--clip-seconds", "0.5", "--transform", TRANSFORM)
    _invoke("--model", str(tmp_path / "lock.json"), "--out", str(tmp_path / "a"), *data, *recipe)
    _invoke(str(tmp_path / "a" / "run.yaml"), "--out", str(tmp_path / "b"))

    assert "model.lock.json" == yaml.safe_load((tmp_path / "a" / "run.yaml").read_text())["model"]
    one, two = (_tensors(tmp_path / name / "last.ckpt") for name in ("a", "b"))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_options_win_over_the_file_and_set_over_both(tmp_path: Path) -> None:
    text = "optimizer: sgd(lr=0.1, momentum=0.8)\nepochs: 3\nbatch-size: 4\ncallback: [ema]\n"
    training = _training(tmp_path, text, "optimizer.momentum=0.7", "callbacks[0].decay=0.9", "seed=5", lr=0.2, epochs=7)

    assert "sgd(momentum=0.7)" == str(training.optimizer)
    assert ["ema(decay=0.9)"] == [str(callback) for callback in training.callbacks]
    assert (0.2, 7, 4, 5) == (training.lr, training.epochs, training.batch_size, training.seed)


def test_set_replaces_what_the_short_way_says(tmp_path: Path) -> None:
    training = _training(tmp_path, "lr: 0.1\nlabel_smoothing: 0.1\n", "optimizer.lr=1e-2", "loss.label_smoothing=0.2")

    assert (None, None) == (training.lr, training.label_smoothing)
    assert "adamw(lr=0.01)" == str(training.optimizer)
    assert "cross_entropy(label_smoothing=0.2)" == str(training.loss)


def test_a_component_may_be_written_as_a_mapping(tmp_path: Path) -> None:
    text = "optimizer: {name: sgd, lr: 1e-2, momentum: 0.5}\nschedule: {name: multistep, milestones: [1, 2]}\n"
    training = _training(tmp_path, text)

    assert "sgd(lr=0.01, momentum=0.5)" == str(training.optimizer)
    assert "multistep(milestones=[1, 2])" == str(training.schedule)


def test_the_model_is_edited_at_the_top_in_its_spec_and_below_by_path(tmp_path: Path) -> None:
    training = _training(tmp_path, "", "model.norm=group(num_groups=8)", "model.stem.activation=swish")

    assert "slow_r50(norm=group(num_groups=8))" == str(training.model)
    assert {"stem.activation": "swish"} == {path: str(value) for path, value in training.edits.items()}


def test_the_input_is_changed_in_the_file_and_by_set(tmp_path: Path) -> None:
    training = _training(tmp_path, "input: num_frames=4\n", "input.crop=64")

    assert training.recipe is not None
    assert "num_samples=4" in training.recipe.transform
    assert "64" in training.recipe.transform


def test_values_of_edits_come_back_out_of_yaml() -> None:
    import ptv_registry

    values = {name: ptv_registry.parse(f"x(v={text})").args["v"] for name, text in
              {"a": "[none, group(num_groups=2)]", "b": "[1, 2]", "c": "1e-3", "d": "none"}.items()}  # fmt: skip
    written = yaml.safe_load(yaml.safe_dump({name: plain(value) for name, value in values.items()}))

    assert {"a": [None, "group(num_groups=2)"], "b": [1, 2], "c": 0.001, "d": None} == written


@pytest.mark.parametrize(
    ("text", "edits", "message"),
    [
        ("optimiser: sgd", (), "unknown setting 'optimiser'. Did you mean optimizer"),
        ("epochs: 1\nepochs: 2", (), "epochs comes twice"),
        ("nodes: 1\nnum_nodes: 2", (), "num_nodes twice"),
        ("epochs: many", (), "epochs=.* must be of type int"),
        ("epochs: 1.5", (), "must be of type int"),
        ("epochs: true", (), "must be of type int"),
        ("lr: fast", (), "lr=.* must be of type float"),
        ("on_error: ignore", (), "must be one of raise, skip, substitute"),
        ("recipe: {seconds: 1}", (), "recipe"),
        ("recipe: {seconds: 1.0, transform: x}\ninput: crop=64", (), "leave one out"),
        ("- a\n- b", (), "YAML"),
        ("", ("epochs",), "PATH=VALUE"),
        ("", ("epoch=1",), "Did you mean epochs"),
        ("", ("epochs.x=1",), "has no parts"),
        ("", ("optimizer..lr=1",), "is not a step of a path"),
        ("", ("callbacks[0].decay=1",), "has 0 items"),
        ("optimizer: adamw", ("optimizer.betas[0]=0.5",), "no item 0"),
        ("", ("optimizer.lr=a b",), "column"),
        ("model: slow_r50", (), "train and out must be given: --train, --out"),
    ],
)
def test_what_is_wrong_in_a_run_file_is_one_line(
    text: str, edits: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    with pytest.raises(PtvError, match=message):
        _training(tmp_path, text, *edits)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"mine\.yaml is not YAML"):
        training_of(_file(tmp_path, "model: [1,"), {})
    with pytest.raises(ArgumentError, match="holds no settings"):
        training_of(_file(tmp_path, "text"), {})


def test_the_command_has_the_defaults_of_the_class_and_its_settings() -> None:
    defaults = {attribute.name: attribute.default for attribute in attrs.fields(Training)}
    options = {p.name: p for p in train_command.params if isinstance(p, click.Option)}
    shown = {name: option.default for name, option in options.items() if name in defaults and option.show_default}

    assert {name: defaults[name] for name in shown} == shown
    assert len(shown) > 10
    assert set(defaults) - {"edits", "recipe", "progress"} <= set(options)
