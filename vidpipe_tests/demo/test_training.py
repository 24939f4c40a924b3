"""The training of the demo pair in miniature: it learns, and what is held out stays unseen."""

import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vidpipe.demo.compositions import Composition, compositions, difference
from vidpipe.demo.language import LANGUAGES
from vidpipe.demo.training import __main__ as command
from vidpipe.demo.training.contrastive import Schedule, batch_losses, contrast, learn
from vidpipe.demo.training.distillation import distil
from vidpipe.demo.training.examples import (
    POOL_PX,
    Batch,
    Batches,
    Pool,
    as_input,
    partial_caption,
    render_pool,
    training_compositions,
    training_still,
)
from vidpipe.demo.training.model_card import card_text
from vidpipe.demo.training.optimizer import orthogonalized
from vidpipe.demo.training.towers import Towers
from vidpipe.demo.training.vocabulary import byte_level_vocabulary, word_pieces
from vidpipe.errors import SettingsError
from vidpipe.models.bundled_pair import HELD_OUT_FILE, IMAGE_FOLDER, TEXT_FOLDER, TRAINING_FILE
from vidpipe.models.clip import ClipPair
from vidpipe.models.clip_weights import ModelFolder

FEW = tuple(
    one
    for one in compositions("seen")
    if one.place in ("street", "office") and one.subject in ("tank", "dog")
)
SIDE_PX = 112


@pytest.fixture(scope="module")
def pool() -> Pool:
    return render_pool(FEW, 2, seed=5, workers=2, progress=lambda *_: None)


@pytest.fixture(scope="module")
def towers() -> Towers:
    return Towers.fresh(seed=3)


def test_training_may_see_only_what_is_not_held_out() -> None:
    assert set(training_compositions()) == set(compositions("seen"))


def test_a_pool_holds_every_rendering_in_its_place(pool: Pool) -> None:
    assert pool.stills.shape == (len(FEW), 2, POOL_PX, POOL_PX, 3)
    for index, number in ((0, 0), (3, 1), (len(FEW) - 1, 1)):
        again = training_still(FEW[index], (5, index, number))
        assert (pool.stills[index, number] == again).all()


def test_a_batch_pairs_every_row_with_a_neighbour_seen_twice(pool: Pool) -> None:
    batch = Batches(pool, SIDE_PX, seed=1).draw(32)
    assert batch.stills.shape == (32, SIDE_PX, SIDE_PX, 3)
    for row, (one, partner) in enumerate(zip(batch.shown, batch.partners, strict=True)):
        assert difference(one, batch.shown[partner]) == batch.changed[row]
        assert batch.partners[partner] == row
    for row in range(16):
        assert batch.shown[row] == batch.shown[row + 16]
        assert (batch.stills[row] != batch.stills[row + 16]).mean() > 0.3


def test_batches_may_hold_stills_that_only_their_subjects_tell_apart(pool: Pool) -> None:
    def alike_neighbours(alike: int) -> int:
        """Pairs of anchors side by side that share place, time and weather."""
        batches = Batches(pool, SIDE_PX, seed=2)
        shown = [batches.draw(32, alike).shown[:8] for _ in range(6)]
        backgrounds = [[(one.place, one.time, one.weather) for one in some] for some in shown]
        return sum(one == other for some in backgrounds for one, other in pairwise(some))

    assert alike_neighbours(4) > 3 * alike_neighbours(1)


def test_a_schedule_rises_stays_and_falls_and_shows_whole_stills_while_it_falls() -> None:
    schedule = Schedule(samples=100 * 128, warm_up=0.1, fall=0.3, patches=0.5, easy=0.25)
    rates = [schedule.rate_at(step) / schedule.rate for step in range(schedule.steps)]
    assert rates[:3] == pytest.approx([0.1, 0.2, 0.3])
    assert rates[10:70] == pytest.approx([1.0] * 60)
    assert rates[-1] == pytest.approx(1 / 30)
    assert [schedule.patches_at(step) for step in (0, 69, 70, 99)] == [0.5, 0.5, 1.0, 1.0]
    assert [schedule.alike_at(step) > 1 for step in (0, 24, 25, 99)] == [False, False, True, True]


