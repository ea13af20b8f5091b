import pkgutil
import subprocess
import sys

import pytest

import pytorchvideo

MODULES = sorted(module.name for module in pkgutil.walk_packages(pytorchvideo.__path__, "pytorchvideo."))
SINGLY = {
    "data": "pytorchvideo.data.Kinetics",
    "layers": "pytorchvideo.layers.Swish",
    "losses": "pytorchvideo.losses.soft_target_cross_entropy.SoftTargetCrossEntropyLoss",
    "models": "pytorchvideo.models.hub.slowfast_r50",
    "transforms": "pytorchvideo.transforms.functional.short_side_scale",
}


def in_a_new_process(code):
    return subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", "-W", "error::FutureWarning", "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_every_module_can_be_imported_without_a_deprecation_warning():
    done = in_a_new_process("import importlib\nfor name in " + repr(MODULES) + ":\n    importlib.import_module(name)")

    assert done.returncode == 0, done.stderr
    assert len(MODULES) > 60


@pytest.mark.slow
@pytest.mark.parametrize("package", SINGLY)
def test_a_package_brings_its_modules_when_it_is_imported_alone(package):
    done = in_a_new_process(f"import pytorchvideo.{package}\nassert {SINGLY[package]} is not None")

    assert done.returncode == 0, done.stderr


def test_the_models_do_not_import_what_reads_videos():
    done = in_a_new_process(
        "import sys, pytorchvideo.models, pytorchvideo.layers\n"
        "assert not {'av', 'ptv_video', 'ptv_datasets', 'ptv_transforms'} & set(sys.modules)"
    )

    assert done.returncode == 0, done.stderr


def test_each_name_is_the_object_of_its_plugin():
    import ptv_layers
    import ptv_resnet
    import ptv_transforms
    import pytorchvideo.layers
    import pytorchvideo.models
    import pytorchvideo.transforms

    assert pytorchvideo.models.resnet.create_resnet is pytorchvideo.models.create_resnet is ptv_resnet.create_resnet
    assert pytorchvideo.layers.swish.Swish is pytorchvideo.layers.Swish is ptv_layers.Swish
    assert pytorchvideo.transforms.transforms.Div255 is pytorchvideo.transforms.Div255 is ptv_transforms.Div255


def test_normalize_is_also_torchvisions_as_documented():
    import torch
    import torchvision.transforms

    import ptv_transforms
    import pytorchvideo.transforms

    normalize = pytorchvideo.transforms.Normalize([0.5, 0.4, 0.3], [0.2, 0.3, 0.4])
    clip = torch.rand(3, 2, 4, 4)

    assert isinstance(normalize, ptv_transforms.Normalize)
    assert isinstance(normalize, torchvision.transforms.Normalize)
    assert torch.equal(ptv_transforms.Normalize([0.5, 0.4, 0.3], [0.2, 0.3, 0.4])(clip), normalize(clip))
