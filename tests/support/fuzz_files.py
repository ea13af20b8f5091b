"""Cases of the fuzz campaign that read files of data sets: annotations, videos and images."""

from __future__ import annotations

import io
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from tests.support.damage import damaged
from tests.support.fuzzing import PIECES, Case, damaged_bytes

_TEXTS: Final = {
    "frames.csv": "original_vido_id video_id frame_id path labels\n"
    + "".join(f'v{n // 3} {n // 3} {n % 3} v{n // 3}/{n % 3}.jpg "{n},4"\n' for n in range(6)),
    "boxes.csv": "v0,0902,0.1,0.1,0.5,0.5,12,0\nv0,0902,0.1,0.1,0.5,0.5,17,0\nv1,0903,0.2,0.1,0.5,0.5,12,1\nv1,0904\n",
    "map.pbtxt": 'item {\n  name: "run"\n  id: 12\n}\nitem {\n  name: "sit"\n  id: 17\n}\n',
    "names.json": '{"Pushing something": "0", "Turning something": "1"}',
    "train.json": '[{"id": "v0", "template": "Pushing [something]"}, {"id": 1, "template": "Turning [something]"}]',
    "answers.csv": "v0;Pushing something\nv1;Turning something\n",
    "charades.csv": "id,subject,actions,length\nv0,X,c092 11.90 21.20;c147 0.00 12.60,30\nv1,Y,,12\n",
    "kinetics.csv": "label,youtube_id,time_start,time_end,split\nrun,v0,84,94,train\nsit,v1,0,10,train\n",
    "kinetics.json": json.dumps(
        {"v0": {"annotations": {"label": "run", "segment": [1.0, 11.0]}, "subset": "train", "url": "x"}}
    ),
    "trainlist01.txt": "Run/v_Run_g01_c01.avi 1\nSit/v_Sit_g01_c01.avi 2\n",
    "classInd.txt": "1 Run\n2 Sit\n",
    "run_test_split1.txt": "a_run_f_cm_np1_ba_bad_0.avi 1\nb_run_f_cm_np1_ba_bad_1.avi 2\n",
    "where.csv": "video_id,location,frame_file_stem,frame_string_length,min_frame_number,max_frame_number,file_extension\n"
    "v0,v0,f_,6,1,40,png\n",
    "info.csv": "video_id,resolution,duration,fps\nv0,8x8,4.0,10\n",
    "labels.csv": "video_id,start_time,stop_time,start_frame,stop_frame,label_id,label_name\nv0,0,2,1,20,3,x\n",
    "actions.csv": "participant_id,video_id,narration,start_timestamp,stop_timestamp,start_frame,stop_frame,verb,verb_class,"
    "noun,noun_class,all_nouns,all_noun_classes\nP,v0,open it,00:00:0.5,00:00:1.5,1,2,open,1,pan,2,\"['pan']\",[2]\n",
}


def damaged_annotations(folder: Path) -> Case:
    """The annotation files of all data sets, one of them with pieces put in and bytes damaged, by the sets themselves."""
    import ptv_datasets as sets
    from ptv_datasets import EpicKitchenRecognition, LabeledVideoPaths, dataset_for
    from ptv_datasets.annotations.manifests import ActionData, read_records
    from ptv_video.samplers.factory import make_clip_sampler

    sampler = make_clip_sampler("uniform", 1)
    videos = folder / "videos"
    for name in ("v0.mp4", "1.mp4", "v1.mp4", "v0_000084_000094.mp4", "v1_000000_000010.mp4"):
        videos.mkdir(exist_ok=True)
        (videos / name).write_bytes(b"")

    readers: dict[str, Callable[[Path], Any]] = {
        "frames.csv": lambda at: (
            sets.Charades(str(at / "frames.csv"), sampler),
            sets.Ava(str(at / "frames.csv"), str(at / "boxes.csv")),
        ),
        "boxes.csv": lambda at: sets.Ava(str(at / "frames.csv"), str(at / "boxes.csv")),
        "map.pbtxt": lambda at: sets.Ava(
            str(at / "frames.csv"), str(at / "boxes.csv"), label_map_file=str(at / "map.pbtxt")
        ),
        "names.json": lambda at: sets.SSv2(str(at / "names.json"), str(at / "train.json"), str(videos), sampler),
        "train.json": lambda at: sets.SSv2(str(at / "names.json"), str(at / "train.json"), str(videos), sampler),
        "answers.csv": lambda at: sets.SSv2(str(at / "names.json"), str(at / "answers.csv"), str(videos), sampler),
        "charades.csv": lambda at: dataset_for(
            at / "charades.csv", clip_sampler=sampler, video_path_prefix=str(videos)
        ),
        "kinetics.csv": lambda at: dataset_for(
            at / "kinetics.csv", clip_sampler=sampler, video_path_prefix=str(videos)
        ),
        "kinetics.json": lambda at: LabeledVideoPaths.from_path(at / "kinetics.json"),
        "trainlist01.txt": lambda at: dataset_for(at / "trainlist01.txt", clip_sampler=sampler),
        "classInd.txt": lambda at: dataset_for(at / "trainlist01.txt", clip_sampler=sampler),
        "run_test_split1.txt": lambda at: sets.Hmdb51(str(at), sampler),
        "where.csv": lambda at: sets.DomsevFrameDataset(*(str(at / f"{n}.csv") for n in ("where", "info", "labels"))),
        "info.csv": lambda at: sets.DomsevFrameDataset(*(str(at / f"{n}.csv") for n in ("where", "info", "labels"))),
        "labels.csv": lambda at: sets.DomsevFrameDataset(*(str(at / f"{n}.csv") for n in ("where", "info", "labels"))),
        "actions.csv": lambda at: (
            read_records(at / "actions.csv", ActionData),
            EpicKitchenRecognition(*(str(at / f"{n}.csv") for n in ("info", "actions", "where"))),
        ),
    }

    def case(rng: random.Random, place: Path) -> None:
        name = rng.choice(list(readers))
        for other, text in _TEXTS.items():
            (place / other).write_text(text)
        text = _TEXTS[name]
        for _ in range(rng.randint(0, 3)):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(PIECES) + text[at + rng.randrange(4) :]
        data = text.encode()
        (place / name).write_bytes(damaged_bytes(data, rng) if rng.random() < 0.4 else data)
        readers[name](place)

    return case


