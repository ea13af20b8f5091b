"""The annotation files of data sets in exactly the form in which they are published, with content of our own."""

from __future__ import annotations

import gzip
import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import SequentialSampler

from ptv_datasets import (
    Ava,
    Charades,
    EpicKitchenForecasting,
    EpicKitchenRecognition,
    Kinetics,
    LabeledVideoPaths,
    LabelFileError,
    SSv2,
    VideoDatasetType,
    dataset_for,
)
from ptv_datasets.annotations.manifests import ActionData, read_records
from ptv_datasets.annotations.named_videos import MissingVideosWarning
from ptv_video.samplers.factory import make_clip_sampler

SECOND = make_clip_sampler("uniform", 1)


def copied(video, *paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(video, path)


def images(folder, count, pattern, size=8):
    folder.mkdir(parents=True)
    for number in range(count):
        Image.fromarray(np.full((size, size, 3), 6 * number % 256, np.uint8)).save(folder / (pattern % (number + 1)))


# Kinetics

CLIPS = [("tap dancing", "-3B32lodo2M", 59, 69), ("archery", "_a-b_c00001", 0, 10), ("archery", "--00zZ99aaa", 7, 17)]


def kinetics_file(form):
    """The three clips in the form of an edition."""
    names = "label,youtube_id,time_start,time_end,split"
    return {
        "700-2020": f"{names}\n" + "".join(f"{c},{i},{a},{b},train\n" for c, i, a, b in CLIPS),
        "400": f"{names},is_cc\n" + "".join(f'"{c}",{i},{a},{b},train,0\n' for c, i, a, b in CLIPS),
        "600 by pandas": f",{names}\n" + "".join(f"{n},{c},{i},{a}.0,{b}.0,train\n" for n, (c, i, a, b) in enumerate(CLIPS)),
        "test": "youtube_id,time_start,time_end,split\n" + "".join(f"{i},{a},{b},test\n" for _, i, a, b in CLIPS),
        "test with a column": f"{names}\n" + "".join(f",{i},{a},{b},test\n" for _, i, a, b in CLIPS),
        "json": json.dumps(
            {
                i: {
                    "annotations": {"label": c, "segment": [float(a), float(b)]},
                    "duration": 10.0,
                    "subset": "train",
                    "url": f"https://www.youtube.com/watch?v={i}",
                }
                for c, i, a, b in CLIPS
            }
        ),
    }[form]  # fmt: skip


LAYOUTS = {
    "class folders": lambda root, c, name: root / "train" / c / f"{name}.mp4",
    "classes with underscores": lambda root, c, name: root / c.replace(" ", "_") / f"{name}.mp4",
    "flat": lambda root, c, name: root / "train" / f"{name}.mp4",
    "CVDF": lambda root, c, name: root / "k400" / "train" / f"{name}.mp4",
    "ids": lambda root, c, name: root / f"{name[:11]}.webm",
}


def kinetics_videos(root, video, layout):
    paths = [LAYOUTS[layout](root, c, f"{i}_{a:06d}_{b:06d}") for c, i, a, b in CLIPS]
    copied(video, *paths)
    return [str(path) for path in paths]


@pytest.mark.parametrize("form", ["700-2020", "400", "600 by pandas", "json"])
def test_kinetics_files_of_all_editions_give_their_clips(tmp_path, videos, form):
    expected = kinetics_videos(tmp_path, videos[0], "flat")
    (tmp_path / "train.list").write_text(kinetics_file(form))
    dataset = Kinetics(str(tmp_path / "train.list"), SECOND, SequentialSampler, None, str(tmp_path), decode_audio=False)

    assert [video.path for video in dataset.videos] == expected
    assert dataset.class_names == ["archery", "tap dancing"]
    assert [(s["label"], s["label_name"]) for s in dataset] == [(1, "tap dancing"), (0, "archery"), (0, "archery")]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("place", ["train.csv", "annotations/train.csv", "annotations/train.csv.gz"])
def test_kinetics_is_recognised_wherever_its_clips_are(tmp_path, videos, layout, place):
    expected = kinetics_videos(tmp_path, videos[0], layout)
    (tmp_path / "annotations").mkdir(exist_ok=True)
    text = kinetics_file("700-2020").encode()
    (tmp_path / place).write_bytes(gzip.compress(text) if place.endswith(".gz") else text)
    dataset = dataset_for(tmp_path / place, clip_sampler=SECOND, class_names=["archery", "juggling", "tap dancing"])

    assert [video.path for video in dataset.videos] == expected
    assert [video.info["label"] for video in dataset.videos] == [2, 0, 0]


@pytest.mark.parametrize("form", ["test", "test with a column"])
def test_kinetics_test_sets_have_no_labels(tmp_path, videos, form):
    kinetics_videos(tmp_path, videos[0], "flat")
    (tmp_path / "test.csv").write_text(kinetics_file(form))

    assert [info["label"] for _, info in LabeledVideoPaths.from_path(tmp_path / "test.csv")] == [-1, -1, -1]


def test_kinetics_clips_that_are_gone_are_told_and_keep_the_numbers_of_classes(tmp_path, videos):
    copied(videos[0], tmp_path / "-3B32lodo2M_000059_000069.mp4")
    (tmp_path / "train.csv").write_text(kinetics_file("400"))
    with pytest.warns(MissingVideosWarning, match="2 of its 3 videos .*left out: _a-b_c00001_000000_000010, --00"):
        dataset = Kinetics(str(tmp_path / "train.csv"), SECOND)

    assert [video.info["label"] for video in dataset.videos] == [1]
    (tmp_path / "-3B32lodo2M_000059_000069.mp4").unlink()
    with pytest.raises(LabelFileError, match=r"none of its 3 videos .*video_path_prefix"):
        Kinetics(str(tmp_path / "train.csv"), SECOND)


def test_replaced_clips_of_kinetics_come_before_the_damaged_ones(tmp_path, videos):
    kinetics_videos(tmp_path, videos[0], "flat")
    copied(videos[1], tmp_path / "replacement_for_corrupted_k400" / "-3B32lodo2M_000059_000069.mp4")
    (tmp_path / "train.csv").write_text(kinetics_file("400"))
    first = next(iter(LabeledVideoPaths.from_path(tmp_path / "train.csv")))[0]

    assert "replacement_for_corrupted_k400" in first


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label,youtube_id,time_start,time_end,split\na,b,0,10,train\nc,d,0\n", "row 3, column 4: 3 columns, but 5"),
        ("label,youtube_id,time_start,time_end,split\na,b,soon,10,train\n", "row 2, column time_start: 'soon'"),
        ("label,youtube_id,time_start,time_end,split\na,b,inf,10,train\n", "row 2, column time_start: 'inf'"),
        ("label,youtube_id,time_start,time_end,split\na,,0,10,train\n", "row 2, column youtube_id: the cell is empty"),
        ("label,youtube_id,time_start,time_end,split\na,b,0,1,t\n,c,0,1,t\n", "row 3, column label"),
        ("label,youtube_id,time_start,time_end,split\n", "only a header"),
        ('{"a": {"annotations": {"label": "x"}, "subset": "train"}}', "row 1, column segment: the entry 'a'"),
    ],
)
def test_errors_of_kinetics_files_name_row_and_column(tmp_path, text, message):
    (tmp_path / "train.csv").write_text(text)
    with pytest.raises(LabelFileError, match=message):
        LabeledVideoPaths.from_path(tmp_path / "train.csv")


