"""From uploads to videos: which uploads are one post, and which of them speaks for it.

Belongs here: conflicts between accounts that claim one id, the current upload of a video.
Does not: the ids that metadata claim (vidpipe.uploads.post_ids), reading metadata
(vidpipe.uploads.metadata) or publishing (vidpipe.publication).
"""

import polars as pl

REQUIRED_COLUMNS = ("upload_id", "first_seen_at", "metadata")


def resolve_videos(uploads: pl.DataFrame) -> pl.DataFrame:
    """Which video each upload belongs to, and which upload of a video is the current one.

    An id that two accounts claim is a conflict: each account keeps a video of its own, called
    `video_id@account`. Trusting either would let anyone take over a post by copying its id.

    The current upload of a video is the one first seen last (of equals, the greatest upload_id);
    where a column `removed_at` says that some uploads are gone, those that are left come first.

    Args:
        uploads: one row per upload, with all uploads of every video id that occurs: `upload_id`,
            `first_seen_at`, `metadata` (struct with `video_id` and `account`), any other columns.

    Returns:
        The same rows in the same order, with columns `video_id` (final), `claimed_video_id` (as in
        the metadata), `is_conflict` and `is_current`; each `video_id` has one current row.

    Raises:
        ValueError: a column is missing, or an upload occurs twice.
    """
    missing = [column for column in REQUIRED_COLUMNS if column not in uploads.columns]
    if missing:
        raise ValueError(f"resolve_videos needs the columns {', '.join(missing)}")
    if uploads["upload_id"].is_duplicated().any():
        raise ValueError("resolve_videos takes one row per upload, of its current fingerprint")
    claimed = pl.col("metadata").struct.field("video_id")
    account = pl.col("metadata").struct.field("account")
    is_there = pl.col("removed_at").is_null() if "removed_at" in uploads.columns else pl.lit(True)
    named = uploads.with_columns(
        claimed_video_id=claimed,
        is_conflict=account.n_unique().over(claimed) > 1,
    ).with_columns(
        video_id=pl.when("is_conflict")
        .then(pl.concat_str(claimed, pl.lit("@"), account))
        .otherwise(claimed)
    )
    current = (
        named.with_columns(is_there=is_there)
        .sort("is_there", "first_seen_at", "upload_id")
        .unique("video_id", keep="last")
        .select("upload_id")
    )
    return named.with_columns(is_current=pl.col("upload_id").is_in(current["upload_id"].to_list()))