VIDEOS: Final = (
    "h264_25.mp4",
    "h264_offset.ts",
    "h264_2997.mkv",
    "mpeg4_b.avi",
    "hevc.mp4",
    "vp9.webm",
    "h264.flv",
    "mpeg2.mpg",
    "av1.mkv",
    "vfr.mp4",
)
REAL: Final = ("people_h264_340x256_30fps.mp4", "mpeg4_mp3_320x240_25fps.avi")


def videos(folder: Path) -> Case:
    """Videos of every container, cut off, with bytes flipped, noise in the head, a block missing, or all noise."""
    from ptv_torchcodec import TorchCodecVideo
    from ptv_video import PyAVVideo
    from tests.support import video_files

    place = folder / "videos"
    place.mkdir()
    sources = [video_files.write(video_files.RECIPES[name], place) for name in VIDEOS]
    sources += [video_files.CLIPS / name for name in REAL]
    contents = {path.name: path.read_bytes() for path in sources}
    av.logging.set_level(av.logging.PANIC)  # FFmpeg tells about every damaged byte

    def case(rng: random.Random, place: Path) -> None:
        name = rng.choice(list(contents))
        path = place / f"damaged{Path(name).suffix}"
        path.write_bytes(damaged(contents[name], rng.randrange(1 << 30)))
        decoder = PyAVVideo if rng.random() < 0.7 else TorchCodecVideo
        with decoder(str(path)) as video:
            video.get_clip(0, 1, select=lambda count: [0, count - 1])
            video.get_clips([(0, 0.5), (video.duration / 2, video.duration)])
            with video.stream_clips([(0, 0.4), (0.2, 0.6)], select=lambda count: [count // 2]) as clips:
                list(clips)

    return case


def images(folder: Path) -> Case:
    """Images of every format, and folders of frames, damaged in the same ways."""
    from PIL import Image

    from ptv_video import open_frames, read_image

    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 255, (40, 56, 3), np.uint8).repeat(2, 0))
    contents = {}
    for form in ("jpeg", "png", "bmp", "tiff", "webp"):
        buffer = io.BytesIO()
        picture.save(buffer, form)
        contents[form] = buffer.getvalue()
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(buffer, "jpeg", exif=exif, progressive=True)
    contents["jpg"] = buffer.getvalue()

    def case(rng: random.Random, place: Path) -> None:
        form = rng.choice(list(contents))
        data = contents[form]
        data = damaged(data, rng.randrange(1 << 30)) if rng.random() < 0.7 else damaged_bytes(data, rng)
        path = place / f"1.{form}"
        path.write_bytes(data)
        if rng.random() < 0.5:
            read_image(str(path), retries=0)
            return
        shutil.copy(path, place / f"0.{form}")
        (place / f"0.{form}").write_bytes(contents[form])
        with open_frames(str(place), retries=0) as video:
            video.get_clip(0, 1)

    return case
