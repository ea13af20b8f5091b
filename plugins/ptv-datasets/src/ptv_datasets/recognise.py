"""``dataset_for``: the dataset that a folder, a label file or the text of a spec means, told by its content."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import ptv_registry
from ptv_datasets.annotations.label_files import IMAGE_EXTENSIONS, VIDEO_EXTENSIONS, read_label_file
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_datasets.annotations.official import around, official_spec
from ptv_datasets.annotations.ucf101_lists import is_ucf101
from ptv_datasets.labeled_video import OnError
from ptv_registry import Spec
from ptv_registry.errors import ArgumentError, PtvError
from ptv_video.containers.source import is_uri, local_path, path_manager, storage_hint

_ACCEPTED: Final = (
    "give a folder that holds one folder per class, a file of paths and labels (CSV, JSON, JSON lines, also .gz), a "
    "manifest of ptv scan, or a dataset spec such as kinetics(data_path='train.csv')"
)
_SPLITS: Final = {"train", "training", "val", "valid", "validation", "test", "testing"}


def dataset_for(
    source: Any,
    *,
    clip_sampler: Any,
    transform: Any = None,
    decode_audio: bool = False,
    decode_video: bool = True,
    audio_rate: int | None = None,
    class_names: Sequence[str] | None = None,
    on_error: OnError = "raise",
    seed: int = 0,
    video_path_prefix: str = "",
    video_sampler: Any = None,
    decoder: Any = None,
    durations: Any = None,
    registry: ptv_registry.Registry | None = None,
) -> Any:
    """The dataset of labelled videos that ``source`` means.

    The arguments fill what a spec leaves out and replace nothing that it says; those that its component does not take
    are left out. A dataset is returned as it is, but for its classes.

    Args:
        source: a folder with one folder per class; a file of paths and labels, see
            :func:`ptv_datasets.read_label_file`, or a manifest of ``ptv scan``; an annotation file of Kinetics, UCF101,
            Charades or Something-Something beside whose folder the videos are; a dataset spec as text, ``Spec`` or lock;
            or a dataset. What exists is a path, whatever else its name could mean.
        clip_sampler: which clips of a video are taken.
        transform: called with each sample.
        decode_audio: whether samples carry sound.
        decode_video: whether samples carry pictures.
        audio_rate: samples a second of the sound; ``None`` for the dataset's own.
        class_names: names of the classes in the order of their numbers, such as those of training. Labels get the
            numbers of their names; ``None`` numbers the names that there are.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read.
        seed: decides what is random, together with the epoch.
        video_path_prefix: joined to the front of the paths of a label file, or the folder of the videos of an annotation
            file. Without it they are relative to the current folder or, if the first video is not there but beside the
            file, to the file's folder.
        video_sampler, decoder, durations: as for :class:`LabeledVideoDataset`; ``None`` for the dataset's own.
        registry: where names are looked up, for instance one with ``trusted_dists``.

    Raises:
        LabelFileError: the folder or file cannot be understood, or has no labels.
        ArgumentError: the source is not one of these, or a class is not one of ``class_names``; the message names both.
    """
    fill = {
        "clip_sampler": clip_sampler,
        "transform": transform,
        "decode_audio": decode_audio,
        "decode_video": decode_video,
        "audio_rate": audio_rate,
        "class_names": class_names if class_names is None else list(class_names),
        "on_error": on_error,
        "seed": seed,
        "video_path_prefix": video_path_prefix,
        "video_sampler": video_sampler,
        "decoder": decoder,
        "durations": durations,
    }
    if isinstance(source, str | os.PathLike) and _is_there(path := local_path(os.fspath(source))):
        if path_manager.isdir(path):
            check_class_folders(path)
            spec = None
        else:
            _check_kind_of_file(path)
            spec = official_spec(path, video_path_prefix)
            if spec is None:
                fill["video_path_prefix"] = video_path_prefix or _prefix(path)
        dataset = _built(spec or Spec("labeled_video_folder", {"data_path": path}, "dataset"), fill, registry)
    elif isinstance(source, str | os.PathLike):
        dataset = _built(_spec(os.fspath(source)), fill, registry)
    elif isinstance(source, Spec):
        dataset = _built(source, fill, registry)
    elif isinstance(source, Mapping):
        dataset = ptv_registry.build(source, kind="dataset", registry=registry)
    else:
        dataset = source
    return dataset if class_names is None else _with_classes(dataset, list(class_names))


def _is_there(path: str) -> bool:
    try:
        return bool(path) and (path_manager.exists(path))
    except PtvError:  # a server that does not answer, or that answers nonsense
        raise
    except (OSError, ValueError, NotImplementedError):  # too long, or a storage that cannot tell
        return False


def _spec(text: str) -> Spec:
    """The text as a spec of a dataset."""
    problem = ""
    if not is_uri(text) and os.sep not in text.partition("(")[0].removeprefix("dataset:"):
        try:
            spec = ptv_registry.parse(text)
        except PtvError as error:
            if "(" in text or text.startswith("dataset:"):
                raise
            problem = str(error)
        else:
            names = {component.name for component in ptv_registry.components("dataset")}
            if spec.args or spec.kind or spec.dist or "(" in text or spec.name in names:
                return spec
    hint = storage_hint(text)
    raise ArgumentError(
        f"{text!r}: no such file or folder{hint}, and not the spec of a dataset; {_ACCEPTED}", problem=problem
    )


def _built(spec: Spec, fill: Mapping[str, Any], registry: ptv_registry.Registry | None) -> Any:
    if spec.kind not in (None, "dataset"):
        raise ArgumentError(f"{spec} is a {spec.kind}, not a dataset; {_ACCEPTED}")
    named = f"dataset:{f'{spec.dist}/' if spec.dist else ''}{spec.name}"
    taken = {name for name, _, _ in ptv_registry.describe(named, registry=registry).parameters}
    given = {n: value for n, value in fill.items() if n in taken and n not in spec.args and value is not None}
    return ptv_registry.build(spec, kind="dataset", registry=registry, **given)


def _with_classes(dataset: Any, class_names: list[str]) -> Any:
    renumbered = getattr(dataset, "with_classes", None)
    if renumbered is not None:
        return renumbered(class_names)
    own = getattr(dataset, "class_names", None)
    if own is None or list(own) == class_names:
        return dataset
    raise ArgumentError(
        f"the classes of {type(dataset).__name__} are {', '.join(map(str, own))[:200]}, those of training "
        f"{', '.join(class_names)[:200]}, and it has no method with_classes(class_names) to number them by name"
    )


def _prefix(path: str) -> str:
    """The folder that the paths of a label file are relative to."""
    rows = read_label_file(path)
    if not rows.scanned and rows[0].label is None:
        raise LabelFileError(
            f"{path} lists {len(rows)} videos without labels; {_ACCEPTED}; labeled_video_folder(data_path='{path}') "
            "takes videos without labels",
            path=path,
        )
    if rows.named:
        return ""
    first = rows[0].path
    beside = os.path.dirname(path)
    if os.path.isabs(first) or is_uri(first) or _is_there(first):
        return ""
    places = [beside, *(around(path) if is_ucf101(rows) else [])]
    return next((place for place in places if _is_there(os.path.join(place, first))), "")


def _check_kind_of_file(path: str) -> None:
    extension = os.path.splitext(path)[1][1:].lower()
    if extension in VIDEO_EXTENSIONS or extension in IMAGE_EXTENSIONS:
        kind = "a video" if extension in VIDEO_EXTENSIONS else "an image"
        raise LabelFileError(f"{path} looks like {kind}; {_ACCEPTED}", path=path)
    with path_manager.open(path, "rb") as file:
        head = file.read(512)
    if head.startswith(b"\x1f\x8b"):
        return
    if head.startswith((b"PK\x03\x04", b"\x80\x02", b"PAR1")) or b"\0" in head:
        raise LabelFileError(f"{path} looks like a binary file, not like a list of videos; {_ACCEPTED}", path=path)


def check_class_folders(path: str) -> None:
    """Raise ``LabelFileError`` if a folder is not one that holds one folder per class, and say what it looks like."""
    names = [name for name in sorted(path_manager.ls(path)) if not name.startswith(".")]
    folders = [name for name in names if path_manager.isdir(os.path.join(path, name))]
    looks = None
    if any(name.endswith("_test_split1.txt") for name in names):
        spec = f"hmdb51(data_path='{path}'"
        looks = (
            f"the split files of HMDB51; give the spec {spec}) to train on and {spec}, split_type=test) to validate on"
        )
    elif "classInd.txt" in names:
        looks = f"the lists of UCF101; give one of them, such as {os.path.join(path, 'trainlist01.txt')}"
    elif folders and {name.lower() for name in folders} <= _SPLITS:
        looks = f"a folder of splits ({', '.join(folders)}); give one of them, such as {os.path.join(path, folders[0])}"
    elif not folders:
        extensions = [Path(name).suffix[1:].lower() for name in names]
        videos = sum(extension in VIDEO_EXTENSIONS for extension in extensions)
        images = sum(extension in IMAGE_EXTENSIONS for extension in extensions)
        if videos:
            looks = f"a folder of {videos} videos without labels"
        elif images:
            looks = f"a folder of {images} images"
        else:
            looks = "a folder without folders and videos" if names else "an empty folder"
    if looks is not None:
        raise LabelFileError(f"{path} looks like {looks}; {_ACCEPTED}", path=path)
