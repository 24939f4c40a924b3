"""The accounts that somebody means by an id, a handle or a name.

Belongs here: finding them among uploads that were read.
Does not: reading metadata (vidpipe.uploads.metadata), the same question about published videos
(`sql/functions/accounts.sql`), erasing what is found (vidpipe.erasure).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from vidpipe.errors import UnknownName

_METADATA, _POST = pl.col("metadata").struct, pl.col("post").struct
_HANDLE = _METADATA.field("account")

ACCOUNT_ID = pl.coalesce(_POST.field("account_id"), _HANDLE)
"""What tells the account of an upload apart: where an earlier vidpipe read no id, its name."""


@dataclass(frozen=True)
class NamedAccount:
    """One account.

    Attributes:
        platform: the platform that it is on; None if unknown.
        account_id: what tells it apart there.
        names: all its handles and names, in order of the alphabet.
        files: number of its uploads.
    """

    platform: str | None
    account_id: str
    names: tuple[str, ...]
    files: int

    def __str__(self) -> str:
        """The account as messages name it."""
        also = [name for name in self.names if name != self.account_id]
        called = f" ({', '.join(also)})" if also else ""
        return f"{self.account_id}{called} on {self.platform or 'an unknown platform'}"


def accounts_named(uploads: pl.DataFrame, name: str) -> tuple[NamedAccount, ...]:
    """The accounts that are meant: those of that id, else the one that has that handle or name.

    Where the id is no id of a platform but a handle or name itself, all accounts with that handle
    are meant.

    Args:
        uploads: rows with `metadata` and `post`, structs of the lake.
        name: an id, or a handle (with or without @) or a name of now or before.

    Raises:
        UnknownName: there is none, or several have that handle or name; the message lists them.
    """
    bare = name.lstrip("@")
    spellings = [name, bare, f"@{bare}"]
    by_id = uploads.filter(name == ACCOUNT_ID)
    if by_id.is_empty():
        called = _POST.field("account_name")
        meant = _accounts(
            uploads,
            uploads.filter(
                _HANDLE.is_in(spellings) | called.is_in(spellings) | ACCOUNT_ID.is_in(spellings)
            ),
        )
        if len(meant) > 1:
            listed = "; ".join(map(str, meant))
            raise UnknownName(f"{name} is {len(meant)} accounts: {listed}. Give the id of one")
    elif by_id.filter(_POST.field("account_source").ne_missing("id")).is_empty():
        meant = _accounts(uploads, by_id)
    else:
        meant = _accounts(uploads, uploads.filter((name == ACCOUNT_ID) | (name == _HANDLE)))
    if not meant:
        raise UnknownName(f"{name} is neither a video (platform:id) nor an account of one")
    return meant


def uploads_of(uploads: pl.DataFrame, accounts: Iterable[NamedAccount]) -> pl.DataFrame:
    """The uploads that tombstones of these accounts keep from being published."""
    return uploads.filter(is_of_accounts(account.account_id for account in accounts))


def is_of_accounts(ids: Iterable[str]) -> pl.Expr:
    """Whether an upload is of an account with one of these ids, or with one as its handle."""
    wanted = list(ids)
    return (ACCOUNT_ID.is_in(wanted) | _HANDLE.is_in(wanted)).fill_null(value=False)


def _accounts(uploads: pl.DataFrame, matching: pl.DataFrame) -> tuple[NamedAccount, ...]:
    """The accounts of matching uploads, with all the names that any upload gives them."""
    platform = _METADATA.field("platform")
    known = uploads.select(
        platform=platform,
        account_id=ACCOUNT_ID,
        names=pl.concat_list(_HANDLE, _POST.field("account_name")),
    )
    wanted = matching.select(platform=platform, account_id=ACCOUNT_ID).drop_nulls("account_id")
    found = (
        known.join(wanted.unique(), on=["platform", "account_id"], how="semi", nulls_equal=True)
        .group_by("platform", "account_id")
        .agg(names=pl.col("names").explode().drop_nulls().unique().sort(), files=pl.len())
        .sort("platform", "account_id")
    )
    return tuple(
        NamedAccount(platform, account_id, tuple(names), files)
        for platform, account_id, names, files in found.iter_rows()
    )
