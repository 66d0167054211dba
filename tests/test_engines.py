"""The EditNet engine over a tiny network: sizes, masks, alpha, variants, progress, cancel."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from omniedit import EditRequest, load_engine
from omniedit.engines import ENGINES, engine_spec
from omniedit.errors import BadInput, Cancelled, EngineUnavailable
from omniedit.services.editing import EditingService, Options, parse_task
from omniedit.services.models import list_engines
from omniedit.settings import Settings, assets_dir
from omniedit.types import EditResult, Progress, Task

RNG = np.random.default_rng(0)


def photo(width: int = 120, height: int = 90, mode: str = "RGB") -> Image.Image:
    small = Image.fromarray(RNG.integers(0, 256, (6, 8, 3), np.uint8))
    made = small.resize((width, height), Image.Resampling.BICUBIC)
    if mode == "RGBA":
        made.putalpha(Image.linear_gradient("L").resize(made.size))
    return made


def edit(settings: Settings, **changes: object) -> EditResult:
    request = EditRequest(photo(), "make it night")
    return load_engine("editnet-mini", settings).edit(replace(request, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(16, 16), (17, 301), (120, 90), (640, 480)])
def test_the_result_has_the_sources_size(settings: Settings, size: tuple[int, int]) -> None:
    assert edit(settings, source=photo(*size)).images[0].size == size


def test_the_same_seed_gives_the_same_pixels_and_another_seed_others(settings: Settings) -> None:
    source = photo()
    one, two, other = (edit(settings, source=source, seed=seed).images[0].tobytes() for seed in (3, 3, 4))
    assert one == two != other


def test_variants_are_the_following_seeds(settings: Settings) -> None:
    source = photo()
    several = edit(settings, source=source, seed=5, variants=3)
    assert several.seeds == (5, 6, 7)
    assert several.images[1].tobytes() == edit(settings, source=source, seed=6).images[0].tobytes()


def test_outside_the_mask_every_pixel_is_the_sources(settings: Settings) -> None:
    source = photo(301, 203)
    mask = Image.new("L", source.size, 0)
    mask.paste(255, (40, 50, 140, 120))
    result = edit(settings, source=source, mask=mask)
    outside = np.asarray(mask) == 0
    assert np.array_equal(np.asarray(result.images[0])[outside], np.asarray(source)[outside])
    assert not result.resampled


def test_alpha_comes_back_as_it_was(settings: Settings) -> None:
    source = photo(mode="RGBA")
    result = edit(settings, source=source).images[0]
    assert result.mode == "RGBA"
    assert result.getchannel("A").tobytes() == source.getchannel("A").tobytes()


def test_progress_names_each_step_and_a_cancel_ends_the_edit_within_one(settings: Settings) -> None:
    engine = load_engine("editnet-mini", settings)
    seen: list[Progress] = []
    engine.edit(EditRequest(photo(), "make it night", steps=3, variants=2), seen.append)
    assert [(p.variant, p.step) for p in seen] == [(v, s) for v in (1, 2) for s in (1, 2, 3)]
    seen.clear()

    def stop_at_two(progress: Progress) -> None:
        seen.append(progress)
        if progress.step == 2:
            raise Cancelled("The edit was stopped.")

    with pytest.raises(Cancelled):
        engine.edit(EditRequest(photo(), "make it night", steps=50), stop_at_two)
    assert len(seen) == 2
    assert engine.edit(EditRequest(photo(), "make it night", steps=1)).images  # and the next one runs


def test_the_service_stops_when_its_flag_is_set(settings: Settings) -> None:
    stop = threading.Event()
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        stop.set()

    with pytest.raises(Cancelled):
        EditingService(settings).edit(photo(), "make it night", None, Options(steps=20), "editnet-mini", watch, stop)
    assert len(seen) == 1


def test_a_result_says_how_it_was_made(settings: Settings) -> None:
    result = edit(settings, steps=2, guidance=2.0, image_guidance=1.5, seed=9)
    assert result.sampling is not None
    assert (result.engine, result.seeds, result.sampling.steps) == ("editnet-mini", (9,), 2)
    assert (result.sampling.guidance, result.sampling.image_guidance) == (2.0, 1.5)
    assert result.checkpoint and result.seconds > 0


def test_a_long_instruction_says_what_was_not_read(settings: Settings) -> None:
    assert "Only the first" in edit(settings, instruction="make it night " * 20).notes[0]


def test_words_that_were_never_learned_are_named(settings: Settings) -> None:
    assert edit(settings).notes == ()
    assert '"dragon"' in edit(settings, instruction="add a dragon").notes[0]


def test_engines_are_loaded_once_and_unknown_ones_refused(settings: Settings) -> None:
    assert load_engine("editnet-mini", settings) is load_engine("editnet-mini", settings)
    with pytest.raises(BadInput, match=r"Unknown engine 'dall-e'. Available: auto, specialists"):
        engine_spec("dall-e")


def test_who_waits_for_a_load_may_stop_waiting_and_the_load_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, looks = threading.Event(), threading.Event(), 0
    loaded: Any = SimpleNamespace(name="slow")

    def load(_: Settings) -> Any:
        begun.set()
        assert go_on.wait(60)
        return loaded

    def look() -> None:
        nonlocal looks
        looks += 1
        if begun.is_set() and looks > 1:
            raise Cancelled("stopped")

    monkeypatch.setitem(ENGINES, "slow", replace(ENGINES["specialists"], name="slow", load=load))
    settings = Settings(port=4_321)
    with pytest.raises(Cancelled):
        load_engine("slow", settings, look)
    go_on.set()
    assert load_engine("slow", settings, lambda: None) is loaded


def test_a_gpu_that_is_not_there_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for device in ("cuda", "cuda:9", "mps"):
        with pytest.raises(EngineUnavailable, match="OMNIEDIT_DEVICE=cpu"):
            ENGINES["editnet-mini"].load(settings.model_copy(update={"device": device}))


def test_a_picture_that_lies_on_its_side_is_turned_upright(settings: Settings) -> None:
    picture = Image.new("RGB", (64, 32), "red")
    picture.getexif()[0x0112] = 6
    mask = Image.new("L", (32, 64), 255)
    result = load_engine("editnet-mini", settings).edit(EditRequest(picture, "make it night", mask=mask, steps=1))
    assert result.images[0].size == (32, 64)


def test_the_task_says_whether_every_pixel_may_change(settings: Settings) -> None:
    edit = load_engine("editnet-mini", settings).edit
    picture = Image.linear_gradient("L").convert("RGB")
    assert edit(EditRequest(picture, "make it night", task=Task.ENVIRONMENT, steps=1)).resampled


def test_the_list_of_engines_says_what_is_missing(settings: Settings) -> None:
    ready = {row.name: row for row in list_engines(settings)}
    assert ready["editnet-mini"].ready and ready["editnet-mini"].size_mb > 0 and not ready["editnet-mini"].reason
    assert ready["auto"].ready and ready["specialists"].ready
    assert not ready["diffusion"].ready and "GB" in ready["diffusion"].reason
    elsewhere = settings.model_copy(update={"checkpoint": settings.checkpoint_dir / "nowhere"})
    missing = next(row for row in list_engines(elsewhere) if row.name == "editnet-mini")
    assert not missing.ready and "no finished checkpoint" in missing.reason


def test_tasks_by_name() -> None:
    assert parse_task("style") == "style" and parse_task(None) is None
    with pytest.raises(BadInput, match=r"Unknown task 'paint'. The tasks are: swap, removal"):
        parse_task("paint")


def test_the_bundled_model_makes_it_night() -> None:
    source = Image.open(assets_dir() / "examples" / "meadow.png").convert("RGB")
    result = load_engine("editnet-mini", Settings()).edit(EditRequest(source, "make it night"))
    before, after = (float(np.asarray(picture).mean()) for picture in (source, result.images[0]))
    assert after < 0.8 * before and result.images[0].size == source.size
