from __future__ import annotations

import json
import warnings
from functools import partial

import pytest
import torch

import ptv_registry
from ptv_cards.clip_input import ClipInput
from ptv_cards.published_weights import PublishedWeights, has_weights
from ptv_registry.errors import ArgumentError, LockError, PlanRejectedError
from ptv_resnet.model import create_resnet
from ptv_zoo.errors import HeadDroppedWarning, OfflineError, TamperedWeightsError
from tests.support import reference_models


@pytest.fixture
def registry():
    return ptv_registry.Registry()


@pytest.fixture
def build(registry):
    return partial(ptv_registry.build, registry=registry)


@pytest.fixture
def tiny(server, tmp_path, registry):
    """A registered model whose published weights a local server has."""
    row = PublishedWeights(
        name="ssv2",
        url=server.url,
        table="pytorchvideo",
        spec="tiny_zoo_model",
        clip_input=ClipInput(4, 2),
        dataset="Something-Something V2",
        num_classes=174,
        arch="Slow",
        depth="R18",
        frames_x_rate="4x2",
        params_m=0.0,
        flops_g=None,
        metrics={"top1": 1.0},
    )

    @registry.register("model", "tiny_zoo_model")
    @has_weights(row)
    def tiny_zoo_model(*, model_num_class: int = 174):
        return create_resnet(model_depth=18, stem_dim_out=4, model_num_class=model_num_class)

    source = reference_models.fill_(tiny_zoo_model())
    torch.save({"model_state": source.state_dict()}, tmp_path / "published.pyth")
    server.body = (tmp_path / "published.pyth").read_bytes()
    return source.state_dict()


def assert_holds(model, weights):
    for name, tensor in weights.items():
        assert torch.equal(tensor, model.state_dict()[name]), name


@pytest.mark.parametrize("kwargs", [{"weights": "ssv2"}, {}], ids=["argument", "in the spec"])
def test_weights_by_name_are_downloaded_and_loaded(tiny, server, kwargs, build):
    model = build("tiny_zoo_model" if kwargs else "tiny_zoo_model(weights=ssv2)", **kwargs)

    assert_holds(model, tiny)
    assert 174 == len(model.categories)
    assert "Holding something" == model.categories[16]
    assert ClipInput(4, 2) == model.clip_input


def test_an_address_and_none_are_weights_too(tiny, server, build):
    assert_holds(build("tiny_zoo_model", weights=server.url), tiny)
    assert not hasattr(build("tiny_zoo_model", weights=None), "categories")


def test_the_lock_keeps_the_weights_and_their_sha256(tiny, server, build):
    lock = ptv_registry.freeze(build("tiny_zoo_model(weights=ssv2)"))

    again = build(lock)

    record = json.loads(lock)["after_build"]["ptv-zoo:zoo"]
    assert {"weights": "ssv2"} == json.loads(lock)["options"]
    assert server.url == record["uri"]
    assert 64 == len(record["sha256"])
    assert [] == record["dropped"]
    assert_holds(again, tiny)
    assert lock == ptv_registry.freeze(again)


@pytest.mark.parametrize("in_spec", [True, False])
def test_a_lock_holds_no_password_and_builds_with_the_address_given_again(tiny, server, build, in_spec):
    uri = server.url.replace("//", "//ann:hunter2@")
    model = build(f"tiny_zoo_model(weights='{uri}')") if in_spec else build("tiny_zoo_model", weights=uri)
    lock = ptv_registry.freeze(model)

    assert "hunter2" not in lock
    with pytest.raises(PlanRejectedError, match="neither fetched nor read unasked"):
        build(lock)
    again = build(lock, weights=server.url)
    assert_holds(again, tiny)
    assert "hunter2" not in ptv_registry.freeze(again)


def test_a_lock_refuses_other_weights_than_it_was_made_with(tiny, tmp_path, build):
    path = tmp_path / "mine.pth"
    torch.save(tiny, path)
    lock = ptv_registry.freeze(build("tiny_zoo_model", weights=f"file:{path}"))
    torch.save({name: tensor + 1 for name, tensor in tiny.items()}, path)

    with pytest.raises(TamperedWeightsError, match="lock was made with other weights"):
        build(lock)

    fresh = build(lock, weights=f"file:{path}")
    assert (
        json.loads(ptv_registry.freeze(fresh))["after_build"]["ptv-zoo:zoo"]["sha256"]
        != json.loads(lock)["after_build"]["ptv-zoo:zoo"]["sha256"]
    )


def test_a_lock_can_be_built_without_its_weights(tiny, server, monkeypatch, build, registry):
    lock = ptv_registry.freeze(ptv_registry.resolve("tiny_zoo_model", weights="ssv2", registry=registry))
    monkeypatch.setenv("PTV_OFFLINE", "1")

    with pytest.raises(OfflineError):
        build(lock)
    assert [] == server.requests
    assert build(lock, weights=None) is not None
    with pytest.raises(ArgumentError, match="resolved already"):
        build(lock, head="none")


