"""The tools that code imports from the original's modules of helpers."""

import logging
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError, PtvError
from pytorchvideo.data.dataset_manifest_utils import VideoFrameInfo, VideoInfo, save_video_frame_info
from pytorchvideo.data.ego4d.ego4d_dataset import Ego4dImuData
from pytorchvideo.data.ego4d.utils import MomentsClipSampler, check_window_len, get_label_id_map
from pytorchvideo.data.encoded_video import EncodedVideo
from pytorchvideo.data.epic_kitchen import ActionData
from pytorchvideo.data.epic_kitchen.utils import (
    build_encoded_manifest_from_nested_directory,
    build_frame_manifest_from_flat_directory,
    build_frame_manifest_from_nested_directory,
)
from pytorchvideo.data.utils import (
    DataclassFieldCaster,
    export_video_array,
    load_dataclass_dict_from_csv,
    optional_threaded_foreach,
    pts_to_secs,
    save_dataclass_objs_to_headered_csv,
    secs_to_pts,
    thwc_to_cthw,
)
from pytorchvideo.layers.distributed import cat_all_gather, get_local_rank, get_local_size, get_world_size
from pytorchvideo.layers.drop_path import drop_path
from pytorchvideo.layers.positional_encoding import get_2d_sincos_pos_embed, get_3d_sincos_pos_embed
from pytorchvideo.layers.utils import round_width, set_attributes
from pytorchvideo.models.hub import slowfast, vision_transformers
from pytorchvideo.models.hub.utils import hub_model_builder
from pytorchvideo.models.vision_transformers import create_multiscale_vision_transformers
from pytorchvideo.models.weight_init import init_net_weights


@dataclass
class Row(DataclassFieldCaster):
    name: str
    number: int
    parts: list = DataclassFieldCaster.complex_initialized_dataclass_field(  # noqa: RUF009 - as its users write it
        lambda text: text.split("+")
    )


