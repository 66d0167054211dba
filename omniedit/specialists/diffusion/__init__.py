"""The paper's diffusion specialists (section 3.2): inpainting, masked Prompt-to-Prompt, CosXL-Edit.

They need weights of several gigabytes and want a GPU. What is not on the machine is not fetched by an edit: `missing`
says what would have to be, and `specialists(...)` raises EngineUnavailable with the same words.
"""

from __future__ import annotations

from omniedit.specialists.base import Specialist
from omniedit.specialists.diffusion.models import MODELS, Keeper, missing
from omniedit.types import Task

__all__ = ["MODELS", "Keeper", "missing", "specialists"]


def specialists(keeper: Keeper) -> dict[Task, Specialist]:
    """The seven, which share the pipelines that `keeper` holds."""
    from omniedit.specialists.diffusion.inpainting import Adding, Behind, Removing, Swapping
    from omniedit.specialists.diffusion.instructed import Styling, Surroundings
    from omniedit.specialists.diffusion.prompt2prompt import Changing

    made = (Swapping, Removing, Adding, Changing, Behind, Surroundings, Styling)
    return {kind.task: kind(keeper) for kind in made}
