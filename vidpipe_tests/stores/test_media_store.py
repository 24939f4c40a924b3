"""The media store: folders of files that go as one."""

from pathlib import Path

from vidpipe.stores.media_store import MediaStore


def test_a_folder_goes_with_all_its_files_and_no_others(tmp_path: Path) -> None:
    media = MediaStore(str(tmp_path))
    kept = [media.put(name, b"kept") for name in ("topics/run-1.html", "topics/run-10/a.json")]
    gone = [media.put(f"topics/run-1/{name}", b"gone") for name in ("a.json", "images/0.jpg")]
    media.delete_folder("topics/run-1")
    assert [Path(uri).exists() for uri in kept] == [True, True]
    assert [Path(uri).exists() for uri in gone] == [False, False]
    media.delete_folder("topics/run-1")
    media.delete_folder("topics/run-2")
