"""The flow: a perfect prediction recovers the data, whichever way the network predicts."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from omniedit.editnet.flow import Flow

MINI = Flow(prediction="clean", density="uniform", noise_scale=0.5)
SD3 = Flow()


@pytest.mark.parametrize("flow", [MINI, SD3], ids=["mini", "sd3"])
@pytest.mark.parametrize("steps", [1, 2, 8, 50])
def test_a_perfect_prediction_recovers_the_data(flow: Flow, steps: int) -> None:
    x = torch.rand(2, 3, 8, 8, dtype=torch.float64) * 2 - 1
    noise = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    times = flow.times(steps).double()
    x_t = flow.start(noise)
    for t, t_next in pairwise(times):
        perfect = x if flow.config.prediction == "clean" else flow.config.noise_scale * noise - x
        x_t = flow.step(perfect, x_t, t, t_next)
    assert (x_t - x).abs().max() < 1e-9


@pytest.mark.parametrize("flow", [MINI, SD3], ids=["mini", "sd3"])
def test_a_step_along_the_true_velocity_stays_on_the_path(flow: Flow) -> None:
    x, noise = torch.randn(1, 3, 4, 4), torch.randn(1, 3, 4, 4)
    t, t_next = torch.tensor(0.8), torch.tensor(0.3)
    perfect = x if flow.config.prediction == "clean" else flow.config.noise_scale * noise - x
    stepped = flow.step(perfect, flow.noisy(x, noise, t), t, t_next)
    torch.testing.assert_close(stepped, flow.noisy(x, noise, t_next))


@pytest.mark.parametrize("flow", [MINI, SD3], ids=["mini", "sd3"])
def test_the_loss_is_zero_for_a_perfect_prediction_and_positive_else(flow: Flow) -> None:
    x, noise, t = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4), torch.tensor([0.2, 0.9])
    perfect = x if flow.config.prediction == "clean" else flow.config.noise_scale * noise - x
    assert torch.equal(flow.loss(perfect, x, noise, t), torch.zeros(2))
    assert (flow.loss(perfect + 0.1, x, noise, t) > 0).all()


def test_a_robust_loss_is_smallest_with_a_decision_where_the_squared_one_blends() -> None:
    """Of three edits that look alike, two remove a thing (0) and one keeps it (1)."""
    truths, t, noise = torch.tensor([0.0, 0.0, 1.0]).view(3, 1, 1, 1), torch.ones(3), torch.zeros(3, 1, 1, 1)
    answers = torch.linspace(0, 1, 101)

    def best(flow: Flow) -> float:
        losses = torch.stack([flow.loss(a.expand(3, 1, 1, 1), truths, noise, t).mean() for a in answers])
        return float(answers[losses.argmin()])

    assert best(Flow(prediction="clean")) == pytest.approx(1 / 3, abs=0.01)
    assert best(Flow(prediction="clean", robust=0.1)) < 0.1


def test_emphasis_weighs_pixels() -> None:
    x, noise, t = torch.zeros(1, 1, 2, 2), torch.zeros(1, 1, 2, 2), torch.tensor([1.0])
    wrong = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
    emphasis = torch.tensor([[[[3.0, 1.0], [1.0, 1.0]]]])
    assert MINI.loss(wrong, x, noise, t, emphasis) == 3 * MINI.loss(wrong, x, noise, t)


def test_times_run_from_noise_to_picture_and_lean_to_noise() -> None:
    times = SD3.times(8)
    assert times[0] == 1 and times[-1] == 0 and (times.diff() < 0).all()
    assert times[4] == pytest.approx(0.75)


def test_drawn_times_repeat_by_seed() -> None:
    first, second = (SD3.draw_times(64, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(first, second) and first.min() > 0 and first.max() < 1


def test_guidance_of_one_is_the_full_prediction() -> None:
    full, no_text, nothing = torch.randn(3, 2, 3, 4, 4)
    torch.testing.assert_close(Flow.guide(full, no_text, nothing, 1.0, 1.0), full)
    plain = Flow.guide(full, no_text, None, 2.0, 1.0)
    torch.testing.assert_close(plain, no_text + 2 * (full - no_text))
    both = Flow.guide(full, no_text, nothing, 7.5, 1.5)
    torch.testing.assert_close(both, nothing + 1.5 * (no_text - nothing) + 7.5 * (full - no_text))


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(ValueError, match="prediction is 'noise'"):
        Flow(prediction="noise")  # type: ignore[arg-type]
