"""Self-calibration: how sure chance makes unrelated pairs here, and which edits are still found.

    sampling.py    which contents are edited, and which are strangers to one another
    planning.py    which content gets which edit, which pairs are compared
    workers.py     cutting, editing, comparing, in processes
    judging.py     a match held against the truth
    tail.py        odds out of what chance did
    figures.py     what a calibration found
    run.py         all of it, in order
    store.py       calibrations in PostgreSQL, and the odds in force
    recall.py      whether recall fell
    curve.py       a picture of the tail

Belongs here: measuring vidpipe's own comparison on the contents of this installation.
Does not: comparing (vidpipe.reuse.comparison), editing (vidpipe.reuse.editing).
"""
