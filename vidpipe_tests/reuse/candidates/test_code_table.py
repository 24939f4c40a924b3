"""The table of codes: every code that shares a word is found, but for words that say nothing."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidpipe.media.footage_print.pdq import Hashes
from vidpipe.reuse.candidates.code_table import COMMON_WORD, FEW, WORDS, CodeTable, Hits, Queries

seeds = st.integers(0, 2**32 - 1)


def random_codes(rng: np.random.Generator, count: int) -> Hashes:
    return rng.integers(0, 256, (count, 32), dtype=np.uint8)


def flipped(rng: np.random.Generator, codes: Hashes, most: int) -> Hashes:
    """The codes with up to `most` bits of each turned over."""
    changed = np.unpackbits(codes, axis=1)
    for row in changed:
        places = rng.choice(256, int(rng.integers(0, most + 1)), replace=False)
        row[places] ^= 1
    return np.packbits(changed, axis=1)


def by_brute_force(stored: Hashes, queries: Hashes, most_bits: int) -> set[tuple[int, int, int]]:
    found = set()
    for query_number, query in enumerate(queries):
        for number, code in enumerate(stored):
            bits = int(np.unpackbits(query ^ code).sum())
            shares_word = bool((query.view(np.uint16) == code.view(np.uint16)).any())
            if shares_word and bits <= most_bits:
                found.add((query_number, number, bits))
    return found


def as_set(hits: Hits) -> set[tuple[int, int, int]]:
    rows = list(zip(hits.queries.tolist(), hits.codes.tolist(), hits.bits.tolist(), strict=True))
    assert len(rows) == len(set(rows)), "a pair is told once"
    return set(rows)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(0, 40), st.integers(0, 90), st.integers(0, 120))
def test_codes_in_few_bits_that_share_a_word_are_found_and_no_others(
    seed: int, count: int, most_flipped: int, most_bits: int
) -> None:
    rng = np.random.default_rng(seed)
    stored = random_codes(rng, count)
    near = flipped(rng, stored, most_flipped)
    queries = np.concatenate([near, random_codes(rng, 3)])
    found = as_set(CodeTable.of(stored).near(Queries(queries), most_bits))
    assert found == by_brute_force(stored, queries, most_bits)


def test_more_queries_than_are_looked_up_at_once_are_numbered_through() -> None:
    rng = np.random.default_rng(1)
    stored = random_codes(rng, 300)
    hits = CodeTable.of(stored).near(Queries(stored), 0)
    assert as_set(hits) == {(number, number, 0) for number in range(300)}


def test_a_table_comes_back_from_its_files(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    stored = random_codes(rng, 50)
    table = CodeTable.of(stored)
    table.save(tmp_path, "some")
    queries = flipped(rng, stored, 20)
    assert as_set(CodeTable.load(tmp_path, "some").near(Queries(queries), 40)) == as_set(
        table.near(Queries(queries), 40)
    )


def test_an_empty_table_and_no_query_find_nothing(tmp_path: Path) -> None:
    none = np.zeros((0, 32), np.uint8)
    CodeTable.of(none).save(tmp_path, "none")
    code = random_codes(np.random.default_rng(3), 1)
    assert as_set(CodeTable.load(tmp_path, "none").near(Queries(code), 256)) == set()
    assert as_set(CodeTable.of(code).near(Queries(none), 256)) == set()


def with_one_word(rng: np.random.Generator, count: int) -> Hashes:
    """Codes that share their first word and hardly another one."""
    codes = random_codes(rng, count)
    codes[:, :2] = 7
    return codes


def test_of_a_word_in_very_many_codes_some_are_looked_at_evenly_chosen() -> None:
    rng = np.random.default_rng(4)
    count = 3 * FEW
    assert count > COMMON_WORD * count / 2**16, "an even spread allows fewer"
    table = CodeTable.of(with_one_word(rng, count))
    hits = table.near(Queries(with_one_word(rng, 1)), 256)
    assert len(hits.codes) == pytest.approx(FEW, abs=2), (
        "two codes may share another word by chance"
    )
    assert hits.codes.min() < 3
    assert hits.codes.max() >= count - 3


def test_a_code_with_a_common_word_is_found_by_its_other_words() -> None:
    stored = with_one_word(np.random.default_rng(5), 3 * FEW)
    hits = as_set(CodeTable.of(stored).near(Queries(stored), 0))
    assert hits == {(number, number, 0) for number in range(len(stored))}


def test_footage_that_very_many_show_is_still_found() -> None:
    rng = np.random.default_rng(6)
    stored = np.repeat(random_codes(rng, 1), 10 * FEW, axis=0)
    near = flipped(rng, stored[:1], 30)
    assert len(CodeTable.of(stored).near(Queries(near), 40).codes) >= FEW


def test_all_codes_of_a_word_in_few_are_looked_at() -> None:
    rng = np.random.default_rng(7)
    stored = with_one_word(rng, FEW)
    assert len(CodeTable.of(stored).near(Queries(with_one_word(rng, 1)), 256).codes) == FEW


def test_codes_share_words_only_at_the_same_place() -> None:
    words = np.arange(WORDS, dtype=np.uint16)
    code = words[None].view(np.uint8)
    turned = np.roll(words, 1)[None].view(np.uint8)
    assert as_set(CodeTable.of(code).near(Queries(turned), 256)) == set()
