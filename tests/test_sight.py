"""The source stem and its first lesson."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from omniedit.editnet.checkpoint import load_pipeline, save_pipeline
from omniedit.editnet.stem import Pointer, SourceStem
from tests.editnets import WORDS, tiny_mini, tiny_pipeline
from training import pointing, sight
from training.batches import shares_shown
from training.pointing import teach_pointing
from training.sight import teach_names


def stem() -> SourceStem:
    torch.manual_seed(0)
    return SourceStem(3, (8, 16, 24), 20)


@pytest.mark.parametrize("size", [(32, 32), (48, 16)])
def test_one_token_for_each_patch(size: tuple[int, int]) -> None:
    assert SourceStem.reach(3) == 16
    assert stem()(torch.zeros(2, 3, *size)).shape == (2, size[0] * size[1] // 256, 20)


def test_tokens_are_row_by_row() -> None:
    picture = torch.randn(1, 3, 48, 64, requires_grad=True)
    stem()(picture)[0, 7].sum().backward()  # the last of the second row
    assert picture.grad is not None
    seen = functional.avg_pool2d(picture.grad.abs().mean(1), 16)[0]
    assert divmod(int(seen.argmax()), 4) == (1, 3)


def test_a_stem_must_fit_the_patch() -> None:
    with pytest.raises(ValueError, match="makes tokens of 4 pixels; patch_size is 8"):
        tiny_mini(source_stem=(8,))


def test_a_network_with_a_stem_sees_through_it_and_is_kept(tmp_path: Path) -> None:
    pipeline = tiny_pipeline()
    network = tiny_mini(source_stem=(8, 16)).eval()
    pipeline.register_modules(transformer=network)
    inputs = (torch.randn(1, 3, 32, 32), torch.randn(1, 3, 32, 32), torch.randn(1, 5, 32), torch.randn(1, 32))
    with torch.no_grad():
        before = network(*inputs, torch.tensor([900.0])).sample
        save_pipeline(pipeline, tmp_path / "kept", {})
        loaded = load_pipeline(tmp_path / "kept").transformer
        assert torch.equal(loaded(*inputs, torch.tensor([900.0])).sample, before)
        assert network.stem is not None
        network.stem.out.weight += 1
        assert not torch.equal(network(*inputs, torch.tensor([900.0])).sample, before)


def test_shares_of_what_a_patch_shows() -> None:
    shown = torch.zeros(1, 4, 4)
    shown[0, :2, :2] = 3
    shown[0, 2, 2] = 1
    shares = shares_shown(shown, 2, 5)
    assert shares.shape == (1, 4, 5)
    assert shares[0, 0].tolist() == [0, 0, 0, 1, 0]
    assert shares[0, 3].tolist() == [0.75, 0.25, 0, 0, 0]


def test_the_lesson_is_the_same_each_time() -> None:
    one, two = stem(), stem()
    for taught in (one, two):
        teach_names(taught, 16, 128, seed=0, workers=0)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert not torch.equal(one.down[0].weight, stem().down[0].weight)


def two_halves(rng: np.random.Generator, count: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures uint8 (B, 64, 64, 3) with a red and a blue half, and which is which, 1 and 2, (B, 64, 64)."""
    shown = np.ones((count, 64, 64), np.uint8)
    for half in shown:
        half[:, slice(0, 32) if rng.random() < 0.5 else slice(32, 64)] = 2
    colours = np.array([[0, 0, 0], [200, 30, 30], [30, 30, 200]], np.uint8)
    return torch.from_numpy(colours[shown]), torch.from_numpy(shown)


def test_what_is_shown_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    def scenes(rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        pictures, shown = two_halves(rng)
        return pictures, shown[:, None].repeat(1, 2, 1, 1)

    monkeypatch.setattr(sight, "BATCH", 8)
    monkeypatch.setattr(sight, "_scenes", scenes)
    assert teach_names(stem(), 16, 8 * 120, seed=0, workers=0) > 0.9  # by chance half of two, a seventieth of all


def test_a_pointer_compares_each_patch_with_the_words() -> None:
    pointer = Pointer(8, 6, heads=3)
    seen, words = torch.randn(2, 5, 8), torch.randn(2, 6)
    added, match = pointer(seen, words)
    assert added.shape == seen.shape and match.shape == (2, 5, 3)
    moved, other = pointer(seen.flip(1), words)[1], pointer(seen, words.flip(0))[1]
    torch.testing.assert_close(moved, match.flip(1))
    assert (other - match).abs().max() > 1e-3
    with pytest.raises(ValueError, match="give one"):
        tiny_mini(pointer_heads=2)


def test_the_pointer_finds_what_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pointing, "BATCH", 8)
    pipeline = tiny_pipeline(patch_size=16, source_stem=(8, 16, 16), pointer_heads=2)
    torch.manual_seed(6)
    for parameter in pipeline.text_encoder.parameters():  # a new one says almost the same of all sentences
        parameter.data += 0.2 * torch.randn_like(parameter)
    before = [p.detach().clone() for p in pipeline.text_encoder.parameters()]

    def questions(rng: np.random.Generator) -> tuple[torch.Tensor, list[str], torch.Tensor]:
        pictures, shown = two_halves(rng)
        asked = rng.integers(1, 3, len(pictures))
        return pictures, [WORDS[k] for k in asked], shown == torch.from_numpy(asked)[:, None, None]

    monkeypatch.setattr(pointing, "_questions", questions)
    right = teach_pointing(pipeline.transformer, pipeline.encoders[0], 8 * 100, 0, workers=0)
    assert right > 0.8  # by chance half
    assert all(torch.equal(a, b) for a, b in zip(before, pipeline.text_encoder.parameters(), strict=True))


def test_a_new_network_takes_an_empty_source() -> None:
    network = tiny_mini(patch_size=16, source_stem=(8, 16, 16), pointer_heads=2)
    network.initialise()
    empty = torch.zeros(2, 3, 32, 32)
    out = network(torch.randn_like(empty), empty, torch.randn(2, 5, 32), torch.randn(2, 32), torch.ones(2))
    out.sample.square().sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in network.parameters())
