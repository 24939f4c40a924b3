"""Which uploads are one video, and which of them speaks for it."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.uploads.post_ids import post_id_of
from vidpipe.uploads.video_resolution import resolve_videos

START = datetime(2026, 11, 2, tzinfo=UTC)
SCHEMA: dict[str, Any] = {
    "upload_id": pl.String,
    "first_seen_at": pl.Datetime("us", "UTC"),
    "removed_at": pl.Datetime("us", "UTC"),
    "metadata": pl.Struct({"video_id": pl.String, "account": pl.String}),
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
                "metadata": {"video_id": video_id, "account": account},
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
        accounts[row["video_id"]].add((row["claimed_video_id"], row["metadata"]["account"]))
    assert all(len(claims) == 1 for claims in accounts.values())


@given(any_uploads())
def test_only_ids_that_several_accounts_claim_are_renamed(rows: pl.DataFrame) -> None:
    claimants = defaultdict(set)
    for row in rows.iter_rows(named=True):
        claimants[row["metadata"]["video_id"]].add(row["metadata"]["account"])
    for row in resolve_videos(rows).iter_rows(named=True):
        claimed, account = row["claimed_video_id"], row["metadata"]["account"]
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
