"""Images as they come: turned by EXIF, cut short; PIL says what is right."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageOps

from ptv_video import VideoDecodeError
from ptv_video.decoders.frames import FrameVideo
from ptv_video.decoders.images import read_image

_ORIENTATION = 0x112


def _picture(height: int = 48, width: int = 64) -> Image.Image:
    colours = np.random.default_rng(0).integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
    return Image.fromarray(colours).resize((width, height), Image.Resampling.BICUBIC)


def _encoded(kind: str, orientation: int | None = None, **options: object) -> bytes:
    picture = _picture()
    if orientation is not None:
        exif = picture.getexif()
        exif[_ORIENTATION] = orientation
        options["exif"] = exif
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_image_is_turned_as_its_exif_says(tmp_path: Path, kind: str, orientation: int) -> None:
    path = tmp_path / f"a.{kind.lower()}"
    path.write_bytes(_encoded(kind, orientation))

    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"), dtype=int)
    found = read_image(str(path)).permute(1, 2, 0).numpy()
    assert expected.shape == found.shape
    assert np.abs(expected - found).mean() < 8


def test_a_frame_with_side_data_of_an_unknown_kind_lists_it() -> None:
    with av.open(io.BytesIO(_encoded("JPEG", 6))) as container:
        frame = next(container.decode(video=0))

    assert "DISPLAYMATRIX" in [data.type.name for data in frame.side_data]


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("BMP", {}), ("TIFF", {}), ("WEBP", {})],
)
def test_part_of_an_image_is_an_error_that_names_it(
    tmp_path: Path, kind: str, options: dict[str, object], share: float
) -> None:
    data = _encoded(kind, **options)
    path = tmp_path / f"part.{kind.lower()}"
    path.write_bytes(data[: int(len(data) * share)])

    with pytest.raises(VideoDecodeError, match=rf"part\.{kind.lower()}"):
        read_image(str(path), retries=0)


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_image(tmp_path: Path) -> None:
    data = _encoded("JPEG")
    thumbnail = b"\xff\xe2" + (2 + len(data)).to_bytes(2, "big") + data
    path = tmp_path / "with_thumbnail.jpg"
    path.write_bytes(data[:2] + thumbnail + data[2:])
    read_image(str(path), retries=0)
    path.write_bytes(data[:2] + thumbnail + data[2 : len(data) // 2])

    with pytest.raises(VideoDecodeError, match="cut short"):
        read_image(str(path), retries=0)


def test_what_follows_the_end_of_a_jpeg_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "padded.jpg"
    path.write_bytes(_encoded("JPEG") + bytes(100))

    assert (3, 48, 64) == tuple(read_image(str(path), retries=0).shape)


def test_a_video_of_images_of_which_one_is_cut_short_is_an_error(tmp_path: Path) -> None:
    data = _encoded("JPEG")
    for number in range(3):
        (tmp_path / f"{number}.jpg").write_bytes(data if number != 1 else data[: len(data) // 2])

    with pytest.raises(VideoDecodeError, match=r"1\.jpg"):
        FrameVideo.from_directory(str(tmp_path)).get_clip(0, 1)
