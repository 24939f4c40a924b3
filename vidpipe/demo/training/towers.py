"""The transformers of the demo pair: making them, running them, saving them as published.

Belongs here: torch modules in the shapes that the pair's files describe, half-precision weights.
Does not: learning (contrastive.py, distillation.py), what the files say
(vidpipe.models.pair_layout).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vidpipe.demo.training.optimizer import set_first_weights
from vidpipe.demo.training.vocabulary import byte_level_vocabulary, word_pieces
from vidpipe.models.bundled_pair import IMAGE_FOLDER, TEXT_FOLDER
from vidpipe.models.pair_layout import (
    PairSize,
    TransformerSize,
    image_model_files,
    text_model_files,
    write_folder,
)

LONGEST_TEXT = 77
FIRST_TEMPERATURE = 0.07
WEIGHTS = "model.safetensors"


@dataclass
class Towers:
    """Both models in the form in which they are trained.

    Attributes:
        size: their shapes.
        image_files: files of the image model beside its weights.
        text_files: files of the text model beside its weights.
        clip: transformers' CLIPModel: image tower and English text tower.
        distilbert: transformers' DistilBertModel.
        dense: from its mean token to the common space.
        device: where they are.
    """

    size: PairSize
    image_files: dict[str, str]
    text_files: dict[str, str]
    clip: Any
    distilbert: Any
    dense: Any
    device: Any
    _caption_tokenizer: Any = None
    _piece_tokenizer: Any = None

    @classmethod
    def fresh(cls, seed: int) -> "Towers":
        """Makes towers with random weights; on a GPU where there is one."""
        import torch
        from transformers import CLIPConfig, CLIPModel, DistilBertConfig, DistilBertModel

        vocabulary, merges = byte_level_vocabulary()
        pieces = word_pieces()
        size = PairSize(
            vision=TransformerSize(192, 3, 6, 768),
            caption=TransformerSize(128, 4, 3, 512, len(vocabulary), LONGEST_TEXT),
            multilingual=TransformerSize(160, 4, 4, 640, len(pieces), 128),
            image_px=112,
            patch_px=16,
            activation="gelu",
        )
        image_files = image_model_files(size, vocabulary, merges)
        text_files = text_model_files(size, pieces, lower_case=True)
        torch.manual_seed(seed)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        towers = cls(
            size=size,
            image_files=image_files,
            text_files=text_files,
            clip=CLIPModel(CLIPConfig(**json.loads(image_files["0_CLIPModel/config.json"]))),
            distilbert=DistilBertModel(DistilBertConfig(**json.loads(text_files["config.json"]))),
            dense=torch.nn.Linear(size.multilingual.width, size.dimensions, bias=False),
            device=device,
        )
        for module in (towers.clip, towers.distilbert, towers.dense):
            module.to(device)
        set_first_weights(towers.clip.vision_model)
        towers.clip.logit_scale.data.fill_(log(1 / FIRST_TEMPERATURE))
        towers._caption_tokenizer = _tokenizer(image_files, "0_CLIPModel")
        towers._piece_tokenizer = _tokenizer(text_files, "")
        return towers

    def images(self, pixels: Any, patches: float = 1.0) -> Any:
        """Computes unit vectors of prepared images (rows, 3, side, side): (rows, dimensions).

        Args:
            pixels: the images.
            patches: share of each image's patches, drawn at random, that the tower sees.
        """
        from torch.nn.functional import normalize

        vision = self.clip.vision_model
        tokens = vision.embeddings(pixels)
        if patches < 1:
            tokens = _some(tokens, patches)
        hidden = vision.encoder(inputs_embeds=vision.pre_layrnorm(tokens)).last_hidden_state
        pooled = vision.post_layernorm(hidden[:, 0])
        return normalize(self.clip.visual_projection(pooled), dim=-1)

    def captions(self, texts: Sequence[str]) -> Any:
        """Computes unit vectors of English texts by the image model's own text tower."""
        from torch.nn.functional import normalize

        tokens = self._tokens(self._caption_tokenizer, texts)
        pooled = self.clip.text_model(**tokens).pooler_output
        return normalize(self.clip.text_projection(pooled), dim=-1)

    def multilingual(self, texts: Sequence[str]) -> Any:
        """Computes unit vectors of texts in any of the languages by the multilingual text tower."""
        from torch.nn.functional import normalize

        tokens = self._tokens(self._piece_tokenizer, texts)
        hidden = self.distilbert(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        return normalize(self.dense(mean), dim=-1)

    def load(self, folder: Path) -> None:
        """Takes over the weights that `save` wrote below a folder."""
        from safetensors.torch import load_file

        clip = load_file(folder / IMAGE_FOLDER / "0_CLIPModel" / WEIGHTS)
        dense = load_file(folder / TEXT_FOLDER / "2_Dense" / WEIGHTS)
        self.clip.load_state_dict(clip)
        self.distilbert.load_state_dict(load_file(folder / TEXT_FOLDER / WEIGHTS))
        self.dense.weight.data.copy_(dense["linear.weight"])

    def save(self, folder: Path) -> tuple[Path, Path]:
        """Writes both model folders below `folder`, in half precision."""
        image_folder, text_folder = folder / IMAGE_FOLDER, folder / TEXT_FOLDER
        write_folder(image_folder, self.image_files, {"0_CLIPModel": _half(self.clip)})
        write_folder(
            text_folder,
            self.text_files,
            {"": _half(self.distilbert), "2_Dense": _half(self.dense, "linear.")},
        )
        return image_folder, text_folder

    def _tokens(self, tokenizer: Any, texts: Sequence[str]) -> dict[str, Any]:
        tokens = tokenizer(
            list(texts), padding=True, truncation=True, max_length=LONGEST_TEXT, return_tensors="pt"
        )
        return {name: tokens[name].to(self.device) for name in ("input_ids", "attention_mask")}


def _some(tokens: Any, share: float) -> Any:
    """Keeps the first token of every row and a random share of the others."""
    import torch

    rows, count, width = tokens.shape
    order = torch.rand(rows, count - 1, device=tokens.device).argsort(1) + 1
    kept = order[:, : round((count - 1) * share), None].expand(-1, -1, width)
    return torch.cat([tokens[:, :1], tokens.gather(1, kept)], dim=1)


def _tokenizer(files: dict[str, str], part: str) -> Any:
    """The tokenizer that loading the written folder will give."""
    from transformers import AutoTokenizer

    with TemporaryDirectory() as folder:
        write_folder(Path(folder) / "model", files, {})
        return AutoTokenizer.from_pretrained(Path(folder) / "model" / part)


def _half(module: Any, prefix: str = "") -> dict[str, Any]:
    """The weights in half precision, without position numbers, which loading makes itself."""
    return {
        prefix + name: tensor.detach().cpu().half().contiguous().numpy()
        for name, tensor in module.state_dict().items()
        if tensor.is_floating_point()
    }