def test_ucf101_is_recognised_in_its_two_folders(tmp_path, videos):
    rows = []
    for number, name in enumerate(("ApplyEyeMakeup", "BoxingPunchingBag"), 1):
        path = f"{name}/v_{name}_g08_c01.avi"
        copied(videos[0], tmp_path / "UCF-101" / path)
        rows.append(f"{path} {number}\n")
    (tmp_path / "ucfTrainTestlist").mkdir()
    (tmp_path / "ucfTrainTestlist" / "trainlist01.txt").write_text("".join(rows))
    (tmp_path / "ucfTrainTestlist" / "classInd.txt").write_text("1 ApplyEyeMakeup\n2 BoxingPunchingBag\n")
    dataset = dataset_for(tmp_path / "ucfTrainTestlist" / "trainlist01.txt", clip_sampler=SECOND)

    assert sorted((s["label"], s["label_name"]) for s in dataset) == [(0, "ApplyEyeMakeup"), (1, "BoxingPunchingBag")]


# Charades

CHARADES = (
    "id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,length\n"
    '46GP8,HR43,Kitchen,6,7,Yes,"A person cooks, and\nlaughs.",food;stove,"He cooks; she laughs.",'
    "c092 0.00 0.50;c147 0.80 1.40,2.00\n"
    "N11GT,0KZ7,Stairs,6,7,Yes,A person runs.,,A person runs.,,2.00\n"
)


