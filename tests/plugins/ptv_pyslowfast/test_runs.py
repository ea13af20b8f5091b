"""Runs of configurations against PySlowFast's own functions, whose figures ``reference_data/pyslowfast/runs.json`` holds.

It was asked for learning rates twice an epoch, the groups of its optimizers, the places of a test's clips in videos of so
many frames, and the views of a clip of noise.
"""

import functools
import hashlib
import json

import pytest
import torch

import ptv_registry as ptv
from ptv_pyslowfast import Config, pyslowfast_names, run_of
from ptv_train.components.parameter_groups import parameter_groups
from ptv_train.evaluation.views import EvenClipSampler, Views, view_transform
from tests.support import reference_models

RUNS = json.loads((reference_models.DATA / "pyslowfast" / "runs.json").read_text())
WITH_CLIPS = [name for name, figures in RUNS.items() if "clips" in figures]


@functools.cache
def run(name):
    config = Config()
    config.set("NUM_GPUS", 0, name)
    for key, value in RUNS[name]["given"].items():
        config.set(key, value, name)
    return run_of(config)


def test_there_are_figures_of_more_than_twelve_configurations():
    assert (17, 13) == (len(RUNS), len(WITH_CLIPS))


@pytest.mark.parametrize("name", RUNS)
def test_the_learning_rate_is_pyslowfasts_at_every_step(name):
    settings, rates = run(name).settings, RUNS[name]["rates"]
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = ptv.build(settings["optimizer"], kind="optimizer", params=[{"params": [parameter]}])
    schedule = ptv.build(
        settings["schedule"], kind="schedule", optimizer=optimizer, steps=len(rates), epochs=settings["epochs"]
    )
    found = []
    for _ in rates:
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()

    assert rates == pytest.approx(found, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", RUNS)
def test_what_decays_how_is_pyslowfasts(name):
    figures, settings = RUNS[name], run(name).settings
    with torch.device("meta"):
        model = ptv.build(settings["model"])
    optimizer = ptv.build(settings["optimizer"], kind="optimizer", params=parameter_groups(model), model=model)
    own = [key for key, _ in model.named_parameters()]
    wrapped = figures["given"]["MODEL.MODEL_NAME"].startswith("PTV")
    theirs = {key: f"model.{key}" for key in own} if wrapped else pyslowfast_names(own)
    names = {id(parameter): theirs[key] for key, parameter in model.named_parameters()}
    groups = [
        {
            "weight_decay": group["weight_decay"],
            "parameters": len(group["params"]),
            "names": hashlib.sha256("\n".join(sorted(names[id(p)] for p in group["params"])).encode()).hexdigest()[:16],
        }
        for group in optimizer.param_groups
    ]
    defaults = {key: list(v) if isinstance(v, tuple) else v for key, v in optimizer.defaults.items()}

    assert figures["groups"] == groups
    assert figures["optimizer"] == {"class": type(optimizer).__name__} | {
        key: defaults[key] for key in figures["optimizer"] if key != "class"
    }


@pytest.mark.parametrize("name", WITH_CLIPS)
def test_the_clips_of_a_test_lie_where_pyslowfasts_do(name):
    found = run(name)
    clips = Views.parse(found.test["views"]).clips
    for frames, starts in RUNS[name]["clips"].items():
        sampler = EvenClipSampler(found.settings["recipe"]["seconds"], clips)
        last, mine = None, []
        for _ in starts:
            info = sampler(last, int(frames) / 30, {})
            last = info.clip_end_sec
            mine.append(float(info.clip_start_sec))

        assert starts == pytest.approx(mine, abs=1e-6)


@pytest.mark.parametrize("name", RUNS)
def test_the_views_of_a_clip_are_pyslowfasts(name):
    found, figures = run(name), RUNS[name]
    clip = reference_models.clip(f"views/{name}", 8, 60, 90, 3).abs().mul(60).clamp(0, 255).to(torch.uint8)
    frames = figures["given"]["DATA.NUM_FRAMES"]
    text = found.settings["recipe"]["transform"].replace(f"num_samples={frames}", "num_samples=8")
    samples = view_transform(text, Views.parse(found.test["views"]))(
        {"video": clip.permute(3, 0, 1, 2), "aug_index": 1}
    )

    assert len(figures["views"]) == len(samples)
    for view, sample in zip(figures["views"], samples, strict=True):
        video = sample["video"]
        pathways = video if isinstance(video, list) else [video]
        for expected, actual in zip(view, pathways, strict=True):
            flat = actual.flatten()
            assert expected["shape"] == list(actual.shape)
            assert expected["pixels"] == pytest.approx(flat[:: flat.numel() // 7][:7].tolist(), abs=1e-4)
            assert expected["mean"] == pytest.approx(flat.mean().item(), abs=1e-4)
