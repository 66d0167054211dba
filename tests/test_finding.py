"""Engines use the models that are on the machine when they plan: those that find, and those that paint."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.engines import _finder, load_engine
from omniedit.engines.auto import AutoEngine
from omniedit.engines.specialists import SpecialistsEngine
from omniedit.errors import EngineUnavailable
from omniedit.grounding import SURE, Finder, Found, ground
from omniedit.grounding.hub import DETECTORS, SEGMENTER, Forgiving, HubFinder
from omniedit.hub import HubModel
from omniedit.settings import Settings, assets_dir
from omniedit.specialists.base import Plan, Refusal
from omniedit.specialists.diffusion import MODELS, Keeper, loadable, specialists
from omniedit.specialists.locate import finder, finding, kept, locate
from omniedit.types import EditRequest, Intent, Task
from tests.diffusions import inpainting, instructed, prompted
from tests.test_grounding_hub import dino, sam  # noqa: F401 (fixtures)

Bytes = NDArray[np.uint8]
PLACE = np.s_[40:90, 60:130]
DOG = Intent(Task.REMOVAL, "remove the dog", target="the dog")


class Pointing:
    """A finder that sees one thing, whatever it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def find(self, phrase: str, rgb: Bytes) -> tuple[Found, ...]:
        self.asked.append(phrase)
        mask = np.zeros(rgb.shape[:2], np.bool_)
        mask[PLACE] = True
        return (Found(mask, 0.9, "a model"),)


def request(words: str = "remove the dog", **changes: Any) -> EditRequest:
    with Image.open(assets_dir() / "photos" / "coffee.jpg") as image:
        return EditRequest(image.convert("RGB"), words, **changes)


def test_a_finder_holds_in_its_block_and_its_thread() -> None:
    asked, source = request(), np.asarray(request().source)
    one: list[Finder | None] = []
    with finding(Pointing()):
        found = locate(asked, DOG, source)
        assert isinstance(found, Found) and found.by == "a model" and found.mask[PLACE].all()
        region, notes = kept(replace(DOG, keep=("the cat",)), source)
        assert region is not None and region[PLACE].all() and notes == ()
        other = threading.Thread(target=lambda: one.append(finder()))
        other.start()
        other.join()
        with finding(None):
            assert isinstance(locate(asked, DOG, source), Refusal)
        assert finder() is not None
    assert one == [None] and finder() is None and isinstance(locate(asked, DOG, source), Refusal)


def test_what_was_just_fetched_is_used_at_the_next_plan() -> None:
    here: list[Finder] = []
    engine = SpecialistsEngine(finder=lambda: here[0] if here else None)
    assert isinstance(engine.plan(request()), Refusal)
    model = Pointing()
    here.append(model)
    plan = engine.plan(request())
    assert isinstance(plan, Plan) and plan.mask is not None and plan.mask[PLACE].all() and "a model" in plan.says
    edited = np.asarray(engine.edit(request()).images[0])
    assert (edited[PLACE] != plan.source[PLACE]).any() and np.array_equal(edited[~plan.mask], plan.source[~plan.mask])
    assert set(model.asked) == {"the dog"}
    here.clear()
    assert isinstance(engine.plan(request()), Refusal)


def test_where_the_model_is_not_sure_what_can_be_told_without_it_counts() -> None:
    class Unsure(Pointing):
        def find(self, phrase: str, rgb: Bytes) -> tuple[Found, ...]:
            return tuple(replace(found, score=0.3) for found in super().find(phrase, rgb))

    sky = np.asarray(Image.open(assets_dir() / "photos" / "rocket.jpg").convert("RGB"))
    alone, beside = (ground("the sky", sky, finder=one)[0] for one in (None, Unsure()))
    assert alone.score >= SURE and beside.score == alone.score and beside.by == alone.by


def test_a_model_that_fails_takes_nothing_away(monkeypatch: pytest.MonkeyPatch) -> None:
    freed = []
    broken = HubFinder()
    monkeypatch.setattr(broken, "find", lambda *_: (_ for _ in ()).throw(RuntimeError("out of memory")))
    monkeypatch.setattr(broken, "free", lambda: freed.append(True))
    engine = SpecialistsEngine(finder=lambda: Forgiving(broken))
    plan = engine.plan(request("blur the background"))
    assert isinstance(plan, Plan)
    assert isinstance(engine.plan(request("remove the dog")), Refusal) and freed


@pytest.mark.parametrize(
    "words",
    ["swap the dog for a cat", "make the dog red", "blur everything but the dog", "put a hat on the dog",
     "put a ball next to the dog", "make the dog a pencil sketch", "make it night but keep the dog as it is"],
)  # fmt: skip
def test_every_specialist_looks_with_it(words: str) -> None:
    model = Pointing()
    plan = SpecialistsEngine(finder=lambda: model).plan(request(words))
    assert "dog" in " ".join(model.asked), plan


