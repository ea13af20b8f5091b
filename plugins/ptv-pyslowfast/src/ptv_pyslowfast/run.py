"""A configuration as a run here: what trains, what tests, and what of it has no meaning here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ptv_pyslowfast.clips import batch_transforms, seconds_of, transform_of_test, transform_of_training
from ptv_pyslowfast.config import Config
from ptv_pyslowfast.datasets import dataset_of
from ptv_pyslowfast.errors import NoCounterpartError
from ptv_pyslowfast.models import model_of
from ptv_registry import Spec

_REASONS: Final = {
    "TENSORBOARD.": "events for TensorBoard are always written, and no others",
    "DEMO.": "ptv predict draws predictions",
    "BENCHMARK.": "ptv bench measures",
    "VIS_MASK.": "there are no masked models",
    "MASK.": "there are no masked models",
    "CONTRASTIVE.": "the tasks simclr, byol, moco_v2 and memory_bank have arguments of their own",
    "MULTIGRID.": "clips have one size",
    "AVA.": "the dataset ava has arguments of its own",
    "PREFETCH.": "PySlowFast does not know it either",
    "TRAIN.ENABLE": "the commands train and test say what is done",
    "TEST.ENABLE": "the commands train and test say what is done",
    "TRAIN.EVAL_PERIOD": "every epoch is validated",
    "TRAIN.CHECKPOINT_PERIOD": "every epoch writes last.ckpt; save_every writes more often",
    "TRAIN.CHECKPOINT_TYPE": "files say themselves what they are",
    "TEST.CHECKPOINT_TYPE": "files say themselves what they are",
    "DATA_LOADER.PIN_MEMORY": "memory is pinned where that helps",
    "DATA_LOADER.ENABLE_MULTI_THREAD_DECODE": "the decoder decides",
    "DATA.DECODING_BACKEND": "the decoder is pyav; the dataset's argument decoder names another",
    "DIST_BACKEND": "Lightning chooses nccl or gloo",
    "LOG_MODEL_INFO": "ptv show --flops counts",
    "SHARD_ID": "the launcher of several machines says which one this is",
    "SOLVER.WARMUP_FACTOR": "PySlowFast does not use it either",
    "RESNET.ZERO_INIT_FINAL_BN": "the last norm of each block always begins at 0",
    "RESNET.ZERO_INIT_FINAL_CONV": "the last norm of each block always begins at 0",
    "RESNET.INPLACE_RELU": "results are the same",
    "MODEL.FC_INIT_STD": "the classifier begins as PyTorchVideo's",
    "DATA.USE_OFFSET_SAMPLING": "clip i of n of a test begins at i / n of the room that a video leaves, as without it",
    "DATA.PATH_LABEL_SEPARATOR": "lists are read with spaces, commas or tabs",
}
_OTHERWISE: Final = "nothing in this run depends on it"
_MUST_BE: Final[dict[str, Any]] = {
    "SOLVER.LARS_ON": False,
    "SOLVER.CLIP_GRAD_VAL": None,
    "TRAIN.CHECKPOINT_INFLATE": False,
    "TRAIN.CHECKPOINT_IN_INIT": False,
    "MODEL.DETACH_FINAL_FC": False,
    "MODEL.FROZEN_BN": False,
    "MULTIGRID.LONG_CYCLE": False,
    "MULTIGRID.SHORT_CYCLE": False,
    "DATA.TRAIN_JITTER_FPS": 0.0,
}


@frozen
class Run:
    """What a configuration means here.

    Attributes:
        settings: of the training, by the names in a run file of ``ptv train``.
        test: data, views, weights, transform and so on of the evaluation, by the arguments of ``ptv_train``'s.
        without_meaning: key to why, for everything that was given and changes nothing here, or not all of it.
    """

    settings: dict[str, Any]
    test: dict[str, Any]
    without_meaning: dict[str, str]


def run_of(config: Config) -> Run:
    """Translate a configuration.

    Raises:
        NoCounterpartError: what it asks for does not exist here.
    """
    for key, wanted in _MUST_BE.items():
        if config[key] != wanted:
            raise NoCounterpartError(f"{key} {config[key]!r} has no counterpart here; give {wanted!r}", key=key)
    notes: dict[str, str] = {}
    model = model_of(config)
    recipe = {
        "seconds": seconds_of(config),
        "transform": transform_of_test(config),
        "train_transform": transform_of_training(config, notes),
    }
    devices = config["NUM_GPUS"]
    settings = {
        "model": str(model),
        "train": str(dataset_of(config, "train")),
        "val": str(dataset_of(config, "val")),
        "out": config["OUTPUT_DIR"],
        "epochs": config["SOLVER.MAX_EPOCH"],
        "batch_size": max(1, config["TRAIN.BATCH_SIZE"] // max(1, devices)),
        **_learning(config),
        "batch_transforms": batch_transforms(config, notes),
        "callbacks": [f"precise_bn(batches={config['BN.NUM_BATCHES_PRECISE']})"] if _precise(config) else [],
        "workers": config["DATA_LOADER.NUM_WORKERS"],
        "seed": config["RNG_SEED"],
        "log_every": config["LOG_PERIOD"],
        "recipe": recipe,
        "accelerator": "gpu" if devices else "cpu",
        "devices": devices or 1,
        "num_nodes": config["NUM_SHARDS"],
        "precision": "16-mixed" if config["TRAIN.MIXED_PRECISION"] else "32-true",
        "weights": _file(config["TRAIN.CHECKPOINT_FILE_PATH"]),
        "clip_grad": config["SOLVER.CLIP_GRAD_L2NORM"],
        "resume": bool(config["TRAIN.AUTO_RESUME"]) and (Path(config["OUTPUT_DIR"]) / "last.ckpt").is_file(),
    }
    if config["TRAIN.CHECKPOINT_FILE_PATH"] and not config["TRAIN.CHECKPOINT_EPOCH_RESET"]:
        notes["TRAIN.CHECKPOINT_EPOCH_RESET"] = "of a checkpoint the weights are taken, and the epochs begin at 0"
    test = _test(config, model, recipe)
    for name, value in config.unused().items():
        notes.setdefault(name, next((why for key, why in _REASONS.items() if name.startswith(key)), _OTHERWISE))
        notes[name] = f"{value!r}: {notes[name]}"
    return Run(settings, test, notes)


def _test(config: Config, model: Spec, recipe: dict[str, Any]) -> dict[str, Any]:
    """A checkpoint of PySlowFast's that the test names, else the last of the run, else what the training began with."""
    own = Path(config["OUTPUT_DIR"]) / "last.ckpt"
    named = _file(config["TEST.CHECKPOINT_FILE_PATH"])
    found: dict[str, Any] = {"model": str(model), "weights": named or _file(config["TRAIN.CHECKPOINT_FILE_PATH"])}
    if named is None and own.is_file():
        found = {"model": str(own), "weights": None}
    elif found["weights"] is not None:
        found |= {"seconds": recipe["seconds"], "transform": recipe["transform"]}
    if config["DATA.ENSEMBLE_METHOD"] not in ("sum", "max"):
        raise NoCounterpartError(f"DATA.ENSEMBLE_METHOD {config['DATA.ENSEMBLE_METHOD']!r}: known are sum and max")
    return {
        **found,
        "data": str(dataset_of(config, "test")),
        "views": f"{config['TEST.NUM_ENSEMBLE_VIEWS']}x{config['TEST.NUM_SPATIAL_CROPS']}",
        "batch_size": max(1, config["TEST.BATCH_SIZE"] // max(1, config["NUM_GPUS"])),
        "workers": max(1, config["DATA_LOADER.NUM_WORKERS"]),
        "device": "cuda" if config["NUM_GPUS"] else "cpu",
    }


def _learning(config: Config) -> dict[str, Any]:
    loss = config["MODEL.LOSS_FUNC"]
    if config["DETECTION.ENABLE"]:
        task, criterion = "detection", None
    elif loss in ("cross_entropy", "soft_cross_entropy"):
        task, criterion = "classification", "cross_entropy"
    elif loss in ("bce", "bce_logit"):
        over = "max" if config["DATA.ENSEMBLE_METHOD"] == "max" else "mean"
        task, criterion = f"multi_label(over_views={over})", None
    else:
        raise NoCounterpartError(
            f"MODEL.LOSS_FUNC {loss!r} has no counterpart here; known are cross_entropy, soft_cross_entropy, bce and "
            "bce_logit",
            key="MODEL.LOSS_FUNC",
        )
    config["DATA.MULTI_LABEL"]  # which follows from the loss
    return {"task": task, "loss": criterion, "optimizer": _optimizer(config), "schedule": _schedule(config)}


def _optimizer(config: Config) -> str:
    method = config["SOLVER.OPTIMIZING_METHOD"]
    shards = config["NUM_SHARDS"] if config["SOLVER.BASE_LR_SCALE_NUM_SHARDS"] else 1
    arguments: dict[str, Any] = {
        "lr": config["SOLVER.BASE_LR"] * shards,
        "weight_decay": config["SOLVER.WEIGHT_DECAY"],
        "norm_weight_decay": config["BN.WEIGHT_DECAY"],
        "decay_vectors": not config["SOLVER.ZERO_WD_1D_PARAM"],
        "layer_decay": config["SOLVER.LAYER_DECAY"],
    }
    if config["MODEL.MODEL_NAME"] == "MViT":
        arguments["not_decayed"] = _not_decayed(config)
    if method == "sgd":
        arguments |= {"momentum": config["SOLVER.MOMENTUM"], "dampening": config["SOLVER.DAMPENING"]}
        return str(Spec("sgd_by_module", {**arguments, "nesterov": config["SOLVER.NESTEROV"]}))
    if method in ("adam", "adamw", "mt_adamw"):
        config["SOLVER.MOMENTUM"]  # which only SGD has
        name = "adam_by_module" if method == "adam" else "adamw_by_module"
        return str(Spec(name, {**arguments, "betas": list(config["SOLVER.BETAS"])}))
    raise NoCounterpartError(
        f"SOLVER.OPTIMIZING_METHOD {method!r} has no counterpart here; known are sgd, adam, adamw and mt_adamw"
    )


def _not_decayed(config: Config) -> list[str]:
    """Parts of the names of parameters, as PySlowFast's own MViT says them."""
    names = []
    if config["MVIT.USE_ABS_POS"]:
        separate = ["pos_embed_spatial", "pos_embed_temporal", "pos_embed_class"]
        names += separate if config["MVIT.SEP_POS_EMBED"] else ["pos_embed"]
    names += ["rel_pos_h", "rel_pos_w"] if config["MVIT.REL_POS_SPATIAL"] else []
    names += ["rel_pos_t"] if config["MVIT.REL_POS_TEMPORAL"] else []
    names += ["cls_token"] if config["MVIT.CLS_EMBED_ON"] else []
    return names if config["MVIT.ZERO_DECAY_POS_CLS"] else []


def _schedule(config: Config) -> str:
    policy = config["SOLVER.LR_POLICY"]
    shards = config["NUM_SHARDS"] if config["SOLVER.BASE_LR_SCALE_NUM_SHARDS"] else 1
    warmup: dict[str, Any] = {"warmup_epochs": config["SOLVER.WARMUP_EPOCHS"]}
    start = config["SOLVER.WARMUP_START_LR"] * shards
    if warmup["warmup_epochs"]:
        warmup["warmup_start_lr"] = start
    if policy == "cosine":
        end = config["SOLVER.COSINE_END_LR"] * shards
        after = config["SOLVER.COSINE_AFTER_WARMUP"]
        return str(Spec("cosine_by_epoch", {"end_lr": end, "after_warmup": after, **warmup}))
    if policy == "steps_with_relative_lrs":
        starts = config["SOLVER.STEPS"]
        # PySlowFast does not come to factors beyond the last start either.
        factors = config["SOLVER.LRS"][: len(starts)]
        return str(Spec("steps_by_epoch", {"starts": starts, "factors": factors, **warmup}))
    raise NoCounterpartError(
        f"SOLVER.LR_POLICY {policy!r} has no counterpart here; known are cosine and steps_with_relative_lrs"
    )


def _precise(config: Config) -> bool:
    return bool(config["BN.USE_PRECISE_STATS"])


def _file(path: str) -> str | None:
    return f"file:{path}" if path and "://" not in path else path or None
