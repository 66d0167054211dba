"""The registry of specialists, what plans share, and the engines over them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from omniedit.engines import ENGINES, load_engine
from omniedit.engines.auto import AutoEngine
from omniedit.engines.specialists import SpecialistsEngine, _steps, read
from omniedit.errors import BadInput, EngineUnavailable
from omniedit.settings import Settings, assets_dir
from omniedit.specialists import SPECIALISTS, prepare, specialist
from omniedit.specialists.base import Knob, Painted, Plan, Refusal, Report, Specialist
from omniedit.types import EditRequest, EditResult, Intent, Progress, Task


def photo(name: str = "coffee") -> Image.Image:
    with Image.open(assets_dir() / "photos" / f"{name}.jpg") as image:
        return image.convert("RGB")


def request(words: str, name: str = "coffee", **changes: Any) -> EditRequest:
    return EditRequest(photo(name), words, **changes)


class Whitening(Specialist):
    """Paints everything white: what the base class does with it is seen best."""

    name, task = "white", Task.STYLE
    knobs = (
        Knob("amount", "Amount", 1.0),
        Knob("kind", "Kind", "a", choices=("a", "b")),
        Knob("tint", "T", "", free=True),
    )

    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        return replace(self.blank(request, intent), says="Whitens.")

    def paint(self, plan: Plan, seed: int, report: Report) -> Painted:
        report(0.5)
        return Painted(np.full_like(plan.source, 255))


def test_each_task_has_its_specialist() -> None:
    assert set(SPECIALISTS) == set(Task)
    for task in Task:
        assert specialist(task).task == task
        assert len({knob.name for knob in specialist(task).knobs}) == len(specialist(task).knobs) <= 7


def test_a_blank_plan_has_the_photo_its_alpha_and_the_knobs() -> None:
    source = Image.new("RGBA", (24, 16), (10, 20, 30, 128))
    blank = Whitening().blank(EditRequest(source, "x", parameters={"kind": "b"}), Intent(Task.STYLE, "x"))
    assert blank.source.shape == (16, 24, 3) and blank.alpha is not None and blank.alpha.getpixel((0, 0)) == 128
    assert blank.parameters == {"amount": 1.0, "kind": "b", "tint": ""}
    assert (blank.specialist, blank.mask, blank.says) == ("white", None, "")


def test_pixels_outside_the_mask_come_back_and_the_fade_is_in_between() -> None:
    plan = Whitening().prepare(request("x"), Intent(Task.STYLE, "x"))
    assert isinstance(plan, Plan)
    mask = np.zeros(plan.source.shape[:2], bool)
    mask[50:100, 50:100] = True
    fade = np.zeros(mask.shape, np.float32)
    fade[60:90, 60:90] = 0.5
    edited = np.asarray(Whitening().apply(replace(plan, mask=mask, fade=fade)).images[0])
    assert np.array_equal(edited[~mask], plan.source[~mask])
    assert np.array_equal(edited[50:60, 50:100], plan.source[50:60, 50:100])
    assert np.abs(edited[70, 70] - (plan.source[70, 70] + 255.0) / 2).max() <= 1


def test_variants_and_progress_are_told() -> None:
    seen: list[Progress] = []
    plan = Whitening().prepare(request("x", variants=2, seed=5), Intent(Task.STYLE, "x"))
    assert isinstance(plan, Plan)
    result = Whitening().apply(plan, seen.append)
    assert result.seeds == (5, 6) and len(result.images) == 2 and result.parameters["kind"] == "a"
    assert [(p.variant, p.step) for p in seen] == [(v, s) for v in (1, 2) for s in (0, 10, 20)]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"amount": 3.0}, "amount is 3.0; give a number from 0 to 2"),
        ({"amount": "much"}, "amount is 'much'; give a number"),
        ({"kind": "c"}, "give one of: a, b"),
        ({"glow": 1.0}, "has no parameter 'glow'; it has amount, kind, tint"),
    ],
)
def test_a_parameter_that_cannot_be_is_one_sentence(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        prepare(request("x", parameters=parameters), Intent(Task.STYLE, "x"), Whitening())


def test_what_is_to_be_kept_is_kept() -> None:
    intent = Intent(Task.STYLE, "x", keep=("the sky",))
    plan = prepare(request("x", "rocket"), intent, Whitening())
    assert isinstance(plan, Plan) and plan.mask is not None
    edited = np.asarray(Whitening().apply(plan).images[0])
    sky, ground = (slice(5, 40), slice(90, 300)), (slice(235, 256), slice(150, 230))
    assert np.array_equal(edited[sky], plan.source[sky])
    assert edited[ground].mean() > 200
    unknown = prepare(request("x", "rocket"), replace(intent, keep=("the giraffe",)), Whitening())
    assert isinstance(unknown, Plan) and "giraffe" in " ".join(unknown.notes)


def test_words_that_ask_for_nothing_are_refused_with_what_can_be_asked() -> None:
    with pytest.raises(BadInput, match="remove the van"):
        read(request("hello!"))


def test_what_is_shown_needs_no_name() -> None:
    with pytest.raises(BadInput):
        read(request("remove this"))
    assert read(request("remove this", box=(10, 10, 60, 60))).task == Task.REMOVAL


def test_a_task_that_is_given_goes_before_the_words() -> None:
    assert read(request("sunset", task=Task.BACKGROUND)).task == Task.BACKGROUND


def test_two_edits_in_one_sentence_are_done_in_order() -> None:
    engine = SpecialistsEngine()
    seen: list[Progress] = []
    both = engine.edit(request("remove the spoon and make it sepia", box=(202, 148, 264, 212)), seen.append)
    sepia = np.asarray(both.images[0]).astype(int)
    assert (sepia[..., 0] - sepia[..., 2]).mean() > 10
    assert len(both.notes) >= 2 and seen[-1].step == seen[-1].steps
    assert [p.step for p in seen] == sorted(p.step for p in seen)


def test_of_several_edits_those_are_made_that_can_be() -> None:
    engine, words = SpecialistsEngine(), "make it sepia, remove the elephant and the wyvern and blur the background"
    result = engine.edit(replace(request(words), variants=2))
    sepia = np.asarray(result.images[0]).astype(int)
    assert (sepia[..., 0] - sepia[..., 2]).mean() > 10 and result.seeds == (0, 1)
    assert [note.split(". ")[0] for note in result.undone] == [
        "Not done: 'remove the elephant'",
        "Not done: 'remove the wyvern'",
    ]
    assert result.notes[:2] == result.undone and "I cannot find the wyvern" in result.undone[1]
    assert any("background" in note for note in result.notes[2:])
    with pytest.raises(BadInput, match="elephant"):
        engine.edit(request("remove the elephant and make it sepia"))


class Small:
    """Stands for the small EditNet: knows every word but "dragon"."""

    name = "editnet-mini"

    def unlearned(self, words: str) -> list[str]:
        return ["dragon"] if "dragon" in words else []

    def edit(self, request: EditRequest, on_progress: Any = None) -> EditResult:
        return EditResult((request.source,), self.name, None, (0,), 0.0, False)


def test_auto_takes_the_specialist_where_it_can_and_says_why() -> None:
    auto = AutoEngine([SpecialistsEngine()], lambda _: Small())  # type: ignore[arg-type]
    result = auto.edit(request("make it night"))
    assert result.engine == "specialists" and "no full-size model" in result.notes[-1]


def test_auto_asks_where_the_specialist_cannot_and_says_whether_the_small_model_may_try() -> None:
    auto = AutoEngine([SpecialistsEngine()], lambda _: Small())  # type: ignore[arg-type]
    for thing, other in (("elephant", "editnet-mini"), ("dragon", "")):
        refusal = auto.plan(request(f"remove the {thing}"))
        assert isinstance(refusal, Refusal) and thing in str(refusal) and refusal.other == other
        with pytest.raises(BadInput, match=thing) as said:
            auto.edit(request(f"remove the {thing}"))
        assert ("editnet-mini" in str(said.value)) == bool(other)


def test_auto_offers_nobody_where_the_small_model_is_not_here() -> None:
    def away(_: object) -> None:
        raise EngineUnavailable("It is not here.")

    refusal = AutoEngine([SpecialistsEngine()], away).plan(request("remove the elephant"))  # type: ignore[arg-type]
    assert isinstance(refusal, Refusal) and refusal.other == ""


def test_auto_prefers_a_full_size_engine() -> None:
    full = SpecialistsEngine("diffusion")
    auto = AutoEngine([full, SpecialistsEngine()], lambda _: Small())  # type: ignore[arg-type]
    result = auto.edit(request("make it night"))
    assert result.engine == "diffusion" and "full-size" in result.notes[-1]


def test_the_usual_engine_is_auto() -> None:
    assert load_engine(settings=Settings()).name == "auto" and set(ENGINES) >= {"auto", "specialists"}


def test_each_of_two_edits_has_what_is_meant_for_it() -> None:
    engine, box = SpecialistsEngine(), (202, 148, 264, 212)
    both = engine.edit(request("remove the spoon and make it night", box=box, parameters={"margin": 2.0}))
    assert both.parameters["margin"] == 2.0
    beach = Image.new("RGB", (64, 48), (240, 220, 180))
    steps = list(_steps(request("make it sepia and put a dog on the table, then blur the background", material=beach)))
    assert [step.intent.task for step in steps if step.intent] == [Task.STYLE, Task.ADDITION, Task.BACKGROUND]
    assert [step.material is not None for step in steps] == [False, True, False]


def test_auto_asks_rather_than_let_the_small_model_guess_what_was_clicked_or_kept() -> None:
    auto = AutoEngine([SpecialistsEngine()], lambda _: Small())  # type: ignore[arg-type]
    kept = Intent(Task.REMOVAL, "remove the elephant", target="the elephant", keep=("the cup",))
    for asked in (
        request("swap the cup for a cat", material=photo()),  # a picture with no thing cut out
        request("remove the elephant", intent=kept),
    ):
        with pytest.raises(BadInput, match=r"no transparent background|I cannot find the elephant") as said:
            auto.edit(asked)
        assert "editnet-mini" not in str(said.value)


def test_auto_passes_parameters_of_the_classical_specialist_by_the_full_size_one() -> None:
    class Other(Whitening):
        knobs = (Knob("steps", "Steps", 20.0, 1.0, 50.0),)

    auto = AutoEngine([SpecialistsEngine("diffusion", lambda _: Other()), SpecialistsEngine()], lambda _: Small())  # type: ignore[arg-type]
    assert auto.edit(request("make it night", parameters={"amount": 0.5})).engine == "specialists"


def test_what_is_kept_keeps_its_alpha_too() -> None:
    class Clearing(Whitening):
        def paint(self, plan: Plan, seed: int, report: Report) -> Painted:
            return Painted(plan.source, Image.new("L", (plan.source.shape[1], plan.source.shape[0])))

    intent = Intent(Task.STYLE, "x", keep=("the sky",))
    plan = prepare(request("x", "rocket"), intent, Clearing())
    assert isinstance(plan, Plan)
    alpha = np.asarray(Clearing().apply(plan).images[0].getchannel("A"))
    assert (alpha[5:40, 90:300] == 255).all() and (alpha[235:, 150:230] == 0).all()


@pytest.mark.parametrize(
    ("words", "changes", "knobs"),
    [
        ("make it night", {}, {"kind", "amount", "sky"}),
        ("make it foggy", {}, {"kind", "amount", "sky", "density"}),
        ("blur the background", {"box": (40, 10, 330, 250)}, {"kind", "amount", "edge"}),
        ("remove it", {"box": (202, 148, 264, 212)}, {"margin", "shadow"}),
        ("remove it", {"mask": True}, {"shadow"}),
        ("make the cup bigger", {"box": (100, 10, 270, 150)}, {"kind", "amount"}),
    ],
)
def test_a_plan_shows_the_sliders_that_make_a_difference(words: str, changes: dict[str, Any], knobs: set[str]) -> None:
    if "mask" in changes:
        mask = Image.new("L", photo().size)
        mask.paste(255, (202, 148, 264, 212))
        changes = {"mask": mask}
    plan = SpecialistsEngine().plan(request(words, **changes))
    assert isinstance(plan, Plan) and {knob.name for knob in plan.knobs} == knobs
