"""EditNet's network: equal to its base at the start, every part reached by gradients, every variant."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers.models import attention_dispatch

from omniedit.editnet.model import EditNetTransformer2DModel
from tests.editnets import inputs, stir, tiny_mini, tiny_sd3

VARIANTS = [
    ("editnet", "concatenate"),
    ("editnet", "add"),
    ("controlnet", "concatenate"),
    ("controlnet_text", "concatenate"),
    ("channel_concat", "concatenate"),
]


@pytest.mark.parametrize(("control", "fusion"), VARIANTS)
@pytest.mark.parametrize("dual", [False, True], ids=["sd3", "sd3.5"])
def test_starts_equal_to_its_base(control: str, fusion: str, dual: bool) -> None:
    extra = {"dual_attention_layers": (0,), "qk_norm": "rms_norm"} if dual else {}
    base = tiny_sd3(num_layers=3, **extra).eval()
    model = EditNetTransformer2DModel.from_transformer(base, control, fusion).eval()
    given = inputs()
    with torch.no_grad():
        theirs = base(**{k: v for k, v in given.items() if k != "source"}).sample
        ours = model(**given).sample
    assert (ours - theirs).abs().max() == 0.0


@pytest.mark.parametrize(("control", "fusion"), VARIANTS)
def test_gradients_reach_all_trainable_parts_and_no_frozen_one(control: str, fusion: str) -> None:
    model = EditNetTransformer2DModel.from_transformer(tiny_sd3(num_layers=3), control, fusion)
    stir(model)
    if control != "channel_concat":
        model.freeze_base()
    model(**inputs()).sample.square().mean().backward()
    trainable = {n: p for n, p in model.named_parameters() if p.requires_grad}
    dead = [n for n, p in trainable.items() if p.grad is None or not p.grad.abs().max() > 0]
    assert dead == []
    assert all(p.grad is None for p in model.parameters() if not p.requires_grad)
    frozen = {n for n, p in model.named_parameters() if not p.requires_grad}
    unread = {n for n in frozen if n.startswith("transformer_blocks.2.control.attn.add_q_proj")}
    assert all(".base." in n or not n.startswith("transformer_blocks") for n in frozen - unread)
    assert (control == "channel_concat") == (
        frozen == {f"transformer_blocks.2.base.attn.add_q_proj.{w}" for w in ("weight", "bias")}
    )


def test_mini_trains_every_parameter() -> None:
    model = tiny_mini()
    out = model(**inputs(height=32, width=48, channels=3))
    (out.sample.square().mean() + out.gate_logit.mean()).backward()
    trainable = {n: p for n, p in model.named_parameters() if p.requires_grad}
    dead = [n for n, p in trainable.items() if p.grad is None or not p.grad.abs().max() > 0]
    assert dead == [] and len(trainable) > 0.9 * len(list(model.parameters()))


@pytest.mark.parametrize("part", ["source", "encoder_hidden_states"])
@pytest.mark.parametrize(("control", "fusion"), VARIANTS)
def test_source_and_words_reach_the_output(part: str, control: str, fusion: str) -> None:
    model = EditNetTransformer2DModel.from_transformer(tiny_sd3(), control, fusion).eval()
    stir(model)
    given = inputs()
    with torch.no_grad():
        before = model(**given).sample
        after = model(**given | {part: given[part].flip(0)}).sample
    assert (before - after).abs().max() > 1e-4


@pytest.mark.parametrize("size", [(16, 16), (16, 32), (32, 16), (24, 40)])
@pytest.mark.parametrize(("control", "fusion"), VARIANTS)
def test_batch_equals_singles_at_any_size(control: str, fusion: str, size: tuple[int, int]) -> None:
    model = EditNetTransformer2DModel.from_transformer(tiny_sd3(), control, fusion).eval()
    stir(model)
    given = inputs(3, *size)
    with torch.no_grad():
        together = model(**given).sample
        singles = torch.cat([model(**{k: v[i : i + 1] for k, v in given.items()}).sample for i in range(3)])
    assert together.shape == (3, 4, *size)
    torch.testing.assert_close(together, singles, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("part", ["source", "encoder_hidden_states", "pooled_projections", "timestep"])
def test_all_that_the_mini_is_told_reaches_its_output(part: str) -> None:
    model, given = tiny_mini().eval(), inputs(height=32, width=32, channels=3)
    with torch.no_grad():
        before, after = (model(**given | {part: x}).sample for x in (given[part], given[part].flip(0)))
    assert (before - after).abs().max() > 1e-3


def test_a_closed_gate_copies_the_source() -> None:
    model = tiny_mini().eval()
    model.proj_out.weight.data.zero_()
    model.proj_out.bias.data.fill_(-100.0)
    given = inputs(height=32, width=32, channels=3)
    with torch.no_grad():
        out = model(**given)
    assert torch.equal(out.sample, given["source"])


def test_mask_changes_the_mini_and_no_mask_is_neutral() -> None:
    model = tiny_mini().eval()
    given = inputs(height=32, width=32, channels=3)
    with torch.no_grad():
        none = model(**given).sample
        zeros = model(**given, mask=torch.zeros(2, 1, 32, 32)).sample
        shown = model(**given, mask=torch.ones(2, 1, 32, 32)).sample
    assert torch.equal(none, zeros)
    assert (none - shown).abs().max() > 1e-5


def test_gradient_checkpointing_gives_the_same_gradients() -> None:
    grads = []
    for checkpointing in (False, True):
        model = tiny_mini()
        if checkpointing:
            model.enable_gradient_checkpointing()
        model(**inputs(height=32, width=32, channels=3)).sample.square().mean().backward()
        grads.append(model.transformer_blocks[0].control.attn.to_q.weight.grad)
    torch.testing.assert_close(*grads)


def test_full_size_has_the_papers_shape() -> None:
    with torch.device("meta"):
        model = EditNetTransformer2DModel()
    model.freeze_base()
    total = sum(p.numel() for p in model.parameters())
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert round(total / 1e9, 2) == 4.18
    assert round(trainable / 1e9, 2) == 2.15


def test_attention_backends_are_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    known = attention_dispatch._AttentionBackendRegistry
    monkeypatch.setattr(known, "_active_backend", known._active_backend)  # else set for all models that follow
    model = tiny_mini().eval()
    given = inputs(height=32, width=32, channels=3)
    with torch.no_grad():
        native = model(**given).sample
        model.set_attention_backend("_native_math")
        processors = list(model.attn_processors.values())
        assert {p._attention_backend for p in processors} == {"_native_math"}
        torch.testing.assert_close(model(**given).sample, native, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"caption_projection_dim": 48}, "must equal the width 32"),
        ({"source_channels": 4}, "source_channels = out_channels"),
        ({"control": "controlnet-text"}, "control is 'controlnet-text'; choose one of editnet, controlnet"),
        ({"fusion": "sum"}, "fusion is 'sum'; choose one of concatenate, add"),
    ],
)
def test_a_config_that_cannot_work_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tiny_mini(**changes)
