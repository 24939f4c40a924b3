"""An editor of videos: copies of known footage, edited as people edit it, and what is true of them.

    catalogue.py    edits by name, with random amounts
    edit.py         one edit, or several joined
    copying.py      a file and an edit become a file and its truth
    truth.py        which stretch, which part of the frame, which verdict
    timetable.py    what is shown when
    placement.py    where the picture lies in the frame
    steps.py overlays.py frames.py    what is done to pictures
    playback.py encoding.py           reading and writing them

Belongs here: making copies whose truth is known, so that finding them can be measured.
Does not: finding them, measuring (the project's benchmarks).
"""
