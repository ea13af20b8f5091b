"""PySlowFast's configurations: files, overrides, nodes, and what of them has no meaning here."""

from pathlib import Path

import pytest
import yaml

import ptv_registry as ptv
from ptv_pyslowfast import ConfigError, NoCounterpartError, config_of, read_config, run_of
from ptv_pyslowfast.defaults import DEFAULTS
from ptv_train.run.values import training_of

X3D = """
TRAIN:
  DATASET: ptvkinetics
  BATCH_SIZE: 16
X3D:
  WIDTH_FACTOR: 2.0
  DEPTH_FACTOR: 2.2
  BOTTLENECK_FACTOR: 2.25
DATA:
  NUM_FRAMES: 4
  SAMPLING_RATE: 12
  INPUT_CHANNEL_NUM: [3]
RESNET:
  TRANS_FUNC: x3d_transform
SOLVER:
  WEIGHT_DECAY: 5e-5
MODEL:
  ARCH: x3d
  MODEL_NAME: PTVX3D
TEST:
  DATASET: ptvkinetics
TENSORBOARD:
  ENABLE: True
"""


@pytest.fixture
def x3d(tmp_path: Path) -> Path:
    file = tmp_path / "X3D.yaml"
    file.write_text(X3D)
    return file


def test_values_are_read_as_yacs_reads_them(x3d):
    config = read_config(
        x3d, ["SOLVER.BASE_LR", "1", "DATA.TRAIN_JITTER_SCALES", "(128, 160)", "OUTPUT_DIR", "2024", "TASK", "None"]
    )

    assert 5e-5 == config["SOLVER.WEIGHT_DECAY"]  # YAML reads a text
    assert (1.0, float) == (config["SOLVER.BASE_LR"], type(config["SOLVER.BASE_LR"]))
    assert [128, 160] == config["DATA.TRAIN_JITTER_SCALES"]
    assert "2024" == config["OUTPUT_DIR"]
    assert config["TASK"] is None
    assert 4 == config["DATA.NUM_FRAMES"]


def test_a_base_is_read_first(x3d):
    above = x3d.with_name("ABOVE.yaml")
    above.write_text("_BASE_: X3D.yaml\nDATA:\n  NUM_FRAMES: 13\n")
    config = read_config(above)

    assert (13, "PTVX3D") == (config["DATA.NUM_FRAMES"], config["MODEL.MODEL_NAME"])


def test_bases_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a.yaml").write_text("_BASE_: b.yaml\n")
    (tmp_path / "b.yaml").write_text("_BASE_: a.yaml\n")

    with pytest.raises(ConfigError, match="leads back to it"):
        read_config(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["SOLVER.BASE_RL", "1"], r"PySlowFast has no key SOLVER.BASE_RL; near names are SOLVER.BASE_LR"),
        (["SOLVER.BASE_LR"], r"'SOLVER.BASE_LR' is left over"),
        (["SOLVER.MAX_EPOCH", "ten"], r"SOLVER.MAX_EPOCH is 'ten', of type str; PySlowFast takes a int"),
        (["TRAIN.ENABLE", "1"], r"TRAIN.ENABLE is 1, of type int; PySlowFast takes a bool"),
    ],
)
def test_wrong_overrides_are_told(x3d, overrides, message):
    with pytest.raises(ConfigError, match=message):
        read_config(x3d, overrides)


@pytest.mark.parametrize("text", ["- a\n", "TRAIN: [\n", "TRAIN:\n  DATASETS: kinetics\n"])
def test_files_of_another_kind_are_told(tmp_path, text):
    (tmp_path / "wrong.yaml").write_text(text)

    with pytest.raises(ConfigError, match=r"wrong\.yaml"):
        read_config(tmp_path / "wrong.yaml")


def test_a_node_is_read_like_a_file(x3d):
    node = yaml.safe_load(X3D)
    whole = {**DEFAULTS, **{key: {**DEFAULTS[key], **values} for key, values in node.items()}}

    assert run_of(read_config(x3d)).settings == run_of(config_of(whole)).settings


def test_what_was_given_and_changes_nothing_is_listed(x3d):
    found = run_of(read_config(x3d, ["SLOWFAST.ALPHA", "2", "DATA_LOADER.PIN_MEMORY", "False"])).without_meaning

    assert {
        "TENSORBOARD.ENABLE": "True: events for TensorBoard are always written, and no others",
        "SLOWFAST.ALPHA": "2: nothing in this run depends on it",
        "DATA_LOADER.PIN_MEMORY": "False: memory is pinned where that helps",
    } == found


def test_every_key_that_is_given_is_in_the_run_or_in_the_list(x3d):
    before = run_of(read_config(x3d))
    changed = run_of(read_config(x3d, ["DATA.TEST_CROP_SIZE", "182", "TEST.NUM_ENSEMBLE_VIEWS", "2", "RNG_SEED", "5"]))

    assert "center_crop(size=182)" in changed.settings["recipe"]["transform"]
    assert ("10x3", "2x3") == (before.test["views"], changed.test["views"])
    assert (1, 5) == (before.settings["seed"], changed.settings["seed"])
    assert before.without_meaning == changed.without_meaning


