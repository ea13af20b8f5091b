"""The import package of PyTorchVideo, served by the plugins of ptv_registry.

The subpackages are imported by those who need them: ``pytorchvideo.models``, ``.layers``, ``.data``, ``.transforms`` and
``.losses``. Names are re-exported; only where a documented behaviour differs from that of the plugins is there code here.
"""

__version__ = "0.1.5"
