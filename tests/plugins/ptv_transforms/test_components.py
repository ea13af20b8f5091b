"""The transforms as components: by name, nested in specs."""

import subprocess
import sys

import torch

import ptv_registry as ptv
from ptv_transforms import ApplyTransformToKey, Compose, Normalize, PackPathway, UniformTemporalSubsample, pushdown


def test_a_pipeline_is_built_from_a_spec():
    transform = ptv.build(
        "transform:compose(transforms=[apply_transform_to_key(key=video, transform=compose(transforms=["
        "uniform_temporal_subsample(num_samples=8), normalize(mean=[0.45, 0.45, 0.45], std=[0.225, 0.225, 0.225]),"
        " random_short_side_scale(min_size=12, max_size=16), center_crop(size=10), pack_pathway(alpha=4)])),"
        " remove_key(key=audio)])"
    )
    result = transform({"video": torch.zeros(3, 30, 20, 24, dtype=torch.uint8), "audio": 1})

    assert isinstance(transform, Compose)
    assert [x.shape for x in result["video"]] == [(3, 2, 10, 10), (3, 8, 10, 10)]
    assert len(pushdown(transform).select(30)) == 8


def test_a_transform_takes_another_by_its_name_alone():
    transform = ptv.build("apply_transform_to_key(key=video, transform=div_255)", kind="transform")

    assert isinstance(transform, ApplyTransformToKey)
    assert transform({"video": torch.tensor([255], dtype=torch.uint8)})["video"].tolist() == [1.0]


def test_the_factory_is_a_component():
    transform = ptv.build("transform:video_transform(mode=val, video_mean=[0.1, 0.2, 0.3], num_samples=none)")

    assert any(isinstance(step, Normalize) and step.mean == [0.1, 0.2, 0.3] for step in transform.transforms)


def test_every_registered_transform_can_be_described():
    found = [name for name in ptv.components("transform") if name.dist == "ptv-transforms"]

    assert len(found) >= 29
    assert all(ptv.describe(f"transform:{name.name}") for name in found)


def test_datasets_learn_of_the_kept_frames_by_a_hook():
    transform = ApplyTransformToKey("frames", UniformTemporalSubsample(3))

    assert ptv.call_hook("ptv_pushdown", transform=transform, key="frames").select(11) == [0, 5, 10]
    assert ptv.call_hook("ptv_pushdown", transform=transform, key="video") is None


def test_loading_the_hooks_does_not_import_torch():
    code = "import sys, ptv_transforms.hooks; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_objects_and_specs_can_be_mixed():
    assert isinstance(ptv.build("transform:compose", transforms=[PackPathway(4)]).transforms[0], PackPathway)
