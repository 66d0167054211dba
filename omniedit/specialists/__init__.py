"""The seven specialists that supervise EditNet, one for each of the paper's tasks (section 3.2).

`prepare(request, intent)` maps an instruction to its specialist (Algorithm 1, line 3) and gives a plan or a refusal;
`specialist(plan.intent.task).apply(plan)` does what the plan says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from omniedit.errors import BadInput
from omniedit.types import EditRequest, Intent, Task

if TYPE_CHECKING:
    from omniedit.specialists.base import Plan, Refusal, Specialist

__all__ = ["SPECIALISTS", "prepare", "specialist"]

SPECIALISTS: Mapping[Task, str] = MappingProxyType(
    {
        Task.SWAP: "omniedit.specialists.swap:Swap",
        Task.REMOVAL: "omniedit.specialists.removal:Removal",
        Task.ADDITION: "omniedit.specialists.addition:Addition",
        Task.ATTRIBUTE: "omniedit.specialists.attribute:Attribute",
        Task.BACKGROUND: "omniedit.specialists.background:Background",
        Task.ENVIRONMENT: "omniedit.specialists.environment:Environment",
        Task.STYLE: "omniedit.specialists.style:Style",
    }
)
KEPT_RIM = 0.01  # of the picture's short side, over which an edit fades towards what must not change


@cache
def specialist(task: Task) -> Specialist:
    """The specialist of a task; its module is imported at the first call."""
    module, _, name = SPECIALISTS[task].partition(":")
    made: Specialist = getattr(import_module(module), name)()
    return made


def prepare(request: EditRequest, intent: Intent, chosen: Specialist | None = None) -> Plan | Refusal:
    """What the specialist of `intent.task` (or the one given) would do; what the words want kept leaves its mask.

    Raises BadInput where the request names a parameter that the specialist does not have, or a value out of its range.
    """
    import numpy as np

    from omniedit.specialists.base import Refusal
    from omniedit.specialists.locate import kept
    from omniedit.specialists.masks import feather

    if intent.task is None:
        raise ValueError("An intent without a task has no specialist.")
    chosen = chosen or specialist(intent.task)
    chosen.check(request.parameters)
    plan = chosen.prepare(request, intent)
    if isinstance(plan, Refusal) or not intent.keep:
        return plan
    region, notes = kept(intent, plan.source)
    plan = replace(plan, notes=(*plan.notes, *notes))
    if region is None:
        return plan
    free = ~region
    mask = free if plan.mask is None else plan.mask & free
    if not mask.any():
        raise BadInput("Nothing is left to edit: what is to be changed lies wholly in what is to be kept.")
    fade = feather(free, KEPT_RIM * min(free.shape))
    return replace(plan, mask=mask, fade=fade if plan.fade is None else np.minimum(plan.fade, fade))
