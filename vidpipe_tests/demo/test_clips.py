"""The rendered uploads folder is real, deterministic, and as its truth says."""

import hashlib
import json
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from vidpipe.demo import clips as demo_clips
from vidpipe.demo.clips import RenderedClip, plan_uploads, render_uploads
from vidpipe.demo.pictures import BACKDROPS, caption_band, draw_backdrop
from vidpipe.errors import SettingsError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "uploads"


@pytest.fixture(scope="module")
def rendered(folder: Path) -> list[RenderedClip]:
    return render_uploads(folder, clips=4, seed=3)


@pytest.fixture(scope="module")
def pictures(rendered: list[RenderedClip]) -> dict[Path, list[np.ndarray]]:
    """Every decoded frame, at a quarter of its size, as int RGB."""
    frames = {}
    for clip in rendered:
        with av.open(str(clip.path)) as container:
            frames[clip.path] = [
                frame.to_ndarray(
                    width=clip.width_px // 4, height=clip.height_px // 4, format="rgb24"
                ).astype(int)
                for frame in container.decode(video=0)
            ]
    return frames


def frame_at(pictures: list[np.ndarray], clip: RenderedClip, time_s: float) -> np.ndarray:
    return pictures[round(time_s * clip.fps)]


def contents(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_pictures(
    tmp_path, folder, rendered
):
    render_uploads(tmp_path / "again", clips=len(rendered), seed=3)
    assert contents(tmp_path / "again") == contents(folder)
    render_uploads(tmp_path / "other", clips=2, seed=4)
    ours, theirs = (
        {digest for file, digest in contents(place).items() if file.endswith(".mp4")}
        for place in (folder, tmp_path / "other")
    )
    assert not ours & theirs


def test_the_folder_holds_the_returned_uploads_and_nothing_else(folder, rendered):
    listed = {clip.path for clip in rendered} | {clip.sidecar for clip in rendered if clip.sidecar}
    assert {file for file in folder.rglob("*") if file.is_file()} == listed
    for clip in rendered:
        assert clip.path.parent == folder / clip.ingest_date.isoformat() / clip.account
    assert list(folder.parent.iterdir()) == [folder]


def test_uploads_span_three_past_days_several_accounts_and_two_platforms(rendered):
    assert len({clip.ingest_date for clip in rendered}) == 3
    assert max(clip.ingest_date for clip in rendered) < date(2025, 4, 1)
    assert len({clip.account for clip in rendered}) >= 3
    assert len({clip.platform for clip in rendered}) == 2


def test_videos_are_h264_of_the_planned_size_rate_and_length(rendered):
    for clip in rendered:
        with av.open(str(clip.path)) as container:
            stream = container.streams.video[0]
            assert "mp4" in container.format.name
            assert stream.codec_context.name == "h264"
            assert (stream.width, stream.height) == (clip.width_px, clip.height_px)
            assert stream.average_rate == clip.fps
            assert container.duration / 1e6 == pytest.approx(clip.duration_s, abs=1 / clip.fps)
        assert 3 <= clip.duration_s <= 8
    assert {clip.width_px > clip.height_px for clip in rendered} == {True, False}


def test_sidecars_are_native_json_about_their_own_clip(rendered):
    ids = set()
    for clip in rendered:
        if clip.sidecar is None:
            continue
        assert clip.sidecar == clip.path.with_suffix(".json")
        metadata = json.loads(clip.sidecar.read_text(encoding="utf-8"))
        assert set(metadata) == {
            "id", "platform", "account", "posted_at", "description", "hashtags", "url",
        }  # fmt: skip
        assert (metadata["account"], metadata["platform"]) == (clip.account, clip.platform)
        assert datetime.fromisoformat(metadata["posted_at"]) == clip.posted_at
        assert all(shot.subject in metadata["description"] for shot in clip.shots)
        ids.add((metadata["platform"], metadata["id"]))
    assert len(ids) == sum(clip.sidecar is not None for clip in rendered)


def test_one_upload_has_no_sidecar_and_is_dated_by_its_file_time(rendered):
    (bare,) = [clip for clip in rendered if clip.sidecar is None]
    assert not list(bare.path.parent.glob(f"{bare.path.stem}*.json"))
    assert datetime.fromtimestamp(bare.path.stat().st_mtime, UTC) == bare.posted_at


def test_one_upload_repeats_another_byte_for_byte_elsewhere_and_later(rendered):
    (repost,) = [clip for clip in rendered if clip.copy_of]
    (original,) = [clip for clip in rendered if clip.path == repost.copy_of]
    assert repost.path.read_bytes() == original.path.read_bytes()
    assert repost.account != original.account
    assert repost.platform != original.platform
    assert repost.ingest_date > original.ingest_date
    digests = {hashlib.sha256(clip.path.read_bytes()).digest() for clip in rendered}
    assert len(digests) == len(rendered) - 1


def test_pictures_change_most_where_the_truth_says_that_a_shot_ends(rendered, pictures):
    for clip in rendered:
        frames = pictures[clip.path]
        steps = [np.abs(after - before).mean() for before, after in pairwise(frames)]
        starts = {round(shot.start_s * clip.fps) for shot in clip.shots} - {0}
        largest = np.argsort(steps)[-len(starts) :] + 1
        assert set(largest.tolist()) == starts


def test_a_black_lead_in_is_black_until_the_first_shot(rendered, pictures):
    assert {clip.black_lead_in_s > 0 for clip in rendered} == {True, False}
    for clip in rendered:
        for number, picture in enumerate(pictures[clip.path]):
            is_lead_in = number < round(clip.black_lead_in_s * clip.fps)
            assert (picture.mean() < 5) == is_lead_in


def test_a_blurred_stretch_is_less_sharp_than_the_rest_of_its_shot(rendered, pictures):
    blurred = [
        (clip, shot)
        for clip in rendered
        for shot in clip.shots
        if shot.blur_end_s > shot.blur_start_s
    ]
    assert blurred
    for clip, shot in blurred:
        inside = frame_at(pictures[clip.path], clip, (shot.blur_start_s + shot.blur_end_s) / 2)
        outside = frame_at(pictures[clip.path], clip, shot.end_s - 0.1)
        upper = clip.height_px // 4 * 2 // 3  # captions stay sharp
        detail = [
            (np.diff(picture[:upper], n=2, axis=1) ** 2).mean() for picture in (inside, outside)
        ]
        assert detail[0] < detail[1] / 2


def test_a_caption_stands_in_the_picture_exactly_while_the_truth_says_so(rendered, pictures):
    captioned = [clip for clip in rendered if clip.captions]
    assert 0 < len(captioned) < len(rendered)
    for clip in captioned:
        (caption,) = clip.captions
        band = caption_band(caption.text, (clip.width_px, clip.height_px))
        bottom = int(clip.height_px * 0.94)
        middle = (bottom - band.shape[0] // 2) // 4
        share = np.isclose(band[band.shape[0] // 2].max(axis=1), 20, atol=12).mean()
        assert share > 0.3  # the row that we look at is mostly the dark band
        for number, picture in enumerate(pictures[clip.path]):
            time_s = number / clip.fps
            if time_s < clip.black_lead_in_s:
                continue
            edge = picture[middle, : clip.width_px // 4 // 25]
            is_there = caption.start_s <= time_s < caption.end_s
            # The ends of the band are its flat colour; no backdrop is that even and that dark.
            assert (np.abs(edge - (16, 16, 20)).max() < 14) == is_there


def test_a_caption_that_cannot_be_read_at_its_size_is_refused():
    with pytest.raises(SettingsError, match="does not fit 360 px"):
        caption_band("far too much text for one line " * 3, (360, 640))


def test_an_unknown_backdrop_is_refused_with_those_there_are():
    with pytest.raises(SettingsError, match="'swamp'; there are hills, sea"):
        draw_backdrop("swamp", (64, 48), np.random.default_rng(0))
    assert draw_backdrop(next(iter(BACKDROPS)), (64, 48), np.random.default_rng(0)).shape == (
        48, 64, 3,
    )  # fmt: skip


@pytest.mark.parametrize(("clips", "reposts"), [(1, 0), (2, 1), (3, 1), (8, 1), (40, 1)])
def test_any_number_of_uploads_has_distinct_paths(clips, reposts):
    planned = plan_uploads(Path("/uploads"), clips=clips, seed=0)
    assert len({clip.path for clip in planned}) == clips
    assert sum(clip.copy_of is not None for clip in planned) == reposts


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"clips": 0}, "cannot render 0 clips: ask for at least 1"),
        ({"clips": -2}, "cannot render -2 clips"),
        ({"seed": -1}, "the seed -1 is negative"),
    ],
)
def test_a_count_or_seed_out_of_range_writes_nothing(tmp_path, options, complaint):
    with pytest.raises(SettingsError, match=complaint):
        render_uploads(tmp_path / "uploads", **options)
    assert not list(tmp_path.iterdir())


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "holiday.mp4").write_bytes(b"mine")
    with pytest.raises(SettingsError, match="is not empty: choose a new or an empty folder"):
        render_uploads(tmp_path, clips=1)
    assert [file.name for file in tmp_path.iterdir()] == ["holiday.mp4"]


def test_an_empty_folder_is_filled(tmp_path):
    target = tmp_path / "uploads"
    target.mkdir()
    (clip,) = render_uploads(target, clips=1)
    assert clip.path.stat().st_size > 10_000
    assert [entry.name for entry in tmp_path.iterdir()] == ["uploads"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingsError, match=r"file is a file"):
        render_uploads(tmp_path / "file", clips=1)
    with pytest.raises(SettingsError, match=r"cannot write clips to .*below: .*another folder"):
        render_uploads(tmp_path / "file" / "below", clips=1)


def test_a_rendering_that_breaks_off_leaves_nothing_behind(tmp_path, monkeypatch):
    encode = demo_clips._encode

    def full_disk(path: Path, *rest: object) -> None:
        if len(list(path.parent.parent.parent.rglob("*.mp4"))) == 1:
            raise OSError(28, "No space left on device")
        encode(path, *rest)

    monkeypatch.setattr(demo_clips, "_encode", full_disk)
    with pytest.raises(SettingsError, match="No space left on device"):
        render_uploads(tmp_path / "uploads", clips=3)
    assert not list(tmp_path.iterdir())
