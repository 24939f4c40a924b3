"""Which accounts somebody means by an id, a handle or a name."""

from dataclasses import dataclass

import polars as pl
import pytest

from vidpipe.errors import UnknownName
from vidpipe.stores.lake import RAW_VIDEOS
from vidpipe.uploads.named_accounts import accounts_named, uploads_of


@dataclass(frozen=True)
class Read:
    """What an upload says of its account; source is None where an earlier vidpipe read it."""

    upload_id: str
    handle: str | None
    account_id: str | None = None
    name: str | None = None
    source: str | None = None
    platform: str | None = "tube"


def uploads(*given: Read) -> pl.DataFrame:
    rows = [
        {
            "upload_id": one.upload_id,
            "metadata": {"platform": one.platform, "account": one.handle},
            "post": None
            if one.source is None
            else {
                "account_id": one.account_id,
                "account_name": one.name,
                "account_source": one.source,
            },
        }
        for one in given
    ]
    schema = {name: RAW_VIDEOS.schema[name] for name in ("upload_id", "metadata", "post")}
    return pl.DataFrame(rows, schema=schema)


RENAMED = (
    Read("1", "anna", "UC1", "Anna", "id"),
    Read("2", "anna_new", "UC1", "Anna, new", "id"),
)
NAMESAKE = Read("3", "other", "UC2", "Anna", "id")
WITHOUT_ID = Read("4", "anna", "anna", None, "handle", platform="gram")
BY_AN_EARLIER_VIDPIPE = Read("5", "old", None, None, None)


def meant(known: pl.DataFrame, name: str) -> tuple[list[str], list[str]]:
    """Ids of the accounts that a name means, and the uploads that go with them."""
    accounts = accounts_named(known, name)
    files = uploads_of(known, accounts)["upload_id"].to_list()
    return [account.account_id for account in accounts], files


@pytest.mark.parametrize("name", ["UC1", "anna", "@anna", "anna_new", "Anna, new", "Anna"])
def test_an_account_is_meant_by_its_id_and_by_all_its_handles_and_names(name: str) -> None:
    known = uploads(*RENAMED, BY_AN_EARLIER_VIDPIPE)
    assert meant(known, name) == (["UC1"], ["1", "2"])
    (account,) = accounts_named(known, name)
    assert account.names == ("Anna", "Anna, new", "anna", "anna_new")


def test_two_accounts_of_one_name_are_listed_and_an_id_tells_which() -> None:
    known = uploads(*RENAMED, NAMESAKE)
    listed = (
        "Anna is 2 accounts: UC1 (Anna, Anna, new, anna, anna_new) on tube;"
        " UC2 (Anna, other) on tube. Give the id of one"
    )
    with pytest.raises(UnknownName) as refused:
        accounts_named(known, "Anna")
    assert str(refused.value) == listed
    assert meant(known, "UC2") == (["UC2"], ["3"])


def test_a_handle_that_is_an_id_itself_means_all_who_have_it() -> None:
    """Its tombstone hides all of them, and what is hidden must not stay in the lake."""
    known = uploads(*RENAMED, NAMESAKE, WITHOUT_ID)
    assert meant(known, "anna") == (["anna", "UC1"], ["1", "2", "4"])


def test_an_account_that_an_earlier_vidpipe_read_goes_by_its_name() -> None:
    known = uploads(*RENAMED, BY_AN_EARLIER_VIDPIPE)
    assert meant(known, "old") == (["old"], ["5"])


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownName, match="nobody is neither a video"):
        accounts_named(uploads(*RENAMED, Read("6", None, source="folder")), "nobody")