def test_a_batch_is_shared_among_the_gpus_and_rates_grow_with_the_machines(x3d):
    overrides = ["NUM_GPUS", "8", "NUM_SHARDS", "2", "SOLVER.BASE_LR_SCALE_NUM_SHARDS", "True", "SOLVER.BASE_LR", "0.1"]
    settings = run_of(read_config(x3d, overrides)).settings

    assert (2, 8, 2) == (settings["batch_size"], settings["devices"], settings["num_nodes"])
    assert 0.2 == ptv.parse(settings["optimizer"]).args["lr"]


def test_checkpoints_are_taken_in_pyslowfasts_order(x3d, tmp_path):
    out = ["OUTPUT_DIR", str(tmp_path)]
    began = ["TRAIN.CHECKPOINT_FILE_PATH", "began.pyth", *out]

    assert None is run_of(read_config(x3d, out)).test["weights"]
    assert "file:began.pyth" == run_of(read_config(x3d, began)).test["weights"]
    (tmp_path / "last.ckpt").touch()
    assert str(tmp_path / "last.ckpt") == run_of(read_config(x3d, began)).test["model"]
    named = run_of(read_config(x3d, [*began, "TEST.CHECKPOINT_FILE_PATH", "named.pyth"])).test
    assert ("model:x3d", "file:named.pyth") == (named["model"].partition("(")[0], named["weights"])


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["MODEL.MODEL_NAME", "MaskMViT"], "MODEL.MODEL_NAME MaskMViT has no counterpart"),
        (["RESNET.STRIDE_1X1", "True"], "RESNET.STRIDE_1X1 True has no counterpart"),
        (["DETECTION.ENABLE", "True"], "DETECTION.ENABLE True has no counterpart"),
        (["BN.NORM_TYPE", "sub_batchnorm"], "BN.NORM_TYPE 'sub_batchnorm' has no counterpart"),
        (["BN.NORM_TYPE", "sync_batchnorm", "BN.NUM_SYNC_DEVICES", "4", "NUM_GPUS", "8"], "NUM_SYNC_DEVICES 4 of 8"),
        (["TRAIN.DATASET", "imagenet"], "'imagenet' has no counterpart"),
        (["SOLVER.OPTIMIZING_METHOD", "lamb"], "'lamb' has no counterpart"),
        (["SOLVER.LR_POLICY", "exp"], "'exp' has no counterpart"),
        (["SOLVER.LARS_ON", "True"], "SOLVER.LARS_ON True has no counterpart"),
        (["MODEL.LOSS_FUNC", "contrastive_loss"], "'contrastive_loss' has no counterpart"),
        (["NONLOCAL.LOCATION", "[[[1]]]"], "asks for non-local blocks"),
    ],
)
def test_what_there_is_not_is_refused(x3d, overrides, message):
    with pytest.raises(NoCounterpartError, match=message):
        run_of(read_config(x3d, overrides))


MIXED = [
    *("TRAIN.DATASET", "kinetics", "TEST.DATASET", "kinetics", "AUG.ENABLE", "True", "MIXUP.ENABLE", "True"),
    *("AUG.AA_TYPE", "rand-m7-n4-mstd0.5-inc1", "MODEL.LOSS_FUNC", "soft_cross_entropy", "AUG.NUM_SAMPLE", "2"),
    *("DATA.TRAIN_JITTER_SCALES_RELATIVE", "[0.08, 1.0]", "DATA.TRAIN_JITTER_ASPECT_RELATIVE", "[0.75, 1.3333]"),
    *("TEST.NUM_SPATIAL_CROPS", "1", "TRAIN.MIXED_PRECISION", "True", "SOLVER.CLIP_GRAD_L2NORM", "1.0"),
]


def test_augmentation_and_mixtures_become_transforms(x3d):
    found = run_of(read_config(x3d, MIXED))
    transform = found.settings["recipe"]["train_transform"]

    assert "rand_augment(magnitude=7, num_layers=4)" in transform
    assert "random_resized_crop(target_height=224, target_width=224, scale=[0.08, 1.0]" in transform
    assert ["mixvideo(cutmix_prob=0.5, mixup_alpha=0.8, cutmix_alpha=1.0, label_smoothing=0.1)"] == (
        found.settings["batch_transforms"]
    )
    assert ("16-mixed", 1.0) == (found.settings["precision"], found.settings["clip_grad"])
    assert {"AUG.RE_PROB", "AUG.NUM_SAMPLE"} <= set(found.without_meaning)
    ptv.build(transform, kind="transform")


@pytest.mark.parametrize("overrides", [[], MIXED], ids=["plain", "mixed"])
def test_a_run_is_what_ptv_train_takes(x3d, overrides):
    training = training_of(None, run_of(read_config(x3d, [*overrides, "NUM_GPUS", "0"])).settings)

    assert (16, 4 * 12 / 30) == (training.batch_size, training.recipe.seconds)
    assert "x3d" == ptv.resolve(training.model).root.name.partition(":")[2]
