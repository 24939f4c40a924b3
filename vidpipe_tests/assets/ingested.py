"""An ingest of two tiny uploads, and what Dagster shows of each asset that it materialised."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from dagster import AssetKey, ExecuteInProcessResult
from PIL import Image, ImageDraw, ImageFont

from vidpipe_tests.clips import COLOURS, still_clip, tiny_clip
from vidpipe_tests.installation import Installation, age

FIRST, SECOND = date(2025, 3, 3), date(2025, 3, 4)
DESCRIPTION = "<script>alert(1)</script> | **bold**"
CAPTION = "ROAD CLOSED"


@dataclass(frozen=True)
class Ingested:
    """An installation, and its first run."""

    installation: Installation
    run: ExecuteInProcessResult

    def shown(self, asset: str) -> dict[date, dict[str, Any]]:
        """The metadata of an asset's materialisation of each date."""
        return {
            date.fromisoformat(event.partition): {
                name: value.value for name, value in event.materialization.metadata.items()
            }
            for event in self.run.get_asset_materialization_events()
            if event.asset_key == AssetKey(asset) and event.partition is not None
        }


def write_uploads(uploads: Path) -> None:
    """Writes a clip of two colours with a hostile description, and a day later one with a text."""
    clip = tiny_clip(uploads / f"{FIRST}/alice/colours.mp4", colours=COLOURS[:2])
    sidecar = clip.with_suffix(".json")
    sidecar.write_text(json.dumps({"account": "alice", "description": DESCRIPTION}))
    picture = Image.new("RGB", (320, 180), "white")
    font = ImageFont.load_default(size=36)
    ImageDraw.Draw(picture).text((30, 70), CAPTION, fill="black", font=font)
    text = still_clip(uploads / f"{SECOND}/bob/text.mp4", np.asarray(picture))
    for path in (clip, sidecar, text):
        age(path)
