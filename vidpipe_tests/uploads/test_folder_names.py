"""What the names of a folder say of each other."""

from vidpipe.uploads.folder_names import HIDDEN, PART, FolderNames


def sides(*names: bytes) -> dict[bytes, str | None]:
    folder = FolderNames(names)
    return {name: folder.side_kind(name) for name in names}


def test_a_stream_kept_beside_the_merged_file_is_a_part_of_it() -> None:
    found = sides(b"Ride.mp4", b"Ride.f137.mp4", b"Ride.mp4.f315", b"Ride.f140.m4a")
    assert found[b"Ride.mp4"] is None
    assert [kind for name, kind in found.items() if name != b"Ride.mp4"] == [PART] * 3


def test_streams_that_were_never_merged_are_uploads() -> None:
    assert set(sides(b"Ride.f137.mp4", b"Ride.f248.webm", b"Ride.f140.m4a").values()) == {None}


def test_a_title_that_looks_like_a_mark_is_no_part_unless_others_confirm_it() -> None:
    assert sides(b"race.mp4", b"race.f1.mp4") == {b"race.mp4": None, b"race.f1.mp4": None}
    assert sides(b"race.mp4", b"race.f1.mp4", b"race.info.json")[b"race.f1.mp4"] == PART
    assert sides(b"race.mp4", b"race.final.mp4")[b"race.final.mp4"] is None


def test_parts_of_a_download_that_ended_are_side_files_and_others_are_held() -> None:
    ended = sides(b"a.mp4", b"a.mp4.part", b"a.temp.mp4", b"a.mp4.ytdl", b"a.mp4.part-Frag1")
    assert [kind for name, kind in ended.items() if name != b"a.mp4"] == [PART] * 4
    names = (b"b.mp4.part", b"b.mp4.part-Frag1", b"b.mp4.ytdl", b"c.temp.mp4")
    running, folder = sides(*names), FolderNames(names)
    assert running == dict(zip(names, (None, PART, PART, None), strict=True))
    assert "unfinished" in (folder.held_reason(b"b.mp4.part") or "")
    assert "c.mp4" in (folder.held_reason(b"c.temp.mp4") or "")
    assert folder.held_reason(b"b.mp4") is None


def test_hidden_files_are_side_files() -> None:
    assert set(sides(b".a.mp4.X1y2", b"._a.mp4", b"~$a.mp4", b".DS_Store").values()) == {HIDDEN}


def test_sound_belongs_to_a_video_of_its_name() -> None:
    names = FolderNames([b"a.mp4", b"a.m4a", b"b.f137.mp4", b"b.f140.m4a", b"c.mp3"])
    beside = [name for name in (b"a.m4a", b"b.f140.m4a", b"c.mp3") if names.has_video_beside(name)]
    assert beside == [b"a.m4a", b"b.f140.m4a"]


def test_a_held_file_is_told_the_name_that_a_person_would_type() -> None:
    reason = FolderNames([b"Old town.mp4.!qB"]).held_reason(b"Old town.mp4.!qB")
    assert "rename it to Old town.mp4 to" in (reason or "")
