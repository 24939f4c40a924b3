"""Where the demo CLIP pair is: package data, in the layout of the published pair.

Belongs here: its folders. Does not: making it (vidpipe.demo.training), loading it
(vidpipe.models.clip, as any other pair).
"""

from pathlib import Path

from vidpipe.models.clip_weights import ModelFolder
from vidpipe.packaged import packaged

IMAGE_FOLDER = "demo-clip-ViT-B-32"
TEXT_FOLDER = "demo-clip-ViT-B-32-multilingual-v1"
HELD_OUT_FILE = "held_out_compositions.txt"
DIMENSIONS = 512


def demo_pair(folder: Path | None = None) -> tuple[ModelFolder, ModelFolder]:
    """Image model and text model of the demo pair, or of another one made by its training.

    Args:
        folder: what training wrote; default: the pair that travels with vidpipe.

    Raises:
        FileNotFoundError: the installation lacks it.
    """
    made = folder or packaged("demo/models")
    image, text = made / IMAGE_FOLDER, made / TEXT_FOLDER
    return (
        ModelFolder(image, image.name, DIMENSIONS),
        ModelFolder(text, text.name, DIMENSIONS),
    )
