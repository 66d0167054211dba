"""The paper's diffusion specialists over tiny random pipelines: plan, apply, cancel, memory, and what is not here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from omniedit.errors import Cancelled, EngineUnavailable
from omniedit.hub import MODELS as ON_THE_HUB
from omniedit.specialists.base import Plan, Refusal
from omniedit.specialists.diffusion import MODELS, Keeper, missing, specialists
from omniedit.specialists.diffusion import models as models_module
from omniedit.specialists.diffusion.inpainting import bare
from omniedit.specialists.diffusion.prompt2prompt import Control, _mapper, prompt_to_prompt
from omniedit.types import EditRequest, Intent, Progress, Task
from tests.diffusions import inpainting, instructed, prompted

LOADERS = {"inpainting": inpainting, "prompt2prompt": prompted, "cosxl-edit": instructed}
INTENTS = {
    Task.SWAP: Intent(Task.SWAP, "swap the cat for a dog", target="the cat", new="a dog"),
    Task.REMOVAL: Intent(Task.REMOVAL, "remove the cat", target="the cat"),
    Task.ADDITION: Intent(Task.ADDITION, "add a dog", new="a dog"),
    Task.ATTRIBUTE: Intent(Task.ATTRIBUTE, "make the car red", target="the car", value="red"),
    Task.BACKGROUND: Intent(Task.BACKGROUND, "put it on a beach", value="a beach"),
    Task.ENVIRONMENT: Intent(Task.ENVIRONMENT, "make it night", value="night"),
    Task.STYLE: Intent(Task.STYLE, "as an oil painting", value="an oil painting"),
}


@pytest.fixture(scope="module")
def keeper() -> Iterator[Keeper]:
    """A keeper of tiny pipelines that work at 64 pixels."""
    small = {name: replace(spec, side=64) for name, spec in MODELS.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models_module, "MODELS", small)
        yield Keeper(loaders=LOADERS)


def request(task: Task, **changes: Any) -> EditRequest:
    rng = np.random.default_rng(0)
    source = Image.fromarray(rng.integers(0, 256, (9, 12, 3), np.uint8)).resize((120, 90), Image.Resampling.BICUBIC)
    mask = Image.new("L", source.size)
    mask.paste(255, (40, 30, 80, 70))
    whole = task in (Task.ENVIRONMENT, Task.STYLE)
    asked = EditRequest(source, INTENTS[task].text, mask=None if whole else mask)
    return replace(asked, **changes)


def plan_of(keeper: Keeper, task: Task, **changes: Any) -> Plan:
    asked = request(task, parameters={"steps": 3.0}, **changes)
    plan = specialists(keeper)[task].prepare(asked, INTENTS[task])
    assert isinstance(plan, Plan)
    return plan


def test_the_hub_knows_which_model_does_a_task(keeper: Keeper) -> None:
    known = {task: model.name for model in ON_THE_HUB.values() for task in model.tasks}
    assert known == {task: MODELS[painter.model].model.name for task, painter in specialists(keeper).items()}


@pytest.mark.parametrize("task", list(Task))
def test_each_task_runs_from_plan_to_result(keeper: Keeper, task: Task) -> None:
    plan = plan_of(keeper, task)
    seen: list[Progress] = []
    result = specialists(keeper)[task].apply(plan, seen.append)
    edited = np.asarray(result.images[0])
    assert edited.shape == plan.source.shape
    assert seen[-1].step == seen[-1].steps and len(seen) > 3
    assert (edited != plan.source).any()
    if plan.mask is not None:
        assert np.array_equal(edited[~plan.mask], plan.source[~plan.mask])


@pytest.mark.parametrize("task", [Task.REMOVAL, Task.ATTRIBUTE, Task.STYLE])
def test_a_cancel_ends_the_edit_within_a_step(keeper: Keeper, task: Task) -> None:
    told = 0

    def stop(progress: Progress) -> None:
        nonlocal told
        told += 1
        if progress.step:
            raise Cancelled("The edit was stopped.")

    with pytest.raises(Cancelled):
        specialists(keeper)[task].apply(plan_of(keeper, task), stop)
    assert told == 2
    assert specialists(keeper)[task].apply(plan_of(keeper, task)).images  # and the next one runs


def test_the_seed_decides_what_is_painted(keeper: Keeper) -> None:
    made = [
        specialists(keeper)[Task.SWAP].apply(plan_of(keeper, Task.SWAP, seed=seed)).images[0].tobytes()
        for seed in (3, 3, 4)
    ]
    assert made[0] == made[1] != made[2]


def test_one_pipeline_at_a_time_is_held_and_can_be_given_back(keeper: Keeper) -> None:
    with keeper.using("inpainting") as first:
        pass
    with keeper.using("inpainting") as again:
        assert again is first
    with keeper.using("prompt2prompt"):
        pass
    with keeper.using("inpainting") as other:
        assert other is not first
    keeper.free()
    assert keeper._pipe is None


def test_what_is_not_on_the_machine_is_named_with_its_size(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert len(missing()) == 3
    assert all(" GB, " in sentence and "with: omniedit models fetch " in sentence for sentence in missing())
    with pytest.raises(EngineUnavailable, match="not on this machine"), Keeper().using("inpainting"):
        pass


def test_an_addition_must_be_shown_where(keeper: Keeper) -> None:
    asked = request(Task.ADDITION, mask=None)
    refusal = specialists(keeper)[Task.ADDITION].prepare(asked, INTENTS[Task.ADDITION])
    assert isinstance(refusal, Refusal) and "give a box" in str(refusal)
    plan = specialists(keeper)[Task.ADDITION].prepare(replace(asked, box=(10, 10, 50, 60)), INTENTS[Task.ADDITION])
    assert isinstance(plan, Plan) and plan.mask is not None and plan.mask.sum() == 40 * 50


def test_what_these_models_cannot_do_is_left_to_the_classical_specialists(keeper: Keeper) -> None:
    beach = Image.new("RGB", (40, 30))
    behind, styling = specialists(keeper)[Task.BACKGROUND], specialists(keeper)[Task.STYLE]
    for refused in (
        behind.prepare(replace(request(Task.BACKGROUND), material=beach), INTENTS[Task.BACKGROUND]),
        behind.prepare(request(Task.BACKGROUND), replace(INTENTS[Task.BACKGROUND], parameters={"kind": "blur"})),
        styling.prepare(replace(request(Task.STYLE, mask=None), box=(10, 10, 50, 50)), INTENTS[Task.STYLE]),
    ):
        assert isinstance(refused, Refusal), refused


@torch.inference_mode()
def test_prompt_to_prompt_gives_the_source_back_where_nothing_is_asked() -> None:
    """The same caption and no guidance: the edit's branch follows the source's states, mask or not.

    DDIM runs backwards exactly only where the noise changes slowly, which a random network's does not: it is damped.
    """
    pipe = prompted()
    pipe.unet.conv_out.weight.mul_(0.02)
    source = np.asarray(request(Task.ATTRIBUTE).source.resize((64, 64)))
    words = ("a photo of a car", "a photo of a car")
    made = [
        prompt_to_prompt(
            pipe, source, mask, words, steps=10, guidance=1.0, layout=1.0, report=lambda share: None
        ).astype(int)
        for mask in (np.zeros((64, 64), bool), np.ones((64, 64), bool))
    ]
    assert np.median(np.abs(made[0] - made[1])) <= 1


def test_shared_words_keep_their_attention_and_new_ones_get_their_own() -> None:
    pipe = prompted()
    mapper = _mapper(pipe, ("a car", "a red car"))
    same = _mapper(pipe, ("a car", "a car"))
    assert torch.equal(same, torch.arange(16))
    assert (mapper == -1).sum() == 3  # the letters of "red"
    weights = torch.rand(6, 4, 16)
    lent = Control(mapper, 1.0)._lent(weights, crossing=True)
    source, _, edit = weights.chunk(3)
    shared = mapper >= 0
    assert torch.equal(lent[4:][..., shared], source[..., mapper[shared]])
    assert torch.equal(lent[4:][..., ~shared], edit[..., ~shared])
    assert torch.equal(lent[:4], weights[:4])


@pytest.mark.parametrize(
    ("words", "left"), [("the red car", "red car"), ("a cat", "cat"), ("his", "his"), ("cars", "cars")]
)
def test_articles_are_no_part_of_a_prompt(words: str, left: str) -> None:
    assert bare(words) == left