def in_cache(cache: Path, model: HubModel, folder: Path) -> None:
    """`folder`'s files where the hub's cache would have those of the model."""
    storage = model.repos[0].storage(cache)
    shutil.copytree(folder, storage / "snapshots" / ("0" * 40))


def test_the_engine_finds_with_the_hubs_models_from_the_moment_they_are_here(
    dino: Path,  # noqa: F811
    sam: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("omniedit.grounding.hub.DETECTORS", {
        "grounding-dino": replace(DETECTORS["grounding-dino"], threshold=1e-4)
    })  # fmt: skip
    settings = Settings(device="auto", home=tmp_path)
    of = _finder(settings)
    assert of() is None
    engine = load_engine("specialists", settings)
    assert isinstance(engine, SpecialistsEngine) and isinstance(engine.plan(request()), Refusal)
    in_cache(tmp_path, DETECTORS["grounding-dino"].model, dino)
    assert of() is None  # SAM is still to come
    in_cache(tmp_path, SEGMENTER, sam)
    model = of()
    assert isinstance(model, Forgiving) and model.finder.device == "auto"
    assert of() is model and engine.finder() is model
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert model.find("the dog", np.asarray(request().source))  # at random, but something
    engine.plan(request())
    model.finder.free()
    assert _finder(settings.model_copy(update={"full_size": False}))() is None
    assert DETECTORS["grounding-dino"].model.folders() and load_engine("specialists", settings) is engine


def test_a_device_that_is_not_there_is_said(
    dino: Path,  # noqa: F811
    sam: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    in_cache(tmp_path, DETECTORS["grounding-dino"].model, dino)
    in_cache(tmp_path, SEGMENTER, sam)
    with pytest.raises(EngineUnavailable, match=r"The device 'cuda:99' cannot be used .* OMNIEDIT_DEVICE=cpu"):
        HubFinder(device="cuda:99").find("the dog", np.zeros((32, 32, 3), np.uint8))


@pytest.fixture
def painting(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SpecialistsEngine, set[str]]]:
    """The engine of tiny pipelines, and the names of the models that are here."""
    here: set[str] = set()

    def folders(model: HubModel, cache: Path | None = None) -> tuple[Path, ...]:
        return (Path("somewhere"),) if model.name in here else ()

    monkeypatch.setattr(HubModel, "folders", folders)
    small = {name: replace(spec, side=64) for name, spec in MODELS.items()}
    monkeypatch.setattr("omniedit.specialists.diffusion.models.MODELS", small)
    keeper = Keeper(loaders={"inpainting": inpainting, "prompt2prompt": prompted, "cosxl-edit": instructed})
    yield SpecialistsEngine("diffusion", loadable(keeper)), here


def test_each_task_needs_its_own_model_only(painting: tuple[SpecialistsEngine, set[str]]) -> None:
    engine, here = painting
    needed = {task: one.model for task, one in specialists(Keeper()).items()}
    assert set(needed) == set(Task) and set(needed.values()) == set(MODELS)
    for name in MODELS:
        here.clear()
        here.add(name)
        for task in Task:
            if needed[task] == name:
                assert engine.of(task).task is task
            else:
                with pytest.raises(EngineUnavailable, match="is not on this machine; fetch it with: omniedit models"):
                    engine.of(task)


def test_auto_takes_a_painting_model_from_the_moment_it_is_here(painting: tuple[SpecialistsEngine, set[str]]) -> None:
    engine, here = painting
    auto = AutoEngine([engine, SpecialistsEngine()], lambda _: None)  # type: ignore[arg-type, return-value]
    box, few = (60, 40, 130, 90), {"steps": 2.0}
    before = auto.edit(request("remove the spoon", box=box))
    assert before.engine == "specialists" and "no full-size model for it" in before.notes[-1]
    here.add("inpainting")
    after = auto.edit(request("remove the spoon", box=box, parameters=few))
    assert after.engine == "diffusion" and "full-size" in after.notes[-1]
    night = auto.edit(request("make it night"))
    assert night.engine == "specialists" and "no full-size model for it" in night.notes[-1]
    both = auto.edit(request("remove the spoon and make it night", box=box))  # the second has no model: neither begins
    assert both.engine == "specialists"


def test_the_painting_engine_is_ready_when_one_of_its_models_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    from omniedit.services.models import list_engines

    monkeypatch.setattr(HubModel, "folders", lambda model, cache=None: ())
    assert "models fetch inpainting" in {row.name: row for row in list_engines(Settings())}["diffusion"].reason
    monkeypatch.setattr(
        HubModel, "folders", lambda model, cache=None: (Path("x"),) if model.name == "inpainting" else ()
    )
    assert {row.name: row for row in list_engines(Settings())}["diffusion"].ready
