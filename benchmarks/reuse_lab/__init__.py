"""A laboratory for reused footage: known copies and known strangers, as files and prints.

    python -m benchmarks.reuse_lab make --out DIR --videos ../shared/videos --demo-seeds 7001 7002
    python -m benchmarks.reuse_lab evaluate DIR

    shelf.py       what lies in a laboratory, and reading it
    gathering.py   pieces of real clips and of demo worlds
    copies.py      edited copies of sources
    strangers.py   unrelated videos that look alike: templates, intros, stills, slide shows
    making.py      all of it, in processes, where it was left off
    evaluation.py peers.py    what is found, and by others

Belongs here: making inputs once, so that comparisons can be tried without decoding anything again.
Does not: editing (vidpipe.reuse.editing), comparing (vidpipe.reuse.comparison).
"""
