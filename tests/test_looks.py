"""The look: what a source is like in the style, colour or material that is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from omniedit.editnet.look import Look
from omniedit.types import Task
from tests.editnets import inputs, stir, tiny_mini, tiny_pipeline
from tests.tiny_runs import tiny_model, with_tokenizer, without_workers
from training import looks
from training.beginning import begin
from training.looks import teach_looks
from training.world.generate import make_pair


def test_a_new_look_shows_the_source_as_it_is() -> None:
    given = inputs(height=32, width=32, channels=3)
    plain, with_look = tiny_mini().eval(), tiny_mini(look_width=8).eval()
    with_look.load_state_dict(plain.state_dict(), strict=False)
    with_look.look.start()
    with torch.no_grad():
        assert torch.equal(plain(**given).sample, with_look(**given).sample)


def test_a_look_knows_where_blocks_begin() -> None:
    look, plain, words = Look(3, 16, 8), torch.zeros(1, 3, 64, 64), torch.randn(1, 16)
    stir(look)
    with torch.no_grad():
        inner = look(plain, words)[..., 16:48, 16:48]
    torch.testing.assert_close(inner[..., 4:], inner[..., :-4])
    assert (inner[..., 2:] - inner[..., :-2]).abs().max() > 1e-3
    rng = np.random.default_rng(0)
    crops = [looks._around(rng, np.eye(looks.SIDE, dtype=bool)) for _ in range(20)]
    assert all(part.start % 4 == 0 for crop in crops for part in crop) and len({c[0].start for c in crops}) > 5


def test_what_was_observed_need_not_be_looked_at_again() -> None:
    given = inputs(height=32, width=32, channels=3)
    network = tiny_mini(look_width=8, source_stem=(8, 8), pointer_heads=2).eval()
    stir(network.look)
    with torch.no_grad():
        first = network(**given)
        given["hidden_states"] = given["hidden_states"] + 1
        given["timestep"] = given["timestep"] / 2
        fresh = network(**given)
        for part in (network.stem, network.pointer, network.look):
            part.forward = None  # not called any more
        again = network(**given, observed=first.observed)
    assert torch.equal(fresh.sample, again.sample) and not torch.equal(first.sample, again.sample)


def test_a_look_hears_words_and_sees_the_neighbourhood_alone() -> None:
    look, pictures, words = Look(3, 16, 8), torch.randn(2, 3, 64, 96), torch.randn(2, 16)
    stir(look)
    with torch.no_grad():
        shown = look(pictures, words)
        assert shown.shape == pictures.shape
        assert (look(pictures, words.flip(0)) - shown).abs().max() > 1e-3
        poked = pictures.clone()
        poked[..., :8, :8] += 1
        moved = (look(poked, words) - shown).abs().amax((0, 1))
    assert moved[:8, :8].max() > 1e-3 and moved[32:, 32:].max() == 0


def test_a_look_shows_behind_the_open_gate() -> None:
    network = tiny_mini(look_width=8).eval()
    source, looked = torch.zeros(1, 3, 32, 32), torch.ones(1, 3, 32, 32)
    with torch.no_grad():
        network.proj_out.weight.zero_()
        bias = network.proj_out.bias.view(-1, 7).zero_()
        bias[:, 0], bias[:, 4:] = 20.0, 1.0
        tokens = torch.zeros(1, 16, network.config.caption_projection_dim)
        assert torch.allclose(network.pixels(tokens, source, looked=looked)[0], looked)
        assert torch.allclose(network.pixels(tokens, source)[0], source)
    with pytest.raises(ValueError, match="set gate, too"):
        tiny_mini(look_width=8, gate=False)


def negative(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """A study of one colour, which is to become its opposite."""
    picture = np.broadcast_to(rng.integers(0, 256, 3, np.uint8), (16, 16, 3)).copy()
    return picture, 255 - picture, np.ones((16, 16), bool), "make it a negative"


def test_the_lesson_teaches_the_look_and_leaves_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "BATCH", 8)
    monkeypatch.setattr(looks, "_study", negative)
    pipeline = tiny_pipeline(look_width=16)
    words = [p.detach().clone() for p in pipeline.text_encoder.parameters()]
    left = teach_looks(pipeline.transformer.look, pipeline.encoders[0], 8 * 100, 0, workers=0)
    assert left < 0.5
    assert all(torch.equal(a, b) for a, b in zip(words, pipeline.text_encoder.parameters(), strict=True))


def test_what_is_studied_is_around_what_changes() -> None:
    rng = np.random.default_rng(0)
    mask = np.zeros((128, 128), bool)
    mask[100:110, 3:9] = True
    for _ in range(10):
        assert mask[looks._around(rng, mask)].any()
    pair = make_pair(3, Task.STYLE, (128, 128), "train")
    assert pair.edit.meaning.kind in looks.KINDS


def test_a_run_begins_with_a_taught_look_and_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_workers(monkeypatch)
    model = tiny_model({"look_width": 8}, looks=32, frozen=("look",))
    first, _ = begin(model, 0, with_tokenizer(tmp_path))
    again, _ = begin(model, 0, tmp_path)
    assert torch.equal(first.transformer.look.put.weight, again.transformer.look.put.weight)
    assert first.transformer.look.put.weight.abs().max() > 0
    assert not any(p.requires_grad for p in again.transformer.look.parameters())
