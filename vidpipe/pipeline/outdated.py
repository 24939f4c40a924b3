"""What was made under other settings than today's, and what making it anew would take.

Belongs here: the dates, the items of each stage, hours by measured rates, bytes to read.
Does not: making it anew (vidpipe.pipeline.recompute), when that happens (vidpipe.automation).

Frames that are still to be chosen cannot be counted: the stages that read them count the frames
that are there now.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from vidpipe.pipeline.measured_work import seconds_an_item
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.stores.lake import FOOTAGE_PRINTS, KEYFRAMES, RAW_VIDEOS, TABLES
from vidpipe.uploads.registry.pending_dates import outdated_dates

DATES_AT_ONCE = 60


@dataclass
class OutdatedWork:
    """What was made under other settings, and what making it anew would take.

    Attributes:
        dates: ingest dates that were published so, oldest first.
        items: number of such results by stage; stages without any are left out. Where there are
            none, because settings of before are in force again, the dates are only published anew.
        upload_bytes: size of the uploads that would be read again.
        seconds: time by measured rates; None where a stage has not been measured here.
    """

    dates: list[date] = field(default_factory=list)
    items: dict[str, int] = field(default_factory=dict)
    upload_bytes: int = 0
    seconds: float | None = 0.0

    def __str__(self) -> str:
        if not self.dates:
            return "everything was made under the settings in force"
        told = (
            f"{len(self.dates)} dates ({self.dates[0]} to {self.dates[-1]}) were made under other "
            "settings; vidpipe refresh would "
        )
        if not self.items:
            return told + "publish them anew, without computing anything"
        counts = ", ".join(f"{count} results of {stage}" for stage, count in self.items.items())
        time = "a time that was not measured here yet"
        if self.seconds is not None:
            hours = self.seconds / 3600
            time = f"about {hours:.1f} hours" if hours >= 0.1 else f"about {self.seconds:.0f} s"
        return (
            f"{told}make anew {counts}, read {self.upload_bytes / 1e6:.1f} MB of uploads, and take "
            f"{time}"
        )


def outdated_work(
    pipeline: Pipeline, session: Session, days: Sequence[date] | None = None
) -> OutdatedWork:
    """What was made under other settings.

    Args:
        pipeline: the stages under the settings in force.
        session: its connection is used.
        days: only of these ingest dates; of all when omitted.

    Raises:
        ModelUnavailable: today's model is not known.
    """
    found = outdated_dates(session.connection, pipeline.in_force)
    work = OutdatedWork([day for day in found if days is None or day in days])
    passes: Counter[str] = Counter()
    for group in _groups(work.dates):
        snapshot = pipeline.snapshot(session, group)
        sizes = snapshot.registered.select("upload_id", "fingerprint", "size_bytes")
        for table in TABLES:
            outdated = snapshot.outdated(table)
            if outdated.is_empty():
                continue
            work.items[table.name] = work.items.get(table.name, 0) + outdated.height
            if table is FOOTAGE_PRINTS:  # those of new keyframes are made in the same pass
                outdated = outdated.join(
                    snapshot.outdated(KEYFRAMES), on=table.key_columns, how="anti"
                )
            passes[table.name] += outdated.height
            if table in (RAW_VIDEOS, KEYFRAMES, FOOTAGE_PRINTS):
                read = sizes.join(outdated, on=["upload_id", "fingerprint"], how="semi")
                work.upload_bytes += int(read.select(pl.col("size_bytes").sum()).item())
    work.seconds = _seconds(passes, seconds_an_item(session.connection))
    return work


def _seconds(passes: Mapping[str, int], rates: Mapping[str, float]) -> float | None:
    """Time that so many items of each stage take; None where a stage has not been measured here.

    A pass for a footage print alone takes no longer than one for keyframes and print.
    """
    measured = dict(rates)
    if KEYFRAMES.name in measured:
        measured.setdefault(FOOTAGE_PRINTS.name, measured[KEYFRAMES.name])
    taken = [stage for stage, count in passes.items() if count]
    if not measured.keys() >= set(taken):
        return None
    return sum((passes[stage] * measured[stage] for stage in taken), 0.0)


def _groups(days: Sequence[date]) -> Iterator[Sequence[date]]:
    for start in range(0, len(days), DATES_AT_ONCE):
        yield days[start : start + DATES_AT_ONCE]
