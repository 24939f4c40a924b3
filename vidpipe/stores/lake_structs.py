"""The types of nested columns in the lake.

Belongs here: structs and their fields.
Does not: the tables that have them (vidpipe.stores.lake), what columns hold
(vidpipe.stores.lake_columns).
"""

import polars as pl

TIMESTAMP = pl.Datetime("us", "UTC")

PROBE = pl.Struct(
    {
        "container": pl.String,
        "codec": pl.String,
        "duration_s": pl.Float64,
        "fps": pl.Float64,
        "width_px": pl.Int32,
        "height_px": pl.Int32,
        "rotation_deg": pl.Int32,
    }
)
METADATA = pl.Struct(
    {
        "video_id": pl.String,
        "platform": pl.String,
        "id": pl.String,
        "account": pl.String,
        "posted_at": TIMESTAMP,
        "description": pl.String,
        "hashtags": pl.List(pl.String),
        "url": pl.String,
    }
)
# A column of its own: Delta adds columns to a table that an earlier vidpipe made, not fields.
POST = pl.Struct(
    {
        "media_key": pl.String,
        "media_number": pl.Int32,
        "account_id": pl.String,
        "account_name": pl.String,
        "account_source": pl.String,
        "posted_at_precision": pl.String,
        "mentions": pl.List(pl.String),
        "language": pl.String,
        "sound_id": pl.String,
        "sound_title": pl.String,
        "views": pl.Int64,
        "likes": pl.Int64,
        "reposts": pl.Int64,
        "comments": pl.Int64,
        "engagement_read_at": TIMESTAMP,
        "reply_to": pl.String,
        "repost_of": pl.String,
        "quote_of": pl.String,
    }
)
FRAME = pl.Struct(
    {
        "segment": pl.Int32,
        "frame_index": pl.Int32,
        "timestamp_s": pl.Float64,
        "keyframe_sha256": pl.String,
        "sharpness": pl.Float64,
        "brightness": pl.Float64,
        "entropy": pl.Float64,
        "colour_variance": pl.Float64,
        "colour_distance": pl.Float64,
        "is_low_information": pl.Boolean,
        "image_uri": pl.String,
    }
)
# What an earlier vidpipe kept in place of FOOTAGE_PRINT.
HASH_TRACK = pl.Struct(
    {
        "sample_rate_hz": pl.Float64,
        "timestamps_s": pl.List(pl.Float32),
        "crop": pl.List(pl.Int32),
        "pdq_full": pl.Binary,
        "pdq_90": pl.Binary,
        "pdq_80": pl.Binary,
        "quality": pl.Binary,
        "is_low_information": pl.Binary,
        "thumbnail_width_px": pl.Int32,
        "thumbnail_height_px": pl.Int32,
        "thumbnails": pl.Binary,
    }
)
# `views`: `box` is left, top, right, bottom as shares of width and height, `hashes` one PDQ hash a
# sample. How the bytes are packed is told in vidpipe.media.footage_print.
FOOTAGE_PRINT = pl.Struct(
    {
        "sample_rate_hz": pl.Float64,
        "timestamps_s": pl.List(pl.Float32),
        "end_s": pl.Float64,
        "width_px": pl.Int32,
        "height_px": pl.Int32,
        "quality": pl.Binary,
        "is_low_information": pl.Binary,
        "views": pl.List(
            pl.Struct({"name": pl.String, "box": pl.List(pl.Float32), "hashes": pl.Binary})
        ),
        "thumbnail_width_px": pl.Int32,
        "thumbnail_height_px": pl.Int32,
        "thumbnails": pl.Binary,
        "keyframes": pl.List(
            pl.Struct({"timestamp_s": pl.Float64, "points": pl.Binary, "descriptors": pl.Binary})
        ),
    }
)
OCR_LINE = pl.Struct(
    {
        "line_no": pl.Int32,
        "text": pl.String,
        "confidence": pl.Float32,
        "accepted": pl.Boolean,
        "box": pl.List(pl.Float32),
    }
)


def field_names(struct: pl.Struct) -> list[str]:
    """Names of the fields of a struct column."""
    return [field.name for field in struct.fields]
