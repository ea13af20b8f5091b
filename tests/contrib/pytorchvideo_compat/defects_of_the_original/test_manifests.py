"""Defects of the original's DoMSEV and Epic-Kitchens, of JSON annotations and of HMDB51."""

import json
import pickle
import random

import pytest
import torch
from torch.utils.data import SequentialSampler

from pytorchvideo.data import (
    DomsevFrameDataset,
    DomsevVideoDataset,
    EpicKitchenForecasting,
    EpicKitchenRecognition,
    Hmdb51,
    make_clip_sampler,
)
from pytorchvideo.data.dataset_manifest_utils import VideoClipInfo, VideoDatasetType
from pytorchvideo.data.json_dataset import clip_recognition_dataset

ONE_CLIP = make_clip_sampler("constant_clips_per_video", 0.5, 1)


@pytest.fixture
def manifests(tmp_path, frame_folder):
    """Writes videos as images, 30 to the second, and the files that tell about them, as DoMSEV has them."""

    def write(videos, frames):
        places = [
            "video_id,location,frame_file_stem,frame_string_length,min_frame_number,max_frame_number,file_extension"
        ]
        facts = ["video_id,resolution,duration,fps"]
        labels = ["video_id,start_time,stop_time,start_frame,stop_frame,label_id,label_name"]
        for video in range(videos):
            folder = frame_folder(f"v{video}", frames)
            places.append(f"v{video},{folder},frame_,10,0,{frames - 1},png")
            facts.append(f"v{video},16x16,{frames / 30},30")
            labels.append(f"v{video},0,{frames / 30},0,{frames - 1},7,walking")
        files = {"places": places, "facts": facts, "labels": labels}
        return [written(tmp_path / f"{name}.csv", rows) for name, rows in files.items()]

    return write


@pytest.fixture
def kitchen(tmp_path, manifests):
    """Arguments of Epic-Kitchens for one video of so many frames, with actions at 2 s and 2.5 s."""

    def write(frames):
        places, facts, _ = manifests(1, frames)
        rows = [
            "participant_id,video_id,narration,start_timestamp,stop_timestamp,start_frame,stop_frame,verb,verb_class,"
            "noun,noun_class,all_nouns,all_noun_classes"
        ]
        for start, stop in (("2.0", "2.2"), ("2.5", "2.7")):
            rows.append(f"P01,v0,it,00:00:0{start},00:00:0{stop},1,2,open,1,pan,2,\"['pan']\",[2]")
        return facts, written(tmp_path / "actions.csv", rows), places

    return write


def written(path, rows):
    path.write_text("\n".join(rows) + "\n")
    return str(path)


def clips_of(*spans):
    return lambda videos, labels: [VideoClipInfo("v0", start, stop) for start, stop in spans]


@pytest.fixture
def annotated(recorded, tmp_path):
    """A dataset of the parts of one video, each with a noun; each part is what follows its first half second."""

    def make(nouns, clips):
        path = recorded()
        parts = [
            {
                "critical_frame_selection_parent_start_sec": 0.5,
                "critical_frame_selection_parent_end_sec": 2.0,
                "taxonomy": {"noun": noun, "verb": "open", "noun_unsure": False, "verb_unsure": False},
            }
            for noun in nouns
        ]
        file = written(
            tmp_path / "all.json", [json.dumps({path: {"benchmarks": {"forecasting_hands_objects": parts}}})]
        )
        return clip_recognition_dataset(file, make_clip_sampler(*clips), SequentialSampler, decode_audio=False)

    return make


@pytest.mark.defect(13, there="assert 1 == 3")
def test_all_of_an_annotated_part_is_sampled(annotated):
    assert len(list(annotated(["pan"], ("uniform", 0.5)))) == 3


@pytest.mark.defect(13, there=r"assert \[[\d, ]+\] == \[5, 1, 0, 2, 7, 3, 6, 4\]")
def test_nouns_are_numbered_alike_in_every_process(annotated):
    nouns = ["pan", "egg", "cup", "jug", "tap", "lid", "pot", "mug"]

    found = [sample["noun_label"] for sample in annotated(nouns, ("constant_clips_per_video", 0.5, 1))]

    assert found == [sorted(nouns).index(noun) for noun in nouns]


