"""Models that the tests of this room share: the OCR weights, the demo pair and its settings."""

from pathlib import Path

import pytest

from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.ocr_weights import OcrWeights, find_weights
from vidpipe.settings import Settings, load_settings


@pytest.fixture(scope="module")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def weights(model_cache: Path) -> OcrWeights:
    return find_weights(model_cache)


@pytest.fixture(scope="module")
def folders() -> tuple[Path, Path]:
    return demo_pair()


@pytest.fixture(scope="module")
def settings(folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(
        home=tmp_path_factory.mktemp("home"),
        clip_image_model=str(folders[0]),
        clip_text_model=str(folders[1]),
    )
