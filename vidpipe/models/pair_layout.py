"""The files of a CLIP pair as published for sentence-transformers, around given weights.

Belongs here: configuration, tokenizer and module files of `clip-ViT-B-32` and
`clip-ViT-B-32-multilingual-v1`, for towers of any size; writing a model folder whole or not at all.
Does not: the weights, or loading a pair (vidpipe.models.clip).

Written with plain files, so that no torch is imported.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vidpipe.models.whole_folder import whole_folder

Tensors = dict[str, np.ndarray[Any, Any]]

START, END = "<|startoftext|>", "<|endoftext|>"  # of CLIP's own text tower
SPECIAL_PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
IMAGE_MEAN = (0.48145466, 0.4578275, 0.40821073)
IMAGE_DEVIATION = (0.26862954, 0.26130258, 0.27577711)


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
    """Shapes of the three transformers of a pair, of its images and of its common space.

    Attributes:
        vision: sizes of the image tower.
        caption: sizes of the text tower that belongs to the image model (English).
        multilingual: sizes of the text model.
        image_px: side of the square that the image tower sees.
        patch_px: side of the patches that it is cut into.
        activation: activation function of the image model's two towers.
        dimensions: number of dimensions of the common space.
    """

    vision: TransformerSize
    caption: TransformerSize
    multilingual: TransformerSize
    image_px: int = 224
    patch_px: int = 32
    activation: str = "quick_gelu"
    dimensions: int = 512


def write_folder(folder: Path, files: Mapping[str, str], tensors: Mapping[str, Tensors]) -> None:
    """Writes a model folder, whole or not at all; one that exists is left as it is.

    Args:
        folder: where it shall stand.
        files: content by path.
        tensors: weights of each part by the part's folder ("" for the model's own).
    """
    from safetensors.numpy import save_file

    if folder.is_dir():
        return
    with whole_folder(folder) as temporary:
        for name, text in files.items():
            target = temporary / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        for part, values in tensors.items():
            save_file(values, temporary / part / "model.safetensors", metadata={"format": "pt"})
        temporary.chmod(0o755)


def image_model_files(
    size: PairSize, words: Mapping[str, int], merges: Sequence[str]
) -> dict[str, str]:
    """Files of the image model beside its weights, by path.

    Args:
        size: shapes of its towers.
        words: token numbers of the text tower's byte-level vocabulary.
        merges: its merge rules, in order ("t a" makes "ta").
    """
    special = {"bos_token": START, "eos_token": END}
    special |= {"pad_token": END, "unk_token": END}
    tokenizer = {
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": size.caption.positions,
        **special,
    }
    part = "0_CLIPModel"
    return {
        "modules.json": _modules(("0", part, "sentence_transformers.models.CLIPModel")),
        "config_sentence_transformers.json": "{}",
        f"{part}/config.json": json.dumps(_clip_config(size, words), indent=1),
        f"{part}/preprocessor_config.json": json.dumps(_image_processor(size), indent=1),
        f"{part}/vocab.json": json.dumps(dict(words), ensure_ascii=False),
        f"{part}/merges.txt": "\n".join(["#version: 0.2", *merges]) + "\n",
        f"{part}/special_tokens_map.json": json.dumps(special),
        f"{part}/tokenizer_config.json": json.dumps(tokenizer),
    }


def _clip_config(size: PairSize, words: Mapping[str, int]) -> dict[str, Any]:
    vision, caption = size.vision, size.caption
    return {
        "architectures": ["CLIPModel"],
        "model_type": "clip",
        "projection_dim": size.dimensions,
        "logit_scale_init_value": 2.6592,
        "dtype": "float32",
        "text_config": {
            "model_type": "clip_text_model",
            "hidden_size": caption.width,
            "intermediate_size": caption.inner,
            "num_attention_heads": caption.heads,
            "num_hidden_layers": caption.layers,
            "max_position_embeddings": caption.positions,
            "vocab_size": caption.vocabulary,
            "projection_dim": size.dimensions,
            "hidden_act": size.activation,
            "bos_token_id": words[START],
            "eos_token_id": words[END],
            "pad_token_id": words[END],
        },
        "vision_config": {
            "model_type": "clip_vision_model",
            "hidden_size": vision.width,
            "intermediate_size": vision.inner,
            "num_attention_heads": vision.heads,
            "num_hidden_layers": vision.layers,
            "image_size": size.image_px,
            "patch_size": size.patch_px,
            "hidden_act": size.activation,
            "projection_dim": size.dimensions,
        },
    }


def _image_processor(size: PairSize) -> dict[str, Any]:
    return {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": size.image_px},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": size.image_px, "width": size.image_px},
        "do_rescale": True,
        "do_normalize": True,
        "do_convert_rgb": True,
        "image_mean": IMAGE_MEAN,
        "image_std": IMAGE_DEVIATION,
    }


def text_model_files(
    size: PairSize, pieces: Sequence[str], *, lower_case: bool = False
) -> dict[str, str]:
    """Files of the multilingual text model beside its weights, by path.

    Args:
        size: shapes of its towers.
        pieces: the vocabulary of word pieces, `SPECIAL_PIECES` first.
        lower_case: whether texts are made lower case; marks above and below letters stay (Hindi
            writes its vowels so).
    """
    shape = size.multilingual
    config = {
        "architectures": ["DistilBertModel"],
        "model_type": "distilbert",
        "dtype": "float32",
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
        "vocab.txt": "\n".join(pieces) + "\n",
        "special_tokens_map.json": json.dumps(special),
        "tokenizer_config.json": json.dumps(
            {
                "tokenizer_class": "DistilBertTokenizer",
                "do_lower_case": lower_case,
                "strip_accents": False,
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
