"""The flow: which way noise and data run, how a loss is weighted, how a step is taken, how guidance mixes.

    x_t = (1 - t) x + t sigma n        t = 0 is the picture x, t = 1 is noise; sigma is `noise_scale`
    v   = dx_t / dt = sigma n - x      what SD3 predicts; omniedit-mini predicts x and v follows from it

Nothing else in the project knows this direction: training and sampling both call here.
Sources: Esser et al. 2024 (rectified flow, shift), Li and He 2025 (clean prediction, loss in velocity),
Brooks et al. 2023 (two guidance scales), Song and Dhariwal 2023 (pseudo-Huber loss).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from diffusers import ConfigMixin, SchedulerMixin
from diffusers.configuration_utils import register_to_config
from torch import Tensor

__all__ = ["Flow"]

Prediction = Literal["clean", "velocity"]
Density = Literal["uniform", "logit_normal"]


class Flow(SchedulerMixin, ConfigMixin):
    """The rectified flow that training and sampling share.

    `prediction` says what the network gives; `shift` moves noise levels towards noise (3 for SD3);
    `density` is the distribution of u before the shift; `loss_floor` bounds the velocity weight 1 / max(t, floor)²
    of a clean prediction; `time_floor` bounds the division when a velocity is read from a clean prediction.
    `robust` above 0 makes the loss of an error e sqrt(e² + robust²) - robust instead of e²: where a network is not
    sure what to do, the squared error is smallest with half of it done, which is a ghost; this one's with a decision.
    """

    config_name = "scheduler_config.json"

    @register_to_config
    def __init__(
        self,
        prediction: Prediction = "velocity",
        shift: float = 3.0,
        density: Density = "logit_normal",
        noise_scale: float = 1.0,
        loss_floor: float = 0.4,
        time_floor: float = 0.05,
        robust: float = 0.0,
    ) -> None:
        for name, value, allowed in (
            ("prediction", prediction, ("clean", "velocity")),
            ("density", density, ("uniform", "logit_normal")),
        ):
            if value not in allowed:
                raise ValueError(f"flow {name} is {value!r}; choose one of {', '.join(allowed)}.")

    def shifted(self, u: Tensor) -> Tensor:
        """Move u in [0, 1] towards noise: t = s u / (1 + (s - 1) u)."""
        s = self.config.shift
        return s * u / (1 + (s - 1) * u)

    def draw_times(self, batch: int, generator: torch.Generator) -> Tensor:
        """(B,) training times in (0, 1)."""
        if self.config.density == "uniform":
            u = torch.rand(batch, generator=generator)
        else:
            u = torch.randn(batch, generator=generator).sigmoid()
        return self.shifted(u)

    def times(self, steps: int) -> Tensor:
        """(steps + 1,) sampling times from 1 (noise) down to exactly 0 (picture)."""
        return self.shifted(torch.linspace(1, 0, steps + 1))

    def model_time(self, t: Tensor) -> Tensor:
        """What the network is told: t in thousandths, as SD3 was trained."""
        return t * 1000

    def noise_like(self, x: Tensor, generator: torch.Generator | Sequence[torch.Generator] | None) -> Tensor:
        """Standard noise of x's shape, drawn on the generator's device so that a seed means the same everywhere.

        With a list of generators each sample has its own, so that a batch equals its singles.
        """
        if generator is None or isinstance(generator, torch.Generator):
            device = x.device if generator is None else generator.device
            return torch.randn(x.shape, generator=generator, device=device).to(x.device)
        return torch.stack([torch.randn(x.shape[1:], generator=g, device=g.device).to(x.device) for g in generator])

    def noisy(self, x: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """x_t from the picture x, standard noise and times t (B,)."""
        t = _per_sample(t, x)
        return (1 - t) * x + t * self.config.noise_scale * noise

    def start(self, noise: Tensor) -> Tensor:
        """Where sampling begins: x_1."""
        return self.config.noise_scale * noise

    def clean(self, prediction: Tensor, x_t: Tensor, t: Tensor) -> Tensor:
        """The picture that a prediction at x_t stands for."""
        if self.config.prediction == "clean":
            return prediction
        return x_t - _per_sample(t, x_t) * prediction

    def velocity(self, prediction: Tensor, x_t: Tensor, t: Tensor) -> Tensor:
        """The velocity that a prediction at x_t stands for."""
        if self.config.prediction == "velocity":
            return prediction
        return (x_t - prediction) / _per_sample(t, x_t).clamp_min(self.config.time_floor)

    def step(self, prediction: Tensor, x_t: Tensor, t: Tensor, t_next: Tensor) -> Tensor:
        """One Euler step from t down to t_next; times are scalars. The last step lands on the clean picture."""
        if t_next == 0:
            return self.clean(prediction, x_t, t)
        return x_t + (t_next - t) * self.velocity(prediction, x_t, t)

    def loss(self, prediction: Tensor, x: Tensor, noise: Tensor, t: Tensor, emphasis: Tensor | None = None) -> Tensor:
        """(B,) error in velocity, averaged over each sample; `emphasis` (B, 1, H, W) weighs pixels."""
        if self.config.prediction == "clean":
            weight = 1 / t.clamp_min(self.config.loss_floor) ** 2
            error = (prediction.float() - x) ** 2
        else:
            weight = torch.ones_like(t)
            error = (prediction.float() - (self.config.noise_scale * noise - x)) ** 2
        if self.config.robust:
            error = (error + self.config.robust**2).sqrt() - self.config.robust
        if emphasis is not None:
            error = error * emphasis
        return weight * error.flatten(1).mean(1)

    @staticmethod
    def guide(full: Tensor, no_text: Tensor, nothing: Tensor | None, guidance: float, image_guidance: float) -> Tensor:
        """Mix predictions with a text and an image scale (InstructPix2Pix, equation 3).

        `full` saw text and source, `no_text` the source only, `nothing` neither. Plain classifier-free guidance
        is image_guidance = 1, where `nothing` cancels and may be None.
        """
        mixed = no_text + guidance * (full - no_text)
        if nothing is not None:
            mixed = mixed + (image_guidance - 1) * (no_text - nothing)
        return mixed


def _per_sample(t: Tensor, like: Tensor) -> Tensor:
    """Times (B,) or a scalar, shaped to broadcast over pictures."""
    return t.to(like.device, like.dtype).reshape(-1, *[1] * (like.ndim - 1))
