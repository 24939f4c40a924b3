"""Files as people name them in lists."""

import unicodedata
from urllib.parse import quote

import pytest

from vidpipe.uploads.metadata.named_files import NamedFile, NamedFiles


def naming(upload: str, *written: str, is_beside_list: bool = True) -> list[str]:
    """What of a list names an upload, given its path."""
    files = NamedFiles(dict.fromkeys(map(NamedFile.from_text, written)))
    named = files.naming(quote(upload), is_beside_list=is_beside_list)
    return [file.written for file in named]


@pytest.mark.parametrize(
    "written",
    [
        "a b.mp4",
        " a b.mp4 ",
        "./a b.mp4",
        "videos/a b.mp4",
        "C:\\Users\\x\\videos\\a b.mp4",
        '"C:\\Users\\x\\videos\\a b.mp4"',
        "\\\\server\\share\\a b.mp4",
        "/home/x/videos/a b.mp4",
        "~/videos/a b.mp4",
        "file:///C:/Users/x/a%20b.mp4",
        "a%20b.mp4",
        "a b.MP4",
    ],
)
def test_a_file_is_found_by_what_people_write(written: str) -> None:
    assert len(naming("2026-11-20/a b.mp4", written)) == 1
    assert naming("2026-11-20/b.mp4", written) == []


def test_either_normal_form_names_the_other() -> None:
    composed = unicodedata.normalize("NFC", "café naïve.mp4")
    decomposed = unicodedata.normalize("NFD", composed)
    assert len(naming(f"x/{composed}", decomposed)) == 1
    assert len(naming(f"x/{decomposed}", composed)) == 1


def test_a_name_as_it_is_goes_before_one_that_is_only_like_it() -> None:
    assert naming("x/a.MP4", "a.mp4", "a.MP4") == ["a.MP4"]
    assert naming("x/a%20b.mp4", "a b.mp4", "a%20b.mp4") == ["a%20b.mp4"]
    assert naming("x/a\\b.mp4", "b.mp4", "a\\b.mp4") == ["a\\b.mp4"]
    assert naming("x/'a'.mp4", "'a'.mp4") == ["'a'.mp4"]


def test_a_folder_tells_files_of_one_name_apart() -> None:
    written = ("alice/one.mp4", "bob/one.mp4")
    assert naming("d/bob/one.mp4", *written, is_beside_list=False) == ["bob/one.mp4"]
    assert naming("d/carol/one.mp4", *written, is_beside_list=False) == []
    assert naming("d/one.mp4", *written) == list(written)
    assert naming("d/one.mp4", *written, "one.mp4") == ["one.mp4"]
    foreign = ("C:\\x\\alice\\one.mp4", "C:\\x\\bob\\one.mp4")
    assert naming("d/alice/one.mp4", *foreign, is_beside_list=False) == [foreign[0]]
    assert naming("d/carol/one.mp4", foreign[0], is_beside_list=False) == [foreign[0]]


def test_nothing_names_no_file() -> None:
    for written in ("", "/", ".", "./", "\\", "C:\\"):
        assert naming("x/a.mp4", written) == []
