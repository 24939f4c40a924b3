"""What a calibration plans: fitting edits, unrelated pairs, halves that share no source."""

from pathlib import Path

import numpy as np
import psycopg

from vidpipe.reuse.calibration.planning import (
    Effort,
    planned_copies,
    planned_pairs,
    planned_templates,
)
from vidpipe.reuse.calibration.sampling import Strangers
from vidpipe.reuse.calibration.workers import Piece
from vidpipe.reuse.matches import Verdict
from vidpipe.reuse.store import write_comparisons
from vidpipe_tests.publication.published_rows import digest
from vidpipe_tests.reuse.made_up_matches import VERSION, compared, match

NAMES = [f"piece {number}" for number in range(12)]


def pieces(width_px: int = 640, height_px: int = 360) -> list[Piece]:
    return [Piece(digest(name), Path(f"{name}.mp4"), 0.0, (width_px, height_px)) for name in NAMES]


def test_every_edit_is_done_about_as_often_and_the_same_seed_plans_the_same(
    connection: psycopg.Connection,
) -> None:
    effort = Effort(copies=30, edits=("mirror", "logo", "spliced", "square"))
    strangers = Strangers(connection)
    one, two = (
        planned_copies(effort, pieces(), strangers, np.random.default_rng(3)) for _ in range(2)
    )
    assert one == two
    counts = {name: sum(item["name"] == name for item in one) for name in effort.edits}
    assert set(counts.values()) <= {7, 8}
    assert len({item["source"].content for item in one}) == len(NAMES)
    for item in one:
        assert len(item["others"]) == item["edit"].other_footage
        assert item["source"].path not in item["others"]


def test_edits_of_wide_pictures_are_not_done_to_upright_ones(
    connection: psycopg.Connection,
) -> None:
    effort = Effort(copies=10, edits=("mirror", "square"))
    planned = planned_copies(
        effort, pieces(360, 640), Strangers(connection), np.random.default_rng(3)
    )
    assert {item["name"] for item in planned} == {"mirror"}


def test_unrelated_pairs_share_no_match_and_no_source_of_the_other_half(
    connection: psycopg.Connection,
) -> None:
    a, b, c, stranger = NAMES[:4]
    write_comparisons(
        connection,
        compared(*NAMES),
        [match(a, b), match(b, c, Verdict.SAME_SCENE)],
        VERSION,
    )
    strangers = Strangers(connection)
    assert not strangers.are(digest(a), digest(b))
    assert not strangers.are(digest(a), digest(c)), "both have to do with a third"
    assert not strangers.are(digest(a), digest(a))
    assert strangers.are(digest(a), digest(stranger))
    contents = sorted(map(digest, NAMES))
    corpus = [*contents, digest("elsewhere")]
    worn = {
        item["piece"].content: item["template"]
        for item in planned_templates(pieces(), np.random.default_rng(1))
    }
    assert len(worn) == len(NAMES)
    planned = planned_pairs(
        Effort(copies=200), contents, corpus, worn, strangers, np.random.default_rng(1)
    )
    half = {content: place % 2 for place, content in enumerate(contents)}
    for item in planned:
        assert strangers.are(item["a"], item["b"])
        assert half[item["a"]] == half.get(item["b"], half[item["a"]]) == item["half"]
    assert {item["half"] for item in planned} == {0, 1}
    templated = [item for item in planned if item["template"]]
    assert templated
    assert all(worn[item["a"]] == worn[item["b"]] == item["template"] for item in templated)
