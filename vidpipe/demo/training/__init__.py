"""How the demo CLIP pair is made, from nothing, on pictures of the demo world alone.

    python -m vidpipe.demo.training --out FOLDER        (`make demo-models`)

    vocabulary.py    tokenizers from the demo world's descriptions
    examples.py      stills and texts of compositions that training may see
    towers.py        the three transformers, and writing them in the published layout
    contrastive.py   image tower and English text tower, together
    optimizer.py     first weights of the image tower, steps
    distillation.py  the multilingual text tower, from the English one
    model_card.py    what the pair is, can do and cannot do

Nothing outside this package imports it.
"""
