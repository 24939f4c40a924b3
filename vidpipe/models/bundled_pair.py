"""The CLIP pair that travels with vidpipe: where it is, and whether settings name it.

Belongs here: its folders, the names of its files, the note for those who use it.
Does not: making it (vidpipe.demo.training), loading it (vidpipe.models.clip, as any other pair).

It understands the demo world only, and lies in the layout of the published pair.
"""

from pathlib import Path

from vidpipe.packaged import packaged
from vidpipe.settings import Settings

IMAGE_FOLDER = "demo-clip-ViT-B-32"
TEXT_FOLDER = "demo-clip-ViT-B-32-multilingual-v1"
DEMO_PAIR_NOTE = (
    "note: these are the demo models; they understand the demo world and nothing else. For your "
    "own videos set VIDPIPE_CLIP_IMAGE_MODEL and VIDPIPE_CLIP_TEXT_MODEL (see README)"
)
HELD_OUT_FILE = "held_out_compositions.txt"
TRAINING_FILE = "training.json"


def demo_pair() -> tuple[Path, Path]:
    """Folders of the image model and of the text model that travel with vidpipe.

    Raises:
        FileNotFoundError: the installation lacks them.
    """
    made = packaged("demo/models")
    return made / IMAGE_FOLDER, made / TEXT_FOLDER


def is_demo_pair(settings: Settings) -> bool:
    """Whether texts are embedded by the demo pair, which understands the demo world only."""
    return Path(settings.clip_text_model).name == TEXT_FOLDER
