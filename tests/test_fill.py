"""Surroundings that go on where a gate is open."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from omniedit.editnet.fill import surroundings
from tests.editnets import tiny_mini


def hill(height: int, width: int) -> Tensor:
    """A smooth picture (1, 3, H, W)."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    return torch.stack([x, y, x * y]).unsqueeze(0) * 0.5


@pytest.mark.parametrize("size", [(64, 64), (48, 80), (37, 61)])
def test_what_stands_behind_an_open_gate_vanishes(size: tuple[int, int]) -> None:
    ground, gate = hill(*size), torch.zeros(1, 1, *size)
    gate[..., 12:24, 16:30] = 1
    with_thing = torch.where(gate > 0, torch.ones(3, 1, 1), ground)
    filled = surroundings(with_thing, gate)
    assert torch.equal(torch.where(gate > 0, 0, filled), torch.where(gate > 0, 0, with_thing))
    wrong, before = ((p - ground).abs()[gate.expand_as(ground) > 0].mean() for p in (filled, with_thing))
    assert wrong < 0.12 * before


def test_a_gate_that_is_open_everywhere_gives_no_nonsense() -> None:
    filled = surroundings(hill(32, 48), torch.ones(1, 1, 32, 48))
    assert filled.isfinite().all() and filled.abs().max() <= 1


def test_the_network_can_show_the_surroundings() -> None:
    network = tiny_mini(fill=True).eval()
    size = network.config.patch_size * 4
    source = hill(size, size)
    source[..., 8:16, 8:16] = 1
    with torch.no_grad():
        network.proj_out.weight.zero_()
        bias = network.proj_out.bias.view(-1, 8).zero_()
        bias[:, 7] = 1.0
        sample, gate_logit = network.pixels(torch.zeros(1, 16, network.config.caption_projection_dim), source)
    gate = gate_logit.sigmoid()
    assert torch.allclose(sample, (1 - gate) * source + gate * surroundings(source, gate))
    with pytest.raises(ValueError, match="set gate, too"):
        tiny_mini(fill=True, gate=False)
