"""Changes the light, the weather or the season of a photograph, everywhere or in the part that is meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from omniedit.specialists.base import Knob, Painted, Plan, Refusal, Report, Specialist
from omniedit.specialists.masks import feather
from omniedit.specialists.part import asked_part
from omniedit.specialists.weather.air import fog, storm
from omniedit.specialists.weather.develop import develop
from omniedit.specialists.weather.falling import rain, snow
from omniedit.specialists.weather.light import dawn, golden_hour, night, overcast, sunny, sunset
from omniedit.specialists.weather.recipe import Recipe, Turn
from omniedit.specialists.weather.scene import Scene, read_scene
from omniedit.specialists.weather.seasons import autumn, spring, summer, winter
from omniedit.types import EditRequest, Intent, Task
from omniedit.vocabulary import ENVIRONMENTS

__all__ = ["LOOKS", "Environment", "Look"]

DENSE = frozenset({"fog", "rain", "snow", "storm"})  # kinds in which something hangs in the air
FEATHER = 0.025  # of the picture's short side, over which the edit of a painted part fades into the picture
UNSURE = 0.75  # confidence where no sky was found: the light changes, much of the scene cannot
NEW, KEPT = "changes", "stays"
NO_SKY = "No sky was found, so only the light changes."
NO_SKY_HERE = "No sky was found, so none is changed."  # of kinds that change more than the light
NO_LEAVES = "No grass or leaves were found, so only the light changes."
NO_GROUND = "No ground was found."
FAR = "How far away things are is guessed from the one picture."


@dataclass(frozen=True)
class Look:
    """How a kind is made; `words` complete "Makes it …"; what of the scene it `needs`: "leaves", "ground", "depth",
    "air"; a kind that needs nothing changes only light and sky."""

    make: Callable[[Scene, Turn], Recipe]
    words: str
    needs: frozenset[str] = frozenset()


LOOKS: dict[str, Look] = {
    "night": Look(night, "night: dark and blue, lamps and windows lit"),
    "sunset": Look(sunset, "sunset: warm light from a low sun"),
    "golden hour": Look(golden_hour, "golden hour: soft warm light from one side"),
    "dawn": Look(dawn, "dawn: cool and pink, with low mist"),
    "overcast": Look(overcast, "overcast: soft grey light"),
    "sunny": Look(sunny, "sunny: bright, warm and clear"),
    "fog": Look(fog, "foggy, more so with distance", frozenset({"depth"})),
    "rain": Look(rain, "rainy: streaks, mist and wet ground", frozenset({"ground"})),
    "snow": Look(snow, "snowy: flakes in the air, snow on the ground and on top of things", frozenset({"ground"})),
    "storm": Look(storm, "stormy: dark torn clouds, hard light and rain", frozenset({"air"})),
    "spring": Look(spring, "spring: fresh green and blossom", frozenset({"leaves"})),
    "summer": Look(summer, "summer: deep green under a strong sun", frozenset({"leaves"})),
    "autumn": Look(autumn, "autumn: leaves from yellow to red", frozenset({"leaves"})),
    "winter": Look(winter, "winter: snow lies, greens turn grey, cold light", frozenset({"ground"})),
}


class Environment(Specialist):
    """Classical relighting at the picture's own size, with new skies, air and weather where the scene has room."""

    name: ClassVar[str] = "environment"
    task: ClassVar[Task] = Task.ENVIRONMENT
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("kind", "Light, weather or season", "sunset", choices=tuple(ENVIRONMENTS)),
        Knob("amount", "Strength", 1.0, 0.0, 2.0),
        Knob("density", "How thick: fog, rain, snow", 1.0, 0.2, 2.0),
        Knob("sky", "The sky", NEW, choices=(NEW, KEPT)),
    )

    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        """The kind, where, and what the scene has of sky, ground and leaves; a refusal where no known kind is meant."""
        kind = self.asked_kind(request, intent, "light or weather", LOOKS)
        if isinstance(kind, Refusal):
            return kind
        look = LOOKS[kind]
        blank = self.blank(request, intent)
        source = blank.source
        # where weather is named ("snow on the street"), it comes all the same to what is around
        part = asked_part(request, intent, source, by_name=look.needs.isdisjoint({"depth", "ground"}))
        if isinstance(part, Refusal):
            return part
        mask, fade = (part.mask, part.fade) if part else (None, None)
        if mask is not None and fade is None:
            fade = feather(mask, FEATHER * min(mask.shape))
        scene = read_scene(source)
        parameters = dict(blank.parameters)
        if any("sky" in kept.lower().split() for kept in intent.keep) and "sky" not in request.parameters:
            parameters["sky"] = KEPT
        where = part.name if part else "it"
        changes = scene.sky is not None and parameters["sky"] == NEW
        says = f"Makes {where} {look.words}{'; the sky changes too' if changes else ''}."
        return replace(
            blank,
            mask=mask,
            says=says,
            parameters=parameters,
            confidence=min(UNSURE if scene.sky is None else max(UNSURE, scene.sky.score), part.score if part else 1.0),
            notes=(*blank.notes, *_lacking(scene, look)),
            fade=fade,
            knobs=self.knobs if kind in DENSE else self.knobs_but("density"),
            work=scene,
        )

    def paint(self, plan: Plan, seed: int, report: Report) -> Painted:
        """The picture in the new light; strength 0 gives the source. Seeds differ in clouds, flakes and strength."""
        amount = float(np.clip(float(plan.parameters["amount"]), 0, 2))
        density = float(np.clip(float(plan.parameters["density"]), 0.2, 2))
        if amount == 0:
            return Painted(plan.source)
        scene = plan.work
        assert isinstance(scene, Scene)
        recipe = LOOKS[str(plan.parameters["kind"])].make(scene, Turn(amount, density, seed))
        report(0.3)
        keep_sky = plan.parameters["sky"] == KEPT
        return Painted(develop(plan.source, scene, recipe, seed, keep_sky, lambda share: report(0.3 + 0.7 * share)))


def _lacking(scene: Scene, look: Look) -> list[str]:
    """What a person should know about what was not found, or only guessed."""
    notes = [] if scene.sky is not None else [NO_SKY_HERE if look.needs else NO_SKY]
    if "leaves" in look.needs and scene.leaves.mean() < 0.005:
        notes.append(NO_LEAVES)
    if "ground" in look.needs and scene.ground.mean() < 0.01:
        notes.append(NO_GROUND)
    if "depth" in look.needs:
        notes.append(FAR)
    return notes