def test_a_lock_of_the_dropped_head_says_so(tiny, build):
    with pytest.warns(HeadDroppedWarning, match="is for 174 classes; left out blocks.5.proj.weight"):
        model = build("tiny_zoo_model", weights="ssv2", model_num_class=3)

    record = json.loads(ptv_registry.freeze(model))["after_build"]["ptv-zoo:zoo"]
    assert ["blocks.5.proj.weight", "blocks.5.proj.bias"] == record["dropped"]
    assert not hasattr(model, "categories")


def test_an_unknown_name_is_refused_before_anything_is_built(tiny, build):
    with pytest.raises(PlanRejectedError, match="there are ssv2; for a file of your own write 'file:kinetics'"):
        build("tiny_zoo_model", weights="kinetics")
    with pytest.raises(PlanRejectedError, match="none are published for it"):
        build("resnet", weights="kinetics400")
    with pytest.raises(PlanRejectedError, match="is not a string"):
        build("tiny_zoo_model", weights=3)


def test_a_component_with_a_parameter_of_that_name_keeps_it(tiny, build, registry):
    @registry.register("model", "tiny_weighted")
    def tiny_weighted(weights: str = "none"):
        return [weights]

    assert ["mine"] == build("tiny_weighted", weights="mine")


def test_other_kinds_have_no_weights():
    with pytest.raises(ArgumentError, match="weights"):
        ptv_registry.resolve("norm:group(num_groups=2, weights='file:x')")


def test_a_damaged_lock_is_still_refused(tiny, build):
    with pytest.raises(LockError):
        build('{"ptv_lock": 1}', weights="ssv2")


def test_published_names_come_in_the_order_of_the_outputs():
    from torchvision.models.video import R3D_18_Weights

    from ptv_zoo import categories_of, rows

    kinetics = categories_of("Kinetics-400")
    # Numbers of PySlowFast's kinetics_classnames.json, those whose place depends on the order of signs and capitals among them.
    published = {
        "abseiling": 0, "eating ice cream": 115, "hurling (sport)": 161, "massaging person's head": 196,
        "passing American football (in game)": 208, "passing American football (not in game)": 209,
        "petting animal (not cat)": 212, "petting cat": 213, "punching person (boxing)": 259, "sharpening knives": 290,
        "shooting goal (soccer)": 297, "skiing (not slalom or crosscountry)": 308, "skiing crosscountry": 309,
        "tying knot (not on a tie)": 369, "using remote controller (not gaming)": 374, "zumba": 399,
    }  # fmt: skip

    assert published == {name: kinetics.index(name) for name in published}
    assert R3D_18_Weights.KINETICS400_V1.meta["categories"] == list(kinetics)
    for row in rows():
        names = categories_of(row.weights.dataset)
        assert names is None or row.weights.num_classes == len(names) == len(set(names))


def test_no_warning_where_all_weights_fit(tiny, build):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        build("tiny_zoo_model", weights="ssv2")


def test_a_predictor_says_whether_the_weights_are_trained(tiny, tmp_path, monkeypatch):
    from ptv_train import Predictor

    source = "resnet(model_depth=18, stem_dim_out=4, model_num_class={})"
    torch.save(tiny, tmp_path / "w.pth")
    weights = f"weights='file:{tmp_path}/w.pth'"

    assert (
        "trained" == Predictor.load(f"resnet(model_depth=18, stem_dim_out=4, model_num_class=174, {weights})").weights
    )
    assert "random" == Predictor.load(source.format(174)).weights
    with pytest.warns(HeadDroppedWarning):
        assert (
            "random" == Predictor.load(f"resnet(model_depth=18, stem_dim_out=4, model_num_class=7, {weights})").weights
        )


def test_a_predictor_takes_the_clips_and_classes_of_the_row(tiny, registry, monkeypatch):
    from ptv_registry import _registry
    from ptv_train import Predictor

    monkeypatch.setattr(_registry, "default", registry)
    tiny_builder = registry.load(registry.find("model", "tiny_zoo_model"))
    monkeypatch.setattr(tiny_builder, "clip_input", ClipInput(8, 8), raising=False)

    predictor = Predictor.load("tiny_zoo_model(weights=ssv2)")

    assert "trained" == predictor.weights
    assert 174 == len(predictor.categories)
    assert "num_samples=4" in predictor.recipe.transform


def test_a_checkpoint_of_training_needs_no_weights_of_the_start(tiny, tmp_path, monkeypatch):
    from ptv_train.checkpoint import load_model

    path = tmp_path / "start.pth"
    torch.save(tiny, path)
    model = ptv_registry.build("resnet(model_depth=18, stem_dim_out=4, model_num_class=174)", weights=f"file:{path}")
    record = {"lock": ptv_registry.freeze(model), "categories": [], "recipe": {"seconds": 1.0, "transform": "x"}}
    trained = {f"model.{n}": t + 1 for n, t in model.state_dict().items()}
    torch.save({"ptv": record, "state_dict": trained}, tmp_path / "last.ckpt")
    path.unlink()

    again, _ = load_model(tmp_path / "last.ckpt")

    assert torch.equal(tiny["blocks.5.proj.weight"] + 1, again.blocks[5].proj.weight)
