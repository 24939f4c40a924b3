"""Every setting of vidpipe: its name, default, unit and meaning.

Belongs here: what a user may set through `VIDPIPE_*` environment variables.
Does not: constants of an algorithm that nobody should turn (they live beside the algorithm).
"""

import os
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from vidpipe.errors import SettingsError

KeyframeMethod = Literal["clear_and_diverse", "uniform", "i_frames"]


class Settings(BaseSettings):
    """Values from `VIDPIPE_*` environment variables; see each field's description."""

    model_config = SettingsConfigDict(env_prefix="VIDPIPE_", extra="ignore", frozen=True)

    home: Path = Field(
        Path(".vidpipe"), description="Folder of everything that vidpipe keeps on this machine."
    )
    uploads_url: str | None = Field(None, description="Folder or s3:// URL that uploads arrive in.")
    lake_url: str | None = Field(
        None, description="Folder or s3:// URL of the Delta tables. Default: HOME/lake."
    )
    media_url: str | None = Field(
        None, description="Folder or s3:// URL of keyframe JPEGs. Default: HOME/media."
    )
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL with pgvector, as a libpq URL. Default: a server under HOME.",
    )
    server_idle_hours: float = Field(
        8.0,
        ge=0,
        description="The server under HOME stops after this long without a client (h); 0: never.",
    )
    query_set: Path | None = Field(
        None, description="File of labelled queries that search_quality asks."
    )
    alert_url: SecretStr | None = Field(
        None,
        description="Address that watch hits, failed runs and falls of quality are posted to.",
    )
    start_date: date = Field(
        date(2020, 1, 1), description="First ingest date; older date folders are held."
    )
    stable_after_s: float = Field(
        60.0, ge=0, description="An upload untouched for this long (s) is complete."
    )
    max_missing_share: float = Field(
        0.2,
        ge=0,
        le=1,
        description="A listing in which more than this share is newly missing changes nothing.",
    )

    max_upload_bytes: int = Field(
        4 * 2**30, gt=0, description="Larger uploads are refused (bytes)."
    )
    max_duration_s: float = Field(3 * 3600.0, gt=0, description="Longer videos are refused (s).")
    max_frame_pixels: int = Field(
        8192 * 4320, gt=0, description="Larger frames are refused (pixels)."
    )
    max_decode_s: float = Field(
        1800.0, gt=0, description="Decoding one video may take this long (s)."
    )

    keyframes_per_video: int = Field(5, ge=1, le=64, description="Keyframes of a content (K).")
    keyframe_method: KeyframeMethod = Field(
        "clear_and_diverse", description="How keyframes are chosen."
    )
    candidates_per_second: float = Field(
        8.0, gt=0, description="Frames judged per second of video (Hz)."
    )
    hash_samples_per_second: float = Field(
        4.0, gt=0, description="Samples of the footage print (Hz)."
    )

    ocr_min_confidence: float = Field(
        0.8, ge=0, le=1, description="OCR lines from this confidence on are accepted."
    )
    ocr_detection_model: Path | None = Field(
        None, description="Folder with the detection model in ONNX. Default: PP-OCRv6 small."
    )
    ocr_detection_side_px: int = Field(
        960,
        ge=32,
        description="Longer side that text is looked for at; more finds smaller text (px).",
    )
    ocr_recognition_model: Path | None = Field(
        None, description="Folder with the recognition model in ONNX. Default: PP-OCRv6 small."
    )
    clip_image_model: str = Field(
        "sentence-transformers/clip-ViT-B-32", description="Image model: hub id or local directory."
    )
    clip_image_revision: str | None = Field(
        None, description="Revision of the image model on the hub."
    )
    clip_text_model: str = Field(
        "sentence-transformers/clip-ViT-B-32-multilingual-v1",
        description="Text model: hub id or local directory.",
    )
    clip_text_revision: str | None = Field(
        None, description="Revision of the text model on the hub."
    )

    topic_words_weight: float = Field(
        0.4,
        ge=0,
        le=1,
        description="Weight of hashtags against looks when videos are clustered.",
    )
    topic_least_videos: int = Field(
        3, ge=2, description="Contents that make a topic; fewer are in none."
    )
    topic_concepts: Path | None = Field(
        None,
        description="Text file with a concept on each line: what topics are named after where words"
        " say nothing. Default: a list that comes with vidpipe.",
    )
    topic_threshold: float | None = Field(
        None,
        gt=0,
        le=2,
        description="Cosine distance up to which groups are one topic. Default: chosen each run.",
    )

    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        description="Worker processes of a stage. Default: cores.",
    )
    worker_memory_bytes: int = Field(
        6 * 2**30,
        gt=0,
        description="Address space that one worker may take beyond its libraries (bytes).",
    )
    refresh: Literal["asked", "auto"] = Field(
        "asked",
        description="When results of other settings are made anew: asked (by vidpipe refresh), or "
        "auto (as soon as a setting changes).",
    )
    max_attempts: int = Field(3, ge=1, description="Tries of an item whose failure may pass.")
    failure_share_limit: float = Field(
        0.2, ge=0, le=1, description="A date with a larger share of failed items fails its check."
    )
    fresh_within_h: float = Field(
        24.0,
        gt=0,
        description="Uploads that wait longer for a run, and posts for topics, fail a check (h).",
    )

    @field_validator("alert_url")
    @classmethod
    def _is_web_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url

    @property
    def lake(self) -> str:
        """URL of the lake."""
        return self.lake_url or str(self.home.absolute() / "lake")

    @property
    def media(self) -> str:
        """URL of the media store."""
        return self.media_url or str(self.home.absolute() / "media")


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, with overrides by field name.

    Raises:
        SettingsError: a value is malformed; the message names the variable.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [
            f"VIDPIPE_{'_'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise SettingsError("; ".join(lines)) from None
