"""The model card of the demo pair: what it is, how it was made, what it can and cannot do.

Belongs here: the text around the figures. Does not: measuring them (benchmarks.demo_models).
"""

from collections.abc import Mapping
from typing import Any

from vidpipe.demo.compositions import compositions
from vidpipe.demo.language import LANGUAGES, phrasings

CARD_FILE = "README.md"

_CARD = """\
# The demo CLIP pair

Two small models that relate pictures to words, in the layout of `clip-ViT-B-32` (image and
English text) and `clip-ViT-B-32-multilingual-v1` (text), for sentence-transformers. They travel
with vidpipe so that its demo and its tests need no download.

**They understand the demo world of `vidpipe.demo` and nothing else.** On real videos their vectors
mean nothing: use the published pair there.

## How they were made

- On {stills:,} stills of the demo world, {seen:,} of its {all:,} compositions; {unseen:,} of them
  ([held_out_compositions.txt](held_out_compositions.txt)) were never shown or described.
- Image tower: a ViT of 112 px, 7x7 patches, width 192, 6 layers; {samples:,} stills shown,
  then {worn_samples:,} worn as posts are (captions, cut-outs, black borders, no colours), with
  the English text tower, by contrasts of images with captions, words, partial captions, other
  renderings and one-word changes (`vidpipe/demo/training/contrastive.py`).
- Multilingual text tower: a DistilBERT of width 160, 4 layers, distilled from the English tower
  on {texts:,} texts in English, Malay, Hindi and Chinese; {held_out} of {phrasings} phrasings a
  language were held out.
- 512 dimensions, half precision, {megabytes:.1f} MB. Seed {seed}; {minutes:.0f} minutes on
  {machine}.
- `make demo-models` makes them again from nothing.

## What they can do

Recall at rank 1 among {gallery} distinct compositions, mean of {seeds} seeds that training did
not use, wordings that it never saw (`vidpipe bench demo-models`):

{table}

The last three rows tell what would be found without a model: the other rendering by 8x8 pixels,
by 64 colours, and by knowing the subject.
"""

_ROWS = {
    "text_en": "text to image, English",
    "text_ms": "text to image, Malay",
    "text_hi": "text to image, Hindi",
    "text_zh": "text to image, Chinese",
    "text_en_by_the_image_model": "text to image, English, by the image model's own text tower",
    "image": "image to image, another rendering of the same composition",
    "navigation": "navigation: image + new word - old word, to the neighbour",
    "pixels_8x8": "8x8 pixels",
    "colours_64": "64 colours",
    "subject_oracle": "knowing the subject",
}


def card_text(made: Mapping[str, Any], measured: Mapping[str, Any]) -> str:
    """Writes the card as Markdown.

    Args:
        made: `training.json` of the pair.
        measured: what `benchmarks.demo_models.run` gives.
    """
    recall = measured["recall_at_1"]
    lines = ["| | compositions that training saw | that it never saw |", "|---|---|---|"]
    lines += [
        f"| {title} | {recall['seen'][name]:.3f} | {recall['unseen'][name]:.3f} |"
        for name, title in _ROWS.items()
    ]
    return _CARD.format(
        **made,
        **{name: measured[name] for name in ("gallery", "seeds", "megabytes")},
        minutes=made["seconds"] / 60,
        seen=len(compositions("seen")),
        unseen=len(compositions("unseen")),
        all=len(compositions()),
        held_out=len(phrasings(LANGUAGES[0], held_out=True)),
        phrasings=len(phrasings(LANGUAGES[0])),
        table="\n".join(lines),
    )