def test_rows_of_a_table_are_cast_and_found_by_a_field(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("number,name,parts\n3,a,x+y\n4,b,z\n")

    found = load_dataclass_dict_from_csv(str(path), Row, "name")

    assert found["a"] == Row("a", "3", "x+y")
    assert (found["a"].number, found["a"].parts) == (3, ["x", "y"])
    assert list(load_dataclass_dict_from_csv(str(path), Row, "number", list_per_key=True)[4]) == [found["b"]]
    path.write_text("number,name,parts\n3,a,x\n4,a,z\n")
    with pytest.raises(AssertionError, match="two rows"):
        load_dataclass_dict_from_csv(str(path), Row, "name")


def test_records_of_manifests_are_saved_and_read_again(tmp_path):
    info = VideoInfo("one", "2x2", "3.5", "30")

    save_dataclass_objs_to_headered_csv([info], str(tmp_path / "info.csv"))

    assert (info.duration, info.fps) == (3.5, 30.0)
    assert load_dataclass_dict_from_csv(str(tmp_path / "info.csv"), VideoInfo, "video_id") == {"one": info}
    frames = {"one": VideoFrameInfo("one", "here", "f_", 6, 1, 2, "png")}
    assert save_video_frame_info(frames, str(tmp_path / "frames.csv")) == str(tmp_path / "frames.csv")


def test_the_fields_of_an_action_are_numbers():
    action = ActionData("P", "v", "n", "00:00:01.5", "00:00:02", "1", "2", "go", "3", "pan", "4", "['pan']", "[4]")

    assert (action.start_frame, action.verb_class, action.all_nouns, action.all_noun_classes) == (1, 3, ["pan"], [4])
    assert action.start_time == 1.5


def test_times_and_time_stamps():
    assert secs_to_pts(1.5, Fraction(1, 10), 5) == 20
    assert (secs_to_pts(0.11, 0.1, 0), secs_to_pts(0.11, 0.1, 0, "ceil")) == (1, 2)
    assert pts_to_secs(20, Fraction(1, 10), 5) == 1.5
    assert secs_to_pts(math.inf, 1, 0) == pts_to_secs(math.inf, 1, 0) == math.inf
    with pytest.raises(AssertionError, match="round_mode"):
        secs_to_pts(1, 1, 0, "up")


@pytest.mark.parametrize("threaded", [False, True])
def test_a_function_is_called_for_each_tuple(threaded):
    seen = []

    optional_threaded_foreach(lambda a, b: seen.append(a + b), [(1, 2), (3, 4)], threaded)

    assert sorted(seen) == [3, 7]


def test_an_array_is_exported_as_a_video(tmp_path):
    frames = torch.full((3, 10, 16, 16), 100.0)

    stream = export_video_array(
        frames, str(tmp_path / "out.mp4"), rate=5, video_codec="libx264rgb", options={"crf": "0"}
    )

    assert (stream.width, stream.height) == (16, 16)
    with EncodedVideo.from_path(str(tmp_path / "out.mp4")) as video:
        assert video.duration == 2
        assert torch.equal(video.get_clip(0, 2)["video"], frames)
    with pytest.raises(ArgumentError, match="255"):
        export_video_array(torch.rand(3, 2, 16, 16), str(tmp_path / "black.mp4"), rate=5)
    assert thwc_to_cthw(torch.zeros(4, 2, 3, 1)).shape == (1, 4, 2, 3)


def test_manifests_of_folders(tmp_path):
    for name in (
        "flat/P01_01/frame_0001.jpg",
        "flat/P01_01/frame_0002.jpg",
        "nested/P02/P02_03_001.jpg",
        "v/P03/P03_04.MP4",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    (flat,) = build_frame_manifest_from_flat_directory(str(tmp_path / "flat"), False).values()
    (nested,) = build_frame_manifest_from_nested_directory(str(tmp_path / "nested"), True).values()
    (encoded,) = build_encoded_manifest_from_nested_directory(str(tmp_path / "v")).values()

    assert flat.paths == [f"{tmp_path}/flat/P01_01/frame_000{number}.jpg" for number in (1, 2)]
    assert (nested.video_id, nested.paths) == ("P02_03", [f"{tmp_path}/nested/P02/P02_03_001.jpg"])
    assert (encoded.video_id, encoded.file_path) == ("P03_04", f"{tmp_path}/v/P03/P03_04.MP4")
    (tmp_path / "flat/P01_01/frame_0004.jpg").touch()
    with pytest.raises(PtvError, match="0004"):
        build_frame_manifest_from_flat_directory(str(tmp_path / "flat"), False)


def test_moments_get_windows_inside_the_video(tmp_path, caplog):
    moment = {"label_video_start_sec": 4.0, "label_video_end_sec": 5.0}

    clip = MomentsClipSampler(4)(None, 6.0, moment)

    assert (clip.clip_start_sec, clip.clip_end_sec) == (2.0, 6.0)
    assert (moment["clip_start"], moment["clip_end"]) == (2.0, 6.0)
    assert check_window_len(0.0, 1.0, 2.0, None) == (0, 2.0)
    with pytest.raises(AssertionError):
        MomentsClipSampler()(None, 3.0, moment)
    (tmp_path / "ids.json").write_text('{"cook": 2}')
    assert get_label_id_map(str(tmp_path / "ids.json")) == {"cook": 2}
    with pytest.raises(FileNotFoundError), caplog.at_level(logging.CRITICAL):
        get_label_id_map(str(tmp_path / "absent.json"))


def test_measurements_of_a_stretch(tmp_path):
    axes = "accl_x,accl_y,accl_z,gyro_x,gyro_y,gyro_z"
    rows = [f"{number * 10},{','.join(str(number * axis) for axis in range(1, 7))}" for number in range(100)]
    (tmp_path / "one.csv").write_text("\n".join([f"canonical_timestamp_ms,{axes}", *rows]))

    data = Ego4dImuData(str(tmp_path))
    sample = data.get_imu_sample("one", 0.2, 0.5)

    assert data.has_imu("one")
    assert not data.has_imu("two")
    assert (sample["signal"].shape, sample["sampling_rate"], sample["timestamp"][0]) == ((30, 6), 100, 200)


def test_attributes_of_arguments_leave_the_class_alone():
    class Base:
        def __init__(self, a, b=2):
            super().__init__()
            set_attributes(self, locals())

    class Derived(Base):
        pass

    assert type(Derived(1)) is Derived
    assert (Derived(1).a, Derived(1).b) == (1, 2)


def test_widths_are_rounded_up_on_request():
    assert [round_width(24, 1.1), round_width(24, 1.1, ceil=True)] == [24, 32]


def test_a_path_is_dropped_in_training_only():
    x = torch.ones(64, 3)

    assert torch.equal(drop_path(x, 0.5), x)
    assert set(drop_path(x, 0.5, training=True).unique().tolist()) == {0.0, 2.0}


def test_one_process_is_all_there_are():
    rows = torch.rand(2, 3)

    assert (get_world_size(), get_local_size(), get_local_rank()) == (1, 1, 0)
    assert torch.equal(cat_all_gather(rows), rows)


def test_sine_and_cosine_encodings_tell_places_apart():
    plane, clip = get_2d_sincos_pos_embed(8, 3, cls_token=True), get_3d_sincos_pos_embed(32, 2, 3)

    assert (plane.shape, clip.shape) == ((10, 8), (12, 32))
    assert not plane[0].any()
    assert plane[2, :4] == pytest.approx([math.sin(1), math.sin(0.01), math.cos(1), math.cos(0.01)])
    assert plane[2, 4:] == pytest.approx([0, 0, 1, 1])
    assert len(np.unique(clip.round(6), axis=0)) == 12
    with pytest.raises(ArgumentError):
        get_3d_sincos_pos_embed(20, 2, 3)


def test_the_addresses_of_weights_and_the_settings_of_models():
    assert slowfast.checkpoint_paths["slowfast_r50"] == f"{slowfast.root_dir}/kinetics/SLOWFAST_8x8_R50.pyth"
    settings = vision_transformers.mvit_video_base_config
    assert (settings["temporal_size"], settings["pool_kvq_kernel"]) == (16, [3, 3, 3])


def test_a_builder_gets_its_default_settings_where_none_are_given(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))

    def build(width, depth=1):
        return nn.Linear(width, depth)

    model = hub_model_builder(build, default_config={"width": 2, "depth": 3}, depth=5)

    assert (model.in_features, model.out_features) == (2, 5)
    with pytest.raises(AssertionError):
        hub_model_builder(build, pretrained=True, width=2)
    torch.save({"model_state": nn.Linear(2, 1).state_dict()}, tmp_path / "weights.pyth")
    loaded = hub_model_builder(build, True, False, (tmp_path / "weights.pyth").as_uri(), {"width": 2})
    assert torch.equal(loaded.weight, torch.load(tmp_path / "weights.pyth")["model_state"]["weight"])


def test_a_vision_transformer_has_its_published_parts_and_another_class():
    class Mine(nn.Module):
        def __init__(self, **parts):
            super().__init__()
            self.parts = nn.ModuleDict(parts)

    settings = {
        "spatial_size": 32,
        "temporal_size": 4,
        "depth": 2,
        "patch_embed_dim": 8,
        "pool_q_stride_size": [[1, 1, 2, 2]],
        "pool_kv_stride_adaptive": [1, 2, 2],
        "pool_kvq_kernel": [3, 3, 3],
        "head_num_classes": 3,
    }
    model = create_multiscale_vision_transformers(**settings)

    assert isinstance(model.blocks[1].attn.norm_q, nn.LayerNorm)
    assert isinstance(model.blocks[1].attn.pool_k, nn.Conv3d)
    assert isinstance(create_multiscale_vision_transformers(multiscale_vit_class=Mine, **settings), Mine)
    assert init_net_weights(model, 0.02, "vit") is model
    with pytest.raises(AssertionError):
        init_net_weights(model, style="other")
