"""A world of videos whose truth is known, and a CLIP pair that understands it.

    compositions.py             what can be shown: subject, state, place, time, weather; the split
    language/                   descriptions in English, Malay, Hindi and Chinese
    sketch.py subjects/ places/ drawings
    weather.py lens.py scene.py a shot before a moving camera, or a still of it
    plan.py story.py …          accounts and their videos, planned
    captions.py edits.py video.py  frames and files
    world.py truth.py queries.py   an uploads folder, what is true of it, labelled queries
    gallery.py                  stills for retrieval, and recall at rank 1
    models/ training/           the demo CLIP pair, and how it was made

To build a gallery of one's own: `compositions.compositions(split)` lists them,
`scene.render_still` draws one from a seed, `language.describe` says what is seen.
"""
