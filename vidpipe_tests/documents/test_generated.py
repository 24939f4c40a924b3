"""Pages that a program writes are what it would write today."""

from pathlib import Path

import pytest

from vidpipe.settings import Settings
from vidpipe_tests.documents.generated import GROUPS, PAGES, RENEW
from vidpipe_tests.documents.markdown import name_of


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_generated_page_is_up_to_date(page: Path) -> None:
    assert page.read_text("utf-8") == PAGES[page](), f"renew it by `{RENEW}`"


def test_every_setting_is_in_one_group_and_has_a_meaning() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(Settings.model_fields)
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
