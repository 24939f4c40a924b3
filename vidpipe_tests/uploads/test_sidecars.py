"""Sidecars and the text that the database keeps of them."""

import pytest

from vidpipe.uploads.metadata.formats import FORMATS
from vidpipe.uploads.sidecars import Sidecar


@pytest.mark.parametrize("kind", [known.kind for known in FORMATS])
def test_a_sidecar_comes_back_from_its_text(kind: str) -> None:
    sidecar = Sidecar(kind, "2026-11-02/a%3Db/one%20more.json")
    assert sidecar.to_text() == f"{kind}=2026-11-02/a%3Db/one%20more.json"
    assert Sidecar.from_text(sidecar.to_text()) == sidecar
    assert sidecar.name == "2026-11-02/a=b/one more.json"