@pytest.fixture(params=["videos", "images"])
def charades(request, tmp_path, videos):
    (tmp_path / "Charades_v1_train.csv").write_text(CHARADES)
    if request.param == "videos":
        copied(videos[1], *(tmp_path / "Charades_v1_480" / f"{name}.mp4" for name in ("46GP8", "N11GT")))
    else:
        for name in "46GP8", "N11GT":
            images(tmp_path / "Charades_v1_rgb" / name, 48, f"{name}-%06d.jpg")
    return tmp_path / "Charades_v1_train.csv"


@pytest.mark.parametrize("how", ["class", "one line"])
def test_charades_is_read_as_it_comes(charades, how):
    if how == "class":
        dataset = Charades(str(charades), SECOND, SequentialSampler)
    else:
        dataset = dataset_for(charades, clip_sampler=SECOND, video_sampler=SequentialSampler)
    samples = list(dataset)

    assert [s["video_name"] for s in samples] == ["46GP8", "46GP8", "N11GT", "N11GT"]
    assert [s["label"].nonzero()[:, 0].tolist() for s in samples] == [[92, 147], [147], [], []]
    assert samples[0]["video_label"].nonzero()[:, 0].tolist() == [92, 147]
    assert {s["video"].shape[1] for s in samples} == {10 if "480" in dataset.videos[0].path else 24}


def test_charades_videos_that_are_not_there_are_told(charades, tmp_path):
    folder = next(path for path in tmp_path.iterdir() if path.is_dir())
    gone = next(path for path in folder.iterdir() if path.stem == "N11GT")
    gone.rename(tmp_path / "elsewhere")
    with pytest.warns(MissingVideosWarning, match="1 of its 2 videos .*: N11GT"):
        dataset = Charades(str(charades), SECOND)

    assert len(dataset) == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,c092 1,2", "row 2, column actions: 'c092 1'"),
        ("a,c157 1 2,2", "row 2, column actions: 'c157 1 2': the classes are c000 to c156"),
        ("a,c001 nan 2,2", "row 2, column actions"),
        ("a,c001 1e999999999 2,2", "row 2, column actions"),
        (",c001 1 2,2", "row 2, column id: the cell is empty"),
        ("a", "row 2, column id: more or fewer columns"),
    ],
)
def test_errors_of_charades_files_name_row_and_column(tmp_path, row, message):
    (tmp_path / "x.csv").write_text(f"id,actions,length\n{row}\n")
    with pytest.raises(LabelFileError, match=message):
        Charades(str(tmp_path / "x.csv"), SECOND)


# Something-Something V2


