"""The pipeline: diffusers' own promises (save, load, callback, interrupt, caching) and ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import cpu_offload
from diffusers import FirstBlockCacheConfig
from diffusers.callbacks import PipelineCallback
from PIL import Image
from torch import Tensor

from omniedit.editnet.pipeline import EditNetPipeline, decode_latent, encode_latent
from tests.editnets import tiny_pipeline, tiny_vae

BOTH = pytest.mark.parametrize("latent", [False, True], ids=["mini", "sd3"])


def picture(width: int = 32, height: int = 48, seed: int = 0) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 255, (height, width, 3), dtype=np.uint8))


def run(pipeline: EditNetPipeline, words: Any = "make it night", **given: Any) -> np.ndarray:
    seed = given.pop("seed", 7)
    settings: dict[str, Any] = {"num_inference_steps": 3, "output_type": "np"} | given
    settings.setdefault("generator", torch.Generator().manual_seed(seed))
    image = settings.pop("image", picture())
    return np.asarray(pipeline(image, words, **settings).images)


@BOTH
def test_a_seed_reproduces_and_another_differs(latent: bool) -> None:
    pipeline = tiny_pipeline(latent)
    assert np.array_equal(run(pipeline), run(pipeline))
    assert not np.array_equal(run(pipeline), run(pipeline, seed=8))


@BOTH
def test_save_then_load_is_equal(latent: bool, tmp_path: Path) -> None:
    pipeline = tiny_pipeline(latent)
    pipeline.save_pretrained(tmp_path, safe_serialization=True)
    again = EditNetPipeline.from_pretrained(tmp_path)
    again.set_progress_bar_config(disable=True)
    for name in ("transformer", "text_encoder", *(["vae"] if latent else [])):
        ours, theirs = (getattr(p, name).state_dict() for p in (pipeline, again))
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    np.testing.assert_allclose(run(pipeline), run(again), atol=1e-5)
    assert not list(tmp_path.rglob("*.bin"))


@BOTH
def test_batch_equals_singles(latent: bool) -> None:
    pipeline = tiny_pipeline(latent)
    words = ["make it night", "add a cat", "remove the red car"]
    images = [picture(seed=i) for i in range(3)]
    seeds = [torch.Generator().manual_seed(i) for i in range(3)]
    together = run(pipeline, words, image=images, generator=seeds)
    for i in range(3):
        single = run(pipeline, words[i], image=images[i], generator=[torch.Generator().manual_seed(i)])
        np.testing.assert_allclose(together[i], single[0], atol=1e-5)


def test_callback_sees_each_step_and_may_change_latents() -> None:
    pipeline, seen = tiny_pipeline(), []

    def callback(_: EditNetPipeline, step: int, t: float, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        seen.append((step, t, tuple(tensors)))
        return {"latents": torch.zeros_like(tensors["latents"])}

    out = run(pipeline, callback_on_step_end=callback, callback_on_step_end_tensor_inputs=["latents", "prediction"])
    assert [s for s, _, _ in seen] == [0, 1, 2]
    assert seen[0][1] == 1.0 and seen[0][2] == ("latents", "prediction")
    assert np.allclose(out, 0.5)


@pytest.mark.parametrize("scales", [(1.0, 1.0), (3.0, 1.0), (3.0, 1.5)])
def test_each_step_sees_what_the_first_observed(scales: tuple[float, float], monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = tiny_pipeline()
    given = {"guidance_scale": scales[0], "image_guidance_scale": scales[1]}
    looked, forward = [], pipeline.transformer.look.forward
    monkeypatch.setattr(pipeline.transformer.look, "forward", lambda *a: looked.append(1) or forward(*a))
    once = run(pipeline, **given)
    assert len(looked) == 1
    anew = pipeline.transformer.forward
    monkeypatch.setattr(pipeline.transformer, "forward", lambda *a, observed=None, **k: anew(*a, **k))
    np.testing.assert_allclose(run(pipeline, **given), once, atol=1e-6)
    assert len(looked) == 4


@BOTH
def test_parts_that_are_moved_in_when_they_are_called_give_the_same(latent: bool) -> None:
    """Sequential offload, with the processor in the accelerator's place."""
    pipeline = tiny_pipeline(latent)
    expected = run(pipeline)
    cpu_offload(pipeline.transformer, torch.device("cpu"))
    np.testing.assert_allclose(run(pipeline), expected, atol=1e-6)


def test_a_mask_of_another_size_or_number_is_refused() -> None:
    pipeline = tiny_pipeline()
    with pytest.raises(ValueError, match="1 masks of 16 x 16 for 1 pictures of 32 x 48"):
        run(pipeline, mask_image=Image.new("L", (16, 16)))
    with pytest.raises(ValueError, match="2 masks of 32 x 48 for 1 pictures"):
        run(pipeline, mask_image=[Image.new("L", (32, 48))] * 2)


def test_interrupt_ends_after_the_step_and_the_next_call_runs() -> None:
    pipeline, steps = tiny_pipeline(), []

    def callback(pipe: EditNetPipeline, step: int, t: float, tensors: dict[str, Tensor]) -> None:
        steps.append(step)
        pipe.interrupt = step == 1

    run(pipeline, num_inference_steps=6, callback_on_step_end=callback)
    assert steps == [0, 1]
    run(pipeline, callback_on_step_end=lambda *_: steps.append(-1))
    assert steps == [0, 1, -1, -1, -1]


