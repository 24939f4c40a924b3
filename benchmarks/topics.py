"""How true topics are to what demo worlds show, and how they last from week to week.

    python -m benchmarks.topics [--videos 300] [--seeds 101 102 103] [--folder FOLDER]

Worlds are rendered by seeds that training did not use and taken through the whole pipeline; a topic
run is made of each. By world:

* `global`: adjusted Rand index of the contents' main topics against their subjects, share of
  contents in no topic, number of topics and of subjects. `share_error`: half of the sum of the
  differences between the shares of a video's frames and of its seconds, mean over the videos that
  show a topic. `two_subjects`: videos that show two subjects; of them, share with both topics,
  share of which a keyframe shows each (more cannot be found), and share with both among these.
* `generic_hashtags`: the same of topics when all hashtags are replaced by generic ones by chance.
* `speaker`: the account about one speaker. Share of its videos in its main topic (`account_focus`),
  share that a saved query "a speaker" finds above the calibrated cut-off (`concept_share`), truth
  of both; adjusted Rand index of its own topics against its settings; whether `account_activity`
  tells its peak week and since when it is silent.
* `by_hashtag_weight`: the adjusted Rand index with other weights of hashtags.

Of all worlds together, loaded into a scratch database:

* `weeks`: a tenth new videos after a first run, 30 of them (or as many as there are) of a subject
  that was not there before; three times. Share of the old videos in a topic that keep its id,
  adjusted Rand index of the second run and of a run without a past, precision and recall of the
  planted topic, and whether lineage calls it new.
* `reruns`: different results of 20 runs on the same videos, loaded in other orders, with one thread
  and with two.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
import psycopg
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from benchmarks.load import fresh_database
from benchmarks.search_quality import index, vidpipe
from benchmarks.topic_worlds import (
    WEEK,
    KnownVideo,
    known_videos,
    publish_videos,
    read_world,
    scratch_server,
    true_subjects,
    video_id,
)
from vidpipe.demo.queries import QUERIES
from vidpipe.settings import load_settings
from vidpipe.stores.database import connect
from vidpipe.topics import run as topic_run
from vidpipe.topics.corpus import Corpus, read_corpus
from vidpipe.topics.fit import TopicSettings, find_topics

VIDEOS = 300
SEEDS = (101,)
HASHTAG_WEIGHTS = (0.0, 0.2, 0.4, 0.6)
SPEAKER, SPEAKER_ROLE = "speaker", "one_speaker"
NEW_SHARE = 0.1
PLANTED = 30
DRAWS = 3
RERUNS = 20
GENERIC = (
    "fyp", "viral", "foryou", "trending", "breaking", "news", "video", "explore", "reels", "xyzbca"
)  # fmt: skip

MAIN_TOPICS = """
select v.video_id, m.topic_id
from vidpipe.videos as v
left join (
    select m.video_id, m.topic_id from vidpipe.video_topics as m
    inner join vidpipe.topics as t on m.run_no = t.run_no and m.topic_id = t.topic_id
    inner join vidpipe.topic_runs as r on m.run_no = r.run_no
    where r.is_current and m.is_main and t.account is not distinct from %s
) as m on v.video_id = m.video_id
"""


def run(
    videos: int = VIDEOS, seeds: Sequence[int] = SEEDS, folder: Path | None = None
) -> dict[str, Any]:
    """All figures; a `folder` keeps the worlds and their indexes."""
    with TemporaryDirectory() as own:
        homes = [(folder or Path(own)) / f"world-{seed}-{videos}" for seed in seeds]
        worlds = {}
        for seed, home in zip(seeds, homes, strict=True):
            index(home, videos, seed)
            worlds[seed] = of_world(home)
        known = known_videos(homes)
        for home in homes:
            vidpipe(home, "down")
    return {"videos": videos, "worlds": worlds, "weeks": weeks(known), "reruns": reruns(known)}


def of_world(home: Path) -> dict[str, Any]:
    """Figures of one indexed world, of a run that is made anew."""
    queries = str(home / "world" / QUERIES)
    vidpipe(home, "db", "upgrade")
    vidpipe(home, "evaluate", queries, "--calibrate", "--demo-models")
    vidpipe(home, "query", "save", SPEAKER, f"a {SPEAKER}", "--replace", "--demo-models")
    with connect(load_settings(home=home), autocommit=True) as connection:
        connection.execute(b"truncate vidpipe.topic_runs cascade")
        vidpipe(home, "topics", "run")
        corpus, truth = read_world(home)
        subjects = true_subjects(corpus, truth)
        return {
            "global": agreement(corpus, subjects, main_topics(connection))
            | {"share_error": share_error(connection, truth)}
            | {"two_subjects": two_subjects(connection, truth)},
            "generic_hashtags": {
                "adjusted_rand_index": _ari(
                    subjects,
                    find_topics(with_generic_hashtags(corpus), TopicSettings()).clustering.labels,
                )
            },
            "speaker": of_speaker(connection, truth),
            "by_hashtag_weight": {
                weight: _ari(
                    subjects,
                    find_topics(corpus, TopicSettings(words_weight=weight)).clustering.labels,
                )
                for weight in HASHTAG_WEIGHTS
            },
        }


def main_topics(
    connection: psycopg.Connection, account: str | None = None
) -> dict[str, int | None]:
    """Main topic of every post by the current run, of the corpus or within an account."""
    return dict(connection.execute(MAIN_TOPICS.encode(), [account]).fetchall())


def agreement(
    corpus: Corpus, subjects: Sequence[str], topics: dict[str, int | None]
) -> dict[str, Any]:
    """Topics of contents against subjects."""
    given = [topics[corpus.posts_of(row, None)[0].video_id] for row in range(len(corpus.contents))]
    return {
        "adjusted_rand_index": _ari(subjects, given),
        "in_no_topic": round(given.count(None) / len(given), 4),
        "topics": len({*given} - {None}),
        "subjects": len({*subjects}),
    }


def with_generic_hashtags(corpus: Corpus) -> Corpus:
    """The corpus, with the hashtags of every post that has some replaced by generic ones."""
    chance = random.Random(len(corpus.posts))
    posts = [
        replace(post, hashtags=tuple(chance.sample(GENERIC, chance.randint(1, 4))))
        if post.hashtags
        else post
        for post in corpus.posts
    ]
    return replace(corpus, posts=tuple(posts))


def share_error(connection: psycopg.Connection, truth: dict[str, Any]) -> float:
    """Mean over the videos; a topic stands for the subject of most of its videos."""
    found = _found_shares(connection, truth)
    errors = []
    for video in truth["videos"]:
        if video["video_id"] not in found:
            continue
        seconds, shares = _seconds(video), found[video["video_id"]]
        total = sum(seconds.values())
        errors.append(
            sum(abs(seconds[one] / total - shares[one]) for one in {*seconds, *shares}) / 2
        )
    return round(float(np.mean(errors)), 4)


def two_subjects(connection: psycopg.Connection, truth: dict[str, Any]) -> dict[str, Any]:
    """Videos that show two subjects, and whether they have both topics."""
    found = _found_shares(connection, truth)
    times: dict[str, list[float]] = {}
    for video_of, timestamp in connection.execute(
        b"select v.video_id, k.timestamp_s from vidpipe.videos as v"
        b" inner join vidpipe.keyframes as k on v.content_sha256 = k.content_sha256"
    ):
        times.setdefault(video_of, []).append(timestamp)
    has_both, could = [], []
    for video in truth["videos"]:
        subjects = {*_seconds(video)}
        if len(subjects) != 2 or video["video_id"] not in times:
            continue
        seen = {
            shot["composition"].split("/")[0]
            for shot in video["shots"]
            for timestamp in times[video["video_id"]]
            if shot["start_s"] <= timestamp < shot["end_s"]
        }
        has_both.append(subjects <= {*found.get(video["video_id"], ())})
        could.append(subjects <= seen)
    shown = [both for both, can in zip(has_both, could, strict=True) if can]
    return {
        "videos": len(has_both),
        "with_both": round(float(np.mean(has_both)), 4) if has_both else None,
        "shown_by_keyframes": round(float(np.mean(could)), 4) if could else None,
        "with_both_of_shown": round(float(np.mean(shown)), 4) if shown else None,
    }


def _found_shares(connection: psycopg.Connection, truth: dict[str, Any]) -> dict[str, Counter[str]]:
    """Shares of subjects that topics say of each post."""
    subjects = {video["video_id"]: video["topic_subject"] for video in truth["videos"]}
    of_topic: dict[int, Counter[str]] = {}
    for video, topic in main_topics(connection).items():
        if topic is not None and video in subjects:
            of_topic.setdefault(topic, Counter())[subjects[video]] += 1
    found: dict[str, Counter[str]] = {}
    rows = connection.execute(
        b"select m.video_id, m.topic_id, m.share from vidpipe.video_topics as m"
        b" inner join vidpipe.current_topics as t on m.run_no = t.run_no"
        b" and m.topic_id = t.topic_id where t.scope = 'global'"
    )
    for video, topic, share in rows:
        subject = of_topic[topic].most_common(1)[0][0]
        found.setdefault(video, Counter())[subject] += share
    return found


def _seconds(video: dict[str, Any]) -> Counter[str]:
    """Seconds of each subject that a video shows."""
    seconds: Counter[str] = Counter()
    for shot in video["shots"]:
        seconds[shot["composition"].split("/")[0]] += shot["end_s"] - shot["start_s"]
    return seconds


def of_speaker(connection: psycopg.Connection, truth: dict[str, Any]) -> dict[str, Any]:
    """What is found of the account about one speaker."""
    [name] = [one["name"] for one in truth["accounts"] if one["role"] == SPEAKER_ROLE]
    videos = [one for one in truth["videos"] if one["account"] == name]
    own = main_topics(connection, name)
    [(focus,)] = connection.execute(
        b"select share from vidpipe.account_focus where account = %s", [name]
    ).fetchall()
    [(concept,)] = connection.execute(
        b"select share from vidpipe.concept_share(%s, %s)", [name, SPEAKER]
    ).fetchall()
    [(peak, last, silent_days)] = connection.execute(
        b"select peak_week, last_posted_at, silent_days from vidpipe.account_activity"
        b" where account = %s",
        [name],
    ).fetchall()
    weeks = Counter(_monday(one["posted_at"]) for one in videos)
    [dismissed] = [
        date.fromisoformat(one["date"]) for one in truth["events"] if "dismissed" in one["name"]
    ]
    end = max(one["posted_at"] for one in truth["videos"])
    return {
        "true_share": round(float(np.mean([one["topic_subject"] == SPEAKER for one in videos])), 4),
        "account_focus": round(focus, 4),
        "concept_share": round(concept, 4),
        "settings_adjusted_rand_index": _ari(
            [one["topic_setting"] for one in videos], [own[one["video_id"]] for one in videos]
        ),
        "peak_week_found": weeks[peak] == max(weeks.values()),
        "silence_found": last.date() < dismissed
        and silent_days >= (date.fromisoformat(end[:10]) - dismissed).days,
    }


def weeks(known: Sequence[KnownVideo]) -> list[dict[str, Any]]:
    """Draws of an old corpus and a new week, each with another planted subject."""
    by_subject = Counter(video.subject for video in known)
    del by_subject[SPEAKER]  # one account has most of it
    return [
        week(known, subject, seed)
        for seed, (subject, _) in enumerate(by_subject.most_common(DRAWS))
    ]


def week(known: Sequence[KnownVideo], planted: str, seed: int) -> dict[str, Any]:
    """A first run, a week of new videos with the planted subject, a second run."""
    drawing = np.random.default_rng(seed)
    of_planted = [video for video in known if video.subject == planted][:PLANTED]
    others = [video for video in known if video.subject != planted]
    others = [others[row] for row in drawing.permutation(len(others))]
    new = round(NEW_SHARE / (1 + NEW_SHARE) * (len(others) + len(of_planted)))
    later = [*of_planted, *others[: max(0, new - len(of_planted))]]
    earlier = others[len(later) - len(of_planted) :]
    videos = [*earlier, *later]
    before = WEEK - timedelta(days=7)
    with (
        scratch_server() as (server, home),
        fresh_database(server, home) as settings,
        connect(settings, autocommit=True) as connection,
        patch.object(topic_run, "write_report", return_value=None),
    ):
        publish_videos(settings, videos, [before] * len(earlier) + [WEEK] * len(later))
        topic_run.make_run(settings, before)
        first = main_topics(connection)
        topic_run.make_run(settings, WEEK)
        second = main_topics(connection)
        events: dict[int | None, str] = dict(
            connection.execute(
                b"select l.topic_id, l.event from vidpipe.topic_lineage as l"
                b" inner join vidpipe.topic_runs as r on l.run_no = r.run_no"
                b" where r.is_current and l.topic_id is not null"
            ).fetchall()
        )
        connection.execute(b"truncate vidpipe.topic_runs cascade")
        topic_run.make_run(settings, WEEK)
        afresh = main_topics(connection)
    old = [first[video_id(video)] for video in earlier]
    kept = [
        topic == second[video_id(video)]
        for video, topic in zip(earlier, old, strict=True)
        if topic is not None
    ]
    [(topic, hits)] = Counter(second[video_id(video)] for video in of_planted).most_common(1)
    members = sum(one == topic for one in second.values())
    subjects = [video.subject for video in videos]
    return {
        "old_videos": len(earlier),
        "new_videos": len(later),
        "keep_their_topic": round(float(np.mean(kept)), 4),
        "adjusted_rand_index": _ari(subjects, [second[video_id(video)] for video in videos]),
        "afresh": _ari(subjects, [afresh[video_id(video)] for video in videos]),
        "planted": planted,
        "planted_videos": len(of_planted),
        "planted_precision": round(hits / members, 4),
        "planted_recall": round(hits / len(of_planted), 4),
        "planted_event": events.get(topic),
    }


def reruns(known: Sequence[KnownVideo]) -> dict[str, int]:
    """How many different results runs on shuffled tables have."""
    results = set()
    with scratch_server() as (server, home):
        for seed in range(RERUNS):
            order = np.random.default_rng(seed).permutation(len(known))
            with (
                fresh_database(server, home) as settings,
                connect(settings, autocommit=True) as connection,
            ):
                shuffled = [known[row] for row in order]
                publish_videos(settings, shuffled, [WEEK] * len(shuffled))
                with connection.transaction(), threadpool_limits(1 + seed % 2):
                    corpus = read_corpus(connection, 1, WEEK)
                    found = find_topics(corpus, TopicSettings())
            results.add(
                tuple(
                    (topic.account, topic.words, topic.keyframes, tuple(topic.shares.items()))
                    for topic in found.topics
                )
            )
    return {"runs": RERUNS, "different_results": len(results)}


def _ari(truth: Sequence[str], given: Iterable[int | None]) -> float:
    labels = [-1 if one is None else one for one in given]
    return round(float(adjusted_rand_score(truth, labels)), 4)


def _monday(moment: str) -> date:
    day = date.fromisoformat(moment[:10])
    return day - timedelta(days=day.weekday())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--videos", type=int, default=VIDEOS)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--folder", type=Path, help="keep worlds and indexes here")
    options = parser.parse_args()
    print(json.dumps(run(options.videos, options.seeds, options.folder), indent=2))
