"""One calibration: a sample is edited, chance and recall are measured, the odds are put in force.

Belongs here: the order of it, and what is told on the way. Does not: single steps (the neighbours).

What cannot be read, edited or compared is left out with a sentence.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from vidpipe.errors import SettingsError, TooFewContents
from vidpipe.pipeline.contract import Item, Row, StageWorker
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.pipeline.workers.content_decoding import ContentDecoder
from vidpipe.reuse import store as comparisons
from vidpipe.reuse.calibration.figures import Calibration, EditedCopy, by_edit
from vidpipe.reuse.calibration.planning import (
    FEWEST_CONTENTS,
    HALVES,
    Effort,
    planned_copies,
    planned_pairs,
    planned_templates,
)
from vidpipe.reuse.calibration.sampling import (
    Sampled,
    Strangers,
    compared_contents,
    sampled_contents,
)
from vidpipe.reuse.calibration.store import record
from vidpipe.reuse.calibration.tail import USUAL, checked, fitted, needed_nats
from vidpipe.reuse.calibration.workers import (
    TEMPLATES_FILE,
    CopyFinder,
    Dresser,
    Piece,
    PieceCutter,
    StrangerComparer,
)
from vidpipe.reuse.candidates import FootageIndex
from vidpipe.reuse.candidates.kept_prints import PrintWriter
from vidpipe.reuse.comparison.gates import MOST_EXPECTED
from vidpipe.reuse.comparison.odds import Odds
from vidpipe.reuse.corpus_odds import pairs_of
from vidpipe.reuse.run import footage_index

PAIRS_A_BATCH = 8
BATCH_TIMEOUT_S = 600.0
PAIRS_WITHIN_S = 180.0
"""Long contents take long to compare: no further pair is begun after this."""
NAMED = 20
"""Things left out that are named; the others are counted."""


def calibrate(pipeline: Pipeline, session: Session, effort: Effort | None = None) -> Calibration:
    """Measures chance and recall on a sample of the contents, and puts the odds in force.

    Stored matches get the E-values that follow. The same corpus and effort measure the same.

    Args:
        pipeline: the stages under the settings in force.
        session: its connection and progress are used.
        effort: how much is done.

    Raises:
        SettingsError: nobody said where uploads are.
        TooFewContents: fewer than `FEWEST_CONTENTS` can be edited; nothing is stored.
    """
    if pipeline.settings.uploads_url is None:
        raise SettingsError("VIDPIPE_UPLOADS_URL is not set: there are no uploads to edit")
    with TemporaryDirectory(prefix="vidpipe-calibration-") as folder:
        found = _Calibrating(pipeline, session, effort or Effort(), Path(folder)).found()
    with comparisons.one_at_a_time(session.connection):
        record(session.connection, found, session.run_id)
    return found


class _Calibrating:
    """What the steps of one calibration share."""

    def __init__(self, pipeline: Pipeline, session: Session, effort: Effort, folder: Path) -> None:
        self._pipeline, self._session = pipeline, session
        self._effort, self._folder = effort, folder
        self._rng = np.random.default_rng(effort.seed)
        self._decoder = ContentDecoder.from_settings(pipeline.settings)
        self._left_out: list[str] = []

    def found(self) -> Calibration:
        """Everything that is measured."""
        began = time.perf_counter()
        connection, rng = self._session.connection, self._rng
        index = footage_index(self._pipeline)
        corpus = [content for content in compared_contents(connection) if content in index]
        pieces = self._pieces(sampled_contents(connection, corpus, rng))
        if len(pieces) < FEWEST_CONTENTS:
            raise TooFewContents(self._too_few(len(pieces), len(corpus)))
        strangers = Strangers(connection)
        usual = replace(USUAL, pairs=pairs_of(len(corpus)))
        measured = self._measured_pairs(pieces, corpus, strangers, index, usual)
        chance = [row for row in measured if not row["is_copy"]]
        one, other = ([r["surety"] for r in chance if r["half"] == half] for half in range(HALVES))
        tail = fitted(one)
        check = checked(tail, other)
        if not check.holds:
            tail = fitted([*one, *other])
        odds = tail.odds(usual.pairs)
        copies = self._copies(planned_copies(self._effort, pieces, strangers, rng), index, odds)
        return Calibration(
            contents=len(pieces),
            corpus=len(corpus),
            tail=tail,
            check=check,
            sureties=tuple(sorted(r["surety"] for r in chance if _is_in_tail(r["surety"]))),
            corpus_pairs=odds.pairs,
            needed_nats=needed_nats(odds, MOST_EXPECTED),
            edits=by_edit(copies),
            unknown_copies=tuple(
                sorted(
                    {(min(r["a"], r["b"]), max(r["a"], r["b"])) for r in measured if r["is_copy"]}
                )
            ),
            left_out=self._named(),
            seconds=time.perf_counter() - began,
        )

    def _pieces(self, sampled: Sequence[Sampled]) -> list[Piece]:
        """Cuts pieces until there are enough: some contents turn out not to be usable."""
        pieces: list[Piece] = []
        waiting = list(sampled)
        wanted = min(self._effort.contents, len(waiting))
        cutter = PieceCutter(self._decoder, str(self._folder))
        while waiting and (missing := wanted - len(pieces)) > 0:
            batch, waiting = waiting[:missing], waiting[missing:]
            items = [
                {
                    "content": one.content,
                    "upload_id": one.upload_id,
                    "share": float(self._rng.uniform(0, 1)),
                }
                for one in batch
            ]
            rows = self._rows("calibration: pieces", cutter, [[item] for item in items])
            pieces += [row["piece"] for row in rows if row["piece"] is not None]
        return sorted(pieces, key=lambda piece: piece.content)

    def _measured_pairs(
        self,
        pieces: Sequence[Piece],
        corpus: Sequence[str],
        strangers: Strangers,
        index: FootageIndex,
        usual: Odds,
    ) -> list[Row]:
        dresser = Dresser(self._decoder, str(self._folder))
        planned = planned_templates(pieces, self._rng)
        worn: dict[str, str] = {}
        kept = PrintWriter(self._folder / TEMPLATES_FILE)
        for row in self._rows("calibration: templates", dresser, [[item] for item in planned]):
            if row["footage_print"] is not None:
                kept.add(row["content"], row["footage_print"])
                worn[row["content"]] = row["template"]
        kept.close()
        contents = [piece.content for piece in pieces]
        pairs = planned_pairs(self._effort, contents, corpus, worn, strangers, self._rng)
        batches = [
            pairs[start : start + PAIRS_A_BATCH] for start in range(0, len(pairs), PAIRS_A_BATCH)
        ]
        comparer = StrangerComparer(str(index.folder), index.names, str(self._folder), usual)
        return list(self._rows("calibration: chance", comparer, batches, within_s=PAIRS_WITHIN_S))

    def _copies(self, planned: Sequence[Item], index: FootageIndex, odds: Odds) -> list[EditedCopy]:
        finder = CopyFinder(self._decoder, str(self._folder), str(index.folder), index.names, odds)
        rows = self._rows("calibration: copies", finder, [[item] for item in planned])
        return [EditedCopy(**row["copy"]) for row in rows if row["copy"] is not None]

    def _rows(
        self,
        step: str,
        worker: StageWorker,
        batches: Sequence[list[Item]],
        *,
        within_s: float = float("inf"),
    ) -> Iterator[Row]:
        """The rows of all items; what was left out is noted."""
        ends = time.monotonic() + within_s

        def in_time() -> Iterator[list[Item]]:
            for batch in batches:
                if time.monotonic() > ends:
                    return
                yield batch

        done = 0
        for outcome in self._pipeline.engine.run(
            worker,
            in_time(),
            workers=self._pipeline.settings.workers,
            timeout_s=BATCH_TIMEOUT_S,
        ):
            done += 1
            if self._session.progress:
                self._session.progress(step, done, len(batches))
            if outcome.rows is None:
                self._left_out.append(f"{step.partition(': ')[2]}: {outcome.error}")
                continue
            for row in outcome.rows:
                if row.get("reason"):
                    self._left_out.append(row["reason"])
                yield row

    def _too_few(self, usable: int, corpus: int) -> str:
        why = f" ({'; '.join(self._named())})" if self._left_out else ""
        return (
            f"{usable} contents can be edited, of {corpus} that were compared, and a calibration "
            f"needs {FEWEST_CONTENTS}: nothing was calibrated, and the odds stay as they were{why}"
        )

    def _named(self) -> tuple[str, ...]:
        more = len(self._left_out) - NAMED
        return (*self._left_out[:NAMED], *([f"and {more} more"] if more > 0 else []))


def _is_in_tail(surety: Any) -> bool:
    return surety is not None and surety >= USUAL.start_nats
