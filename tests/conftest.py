"""Set-up of all tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

# A shell starts what runs in its background with Ctrl-C ignored, and processes that tests interrupt would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Two workers of pytest-xdist share two cores: more threads than cores only get in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")

#: Folders and modules, all of whose tests are marked slow: they start processes, train, compile, export, or build models of
#: full size. ``make test-fast`` leaves them out. Single slow tests elsewhere carry the mark themselves.
SLOW = (
    "contrib/pytorchvideo_compat/test_documented_code.py",
    "contrib/pytorchvideo_compat/test_hub.py",
    "contrib/pytorchvideo_compat/test_imports.py",
    "fuzz",
    "kernel/test_conformance.py",
    "plugins/ptv_coreml",
    "plugins/ptv_datasets/test_many_videos.py",
    "plugins/ptv_deploy",
    "plugins/ptv_executorch",
    "plugins/ptv_fsspec/test_s3.py",
    "plugins/ptv_layers/test_batch_norm.py",
    "plugins/ptv_mobile/test_every_argument.py",
    "plugins/ptv_mobile/test_published.py",
    "plugins/ptv_mvit/test_export.py",
    "plugins/ptv_mvit/test_published.py",
    "plugins/ptv_onnx",
    "plugins/ptv_openvino",
    "plugins/ptv_prepare/test_interruptions.py",
    "plugins/ptv_prepare/test_workers.py",
    "plugins/ptv_prepare/test_workers_import.py",
    "plugins/ptv_resnet/test_published.py",
    "plugins/ptv_slowfast/test_every_argument.py",
    "plugins/ptv_slowfast/test_published.py",
    "plugins/ptv_ssl/test_process_group.py",
    "plugins/ptv_train/test_callbacks.py",
    "plugins/ptv_train/test_demo.py",
    "plugins/ptv_train/test_detection.py",
    "plugins/ptv_train/test_eval_command.py",
    "plugins/ptv_train/test_extract.py",
    "plugins/ptv_train/test_multi_label.py",
    "plugins/ptv_train/test_parts_of_a_run.py",
    "plugins/ptv_train/test_predict_command.py",
    "plugins/ptv_train/test_processes.py",
    "plugins/ptv_train/test_recipes.py",
    "plugins/ptv_train/test_run_files.py",
    "plugins/ptv_train/test_secrets.py",
    "plugins/ptv_train/test_self_supervised.py",
    "plugins/ptv_train/test_sound.py",
    "plugins/ptv_train/test_tasks_in_processes.py",
    "plugins/ptv_train/test_tasks_learn.py",
    "plugins/ptv_train/test_training.py",
    "plugins/ptv_video/test_campaign.py",
    "plugins/ptv_video/test_matrix.py",
    "plugins/ptv_vmz/test_published.py",
    "plugins/ptv_x3d/test_every_argument.py",
    "plugins/ptv_x3d/test_published.py",
    "system/test_budgets.py",
    "system/test_command_imports.py",
    "system/test_every_model.py",
    "system/test_family_contract.py",
    "system/test_lazy_packages.py",
    "system/test_new_plugin.py",
    "system/test_one_line.py",
    "system/test_plans_of_models.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of slow modules."""
    root = Path(__file__).parent
    for item in items:
        if not item.path.is_relative_to(root):  # the kit, which pytest --ptv-dist collects
            continue
        place = item.path.relative_to(root).as_posix()
        if any(place == name or place.startswith(f"{name}/") for name in SLOW):
            item.add_marker(pytest.mark.slow)
