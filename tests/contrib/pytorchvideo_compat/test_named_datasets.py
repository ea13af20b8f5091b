"""The datasets of frames, of manifests and of JSON annotations: iterable or indexed as documented, and of float frames."""

import json

import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset, SequentialSampler

import ptv_datasets
from pytorchvideo.data import (
    Ava,
    Charades,
    ClipSampler,
    DomsevFrameDataset,
    DomsevVideoDataset,
    EpicKitchenForecasting,
    EpicKitchenRecognition,
    SSv2,
    clip_recognition_dataset,
    make_clip_sampler,
    video_only_dataset,
)
from pytorchvideo.data.dataset_manifest_utils import VideoClipInfo
from pytorchvideo.data.epic_kitchen.epic_kitchen_dataset import EpicKitchenDataset

SECOND = make_clip_sampler("uniform", 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two videos of 90 images, 30 to the second, whose brightness is their number; and the files that tell about them."""
    root = tmp_path_factory.mktemp("frames")
    rows = ["original_vido_id video_id frame_id path labels"]
    manifest = [
        "video_id,location,frame_file_stem,frame_string_length,min_frame_number,max_frame_number,file_extension"
    ]
    for video, name in enumerate(("one", "two")):
        (root / name).mkdir()
        for number in range(90):
            path = f"{name}/frame_{number:04d}.png"
            Image.new("RGB", (16, 16), (number,) * 3).save(root / path)
            rows.append(f'{name} {video} {number} {path} "{number // 30},{100 + video}"')
        manifest.append(f"{name},{root / name},frame_,10,0,89,png")
    files = {
        "train.csv": "\n".join(rows) + "\n",
        "labels.json": json.dumps({"Holding something": "1"}),
        "videos.json": json.dumps([{"id": name, "template": "Holding [something]"} for name in ("one", "two")]),
        "boxes.csv": "one,0902,0.1,0.2,0.5,0.6,12,0\none,0902,0.1,0.2,0.5,0.6,80,0\n",
        "frames.csv": "\n".join(manifest) + "\n",
        "info.csv": "video_id,resolution,duration,fps\none,16x16,3.0,30\ntwo,16x16,3.0,30\n",
        "labels.csv": "video_id,start_time,stop_time,start_frame,stop_frame,label_id,label_name\none,0,3,0,89,7,walking\n",
        "actions.csv": (
            "participant_id,video_id,narration,start_timestamp,stop_timestamp,start_frame,stop_frame,verb,verb_class,"
            "noun,noun_class,all_nouns,all_noun_classes\n"
            + "".join(
                f"P01,one,it,00:00:0{start},00:00:0{stop},1,2,open,1,pan,2,\"['pan']\",[2]\n"
                for start, stop in ((0.5, 1.5), (2.0, 2.5))
            )
        ),
    }
    for name, text in files.items():
        (root / name).write_text(text)
    return root


def level(sample):
    return sample["video"][0, :, 0, 0].tolist()


def check_iterable(dataset, number):
    """The dataset is iterable, each pass is as long as the first, in a loader with workers too, and its clips are float."""
    assert isinstance(dataset, IterableDataset)
    samples = [next(dataset) for _ in range(number)]
    assert all(sample["video"].dtype == torch.float32 for sample in samples)
    with pytest.raises(StopIteration):
        next(dataset)
    loader = DataLoader(dataset, batch_size=None, num_workers=1, timeout=120, multiprocessing_context="fork")
    for _ in range(2):
        assert sum(1 for _ in loader) == number
    return samples


def test_charades(folder):
    dataset = Charades(str(folder / "train.csv"), SECOND, SequentialSampler, None, str(folder), 3)

    samples = check_iterable(dataset, 6)

    assert Charades.NUM_CLASSES == 157
    assert [level(sample) for sample in samples[:2]] == [[5, 14, 24], [35, 44, 54]]
    assert samples[1]["label"] == 30 * [[1, 100]]
    assert samples[1]["video_label"] == [0, 1, 2, 100]
    assert (samples[1]["video_name"], len(dataset._path_to_videos[0])) == ("0", 90)


def test_ssv2(folder):
    files = [str(folder / name) for name in ("labels.json", "videos.json", "train.csv")]

    samples = check_iterable(SSv2(*files, SECOND, SequentialSampler, None, str(folder), 2, False), 6)

    assert [level(sample) for sample in samples[:2]] == [[7, 21], [37, 51]]
    assert {(sample["label"], sample["video_name"]) for sample in samples} == {(1, "0"), (1, "1")}


def test_ava(folder):
    arguments = str(folder / "train.csv"), str(folder / "boxes.csv"), str(folder)

    (sample,) = check_iterable(Ava(*arguments, None, ClipSampler, SequentialSampler), 1)

    assert sample["video"].shape == (3, 60, 16, 16)
    assert sample["boxes"] == pytest.approx(torch.tensor([[0.1, 0.2, 0.5, 0.6]]))
    assert sample["labels"] == [[12, 80]]
    (other,) = Ava(*arguments, clip_sampler=make_clip_sampler("random", 1))
    assert other["video"].shape == (3, 30, 16, 16)


def test_domsev(folder):
    files = [str(folder / name) for name in ("frames.csv", "info.csv", "labels.csv")]
    frames = DomsevFrameDataset(*files)
    clips = DomsevVideoDataset(*files, lambda videos, labels: [VideoClipInfo("one", 1.0, 2.0)], frames_per_second=30)

    assert len(frames) == 180
    assert set(frames[0]) == {"frame_id", "image", "label"}
    assert len(clips) == 1
    assert level(clips[0]) == list(range(30, 60))
    assert clips[0]["video"].dtype == torch.float32
    assert clips[0]["labels"].tolist() == [7] * 30


def test_epic_kitchen(folder):
    files = [str(folder / name) for name in ("info.csv", "actions.csv", "frames.csv")]
    now = EpicKitchenRecognition(*files, seconds_per_clip=1.0, frames_per_clip=4)
    following = EpicKitchenForecasting(*files, seconds_per_clip=1.0, frames_per_clip=4)

    assert issubclass(EpicKitchenRecognition, EpicKitchenDataset)
    assert isinstance(now, Dataset)
    assert not isinstance(now, IterableDataset)
    assert now[0]["video"].shape == (3, 4, 16, 16)
    assert now[0]["video"].dtype == torch.float32
    assert [action.start_time for action in following[0]["actions"]] == [2.0]


def test_json_annotations(videos, tmp_path):
    part = {
        "critical_frame_selection_parent_start_sec": 0.5,
        "critical_frame_selection_parent_end_sec": 1.5,
        "taxonomy": {"noun": "pan", "verb": "open", "noun_unsure": False, "verb_unsure": False},
    }
    content = {path.name: {"benchmarks": {"forecasting_hands_objects": [part]}} for path in videos[:2]}
    (tmp_path / "all.json").write_text(json.dumps(content))
    arguments = str(tmp_path / "all.json"), SECOND, SequentialSampler, None, str(videos[0].parent), False

    whole = check_iterable(video_only_dataset(*arguments), 4)
    parts = check_iterable(clip_recognition_dataset(*arguments), 2)

    assert [sample["video_index"] for sample in whole] == [0, 0, 1, 1]
    assert [(sample["noun_name"], sample["verb_label"], sample["clip_start_sec"]) for sample in parts] == [
        ("pan", 0, 0.5)
    ] * 2


@pytest.mark.parametrize("name", ["Charades", "SSv2", "Ava", "EpicKitchenRecognition", "DomsevVideoDataset"])
def test_a_dataset_is_that_of_the_plugin_too(name):
    import pytorchvideo.data

    assert issubclass(getattr(pytorchvideo.data, name), getattr(ptv_datasets, name))