def test_a_tower_that_sees_some_patches_sees_others_each_time(pool: Pool, towers: Towers) -> None:
    import torch

    pixels = as_input(pool.stills[0, :, :SIDE_PX, :SIDE_PX], towers.device)
    towers.clip.eval()
    with torch.no_grad():
        whole, again = towers.images(pixels), towers.images(pixels)
        pieces, others = towers.images(pixels, 0.5), towers.images(pixels, 0.5)
        published = towers.clip.get_image_features(pixel_values=pixels).pooler_output
    assert torch.equal(whole, again)
    assert torch.allclose(whole, torch.nn.functional.normalize(published, dim=-1), atol=1e-6)
    assert not torch.allclose(pieces, others, atol=1e-3)
    assert not torch.allclose(pieces, whole, atol=1e-3)


def test_partial_captions_say_their_parts_and_no_held_out_phrasing() -> None:
    rng = np.random.default_rng(0)
    one = Composition.parse("tank/burning/street/night/rain")
    for _ in range(50):
        text, parts = partial_caption(one, rng)
        assert ("tank" in text) == ("scene" in parts)
        assert ("street" in text) == ("place" in parts)
        assert "here we see" not in text


def test_contrast_counts_every_true_column_and_no_row_without_one() -> None:
    import torch

    scores = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 5.0], [1.0, 1.0, 1.0]])
    is_true = torch.tensor([[True, False, False], [False, True, True], [False, False, False]])
    logs = scores.log_softmax(-1)
    expected = -(logs[0, 0] + (logs[1, 1] + logs[1, 2]) / 2) / 2
    assert contrast(scores, is_true).item() == pytest.approx(expected.item())


def test_orthogonalized_matrices_keep_their_directions() -> None:
    import torch

    torch.manual_seed(0)
    for shape in ((24, 24), (60, 20), (20, 60)):
        matrix = torch.randn(shape)
        left, _, right = torch.linalg.svd(matrix, full_matrices=False)
        found = orthogonalized(matrix)
        strengths = torch.linalg.svdvals(found)
        assert strengths.min() > 0.3
        assert strengths.max() < 1.3
        inner = left.T @ found @ right.T
        assert inner.diag() == pytest.approx(strengths.sort().values.mean().item(), abs=0.6)
        assert (inner - torch.diag(inner.diag())).abs().max() < 1e-3


def test_attention_starts_with_like_tokens_seeing_each_other() -> None:
    attention = Towers.fresh(seed=8).clip.vision_model.encoder.layers[0].self_attn
    product = (attention.out_proj.weight @ attention.v_proj.weight).detach()
    assert product.diag().mean() == pytest.approx(-0.4, abs=0.05)
    queries, keys = attention.q_proj.weight[:64], attention.k_proj.weight[:64]
    assert (queries.T @ keys).diag().mean().item() > 0.1


def test_the_losses_of_a_few_steps_fall(pool: Pool, towers: Towers) -> None:
    told: list[dict[str, float]] = []
    schedule = Schedule(samples=32 * 12, rows=32, memory=0.5)
    batch = Batches(pool, SIDE_PX, seed=1).draw(32)
    before = _losses(towers, batch)
    learn(towers, pool, schedule, seed=1, report=told.append)
    after = _losses(towers, batch)
    assert [one["step"] for one in told] == [0, 11]
    assert set(before) == {"caption", "word", "partial", "image", "navigation"}
    assert all(np.isfinite(value) for value in (*before.values(), *after.values()))
    assert after["word"] < before["word"]
    assert sum(after.values()) < sum(before.values())


def _losses(towers: Towers, batch: Batch) -> dict[str, float]:
    import torch

    with torch.no_grad():
        losses = batch_losses(towers, batch, np.random.default_rng(9))
    return {name: value.item() for name, value in losses.items()}


def test_the_languages_come_nearer_to_the_english_tower(towers: Towers) -> None:
    told: list[dict[str, float]] = []
    distil(towers, Schedule(samples=64 * 16, rows=64, rate=2e-3), seed=1, report=told.append)
    assert told[-1]["distance"] < told[0]["distance"]
    assert told[-1]["contrast"] < told[0]["contrast"]