@BOTH
def test_guidance_scales_change_the_result_and_one_is_neutral(latent: bool) -> None:
    pipeline = tiny_pipeline(latent)
    plain = run(pipeline)
    np.testing.assert_array_equal(plain, run(pipeline, guidance_scale=1.0, image_guidance_scale=1.0))
    text = run(pipeline, guidance_scale=5.0)
    image = run(pipeline, image_guidance_scale=3.0)
    assert not np.allclose(plain, text) and not np.allclose(plain, image) and not np.allclose(text, image)


@pytest.mark.parametrize("scales", [(5.0, 1.0), (1.0, 3.0), (5.0, 3.0)])
def test_no_scale_opens_a_closed_gate(scales: tuple[float, float]) -> None:
    pipeline = tiny_pipeline()
    network = pipeline.transformer
    network.proj_out.bias.data.view(network.config.patch_size**2, -1)[:, 0] = -100.0
    out = run(pipeline, guidance_scale=scales[0], image_guidance_scale=scales[1])
    np.testing.assert_allclose(out[0], np.asarray(picture()) / 255, atol=1e-6)


def test_first_block_cache_skips_the_other_blocks() -> None:
    pipeline, calls = tiny_pipeline(), []
    pipeline.transformer.transformer_blocks[1].control.register_forward_hook(lambda *_: calls.append(1))
    before = run(pipeline)
    pipeline.transformer.enable_cache(FirstBlockCacheConfig(threshold=0.0))
    np.testing.assert_allclose(run(pipeline), before, atol=1e-6)
    pipeline.transformer.disable_cache()
    pipeline.transformer.enable_cache(FirstBlockCacheConfig(threshold=10.0))
    calls.clear()
    assert np.isfinite(run(pipeline)).all()
    assert len(calls) == 1  # of three steps


def test_diffusers_own_names_work() -> None:
    pipeline, steps = tiny_pipeline(), []

    def callback(pipe: EditNetPipeline, step: int, t: float, tensors: dict[str, Tensor]) -> None:
        steps.append((step, pipe.num_timesteps, pipe.guidance_scale))
        pipe._interrupt = True

    run(pipeline, guidance_scale=2.0, callback_on_step_end=callback)
    assert steps == [(0, 3, 2.0)]

    class Watch(PipelineCallback):
        tensor_inputs = ["prediction"]  # noqa: RUF012

        def callback_fn(self, pipeline: Any, step: int, t: float, given: dict[str, Tensor]) -> dict[str, Tensor]:
            steps.append(tuple(given))
            return {}

    run(pipeline, callback_on_step_end=Watch(cutoff_step_ratio=None, cutoff_step_index=0))
    assert steps[1:] == [("prediction",)] * 3


def test_the_pipelines_xformers_switch_keeps_our_attention() -> None:
    pipeline = tiny_pipeline()
    before = run(pipeline)
    pipeline.disable_xformers_memory_efficient_attention()
    np.testing.assert_allclose(run(pipeline), before, atol=1e-5)
    assert {type(p).__name__ for p in pipeline.transformer.attn_processors.values()} == {"EditNetAttnProcessor"}


def test_words_are_sent_where_an_offloaded_encoder_computes() -> None:
    encoder = tiny_pipeline().encoders[0]
    assert encoder.tokens(["a cat"], torch.device("meta"))["input_ids"].device.type == "meta"


def test_compiled_blocks_give_the_same_picture() -> None:
    pipeline = tiny_pipeline()
    before = run(pipeline)
    pipeline.transformer.compile_repeated_blocks(dynamic=False, fullgraph=True, backend="aot_eager")
    np.testing.assert_allclose(run(pipeline), before, atol=1e-4)


def test_half_precision_runs() -> None:
    pipeline = tiny_pipeline().to(torch.bfloat16)
    assert np.isfinite(run(pipeline)).all()


def test_progress_bar_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    pipeline = tiny_pipeline()
    pipeline.set_progress_bar_config(disable=False)
    run(pipeline)
    assert "3/3" in capsys.readouterr().err


def test_latents_use_shift_and_scale_both_ways() -> None:
    vae = tiny_vae()
    pixels = torch.rand(1, 3, 16, 16) * 2 - 1
    with torch.no_grad():
        mode = vae.encode(pixels).latent_dist.mode()
        latent = encode_latent(vae, pixels)
        torch.testing.assert_close(latent, (mode - 0.0609) * 1.5035)
        torch.testing.assert_close(decode_latent(vae, latent), vae.decode(mode).sample, atol=1e-5, rtol=1e-4)
    assert encode_latent(None, pixels) is pixels


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"image": picture(30, 48)}, "multiples of 8"),
        ({"words": ["a", "b"], "image": [picture()] * 3}, "one instruction a picture"),
        ({"callback_on_step_end_tensor_inputs": ["noise"]}, "Unknown callback input 'noise'"),
        ({"latent": True, "mask_image": Image.new("L", (32, 48), 255)}, "no mask input"),
    ],
)
def test_what_cannot_work_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(tiny_pipeline(given.pop("latent", False)), **given)
