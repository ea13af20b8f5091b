"""See :mod:`pytorchvideo.neural_engine`."""

from ptv_registry.retired import retired_names
from pytorchvideo.neural_engine import _PREDICTOR

_NAMES = ("DecodeHook", "FAIL_STRATEGY", "HOOK_STATUS", "HookBase", "X3DClsHook", "full_decode")
_ELSEWHERE = {
    "ApplyTransformToKey": "pytorchvideo.transforms, in ptv_transforms",
    "DecoderType": "pytorchvideo.data.decoder, beside ptv_video",
    "EncodedVideo": "pytorchvideo.data.encoded_video, beside ptv_video",
    "ShortSideScale": "pytorchvideo.transforms, in ptv_transforms",
    "UniformTemporalSubsample": "pytorchvideo.transforms, in ptv_transforms",
}

__getattr__ = retired_names(__name__, {**dict.fromkeys(_NAMES, _PREDICTOR), **_ELSEWHERE})