def test_saved_models_load_as_any_other_pair_and_give_the_same_vectors(
    towers: Towers, pool: Pool, tmp_path: Path
) -> None:
    import torch

    image, text = towers.save(tmp_path)
    assert (image.name, text.name) == (IMAGE_FOLDER, TEXT_FOLDER)
    pair = ClipPair(ModelFolder(image, "image", 512), ModelFolder(text, "text", 512))
    square = pool.stills[0, 0, :SIDE_PX, :SIDE_PX]
    encoded = io.BytesIO()
    Image.fromarray(square).save(encoded, "PNG")
    said = ["a burning tank on a street", "कुत्ता", "夜晚雨中在街道上燃烧的坦克", "kucing tidur", ""]
    towers.distilbert.eval()
    with torch.no_grad():
        expected = towers.images(as_input(square[None], towers.device)).cpu().numpy()
        wanted = towers.multilingual(said).cpu().numpy()
    assert pair.images.embed([encoded.getvalue()]) == pytest.approx(expected, abs=2e-3)
    assert pair.texts.embed(said) == pytest.approx(wanted, abs=2e-3)


def test_vocabularies_know_every_word_and_any_letter() -> None:
    numbers, merges = byte_level_vocabulary()
    assert all(f"{word}</w>" in numbers for word in ("tank", "burning", "street", "night"))
    assert all(first + second in numbers for first, second in (one.split(" ") for one in merges))
    assert sorted(numbers.values()) == list(range(len(numbers)))
    pieces = word_pieces()
    assert len(set(pieces)) == len(pieces)
    assert {"tank", "jalan", "टैंक", "坦", "a", "##z"} <= set(pieces)


def test_the_command_writes_a_whole_pair_with_its_held_out_list_and_how_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "training_compositions", lambda: FEW)
    monkeypatch.setattr(command, "Schedule", small_schedule)
    folder = tmp_path / "pair"
    command.train(folder, samples=32, worn_samples=16, renderings=2, texts=16, seed=1)
    assert {one.name for one in folder.iterdir()} == {
        IMAGE_FOLDER, TEXT_FOLDER, HELD_OUT_FILE, TRAINING_FILE,
    }  # fmt: skip
    held_out = (folder / HELD_OUT_FILE).read_text().split()
    assert held_out == [str(one) for one in compositions("unseen")]
    made = json.loads((folder / TRAINING_FILE).read_text())
    assert (made["samples"], made["texts"], made["seed"]) == (32, 16, 1)
    assert made["stills"] == 4 * len(FEW)
    further = tmp_path / "further"
    command.train(
        further, samples=32, worn_samples=16, renderings=2, texts=16, seed=1, start=folder
    )
    made = json.loads((further / TRAINING_FILE).read_text())
    assert (made["stills"], made["texts"]) == (6 * len(FEW), 32)
    with pytest.raises(SettingsError, match="exists: remove it or choose another folder"):
        command.train(folder, samples=32, worn_samples=16, renderings=2, texts=16, seed=1)


def small_schedule(**options: Any) -> Schedule:
    """A schedule with batches of 16, whatever is asked for."""
    return Schedule(**{**options, "rows": 16})


def test_the_card_says_what_was_measured() -> None:
    names = ["text_en_by_the_image_model", "image", "navigation", "pixels_8x8", "colours_64"]
    names += ["subject_oracle", *(f"text_{language}" for language in LANGUAGES)]
    recall = {name: 0.5 + index / 100 for index, name in enumerate(names)}
    card = card_text(
        {
            "samples": 4000,
            "worn_samples": 1000,
            "stills": 500,
            "texts": 60,
            "seed": 1,
            "seconds": 90,
            "machine": "2 cores",
        },
        {
            "recall_at_1": {"seen": recall, "unseen": recall},
            "gallery": 200,
            "seeds": 5,
            "megabytes": 10.7,
        },
    )
    assert "understand the demo world of `vidpipe.demo` and nothing else" in card
    assert "| navigation: image + new word - old word, to the neighbour | 0.520 | 0.520 |" in card
    assert "4,000 stills shown" in card
