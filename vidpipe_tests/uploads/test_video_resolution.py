"""Which uploads are one video, and which of them speaks for it."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.stores.lake_structs import METADATA, POST
from vidpipe.uploads.post_ids import post_id_of
from vidpipe.uploads.video_resolution import resolve_videos

START = datetime(2026, 11, 2, tzinfo=UTC)
SCHEMA: dict[str, Any] = {
    "upload_id": pl.String,
    "first_seen_at": pl.Datetime("us", "UTC"),
    "removed_at": pl.Datetime("us", "UTC"),
    "content_sha256": pl.String,
    "metadata": METADATA,
    "post": POST,
}
PARTS = st.text("ab:@%é", min_size=1, max_size=3)


def uploads(*rows: tuple[str, int, bool, str, str]) -> pl.DataFrame:
    """Frame of (upload_id, hour first seen, removed, claimed id, account)."""
    return pl.DataFrame(
        [
            {
                "upload_id": upload_id,
                "first_seen_at": START + timedelta(hours=hour),
                "removed_at": START if removed else None,
                "content_sha256": upload_id,
                "metadata": {"video_id": video_id, "account": account},
                "post": None,
            }
            for upload_id, hour, removed, video_id, account in rows
        ],
        schema=SCHEMA,
    )


@st.composite
def any_uploads(draw: st.DrawFn) -> pl.DataFrame:
    """Few ids and accounts, so that they meet often."""
    upload_ids = draw(st.lists(st.text("abc", min_size=1), unique=True, max_size=12))
    posts = draw(
        st.lists(
            st.builds(post_id_of, PARTS, PARTS, st.none(), st.just("")), min_size=1, max_size=3
        )
    )
    accounts = draw(st.lists(PARTS, min_size=1, max_size=2))
    claims = st.tuples(
        st.integers(0, 3), st.booleans(), st.sampled_from(posts), st.sampled_from(accounts)
    )
    return uploads(*((one, *draw(claims)) for one in upload_ids))


@given(any_uploads())
def test_each_video_has_one_current_upload(rows: pl.DataFrame) -> None:
    found = resolve_videos(rows)
    current = found.filter("is_current")
    assert current["video_id"].is_duplicated().sum() == 0
    assert set(current["video_id"]) == set(found["video_id"])


@given(any_uploads())
def test_two_accounts_never_share_a_video(rows: pl.DataFrame) -> None:
    found = resolve_videos(rows)
    accounts = defaultdict(set)
    for row in found.iter_rows(named=True):
        accounts[row["video_id"]].add((row["claimed_post_id"], row["metadata"]["account"]))
    assert all(len(claims) == 1 for claims in accounts.values())


@given(any_uploads())
def test_only_ids_that_several_accounts_claim_are_renamed(rows: pl.DataFrame) -> None:
    claimants = defaultdict(set)
    for row in rows.iter_rows(named=True):
        claimants[row["metadata"]["video_id"]].add(row["metadata"]["account"])
    for row in resolve_videos(rows).iter_rows(named=True):
        claimed, account = row["claimed_post_id"], row["metadata"]["account"]
        contested = len(claimants[claimed]) > 1
        assert row["is_conflict"] == contested
        assert row["video_id"] == (f"{claimed}@{account}" if contested else claimed)


@given(any_uploads())
def test_the_current_upload_is_there_if_any_is_and_the_latest_of_those(rows: pl.DataFrame) -> None:
    found = resolve_videos(rows)
    for _, video in found.group_by("video_id"):
        current = video.filter("is_current").row(0, named=True)
        there = video.filter(pl.col("removed_at").is_null())
        candidates = there if there.height else video
        assert current["upload_id"] in candidates["upload_id"].to_list()
        assert current["first_seen_at"] == candidates["first_seen_at"].max()


@given(any_uploads(), st.randoms())
def test_the_order_of_the_rows_changes_nothing(rows: pl.DataFrame, random: Any) -> None:
    order = list(range(rows.height))
    random.shuffle(order)
    shuffled = resolve_videos(rows[order]).sort("upload_id")
    assert shuffled.equals(resolve_videos(rows).sort("upload_id"))


@given(any_uploads())
def test_rows_keep_their_order_and_columns(rows: pl.DataFrame) -> None:
    found = resolve_videos(rows)
    assert found.select(rows.columns).equals(rows)


def test_an_id_claimed_by_two_accounts_is_kept_for_both() -> None:
    found = resolve_videos(
        uploads(
            ("a/1.mp4", 0, False, "tube:7", "alice"),
            ("b/1.mp4", 1, False, "tube:7", "bob"),
            ("c/1.mp4", 2, False, "tube:8", "carol"),
        )
    )
    assert found["video_id"].to_list() == ["tube:7@alice", "tube:7@bob", "tube:8"]
    assert found["is_conflict"].to_list() == [True, True, False]


def test_no_post_can_take_the_name_of_a_contested_one() -> None:
    found = resolve_videos(
        uploads(
            ("a", 0, False, post_id_of("tube", "7", None, "a"), "alice"),
            ("b", 1, False, post_id_of("tube", "7", None, "b"), "bob"),
            ("c", 2, False, post_id_of("tube", "7@bob", None, "c"), "carol"),
            ("d", 2, False, post_id_of("tube", "7%40bob", None, "d"), "dave"),
        )
    )
    assert found["video_id"].n_unique() == 4


def test_uploads_without_a_column_for_removals_are_all_there() -> None:
    rows = uploads(("a", 0, True, "tube:7", "x"), ("b", 1, True, "tube:7", "x"))
    assert resolve_videos(rows.drop("removed_at"))["is_current"].to_list() == [False, True]


def test_an_upload_given_twice_is_refused() -> None:
    row = ("a", 0, False, "tube:7", "x")
    with pytest.raises(ValueError, match="one row per upload"):
        resolve_videos(uploads(row, row))
    with pytest.raises(ValueError, match="metadata"):
        resolve_videos(uploads(row).drop("metadata"))


def files(*rows: dict[str, Any]) -> pl.DataFrame:
    """Uploads of one post, in order of first sight: fields of `post`, and what else is given."""
    given = []
    for hour, row in enumerate(rows):
        metadata = {"video_id": row.get("post_id", "tube:7"), "account": row.get("account", "a")}
        given.append(
            {
                "upload_id": f"{hour}.mp4",
                "first_seen_at": START + timedelta(hours=hour),
                "removed_at": START if row.get("gone") else None,
                "content_sha256": row.get("content", str(hour)),
                "metadata": metadata,
                "post": {name: row.get(name) for name in POST.to_schema()},
                "is_readable": row.get("is_readable", True),
            }
        )
    return pl.DataFrame(given, schema={**SCHEMA, "is_readable": pl.Boolean})


def resolved(*rows: dict[str, Any]) -> list[tuple[str, int, bool]]:
    """Video, version and whether it is the current one, of each of these uploads."""
    found = resolve_videos(files(*rows))
    return found.select("video_id", "version", "is_current").rows()


def test_files_that_a_list_tells_apart_are_clips_of_one_post() -> None:
    assert resolved({"media_key": "post_1.mp4"}, {"media_key": "post_2.mp4"}) == [
        ("tube:7", 1, True),
        ("tube:7#2", 1, True),
    ]


def test_numbers_that_the_source_says_are_kept_whatever_comes_first() -> None:
    assert resolved({"media_number": 3}, {"media_number": 1}, {"media_key": "other"}) == [
        ("tube:7#3", 1, True),
        ("tube:7", 1, True),
        ("tube:7#2", 1, True),
    ]
    assert resolved({"media_number": 2}) == [("tube:7#2", 1, True)]


def test_the_same_clip_downloaded_again_is_a_version_and_the_later_one_is_current() -> None:
    assert resolved({}, {}, {}) == [
        ("tube:7", 1, False),
        ("tube:7", 2, False),
        ("tube:7", 3, True),
    ]
    again = [{"media_number": 1}, {"media_number": 2}, {"media_number": 1}]
    assert resolved(*again) == [("tube:7", 1, False), ("tube:7#2", 1, True), ("tube:7", 2, True)]


def test_of_files_that_were_seen_together_the_one_fetched_last_is_current() -> None:
    rows = files({}, {}).with_columns(first_seen_at=pl.lit(START))
    later, earlier = START + timedelta(days=1), START
    by_file = rows.with_columns(
        modified_at=pl.Series([later, earlier], dtype=rows["first_seen_at"].dtype)
    )
    assert resolve_videos(by_file)["is_current"].to_list() == [True, False]
    told = files({"engagement_read_at": later}, {"engagement_read_at": earlier})
    together = told.with_columns(first_seen_at=pl.lit(START))
    assert resolve_videos(together)["is_current"].to_list() == [True, False]


def test_a_number_and_a_key_of_one_file_name_one_clip() -> None:
    found = resolved({"media_key": "m"}, {"media_key": "m", "media_number": 2}, {"media_number": 2})
    assert {video_id for video_id, _, _ in found} == {"tube:7#2"}


def test_a_clip_that_moved_in_its_post_does_not_hide_the_one_that_took_its_place() -> None:
    found = resolved(
        {"media_key": "a", "media_number": 1},
        {"media_key": "b", "media_number": 1},
        {"media_key": "a", "media_number": 2},
    )
    assert found == [("tube:7", 1, False), ("tube:7#2", 1, True), ("tube:7", 2, True)]
    unsure = resolved({"media_key": "2", "media_number": 2}, {"media_key": "b", "media_number": 2})
    assert {video_id for video_id, _, _ in unsure} == {"tube:7#2"}


def test_two_programs_may_have_ids_of_their_own_for_one_clip() -> None:
    rows = files(
        {"media_key": "Cab", "media_number": 2},
        {"media_key": "33", "media_number": 2},
        {"media_key": "34", "media_number": 2},
    ).with_columns(metadata_source=pl.Series(["yt-dlp", "gallery-dl", "gallery-dl"]))
    assert resolve_videos(rows)["video_id"].to_list() == ["tube:7#2", "tube:7#2", "tube:7"]


def test_equal_bytes_in_one_post_are_one_clip() -> None:
    found = resolved({"media_key": "a", "content": "x"}, {"media_key": "b", "content": "x"})
    assert {video_id for video_id, _, _ in found} == {"tube:7"}
    found = resolved({"media_number": 1}, {"media_number": 2, "content": "y"}, {"content": "y"})
    assert [video_id for video_id, _, _ in found] == ["tube:7", "tube:7#2", "tube:7#2"]


def test_a_later_file_that_cannot_be_read_does_not_hide_an_earlier_one() -> None:
    assert resolved({}, {"is_readable": False}) == [("tube:7", 1, True), ("tube:7", 2, False)]
    assert resolved({}, {"gone": True}) == [("tube:7", 1, True), ("tube:7", 2, False)]


def test_a_renamed_account_is_one_and_namesakes_are_two() -> None:
    by_id = {"account_source": "id"}
    before = {"account": "diary", "account_name": "Diary", "account_id": "UC1", **by_id}
    after = {"account": "official", "account_name": "Official", "account_id": "UC1", **by_id}
    other = {"account": "thief", "account_name": "Official", "account_id": "UC2", **by_id}
    assert [one for one, _, _ in resolved(before, after)] == ["tube:7", "tube:7"]
    assert [one for one, _, _ in resolved(after, other)] == ["tube:7@official", "tube:7@thief"]
    same_handle = {**other, "account": "official"}
    assert [one for one, _, _ in resolved(after, same_handle)] == ["tube:7@UC1", "tube:7@UC2"]


def test_a_source_that_knows_no_id_names_the_account_by_handle_or_name() -> None:
    known = {
        "account": "diary",
        "account_name": "Diary",
        "account_id": "UC1",
        "account_source": "id",
    }
    for account in ("diary", "Diary"):
        unsure = {"account": account, "account_id": account, "account_source": "handle"}
        assert [one for one, _, _ in resolved(unsure, known)] == ["tube:7", "tube:7"]
        earlier_vidpipe = {"account": account}
        assert [one for one, _, _ in resolved(earlier_vidpipe, known)] == ["tube:7", "tube:7"]


def test_a_handle_is_the_same_with_and_without_its_at_sign_and_in_any_case() -> None:
    known = {"account": "diary", "account_id": "7", "account_source": "id"}
    typed = {"account": "@Diary", "account_id": "@Diary", "account_source": "handle"}
    assert [one for one, _, _ in resolved(known, typed)] == ["tube:7", "tube:7"]
    assert [one for one, _, _ in resolved(typed, known | {"account": "other"})] == [
        "tube:7@@Diary",
        "tube:7@other",
    ]


def test_a_file_that_names_no_account_is_of_the_only_one_that_claims_its_post() -> None:
    known = {"account": "diary", "account_id": "7", "account_source": "id"}
    other = {"account": "thief", "account_id": "8", "account_source": "id"}
    silent = {"account": "folder", "account_id": "folder", "account_source": "folder"}
    assert [one for one, _, _ in resolved(silent, known)] == ["tube:7", "tube:7"]
    assert [one for one, _, _ in resolved(known, other, silent)] == [
        "tube:7@diary",
        "tube:7@thief",
        "tube:7@folder",
    ]
    elsewhere = silent | {"account": "attic", "account_id": "attic"}
    assert [one for one, _, _ in resolved(silent, elsewhere)] == ["tube:7@folder", "tube:7@attic"]


def test_a_post_of_thousands_of_files_is_resolved_in_no_time() -> None:
    many = resolved(*({"media_key": str(number % 50)} for number in range(20_000)))
    assert len({video_id for video_id, _, _ in many}) == 50
