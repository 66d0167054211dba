"""The paper's diffusion specialists (section 3.2): inpainting, masked Prompt-to-Prompt, CosXL-Edit.

They need weights of several gigabytes and want a GPU. What is not on the machine is not fetched by an edit: `missing`
says what would have to be. Each model works without the others: `loadable` looks, whenever it is asked, for that of a
task, so a model counts from the moment at which it is fetched.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from omniedit.specialists.base import Specialist
from omniedit.specialists.diffusion.models import INPAINTING, MODELS, Keeper, Painter, missing
from omniedit.types import Task

__all__ = ["MODELS", "Keeper", "Painter", "loadable", "missing", "specialists"]


def loadable(keeper: Keeper) -> Callable[[Task], Specialist]:
    """Gives the specialist of a task; EngineUnavailable where its model is not on this machine."""

    @cache
    def seven() -> dict[Task, Painter]:
        return specialists(keeper)

    def of(task: Task) -> Specialist:
        if len(missing()) == len(MODELS):  # torch need not be imported to know
            MODELS[INPAINTING].model.loadable()
        MODELS[seven()[task].model].model.loadable()
        return seven()[task]

    return of


def specialists(keeper: Keeper) -> dict[Task, Painter]:
    """The seven, which share the pipelines that `keeper` holds."""
    from omniedit.specialists.diffusion.inpainting import Adding, Behind, Removing, Swapping
    from omniedit.specialists.diffusion.instructed import Styling, Surroundings
    from omniedit.specialists.diffusion.prompt2prompt import Changing

    made = (Swapping, Removing, Adding, Changing, Behind, Surroundings, Styling)
    return {kind.task: kind(keeper) for kind in made}