@pytest.fixture
def ssv2(tmp_path, videos):
    copied(videos[0], *(tmp_path / "20bn-something-something-v2" / f"{n}.webm" for n in (78687, 42326, 1420)))
    names = {"Holding something": "0", "Turning something upside down": "1"}
    train = [
        {"id": "78687", "label": "holding potato", "template": "Holding [something]", "placeholders": ["potato"]},
        {
            "id": "42326",
            "label": "turning a cup",
            "template": "Turning [something] upside down",
            "placeholders": ["cup"],
        },
    ]
    for prefix in "something-something-v2-", "":
        (tmp_path / f"{prefix}labels.json").write_text(json.dumps(names))
        (tmp_path / f"{prefix}train.json").write_text(json.dumps(train))
        (tmp_path / f"{prefix}test.json").write_text('[{"id":"1420"}]')
    (tmp_path / "test-answers.csv").write_text("1420;Turning something upside down\n")

    def make(file):
        files = tmp_path / "labels.json", tmp_path / file, tmp_path / "20bn-something-something-v2"
        return SSv2(*map(str, files), SECOND, SequentialSampler)

    return make


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("train.json", [(0, "Holding something"), (1, "Turning something upside down")]),
        ("test.json", [(-1, "")]),
        ("test-answers.csv", [(1, "Turning something upside down")]),
    ],
)
def test_ssv2_is_read_as_it_comes(ssv2, file, expected):
    samples = list(ssv2(file))

    assert [(s["label"], s["label_name"]) for s in samples] == expected
    assert [s["video_label"] for s in samples] == [label for label, _ in expected]
    assert samples[0]["video"].shape == (3, 10, 48, 64)


@pytest.mark.parametrize("prefix", ["something-something-v2-", "labels/"])
def test_ssv2_is_recognised_beside_its_labels(ssv2, tmp_path, prefix):
    if prefix == "labels/":
        (tmp_path / "labels").mkdir()
        for name in "labels.json", "train.json":
            (tmp_path / name).rename(tmp_path / "labels" / name)
    dataset = dataset_for(tmp_path / f"{prefix}train.json", clip_sampler=SECOND)

    assert sorted(s["label_name"] for s in dataset) == ["Holding something", "Turning something upside down"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[{"id": "1420", "template": "Holding [something]"}, {"template": "x"}]',
            "row 2, column id: entry 2 .* no id",
        ),
        ('[{"id": null, "template": "Holding [something]"}]', "row 1, column id"),
        ('["1420"]', "row 1, column id"),
        ('{"id": "1420"}', "not a JSON list"),
        ('[{"id": "1420", "template": "Holding [something]"}, {"id": "1"}]', "row 2, column template"),
        ('[{"id": "1"}, {"id": "1420", "template": "Holding [something]"}]', "row 1, column template"),
        ('[{"id": "1420", "template": 3}]', "row 1, column template: 3 is not a string"),
        ("1420;Holding something\n1421\n", "row 2, column 2: '1421'"),
        ('[{"id": "absent", "template": "Holding [something]"}]', "none of its 1 videos"),
    ],
)
def test_errors_of_ssv2_files_name_the_entry(ssv2, tmp_path, text, message):
    (tmp_path / "wrong").write_text(text)
    with pytest.raises(LabelFileError, match=message):
        ssv2("wrong")


@pytest.mark.parametrize("text", ["[]", '{"a": "x"}', '{"a": true}', '{"a": 1e99}', "{}"])
def test_labels_of_ssv2_are_names_and_numbers(ssv2, tmp_path, text):
    (tmp_path / "labels.json").write_text(text)
    with pytest.raises(LabelFileError, match=r"labels\.json"):
        ssv2("train.json")


# AVA and AVA-Kinetics

AVA = (
    "-5KQ66BBWC4,0902,0.077,0.151,0.283,0.811,80,1\n"
    "-5KQ66BBWC4,0902,0.077,0.151,0.283,0.811,9,1\n"
    "-5KQ66BBWC4,0904,0.226,0.032,0.366,0.497,12,0\n"
    "1j20qq1JyX4,0903,0.1,0.1,0.5,0.5,12,0\n"
)
AVA_LIST = (
    'label {\n  name: "bend/bow (at the waist)"\n  label_id: 9\n  label_type: PERSON_MOVEMENT\n}\n'
    'label {\n  name: "stand"\n  label_id: 12\n  label_type: PERSON_MOVEMENT\n}\n'
    'label {\n  name: "watch (a person)"\n  label_id: 80\n  label_type: PERSON_INTERACTION\n}\n'
)
AVA_KINETICS = (
    "---QUuC4vJs,5.0,0.1,0.2,0.5,0.9,12\n---QUuC4vJs,5.0,0.1,0.2,0.5,0.9,80\n"
    "a_-QUuC4vJs,91.000,,,,,\nb_-QUuC4vJs,92.0\ngone_uC4vJs,92.0,0.1,0.2,0.5,0.9,12\n"
)


