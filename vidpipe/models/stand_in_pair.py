"""CLIP pairs with seeded random weights, in the published layout, made from nothing.

Belongs here: writing the folders of `clip-ViT-B-32` and `clip-ViT-B-32-multilingual-v1` where the
published weights cannot be fetched: a small pair for trials and a pair of the real size for tests
of speed and memory.
Does not: loading them (vidpipe.models.clip) or a trained pair (vidpipe.demo).

The text vectors of such a pair mean nothing. The image vectors of the small pair do tell images
apart: its one vision layer is laid out so that the class token collects coarse colour and edge
responses from nine regions of the image, which are then mixed at random. An image and its
re-encoded or resized copy therefore lie close together, unlike images apart.

Written with numpy and plain files, so that no torch is imported; the same seed gives the same
bytes.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SEED = 20261102
IMAGE_FOLDER = "stand-in-clip-ViT-B-32"
TEXT_FOLDER = "stand-in-clip-ViT-B-32-multilingual-v1"
LAYOUT_VERSION = 1  # part of the folder name: raise it when the written files change

REGIONS_ACROSS = 3  # the class token looks at 3 x 3 regions, one attention head each
PLACE_FEATURES = 32  # features that encode where a patch lies
REGION_FOCUS = 9.0  # larger: a head looks at fewer patches
PLACE_FREQUENCY = 1.6  # radians per half image side: how fast place features change

Array = np.ndarray[Any, np.dtype[np.float32]]
Tensors = dict[str, Array]


@dataclass(frozen=True)
class TransformerSize:
    """Shape of a transformer: width, heads, layers, inner width, vocabulary, longest input."""

    width: int
    heads: int
    layers: int
    inner: int
    vocabulary: int = 0
    positions: int = 0


@dataclass(frozen=True)
class PairSize:
    """Shapes of the three transformers of a pair and of their common space."""

    vision: TransformerSize
    caption: TransformerSize
    multilingual: TransformerSize
    dimensions: int = 512


SMALL_VISION = TransformerSize(REGIONS_ACROSS**2 * PLACE_FEATURES, REGIONS_ACROSS**2, 1, 64)
REAL_SIZE = PairSize(
    vision=TransformerSize(768, 12, 12, 3072),
    caption=TransformerSize(512, 8, 12, 2048, 49408, 77),
    multilingual=TransformerSize(768, 12, 6, 3072, 119547, 512),
)


def write_stand_in_pair(directory: Path) -> tuple[Path, Path]:
    """Writes the small pair, unless it is there already.

    Args:
        directory: folder that the two model folders are made in.

    Returns:
        Folders of the image model and of the text model.
    """
    caption_words, words = _caption_vocabulary(), _word_pieces()
    size = PairSize(
        vision=SMALL_VISION,
        caption=TransformerSize(32, 2, 1, 64, len(caption_words), 77),
        multilingual=TransformerSize(48, 4, 1, 96, len(words), 128),
    )
    rng = np.random.default_rng(SEED)
    vision = _telling_vision_tensors(size, rng)
    return _write_pair(directory, "small", size, vision, rng)


def write_real_size_pair(directory: Path) -> tuple[Path, Path]:
    """Writes a pair with random weights of the published models' shapes (about 1.2 GB).

    Vectors of images and texts mean nothing; speed and memory are those of the published pair.
    """
    rng = np.random.default_rng(SEED)
    return _write_pair(
        directory, "real-size", REAL_SIZE, _random_vision_tensors(REAL_SIZE, rng), rng
    )


def _write_pair(
    directory: Path, kind: str, size: PairSize, vision: Tensors, rng: np.random.Generator
) -> tuple[Path, Path]:
    image_folder = directory / f"{IMAGE_FOLDER}-{kind}.{LAYOUT_VERSION}"
    text_folder = directory / f"{TEXT_FOLDER}-{kind}.{LAYOUT_VERSION}"
    caption = _caption_tensors(size, rng)
    text = _multilingual_tensors(size, rng)
    dense = {"linear.weight": _normal(rng, size.dimensions, size.multilingual.width)}
    _write_folder(image_folder, _image_files(size), {"0_CLIPModel": vision | caption})
    _write_folder(text_folder, _text_files(size), {"": text, "2_Dense": dense})
    return image_folder, text_folder


def _write_folder(folder: Path, files: Mapping[str, str], tensors: Mapping[str, Tensors]) -> None:
    """Writes a model folder, whole or not at all; one that exists is left as it is."""
    from safetensors.numpy import save_file

    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, text in files.items():
            target = temporary / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        for part, values in tensors.items():
            save_file(values, temporary / part / "model.safetensors", metadata={"format": "pt"})
        temporary.chmod(0o755)
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.is_dir():  # otherwise another process was faster, with the same files
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


# ---------------------------------------------------------------------------------------- weights


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


def _random_vision_tensors(size: PairSize, rng: np.random.Generator) -> Tensors:
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


def _telling_vision_tensors(size: PairSize, rng: np.random.Generator) -> Tensors:
    """Vision weights whose vectors tell images apart.

    Token features are split: the first `PLACE_FEATURES` say where a patch lies (the same for every
    image), the rest what it shows. Head h asks, through its query bias, for patches near its
    region; values, output and final projection read only what patches show, so that nothing that
    all images share gets into the vector.
    """
    tensors = _random_vision_tensors(size, rng)
    width, place = size.vision.width, PLACE_FEATURES
    steps = (np.arange(7) - 3) / 3  # patch centres, -1 to 1
    centres = (np.arange(REGIONS_ACROSS) - (REGIONS_ACROSS - 1) / 2) * 0.66
    frequencies = rng.standard_normal((2, place // 2)) * PLACE_FREQUENCY

    def places(points: Iterable[tuple[float, float]]) -> Array:
        """Random Fourier features: their products fall off with distance (Rahimi, Recht 2007)."""
        angles = np.array(list(points)) @ frequencies
        features: Array = np.concatenate([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
        return features

    embeddings = "vision_model.embeddings"
    positions = np.zeros((50, width), np.float32)
    positions[1:, :place] = places((y, x) for y in steps for x in steps)
    tensors[f"{embeddings}.position_embedding.weight"] = positions
    tensors[f"{embeddings}.class_embedding"] = np.zeros(width, np.float32)
    tensors[f"{embeddings}.class_embedding"][:place] = rng.choice([-1.0, 1.0], place)
    filters = np.zeros((width, 3, 32, 32), np.float32)
    filters[place:] = _coarse_filters(width - place, rng)
    tensors[f"{embeddings}.patch_embedding.weight"] = filters

    attention = "vision_model.encoder.layers.0.self_attn"
    queries = places((y, x) for y in centres for x in centres) * REGION_FOCUS
    keys = np.zeros((width, width), np.float32)
    values = np.zeros((width, width), np.float32)
    output = np.zeros((width, width), np.float32)
    for head in range(size.vision.heads):
        keys[head * place : (head + 1) * place, :place] = np.eye(place)
    values[:, place:] = _normal(rng, width, width - place, scale=(width - place) ** -0.5)
    output[place:] = _normal(rng, width - place, width, scale=width**-0.5)
    tensors[f"{attention}.q_proj.weight"] = np.zeros((width, width), np.float32)
    tensors[f"{attention}.q_proj.bias"] = queries.reshape(-1)
    tensors[f"{attention}.k_proj.weight"] = keys
    tensors[f"{attention}.v_proj.weight"] = values
    tensors[f"{attention}.out_proj.weight"] = output
    projection = np.zeros((size.dimensions, width), np.float32)
    projection[:, place:] = _normal(rng, size.dimensions, width - place, scale=0.05)
    tensors["visual_projection.weight"] = projection
    return tensors


def _coarse_filters(count: int, rng: np.random.Generator) -> Array:
    """Random filters of 32x32 pixels from the 4x4 lowest cosine waves of each colour.

    Natural images lose power with frequency; waves are weighted to even that out, so that edges
    count beside colours. Nothing finer: re-encoding and resizing change fine detail.
    """
    waves = np.cos(np.pi * np.outer(np.arange(4), np.arange(32) + 0.5) / 32)  # (wave, pixel)
    weights = 1 + np.hypot(*np.meshgrid(np.arange(4), np.arange(4)))  # (wave, wave)
    coefficients = rng.standard_normal((count, 3, 4, 4)) * weights
    filters = np.einsum("ncuv,uy,vx->ncyx", coefficients, waves, waves) / (32 * 32 * np.sqrt(3))
    single: Array = filters.astype(np.float32)
    return single


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


# ------------------------------------------------------------------------------------------ files


def _image_files(size: PairSize) -> dict[str, str]:
    vision, caption = size.vision, size.caption
    words = _caption_vocabulary()
    config = {
        "architectures": ["CLIPModel"],
        "model_type": "clip",
        "projection_dim": size.dimensions,
        "logit_scale_init_value": 2.6592,
        "text_config": {
            "model_type": "clip_text_model",
            "hidden_size": caption.width,
            "intermediate_size": caption.inner,
            "num_attention_heads": caption.heads,
            "num_hidden_layers": caption.layers,
            "max_position_embeddings": caption.positions,
            "vocab_size": caption.vocabulary,
            "projection_dim": size.dimensions,
            "bos_token_id": words["<|startoftext|>"],
            "eos_token_id": words["<|endoftext|>"],
            "pad_token_id": words["<|endoftext|>"],
        },
        "vision_config": {
            "model_type": "clip_vision_model",
            "hidden_size": vision.width,
            "intermediate_size": vision.inner,
            "num_attention_heads": vision.heads,
            "num_hidden_layers": vision.layers,
            "image_size": 224,
            "patch_size": 32,
            "projection_dim": size.dimensions,
        },
    }
    processor = {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": 224},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": 224, "width": 224},
        "do_rescale": True,
        "do_normalize": True,
        "do_convert_rgb": True,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    }
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>"}
    special |= {"pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    part = "0_CLIPModel"
    return {
        "modules.json": _modules(("0", part, "sentence_transformers.models.CLIPModel")),
        "config_sentence_transformers.json": "{}",
        f"{part}/config.json": json.dumps(config, indent=1),
        f"{part}/preprocessor_config.json": json.dumps(processor, indent=1),
        f"{part}/vocab.json": json.dumps(words),
        f"{part}/merges.txt": "#version: 0.2\n",
        f"{part}/special_tokens_map.json": json.dumps(special),
        f"{part}/tokenizer_config.json": json.dumps(
            {"tokenizer_class": "CLIPTokenizer", "model_max_length": caption.positions, **special}
        ),
    }


def _text_files(size: PairSize) -> dict[str, str]:
    shape = size.multilingual
    config = {
        "architectures": ["DistilBertModel"],
        "model_type": "distilbert",
        "activation": "gelu",
        "dim": shape.width,
        "hidden_dim": shape.inner,
        "n_heads": shape.heads,
        "n_layers": shape.layers,
        "max_position_embeddings": shape.positions,
        "vocab_size": shape.vocabulary,
        "pad_token_id": 0,
    }
    pooling = {
        "word_embedding_dimension": shape.width,
        "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": True,
        "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False,
    }
    dense = {
        "in_features": shape.width,
        "out_features": size.dimensions,
        "bias": False,
        "activation_function": "torch.nn.modules.linear.Identity",
    }
    special = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]"}
    special |= {"cls_token": "[CLS]", "mask_token": "[MASK]"}
    models = "sentence_transformers.models"
    return {
        "modules.json": _modules(
            ("0", "", f"{models}.Transformer"),
            ("1", "1_Pooling", f"{models}.Pooling"),
            ("2", "2_Dense", f"{models}.Dense"),
        ),
        "config_sentence_transformers.json": "{}",
        "sentence_bert_config.json": json.dumps({"max_seq_length": 128, "do_lower_case": False}),
        "config.json": json.dumps(config, indent=1),
        "vocab.txt": "\n".join(_word_pieces()) + "\n",
        "special_tokens_map.json": json.dumps(special),
        "tokenizer_config.json": json.dumps(
            {
                "tokenizer_class": "DistilBertTokenizer",
                "do_lower_case": False,
                "model_max_length": 512,
                **special,
            }
        ),
        "1_Pooling/config.json": json.dumps(pooling, indent=1),
        "2_Dense/config.json": json.dumps(dense, indent=1),
    }


def _modules(*modules: tuple[str, str, str]) -> str:
    return json.dumps(
        [
            {"idx": index, "name": name, "path": path, "type": kind}
            for index, (name, path, kind) in enumerate(modules)
        ],
        indent=1,
    )


def _caption_vocabulary() -> dict[str, int]:
    """CLIP's byte-level vocabulary without merges: every byte, inside a word and at its end."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    characters = [chr(code) for code in printable]
    characters += [chr(256 + extra) for extra in range(256 - len(printable))]
    words = [*characters, *(f"{character}</w>" for character in characters)]
    return {word: index for index, word in enumerate([*words, "<|startoftext|>", "<|endoftext|>"])}


def _word_pieces() -> list[str]:
    """Word pieces of single characters: Latin to Arabic, kana, common Chinese characters."""
    joined = [chr(code) for span in ((33, 0x700), (0x3040, 0x3100)) for code in range(*span)]
    joined = [character for character in joined if character.isprintable()]
    chinese = [chr(code) for code in range(0x4E00, 0xA000)]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    return [*special, *joined, *(f"##{character}" for character in joined), *chinese]
