"""Comparing the contents of ingest dates with all that were compared before.

Belongs here: which contents are new, in which order pairs are compared, what is written when.
Does not: comparing a pair (vidpipe.reuse.comparison), rows (vidpipe.reuse.store), Dagster
(vidpipe.assets.reused_footage).

A pair belongs to the content that is compared later: each pair is compared once, whatever date is
run first. What is written is written in waves, so that a killed run goes on where it was.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from vidpipe.errors import VidpipeError
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.reuse import store
from vidpipe.reuse.candidates import FootageIndex
from vidpipe.reuse.candidates.index import Stored
from vidpipe.reuse.common_segments import without_common
from vidpipe.reuse.corpus_odds import odds_in_force
from vidpipe.reuse.footage import print_of_track
from vidpipe.reuse.matches import Match
from vidpipe.reuse.store import ComparedContent, Outcome
from vidpipe.reuse.version import comparison_version
from vidpipe.reuse.worker import ComparisonWorker
from vidpipe.stores.lake import RAW_VIDEOS, Lake
from vidpipe.stores.stored_prints import listed_prints, read_prints

WAVE = 256
"""Contents that are compared before what was found is written."""
UNDECODED = "it has no footage print: it could not be decoded, as vidpipe.video_failures says"
BATCH = 4
BATCH_TIMEOUT_S = 3600.0


@dataclass
class ReuseRun:
    """What became of a run.

    Attributes:
        contents: number of contents by outcome.
        pairs: number of pairs that were compared.
        matches: number of matches by verdict.
        new_copies: pairs of contents that were no copies before.
        seconds: how long it took.
    """

    contents: dict[str, int] = field(default_factory=dict)
    pairs: int = 0
    matches: dict[str, int] = field(default_factory=dict)
    new_copies: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0


def index_folder(pipeline: Pipeline) -> Path:
    """Where the index of footage is kept on this machine."""
    return pipeline.settings.home / "cache" / "footage"


def footage_index(pipeline: Pipeline) -> FootageIndex:
    """The index of all prints that the lake holds; made where it is missing.

    Raises:
        StoreError: the lake cannot be read.
    """
    return _index_of(pipeline, listed_prints(pipeline.lake, pipeline.footage_prints.version))


def _index_of(pipeline: Pipeline, prints: pl.DataFrame) -> FootageIndex:
    """The index of listed prints."""
    version = pipeline.footage_prints.version
    stored = [
        Stored(content, day, f"{made_by} {made_at}")
        for content, day, made_by, made_at in prints.iter_rows()
    ]
    return FootageIndex.synchronised(
        index_folder(pipeline),
        stored,
        lambda contents: stored_values(pipeline.lake, version, contents),
    )


def stored_values(
    lake: Lake, version: str, contents: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The prints of contents in one form, also of those that have only a hash track."""
    sizes: dict[str, tuple[int, int]] | None = None
    for one in read_prints(lake, version, contents):
        if one.footage_print is not None:
            yield one.content_sha256, one.footage_print
        elif one.hash_track is not None:
            sizes = _sizes(lake, contents) if sizes is None else sizes
            width_px, height_px = sizes.get(one.content_sha256, (0, 0))
            yield one.content_sha256, print_of_track(one.hash_track, width_px, height_px)


def compare_dates(
    pipeline: Pipeline, session: Session, days: Sequence[date], *, again: bool = False
) -> ReuseRun:
    """Compares what was ingested on these dates and has not been compared yet.

    Contents whose print was made anew are compared again.

    Args:
        pipeline: the stages under the settings in force.
        session: its connection and progress are used.
        days: ingest dates.
        again: compares all contents of these dates, also those that were compared before.

    Raises:
        VidpipeError: a comparison could not be made; what was written before is kept.
    """
    began = time.perf_counter()
    run = ReuseRun()
    with store.one_at_a_time(session.connection):
        prints = listed_prints(pipeline.lake, pipeline.footage_prints.version)
        known = store.stored_contents(session.connection)
        versions = _versions(prints)
        of_dates = pipeline.snapshot(session, days).contents["content_sha256"].unique().sort()
        fresh = [
            content
            for content in of_dates
            if again
            or content not in known
            or known[content].content.print_version != versions.get(content)
        ]
        if fresh:
            _compare(pipeline, session, fresh, prints, set(known) - set(fresh), run)
    run.seconds = time.perf_counter() - began
    return run


