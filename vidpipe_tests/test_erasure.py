"""Forgetting videos and accounts with all their versions: nothing of them stays anywhere.

The tests of this module share one installation and run in order.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from dagster import DagsterInstance

from vidpipe.erasure import Traces, erase, find_traces
from vidpipe.errors import UnknownName
from vidpipe.reuse.store import ComparedContent, Outcome, write_comparisons
from vidpipe.reuse.watching import raise_hits, watch
from vidpipe.settings import Settings
from vidpipe.stores.lake import FOOTAGE_PRINTS, KEYFRAMES, RAW_VIDEOS
from vidpipe_tests.clips import COLOURS, tiny_clip
from vidpipe_tests.installation import Installation, age
from vidpipe_tests.reuse.made_up_matches import match

DAYS = (date(2025, 3, 3), date(2025, 3, 4))
ALL_CONTENTS = "select distinct content_sha256 from vidpipe.contents"


def upload(installation: Installation, path: str, seed: int, video: str, handle: str) -> None:
    """A clip of one colour with its metadata; another seed makes other bytes.

    The channel of all handles but `bob` is one, which was renamed.
    """
    colours = COLOURS[seed % len(COLOURS) :][:1]
    clip = tiny_clip(installation.uploads / path, colours=colours, seed=seed)
    sidecar = clip.with_suffix(".info.json")
    said = {"id": video, "extractor_key": "Youtube", "description": f"clip {seed}"}
    channel = "UC-bob" if handle == "bob" else "UC-alice"
    said |= {"uploader": handle.title(), "uploader_id": f"@{handle}", "channel_id": channel}
    sidecar.write_text(json.dumps(said))
    age(clip)
    age(sidecar)


@pytest.fixture(scope="module")
def installation(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Two videos of one account, one of which has two versions on two dates; and another's.

    Each has keyframes of two settings.
    """
    folder = tmp_path_factory.mktemp("erasure")
    with DagsterInstance.ephemeral() as instance:
        made = Installation.make(module_database_settings, folder, instance)
        upload(made, f"{DAYS[0]}/a/first.mp4", 1, "1", "alice")
        upload(made, f"{DAYS[1]}/a/again.mp4", 2, "1", "alicia")
        upload(made, f"{DAYS[1]}/a/other.mp4", 3, "2", "alicia")
        upload(made, f"{DAYS[1]}/b/kept.mp4", 4, "3", "bob")
        made.run()
        other = made.under(keyframe_method="uniform")
        assert other.materialize(DAYS, {"keyframes": {"refresh": True}}).success
        compare(made)
        yield made


def compare(installation: Installation) -> None:
    """All contents are copies of one another, and each is watched for."""
    with installation.connect() as connection:
        contents = sorted(content for (content,) in installation.query(ALL_CONTENTS))
        said = [ComparedContent(one, Outcome.COMPARED, 9, 1.0, "v2") for one in contents]
        same = match("a", "b")
        pairs = [replace(same, a=a, b=b) for a, b in combinations(contents, 2)]
        write_comparisons(connection, said, pairs, "test")
        for content in contents:
            watch(connection, f"footage {content}", content)
        connection.execute("update vidpipe_ops.seen_videos set seen_at = now() + interval '1 hour'")
        assert len(raise_hits(connection)) == 3 * 4


def forget(installation: Installation, name: str) -> Traces:
    with installation.connect() as connection:
        session = installation.session(connection)
        traces = find_traces(installation.pipeline, session, name)
        erase(installation.pipeline, session, traces)
    return traces


def assert_gone(installation: Installation, traces: Traces, *words: str) -> None:
    """Nothing in PostgreSQL but tombstones, nothing in the lake, no picture."""
    names = [*traces.videos, *traces.contents, *traces.keyframes, *words]
    names += traces.uploads["upload_id"].to_list()
    assert len(names) > 4
    tables = installation.query(
        "select format('%%I.%%I', nspname, relname) from pg_class as c"
        " inner join pg_namespace as n on c.relnamespace = n.oid"
        " where nspname in ('vidpipe', 'vidpipe_ops') and relkind = 'r'"
        " and relname <> 'tombstones'"
    )
    for (table,) in tables:
        for name in names:
            held = installation.query(
                f"select t::text from {table} as t where strpos(t::text, %s) > 0", name
            )
            assert held == [], (table, name)
    lake = installation.pipeline.lake
    for table in (KEYFRAMES, FOOTAGE_PRINTS):
        kept = set(lake.scan(table).collect()["content_sha256"])
        assert kept
        assert not set(traces.contents) & kept
        files = Path(lake.url, table.name).rglob("*.parquet")
        written = {content for file in files for content in pl.read_parquet(file)["content_sha256"]}
        assert written == kept, "nothing is left in files of before"
    read = lake.scan(RAW_VIDEOS).collect()["upload_id"]
    assert not set(traces.uploads["upload_id"]) & set(read)
    assert traces.image_uris
    assert not any(Path(uri).exists() for uri in traces.image_uris)
    pictures = [str(path) for path in Path(installation.settings.media).rglob("*.jpg")]
    assert not [path for path in pictures if any(content in path for content in traces.contents)]


def shown(installation: Installation) -> list[tuple[str, int]]:
    """All videos with the number of their versions."""
    return [
        (str(video_id), int(versions))
        for video_id, versions in installation.query(
            "select v.video_id, count(*) from vidpipe.videos as v"
            " inner join vidpipe.video_versions as o on v.video_id = o.video_id"
            " group by v.video_id order by v.video_id"
        )
    ]


def test_a_forgotten_video_goes_with_all_its_versions(installation: Installation) -> None:
    assert shown(installation) == [("youtube:1", 2), ("youtube:2", 1), ("youtube:3", 1)]
    installation.query(
        "insert into vidpipe.former_video_ids (former_id, video_id)"
        " values ('youtube:0', 'youtube:1')"
        " returning 1"
    )
    traces = forget(installation, "youtube:0")
    assert traces.videos == ["youtube:1"]
    assert traces.uploads.height == len(traces.contents) == 2
    assert_gone(installation, traces, "youtube:0", "clip 1", "clip 2")
    assert shown(installation) == [("youtube:2", 1), ("youtube:3", 1)]


def test_an_earlier_version_does_not_come_back(installation: Installation) -> None:
    installation.register()
    if pending := installation.pending():
        assert installation.materialize(pending).success
    assert shown(installation) == [("youtube:2", 1), ("youtube:3", 1)]
    (unaccounted,) = installation.query(
        "select count(*) from vidpipe.upload_outcomes where outcome = 'unaccounted'"
    )
    assert unaccounted == (0,)


def test_a_forgotten_account_goes_as_a_whole(installation: Installation) -> None:
    with pytest.raises(UnknownName, match="carol is neither a video"):
        forget(installation, "carol")
    traces = forget(installation, "@alicia")
    assert [account.account_id for account in traces.accounts] == ["UC-alice"]
    assert_gone(installation, traces, "UC-alice", "alicia", "clip 3")
    assert shown(installation) == [("youtube:3", 1)]
    upload(installation, f"{DAYS[1]}/c/new.mp4", 5, "9", "alison")
    installation.run()
    assert shown(installation) == [("youtube:3", 1)]
