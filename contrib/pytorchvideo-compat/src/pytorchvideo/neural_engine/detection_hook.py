"""See :mod:`pytorchvideo.neural_engine`."""

from ptv_registry.retired import retired_names

_DETECTION = "detectron2 itself, and its boxes with build('slow_r50_detection') of ptv_resnet"
_NAMES = (
    "Detectron2PeopleDetectionHook",
    "HookBase",
    "ImageLoadHook",
    "PeopleKeypointDetectionHook",
    "det_models",
    "generate_predictor",
    "image_load_executor",
    "model_config",
    "people_detection_executor",
    "people_keypoints_executor",
)

__getattr__ = retired_names(__name__, dict.fromkeys(_NAMES, _DETECTION))