def _compare(
    pipeline: Pipeline,
    session: Session,
    fresh: Sequence[str],
    prints: pl.DataFrame,
    known: set[str],
    run: ReuseRun,
) -> None:
    index, versions = _index_of(pipeline, prints), _versions(prints)
    odds = odds_in_force(session.connection, contents=len(known) + len(fresh))
    done = 0
    for start in range(0, len(fresh), WAVE):
        wave = fresh[start : start + WAVE]
        with_print = [content for content in wave if content in versions and content in index]
        worker = ComparisonWorker(
            folder=str(index.folder),
            segments=index.names,
            earlier=frozenset(known),
            wave=frozenset(with_print),
            versions=tuple((content, versions[content]) for content in with_print),
            odds=odds,
        )
        contents = [
            _without_print(content, index.unreadable.get(content, UNDECODED))
            for content in wave
            if content not in with_print
        ]
        matches: list[Match] = []
        batches = [
            [{"content_sha256": content} for content in with_print[place : place + BATCH]]
            for place in range(0, len(with_print), BATCH)
        ]
        for outcome in pipeline.engine.run(
            worker, batches, workers=pipeline.settings.workers, timeout_s=BATCH_TIMEOUT_S
        ):
            if outcome.rows is None:
                raise VidpipeError(
                    f"the footage of {outcome.items[0]['content_sha256']} and "
                    f"{len(outcome.items) - 1} others could not be compared: {outcome.error}"
                ) from outcome.error
            for row in outcome.rows:
                contents.append(row["content"])
                matches += row["matches"]
                run.pairs += row["pairs"]
            done += len(outcome.rows)
            if session.progress:
                session.progress("reused_footage", done, len(fresh))
        _write(session, contents, matches, fresh[start + WAVE :], run)
        known |= set(wave)


def _versions(prints: pl.DataFrame) -> dict[str, str]:
    """Stage version of each content's print."""
    return dict(prints.select("content_sha256", "stage_version").iter_rows())


def _write(
    session: Session,
    contents: Sequence[ComparedContent],
    matches: list[Match],
    pending: Sequence[str],
    run: ReuseRun,
) -> None:
    """Stores a wave; what many contents share, and so is no copy any more, is judged anew."""
    own = {one.content for one in contents}
    around = sorted({content for match in matches for content in (match.a, match.b)} | own)
    stored = [
        match
        for match in store.matches_among(session.connection, around)
        if match.a not in own and match.b not in own
    ]
    judged = without_common([*matches, *stored])
    changed = [
        new for new, old in zip(judged[len(matches) :], stored, strict=True) if new is not old
    ]
    written = store.write_comparisons(
        session.connection,
        contents,
        judged[: len(matches)],
        comparison_version(),
        judged_anew=changed,
        pending=pending,
        dagster_run_id=session.run_id,
    )
    run.new_copies += written.new_copies
    for one in contents:
        run.contents[one.outcome] = run.contents.get(one.outcome, 0) + 1
    for match in judged[: len(matches)]:
        run.matches[match.verdict] = run.matches.get(match.verdict, 0) + 1


def _without_print(content: str, reason: str) -> ComparedContent:
    return ComparedContent(
        content,
        Outcome.NO_PRINT,
        samples=0,
        effective_duration_s=None,
        print_version=None,
        reason=reason,
    )


def _sizes(lake: Lake, contents: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Width and height (px) of the upright frame of contents, as their containers say."""
    rows = (
        lake.scan(RAW_VIDEOS)
        .filter(pl.col("content_sha256").is_in(list(contents)), pl.col("probe").is_not_null())
        .select(
            "content_sha256",
            pl.col("probe").struct.field("width_px"),
            pl.col("probe").struct.field("height_px"),
        )
        .drop_nulls()
        .collect()
    )
    return {content: (width, height) for content, width, height in rows.iter_rows()}
