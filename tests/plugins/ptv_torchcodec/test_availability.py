import sys
from pathlib import Path

import pytest

from ptv_torchcodec import TorchCodecVideo, availability, require_torchcodec
from ptv_video import DecoderUnavailableError


@pytest.fixture
def uncached() -> None:
    availability.decoder_class.cache_clear()
    yield
    availability.decoder_class.cache_clear()


@pytest.mark.usefixtures("uncached")
def test_a_missing_torchcodec_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchcodec.decoders", None)

    with pytest.raises(DecoderUnavailableError, match=r"pip install torchcodec.*pyav"):
        require_torchcodec()
    with pytest.raises(DecoderUnavailableError):
        TorchCodecVideo("a.mp4")


@pytest.mark.usefixtures("uncached")
def test_missing_ffmpeg_libraries_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "torchcodec"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('Could not load libtorchcodec')")
    for name in [name for name in sys.modules if name.split(".")[0] == "torchcodec"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(DecoderUnavailableError, match=r"apt-get install ffmpeg.*Could not load libtorchcodec"):
        require_torchcodec()
