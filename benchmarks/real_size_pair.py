"""A CLIP pair with random weights of the published models' shapes (about 1.2 GB).

Belongs here: writing it, for measuring speed and memory where the published one cannot be fetched.
Does not: the files around the weights (vidpipe.models.pair_layout), pairs that mean something.

Vectors of images and texts mean nothing; speed and memory are those of the published pair.
"""

from pathlib import Path
from typing import Any

import numpy as np

from vidpipe.models.pair_layout import (
    END,
    SPECIAL_PIECES,
    START,
    PairSize,
    TransformerSize,
    image_model_files,
    text_model_files,
    write_folder,
)

SEED = 20261102
IMAGE_FOLDER = "random-clip-ViT-B-32"
TEXT_FOLDER = "random-clip-ViT-B-32-multilingual-v1"
REAL_SIZE = PairSize(
    vision=TransformerSize(768, 12, 12, 3072),
    caption=TransformerSize(512, 8, 12, 2048, 49408, 77),
    multilingual=TransformerSize(768, 12, 6, 3072, 119547, 512),
)

Array = np.ndarray[Any, np.dtype[np.float32]]
Tensors = dict[str, Array]


def write_real_size_pair(directory: Path, size: PairSize = REAL_SIZE) -> tuple[Path, Path]:
    """Writes the pair, unless it is there already; the same bytes every time.

    Args:
        directory: folder that the two model folders are made in.
        size: another one, with the published vocabularies.

    Returns:
        Folders of the image model and of the text model.
    """
    rng = np.random.default_rng(SEED)
    image_folder, text_folder = directory / IMAGE_FOLDER, directory / TEXT_FOLDER
    vision, caption = _vision_tensors(size, rng), _caption_tensors(size, rng)
    text = _multilingual_tensors(size, rng)
    dense = {"linear.weight": _normal(rng, size.dimensions, size.multilingual.width)}
    write_folder(
        image_folder,
        image_model_files(size, _caption_vocabulary(), merges=()),
        {"0_CLIPModel": vision | caption},
    )
    write_folder(text_folder, text_model_files(size, _word_pieces()), {"": text, "2_Dense": dense})
    return image_folder, text_folder


def _normal(rng: np.random.Generator, *shape: int, scale: float = 0.02) -> Array:
    return rng.standard_normal(shape, dtype=np.float32) * np.float32(scale)


def _linear(rng: np.random.Generator, name: str, outputs: int, inputs: int) -> Tensors:
    return {
        f"{name}.weight": _normal(rng, outputs, inputs),
        f"{name}.bias": np.zeros(outputs, np.float32),
    }


def _norm(name: str, width: int) -> Tensors:
    return {
        f"{name}.weight": np.ones(width, np.float32),
        f"{name}.bias": np.zeros(width, np.float32),
    }


def _clip_layers(rng: np.random.Generator, prefix: str, size: TransformerSize) -> Tensors:
    tensors: Tensors = {}
    for number in range(size.layers):
        layer = f"{prefix}.encoder.layers.{number}"
        for projection in ("q_proj", "k_proj", "v_proj", "out_proj"):
            tensors |= _linear(rng, f"{layer}.self_attn.{projection}", size.width, size.width)
        tensors |= _norm(f"{layer}.layer_norm1", size.width)
        tensors |= _linear(rng, f"{layer}.mlp.fc1", size.inner, size.width)
        tensors |= _linear(rng, f"{layer}.mlp.fc2", size.width, size.inner)
        tensors |= _norm(f"{layer}.layer_norm2", size.width)
    return tensors


def _vision_tensors(size: PairSize, rng: np.random.Generator) -> Tensors:
    width = size.vision.width
    return {
        "logit_scale": np.array(4.6052, np.float32),
        "vision_model.embeddings.class_embedding": _normal(rng, width),
        "vision_model.embeddings.patch_embedding.weight": _normal(rng, width, 3, 32, 32),
        "vision_model.embeddings.position_embedding.weight": _normal(rng, 50, width),
        **_norm("vision_model.pre_layrnorm", width),  # spelled so in the published weights
        **_clip_layers(rng, "vision_model", size.vision),
        **_norm("vision_model.post_layernorm", width),
        "visual_projection.weight": _normal(rng, size.dimensions, width),
    }


def _caption_tensors(size: PairSize, rng: np.random.Generator) -> Tensors:
    """CLIP's own text tower: part of the published layout, not used by vidpipe."""
    caption = size.caption
    embeddings = "text_model.embeddings"
    return {
        f"{embeddings}.token_embedding.weight": _normal(rng, caption.vocabulary, caption.width),
        f"{embeddings}.position_embedding.weight": _normal(rng, caption.positions, caption.width),
        **_clip_layers(rng, "text_model", caption),
        **_norm("text_model.final_layer_norm", caption.width),
        "text_projection.weight": _normal(rng, size.dimensions, caption.width),
    }


def _multilingual_tensors(size: PairSize, rng: np.random.Generator) -> Tensors:
    shape = size.multilingual
    tensors: Tensors = {
        "embeddings.word_embeddings.weight": _normal(rng, shape.vocabulary, shape.width),
        "embeddings.position_embeddings.weight": _normal(rng, shape.positions, shape.width),
        **_norm("embeddings.LayerNorm", shape.width),
    }
    for number in range(shape.layers):
        layer = f"transformer.layer.{number}"
        for projection in ("q_lin", "k_lin", "v_lin", "out_lin"):
            tensors |= _linear(rng, f"{layer}.attention.{projection}", shape.width, shape.width)
        tensors |= _norm(f"{layer}.sa_layer_norm", shape.width)
        tensors |= _linear(rng, f"{layer}.ffn.lin1", shape.inner, shape.width)
        tensors |= _linear(rng, f"{layer}.ffn.lin2", shape.width, shape.inner)
        tensors |= _norm(f"{layer}.output_layer_norm", shape.width)
    return tensors


def _caption_vocabulary() -> dict[str, int]:
    """CLIP's byte-level vocabulary without merges: every byte, inside a word and at its end."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    characters = [chr(code) for code in printable]
    characters += [chr(256 + extra) for extra in range(256 - len(printable))]
    words = [*characters, *(f"{character}</w>" for character in characters)]
    return {word: index for index, word in enumerate([*words, START, END])}


def _word_pieces() -> list[str]:
    """Word pieces of single characters: Latin to Arabic, kana, common Chinese characters."""
    joined = [chr(code) for span in ((33, 0x700), (0x3040, 0x3100)) for code in range(*span)]
    joined = [character for character in joined if character.isprintable()]
    chinese = [chr(code) for code in range(0x4E00, 0xA000)]
    return [*SPECIAL_PIECES, *joined, *(f"##{character}" for character in joined), *chinese]
