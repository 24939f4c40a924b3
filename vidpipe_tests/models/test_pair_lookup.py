"""A pair that is missing is not looked for again at once, and one that came is found."""

from pathlib import Path

import pytest

from vidpipe.errors import ModelUnavailable
from vidpipe.models import pair_lookup
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip_weights import model_identity
from vidpipe.models.pair_lookup import PairLookup
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.model_identity import ModelIdentity


def test_a_missing_pair_is_asked_for_again_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, text = demo_pair()
    here = tmp_path / "image-model"
    lookup = PairLookup(
        load_settings(home=tmp_path, clip_image_model=str(here), clip_text_model=str(text))
    )
    asked: list[Settings] = []

    def counted(settings: Settings) -> ModelIdentity:
        asked.append(settings)
        return model_identity(settings)

    monkeypatch.setattr(pair_lookup, "model_identity", counted)
    for _ in range(3):
        with pytest.raises(ModelUnavailable, match="VIDPIPE_CLIP_IMAGE_MODEL"):
            lookup.identity()
    assert len(asked) == 1
    here.symlink_to(image)
    monkeypatch.setattr(pair_lookup, "ASKED_AGAIN_AFTER_S", 0.0)
    assert lookup.identity().dimensions == 512
    assert lookup.identity() is lookup.identity()
    assert len(asked) == 2