def test_ava_is_read_of_films_that_are_there_with_its_label_map(tmp_path):
    images(tmp_path / "frames" / "-5KQ66BBWC4", 150, "-5KQ66BBWC4_%06d.jpg")
    (tmp_path / "ava_train_v2.2.csv").write_text(AVA)
    (tmp_path / "ava_action_list_v2.2.pbtxt").write_text(AVA_LIST)
    with pytest.warns(MissingVideosWarning, match="1 of its 2 videos .*: 1j20qq1JyX4"):
        dataset = Ava(
            str(tmp_path / "frames"), str(tmp_path / "ava_train_v2.2.csv"),
            label_map_file=str(tmp_path / "ava_action_list_v2.2.pbtxt"), video_sampler=SequentialSampler,
            clip_sampler=SECOND,
        )  # fmt: skip
    samples = list(dataset)

    assert [(s["clip_index"], s["labels"], s["extra_info"]) for s in samples] == [
        (2, [[80, 9]], [[1, 1]]), (4, [[12]], [[0]])
    ]  # fmt: skip
    assert samples[0]["video"].shape[1] == 30
    assert torch.equal(samples[1]["boxes"], torch.tensor([[0.226, 0.032, 0.366, 0.497]]))


def test_ava_kinetics_is_read_with_its_empty_rows(tmp_path, videos):
    clips = "---QUuC4vJs_000004_000014", "a_-QUuC4vJs_000084_000094", "b_-QUuC4vJs_000084_000094"
    copied(videos[1], *(tmp_path / "train" / "class" / f"{clip}.mp4" for clip in clips))
    (tmp_path / "kinetics_train_v1.0.csv").write_text(AVA_KINETICS)
    with pytest.warns(MissingVideosWarning, match="1 of its 4 videos .*: gone_uC4vJs"):
        dataset = Ava(str(tmp_path / "train"), str(tmp_path / "kinetics_train_v1.0.csv"), clip_sampler=SECOND)
    (sample,) = dataset

    assert (sample["clip_index"], sample["labels"], sample["extra_info"]) == (1, [[12, 80]], [[-1, -1]])
    assert sample["video"].shape == (3, 10, 48, 64)


def test_whole_films_of_ava_begin_at_their_first_second(tmp_path, videos):
    copied(videos[1], tmp_path / "films" / "film.mkv")
    (tmp_path / "ava.csv").write_text("film,0902,0.1,0.1,0.5,0.5,12,0\n")
    clips = {
        start: Ava(str(tmp_path / "films"), str(tmp_path / "ava.csv"), film_start_sec=start)[0]["clip_index"]
        for start in (900, 0)
    }

    assert clips == {900: 2, 0: 902}


# Epic-Kitchens

EPIC_55 = {
    "EPIC_video_info.csv": "video,resolution,duration,fps\nP01_01,8x8,4.0,10\n",
    "EPIC_train_action_labels.csv": (
        "uid,participant_id,video_id,narration,start_timestamp,stop_timestamp,start_frame,stop_frame,verb,verb_class,noun,"
        "noun_class,all_nouns,all_noun_classes\n"
        "0,P01,P01_01,open door,00:00:00.14,00:00:01.37,8,202,open,2,door,8,['door'],[8]\n"
        "1,P01,P01_01,\"take bowl, lid\",00:00:02.00,00:00:02.50,20,25,take,0,bowl,7,\"['bowl', 'lid']\",\"[7, 11]\"\n"
    ),
}  # fmt: skip
EPIC_100 = {
    "EPIC_100_video_info.csv": "video_id,duration,fps,resolution\nP01_01,4.0,10.0,8x8\n",
    "EPIC_100_train.csv": (
        "narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame,"
        "narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes\n"
        "P01_01_0,P01,P01_01,00:00:01.089,00:00:00.14,00:00:01.37,8,202,open door,open,3,door,3,['door'],[3]\n"
        "P01_01_1,P01,P01_01,00:00:02.629,00:00:02.00,00:00:02.50,20,25,take bowl,take,0,bowl,7,['bowl'],[7]\n"
    ),
}


