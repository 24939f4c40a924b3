"""Names in filters that nothing is called by: refused, with those that were probably meant.

Belongs here: whether an account, a platform or a hashtag is known, and which come nearest.
Does not: what an account is called by (`vidpipe.accounts_called` of `sql/`), filtering.

A misspelt name would otherwise answer "nothing found", which reads like an answer.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from psycopg import Connection

from vidpipe.errors import UnknownName
from vidpipe.search.question import Filters

SUGGESTIONS = 3
LIKENESS = 0.6  # of difflib, 0 to 1
LENGTHS_APART = 3  # characters by which a name may be longer or shorter than what was meant

ACCOUNTS = """
select distinct n.name, o.platform from vidpipe.video_versions as o
cross join lateral (values (o.account), (o.account_name), (o.account_id)) as n (name)
where abs(length(n.name) - %s) <= %s order by 1, 2
"""
HASHTAGS = """
select distinct lower(h.hashtag), null from vidpipe.videos as v
cross join lateral unnest(v.hashtags) as h (hashtag)
where abs(length(h.hashtag) - %s) <= %s order by 1
"""


def check_filters(connection: Connection[Any], filters: Filters) -> None:
    """Refuses filters by names that nothing is called by.

    Raises:
        UnknownName: no account, platform or hashtag is called so; the message suggests others.
    """
    for refusal in _refusals(connection, filters):
        raise UnknownName(refusal)


def _refusals(connection: Connection[Any], filters: Filters) -> Iterator[str]:
    platforms = _first_column(connection, "select distinct platform from vidpipe.videos")
    if filters.platform is not None and filters.platform not in platforms:
        near = _nearest(filters.platform, platforms) or sorted(platforms)
        yield f"no post is on platform {filters.platform!r}{_suggested(near)}"
    if filters.account is not None:
        yield from _unknown_account(connection, filters.account, filters.platform)
    if filters.hashtag is not None:
        wanted = filters.hashtag.lstrip("#").lower()
        known = connection.execute(
            "select from vidpipe.videos as v"
            " where vidpipe.folded_hashtags(v.hashtags) @> array[lower(%s::text)] limit 1",
            [wanted],
        ).fetchone()
        if known is None:
            near = _nearest(wanted, _first_column(connection, HASHTAGS, wanted))
            yield f"no post has hashtag {filters.hashtag!r}{_suggested(near)}"


def _unknown_account(connection: Connection[Any], name: str, platform: str | None) -> Iterator[str]:
    rows = connection.execute("select platform from vidpipe.accounts_called(%s)", [name]).fetchall()
    if not rows:
        plain = name.lstrip("@")
        found = connection.execute(ACCOUNTS, [len(plain), LENGTHS_APART]).fetchall()
        of_name: dict[str, list[str]] = {}
        for known, where in found:
            of_name.setdefault(known.lstrip("@"), []).append(where or "no platform")
        near = [
            f"{one} ({', '.join(sorted(set(of_name[one])))})" for one in _nearest(plain, of_name)
        ]
        yield f"no account is called {name!r}{_suggested(near)}"
    elif platform is not None and (platform,) not in rows:
        places = sorted({where or "no platform" for (where,) in rows})
        yield f"account {name!r} is not on {platform}, but on {', '.join(places)}"


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    """The known names that are most like one, whatever their case."""
    folded: dict[str, str] = {}
    for one in known:
        folded.setdefault(one.casefold(), one)
    matches = get_close_matches(name.casefold(), folded, n=SUGGESTIONS, cutoff=LIKENESS)
    return [folded[one] for one in matches]


def _suggested(names: Iterable[str]) -> str:
    listed = " or ".join(names)
    return f"; did you mean {listed}?" if listed else ""


def _first_column(connection: Connection[Any], query: str, wanted: str | None = None) -> set[str]:
    given = [] if wanted is None else [len(wanted), LENGTHS_APART]
    return {one for (one, *_) in connection.execute(query.encode(), given) if one is not None}