@pytest.mark.defect(27, there="object of type 'RuntimeError' has no len")
def test_a_missing_folder_of_splits_is_an_error(tmp_path):
    with pytest.raises((RuntimeError, ValueError, OSError), match="nowhere"):
        Hmdb51(str(tmp_path / "nowhere"), ONE_CLIP)


@pytest.mark.defect(27, there="assert 'brush_hair' == 0")
def test_labels_of_hmdb51_are_numbers(recorded, tmp_path):
    path = recorded()
    folder = tmp_path / "videos" / "brush_hair"
    folder.mkdir(parents=True)
    (folder / "a_b_c_d_e_f_0.mp4").symlink_to(path)
    written(tmp_path / "brush_hair_test_split1.txt", ["a_b_c_d_e_f_0.mp4 1"])

    (sample,) = Hmdb51(str(tmp_path), ONE_CLIP, video_path_prefix=str(tmp_path / "videos"), decode_audio=False)

    assert sample["label"] == 0


@pytest.mark.defect(29, there="assert 4 == 5")
def test_the_last_frame_of_a_manifest_counts(manifests):
    assert len(DomsevFrameDataset(*manifests(1, 5))) == 5


@pytest.mark.defect(29, there="assert 4 == 10")
def test_frames_of_one_name_in_two_folders_are_two(manifests):
    assert len(DomsevFrameDataset(*manifests(2, 5))) == 10


@pytest.mark.defect(29, there="FileNotFoundError: .*away.mp4")
def test_a_manifest_of_files_is_read_without_opening_them(manifests, tmp_path):
    _, facts, labels = manifests(1, 30)
    files = written(tmp_path / "files.csv", ["video_id,file_path", f"v0,{tmp_path / 'away.mp4'}"])

    videos = DomsevVideoDataset(files, facts, labels, clips_of((0.0, 0.5)), VideoDatasetType.EncodedVideo)

    assert len(videos) == 1


@pytest.mark.defect(29, there="Can't pickle local object")
def test_a_dataset_goes_to_another_process(kitchen):
    videos = EpicKitchenRecognition(*kitchen(90), frames_per_clip=4)

    assert len(pickle.loads(pickle.dumps(videos))) == len(videos)


@pytest.mark.defect(30, there=r"assert \['frame_.* == \['frame_")
def test_every_process_has_the_frames_of_domsev_in_one_order(manifests):
    files = manifests(1, 8)

    orders = []
    for seed in range(3):
        random.seed(seed)
        frames = DomsevFrameDataset(*files)
        orders.append([frames[number]["frame_id"] for number in range(7)])

    assert orders[0] == orders[1] == orders[2]


@pytest.mark.defect(30, there=r"assert 30 == 10")
def test_domsev_asks_the_filter_which_frames_to_read(manifests):
    videos = DomsevVideoDataset(
        *manifests(1, 60), clips_of((0.0, 1.0)), frames_per_second=30, frame_filter=lambda indices: indices[::3]
    )

    assert videos[0]["video"].shape[1] == 10


@pytest.mark.defect(30, there="assert 15 == 8")
def test_a_clip_of_a_kitchen_has_as_many_frames_as_asked(kitchen):
    videos = EpicKitchenRecognition(*kitchen(90), seconds_per_clip=0.5, frames_per_clip=8)

    assert videos[0]["video"].shape[1] == 8


@pytest.mark.defect(30, there=r"range\(\) arg 3 must not be zero")
def test_a_clip_of_a_kitchen_may_be_shorter_than_its_frames(kitchen):
    videos = EpicKitchenRecognition(*kitchen(90), seconds_per_clip=0.5, frames_per_clip=32)

    assert videos[0]["video"].shape[1] == 32


@pytest.mark.defect(30, there=r'assert clip\["video"\].size\(\)\[1\] == num_input_clips')
def test_a_clip_before_an_action_may_be_shorter_than_its_frames(kitchen):
    videos = EpicKitchenForecasting(*kitchen(90), seconds_per_clip=0.5, frames_per_clip=16)

    assert torch.Size([1, 3, 16, 16, 16]) == videos[0]["video"].shape