@pytest.mark.parametrize("edition", [EPIC_55, EPIC_100])
@pytest.mark.parametrize("kind", VideoDatasetType)
def test_epic_kitchens_is_read_as_it_comes(tmp_path, make_video, edition, kind):
    if kind is VideoDatasetType.Frame:
        images(tmp_path / "P01" / "rgb_frames" / "P01_01", 40, "frame_%010d.jpg")
    else:
        make_video(tmp_path / "P01" / "videos" / "P01_01.MP4", 4.0)
    for name, text in edition.items():
        (tmp_path / name).write_text(text)
    info, actions = (str(tmp_path / name) for name in edition)
    recognition = EpicKitchenRecognition(info, actions, str(tmp_path / "P01"), dataset_type=kind, seconds_per_clip=1.0)
    clip = recognition[0]
    forecast = EpicKitchenForecasting(
        info, actions, str(tmp_path / "P01"), dataset_type=kind, seconds_per_clip=1.0, frames_per_clip=4
    )[0]

    assert clip["video"].shape[:2] == (3, 10)
    assert [action.narration for action in clip["actions"]] == ["open door"]
    assert [(a.verb, a.verb_class, a.all_nouns[0]) for a in forecast["actions"]] == [("take", 0, "bowl")]


@pytest.mark.parametrize(
    "header",
    ["uid,participant_id,video_id", "narration_id,participant_id,video_id"],
)
def test_the_times_of_epic_kitchens_test_sets_are_read(tmp_path, header):
    (tmp_path / "times.csv").write_text(
        f"{header},start_timestamp,stop_timestamp,start_frame,stop_frame\n7,P01,P01_11,00:00:00.00,00:00:01.89,1,113\n"
    )
    (action,) = read_records(tmp_path / "times.csv", ActionData)

    assert (action.video_id, action.stop_time, action.verb, action.noun_class) == ("P01_11", 1.89, "", -1)


ACTIONS = "participant_id,video_id,narration,start_timestamp,stop_timestamp,start_frame,stop_frame,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("P01,P01_01,x,0:0:0,0:0:1,1", "row 2, column 7: 6 columns, but 13 in the header"),
        (",,x,0:0:0,0:0:1,1,2,v,0,n,1,[],[]", "row 2, column participant_id: the cell is empty"),
        ("P01,P01_01,x,0:0:0,0:0:1,1,2,v,0,n,1,{},[]", "row 2, column all_nouns: '{}' cannot be read as list"),
        ("P01,P01_01,x,0:0:0,0:0:1,1,2.5,v,0,n,1,[],[]", "row 2, column stop_frame: '2.5' cannot be read as int"),
        (f"P01,P01_01,x,0:0:0,0:0:1,1,2,v,0,n,1,{'[' * 5000},[]", "row 2, column all_nouns"),
    ],
)
def test_cells_that_are_missing_or_wrong_are_errors_with_their_row(tmp_path, row, message):
    (tmp_path / "actions.csv").write_text(f"{ACTIONS}{row}\n")
    with pytest.raises(LabelFileError, match=message):
        read_records(tmp_path / "actions.csv", ActionData)


def test_whole_numbers_that_pandas_writes_with_a_point_are_read(tmp_path):
    (tmp_path / "actions.csv").write_text(f"{ACTIONS}P01,P01_01,x,0:0:0,0:0:1,1.0,2.0,v,0.0,n,1,[],[]\n")
    (action,) = read_records(tmp_path / "actions.csv", ActionData)

    assert (action.start_frame, action.stop_frame, action.verb_class) == (1, 2, 0)
