"""What counts as a model that is on this machine, and what is fetched of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from huggingface_hub.utils import filter_repo_objects

from omniedit.errors import EngineUnavailable
from omniedit.hub import MODELS, HubModel, Repo
from omniedit.specialists.diffusion.models import MODELS as PIPELINES
from tests.diffusions import inpainting, prompted
from tests.hubs import COMMIT, filled

TINY = Repo("a/b", ("config.json", "tokenizer.json|vocab.txt", "model.safetensors"), ("special*.json",))
WHOLE = {"config.json": b"{}", "vocab.txt": b"a", "model.safetensors": b"x"}
SDXL = """model_index.json scheduler/scheduler_config.json text_encoder/config.json text_encoder/model.fp16.safetensors
text_encoder/model.safetensors text_encoder_2/config.json text_encoder_2/model.fp16.safetensors README.md
text_encoder_2/model.safetensors tokenizer/merges.txt tokenizer/special_tokens_map.json tokenizer/tokenizer_config.json
tokenizer/vocab.json tokenizer_2/merges.txt tokenizer_2/special_tokens_map.json tokenizer_2/tokenizer_config.json
tokenizer_2/vocab.json unet/config.json unet/diffusion_pytorch_model.fp16.safetensors vae/config.json
unet/diffusion_pytorch_model.safetensors vae/diffusion_pytorch_model.fp16.safetensors
vae/diffusion_pytorch_model.safetensors vae_1_0/diffusion_pytorch_model.safetensors unet/model.onnx
sd_xl_base_1.0.safetensors text_encoder/flax_model.msgpack text_encoder/pytorch_model.bin""".split()
SD15 = """model_index.json v1-5-pruned.ckpt v1-5-pruned.safetensors v1-5-pruned-emaonly.safetensors
feature_extractor/preprocessor_config.json safety_checker/config.json safety_checker/model.safetensors
safety_checker/pytorch_model.bin scheduler/scheduler_config.json text_encoder/config.json text_encoder/model.safetensors
text_encoder/model.fp16.safetensors text_encoder/pytorch_model.bin tokenizer/merges.txt tokenizer/vocab.json
tokenizer/special_tokens_map.json tokenizer/tokenizer_config.json unet/config.json unet/diffusion_pytorch_model.bin
unet/diffusion_pytorch_model.safetensors unet/diffusion_pytorch_model.fp16.safetensors
unet/diffusion_pytorch_model.non_ema.safetensors vae/config.json vae/diffusion_pytorch_model.safetensors
vae/diffusion_pytorch_model.fp16.safetensors vae/diffusion_pytorch_model.bin""".split()


def snapshot(cache: Path, files: dict[str, bytes], commit: str = COMMIT) -> Path:
    return filled(cache / "models--a--b" / "snapshots" / commit, files)


def test_all_that_is_needed_must_be_there(tmp_path: Path) -> None:
    assert TINY.folder(tmp_path) is None
    for name in WHOLE:
        cache = tmp_path / name
        snapshot(cache, {other: data for other, data in WHOLE.items() if other != name})
        assert TINY.folder(cache) is None, name
        assert TINY.folder(cache) is None
        folder = snapshot(cache, {name: WHOLE[name]})
        assert TINY.folder(cache) == folder


def test_a_link_to_what_is_not_there_is_no_file(tmp_path: Path) -> None:
    folder = snapshot(tmp_path, {"config.json": b"{}", "tokenizer.json": b"{}"})
    (folder / "model.safetensors").symlink_to("../../blobs/0123")
    assert TINY.folder(tmp_path) is None


def test_what_the_hub_is_known_to_have_must_be_there_too(tmp_path: Path) -> None:
    folder = snapshot(tmp_path, WHOLE)
    files = {name: {"size": 1, "blob_id": "0"} for name in (*WHOLE, "special_tokens_map.json", "model.bin")}
    listed = tmp_path / "models--a--b" / "trees" / f"{COMMIT}.json"
    filled(listed.parent, {listed.name: json.dumps({"format_version": 1, "files": files}).encode()})
    assert TINY.folder(tmp_path) is None
    snapshot(tmp_path, {"special_tokens_map.json": b"{}"})
    assert TINY.folder(tmp_path) == folder


def test_a_new_version_on_the_hub_does_not_hide_the_one_that_is_here(tmp_path: Path) -> None:
    old = snapshot(tmp_path, WHOLE, "0" * 40)
    snapshot(tmp_path, {"config.json": b"{}"})
    filled(tmp_path / "models--a--b" / "refs", {"main": COMMIT.encode()})
    assert TINY.folder(tmp_path) == old
    new = snapshot(tmp_path, WHOLE)
    assert TINY.folder(tmp_path) == new


def test_a_model_needs_all_its_repositories(tmp_path: Path) -> None:
    here = filled(tmp_path / "here", WHOLE)
    model = HubModel((Repo(str(here)), TINY), "none", 0.5)
    assert model.folders(tmp_path) == () and HubModel((Repo(str(here)),), "none", 0.5).folders(tmp_path) == (here,)
    assert model.folders(tmp_path) == () and "hf download" in model.sentence()
    folder = snapshot(tmp_path, WHOLE)
    assert model.folders(tmp_path) == (here, folder)


def test_what_is_not_here_is_said_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(EngineUnavailable, match=r"facebook/sam-vit-base \(0.4 GB, Apache-2.0\) .* models fetch sam\."):
        MODELS["sam"].loadable()


def test_only_what_is_loaded_is_fetched() -> None:
    inpaint, sd15, cosxl = (MODELS[name].repos for name in ("inpainting", "prompt2prompt", "cosxl-edit"))
    tensors = {
        name
        for repo, listed in ((inpaint[0], SDXL), (sd15[0], SD15), (cosxl[1], SDXL))
        for name in filter_repo_objects(listed, allow_patterns=list(repo.patterns))
        if not name.endswith((".json", ".txt"))
    }
    parts = ("text_encoder", "text_encoder_2", "unet", "vae")
    files = {"text_encoder": "model", "text_encoder_2": "model"}
    stems = [f"{part}/{files.get(part, 'diffusion_pytorch_model')}" for part in parts]
    half = {f"{stem}.fp16.safetensors" for stem in stems}
    assert tensors == half | {f"{stem}.safetensors" for stem in stems if "_2" not in stem}
    assert [repo.patterns for repo in cosxl[:1]] == [("cosxl_edit.safetensors",)]
    for repo, listed in ((inpaint[0], SDXL), (sd15[0], SD15), (cosxl[1], SDXL)):
        assert set(repo.needed) <= set(listed)


@pytest.mark.parametrize("name", ["inpainting", "prompt2prompt"])
def test_what_is_fetched_of_a_pipeline_can_be_loaded(name: str, tmp_path: Path) -> None:
    """A tiny pipeline, of which only the files that the patterns name are kept."""
    made, variant = (inpainting(), "fp16") if name == "inpainting" else (prompted(), None)
    made.save_pretrained(tmp_path / "all", variant=variant)
    written = [str(path.relative_to(tmp_path / "all")) for path in (tmp_path / "all").rglob("*") if path.is_file()]
    kept = list(filter_repo_objects(written, allow_patterns=[*MODELS[name].repos[0].patterns, "tokenizer/*.json"]))
    filled(tmp_path / "kept", {one: (tmp_path / "all" / one).read_bytes() for one in kept})
    pipe = PIPELINES[name].load((tmp_path / "kept",), torch.float32)
    for part in ("unet", "vae", "text_encoder"):
        before, after = getattr(made, part).state_dict(), getattr(pipe, part).state_dict()
        assert before.keys() == after.keys() and all(torch.equal(before[key], after[key]) for key in before)


def test_cosxl_is_told_where_its_plan_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers import StableDiffusionXLInstructPix2PixPipeline

    asked = {}

    def loaded(path: str, **options: object) -> object:
        asked.update(options, path=path)
        return type("Pipe", (), {})()

    monkeypatch.setattr(StableDiffusionXLInstructPix2PixPipeline, "from_single_file", loaded)
    PIPELINES["cosxl-edit"].load((tmp_path / "weights", tmp_path / "plan"), torch.float16)
    assert asked["path"] == str(tmp_path / "weights" / "cosxl_edit.safetensors")
    assert asked["config"] == str(tmp_path / "plan") and asked["local_files_only"] and asked["num_in_channels"] == 8
