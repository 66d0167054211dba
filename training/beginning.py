"""How a run begins: over a pretrained SD3, from a checkpoint, or new, with the lessons that come before editing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from omniedit.editnet.checkpoint import load_pipeline
from omniedit.editnet.flow import Flow
from omniedit.editnet.model import EditNetTransformer2DModel
from omniedit.editnet.pipeline import EditNetPipeline
from omniedit.editnet.text import Encoder
from omniedit.errors import BadInput
from omniedit.folders import MANIFEST, content_hash, read_manifest, write_folder
from training.config import ModelConfig
from training.drawing import Dictation, teach_drawing
from training.lesson import teach_meanings
from training.looks import teach_looks
from training.pointing import teach_pointing
from training.sight import teach_names
from training.spelling import teach_spelling
from training.tokenizer import train_tokenizer
from training.world.generate import corpus

__all__ = ["begin", "begun_from"]


@dataclass(frozen=True)
class _Lesson:
    """What `layers` learn before they edit: `teach(length, seed)` gives the score, for which `says` has a place."""

    length: int
    folder: str  # of the run's output, where what was learned is kept
    layers: nn.Module
    teach: Callable[[int, int], float]
    says: str


def begin(model: ModelConfig, seed: int, output: Path) -> tuple[EditNetPipeline, Dictation | None]:
    """The pipeline that the run trains, and what its hand's codes mean if it has learned to draw.

    Over a pretrained SD3, from an earlier checkpoint, or new from the config. What a new one learns first is kept in
    `output`: each lesson is given once, and a run goes on with the words it began with.
    """
    if model.init_from:
        pipeline = load_pipeline(Path(model.init_from))
        _freeze(pipeline.transformer, model.frozen)
        return pipeline, None
    if model.pretrained:
        return _over_sd3(model), None
    transformer = _network(model, seed)  # first, so that a configuration that does not fit leaves nothing behind
    tokenizer = _tokenizer(model, seed, output / "tokenizer")
    text_encoder = _text_encoder(model, tokenizer, seed, output / "text_encoder")
    reader = Encoder(tokenizer, text_encoder, model.text_length)
    dictation = _dictation(transformer, seed) if model.drawing else None
    for lesson in _lessons(model, transformer, dictation, reader):
        _once(lesson, seed, output / lesson.folder)
    _freeze(transformer, model.frozen)
    return EditNetPipeline(transformer, Flow(**model.flow), text_encoder, tokenizer), dictation


def begun_from(model: ModelConfig) -> dict[str, str]:
    """What a run's state says of the checkpoint that it began from: another one may lie there later."""
    return {"begun_from": content_hash(Path(model.init_from))} if model.init_from else {}


def _freeze(transformer: EditNetTransformer2DModel, parts: Iterable[str]) -> None:
    for part in parts:
        try:
            transformer.get_submodule(part).requires_grad_(False)
        except AttributeError:
            known = ", ".join(name for name, _ in transformer.named_children())
            raise BadInput(f"model.frozen names {part!r}, which this network has not; its parts are {known}.") from None


def _network(model: ModelConfig, seed: int) -> EditNetTransformer2DModel:
    try:
        transformer = EditNetTransformer2DModel(control=model.control, fusion=model.fusion, **model.transformer)
    except (ValueError, TypeError, ArithmeticError, RuntimeError) as error:
        raise BadInput(f"The network of [model.transformer] cannot be built: {error}") from error
    transformer.initialise(seed)
    return transformer


def _tokenizer(model: ModelConfig, seed: int, folder: Path) -> PreTrainedTokenizerFast:
    facts = {"vocabulary": model.vocabulary, "length": model.text_length, "seed": seed}
    if not _given(folder, facts):
        made = train_tokenizer(corpus(20_000, seed), model.vocabulary, model.text_length)
        write_folder(folder, made.save_pretrained, facts)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def _text_encoder(model: ModelConfig, tokenizer: PreTrainedTokenizerFast, seed: int, folder: Path) -> BertModel:
    """A new encoder after its first lesson."""
    facts = {"length": model.lesson, "seed": seed, "text": model.text}
    if _given(folder, facts):
        return BertModel.from_pretrained(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = BertModel(
            BertConfig(
                vocab_size=len(tokenizer),
                max_position_embeddings=model.text_length,
                hidden_dropout_prob=0.0,  # dropout draws from the global generator: no resume would be exact
                attention_probs_dropout_prob=0.0,
                **model.text,
            )
        )
    if model.lesson:
        right = teach_meanings(encoder, tokenizer, model.lesson, seed)
        print(f"The text encoder read {right:.1%} of the last sentences of its lesson without a mistake.", flush=True)
        write_folder(folder, encoder.save_pretrained, {**facts, "score": round(right, 4)})
    return encoder


def _dictation(transformer: EditNetTransformer2DModel, seed: int) -> Dictation:
    """The codes in which the drawing lesson is given."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Dictation(transformer.config.caption_projection_dim)


def _lessons(
    model: ModelConfig, transformer: EditNetTransformer2DModel, dictation: Dictation | None, reader: Encoder
) -> Iterator[_Lesson]:
    """Those that [model] asks for, in order: each builds on what the ones before it taught."""
    stem, pointer, look, hand = transformer.stem, transformer.pointer, transformer.look, transformer.hand
    patch = transformer.config.patch_size
    if model.sight:
        assert stem is not None
        says = "The stem named {:.1%} of the last object patches of its lesson."
        yield _Lesson(model.sight, "source_stem", stem, partial(teach_names, stem, patch), says)
    if model.pointing:
        assert stem is not None and pointer is not None
        layers = nn.ModuleDict({"stem": stem, "pointer": pointer})
        says = "The pointer met what was meant in {:.1%} of the last scenes of its lesson."
        yield _Lesson(model.pointing, "pointer", layers, partial(teach_pointing, transformer, reader), says)
    if model.looks:
        assert look is not None
        says = "The look left {:.2f} of the error of the last pairs of its lesson."
        yield _Lesson(model.looks, "look", look, partial(teach_looks, look, reader), says)
    if model.drawing:
        assert hand is not None and dictation is not None
        layers = nn.ModuleDict({"hand": hand, "proj_out": transformer.proj_out, "dictation": dictation})
        says = "The hand left {:.2f} of the error of the last pages of its lesson."
        yield _Lesson(model.drawing, "hand", layers, partial(teach_drawing, transformer, dictation), says)
    if model.spelling:
        assert hand is not None and dictation is not None
        says = "The words spelled the right drawing in {:.1%} of the last sentences of their lesson."
        yield _Lesson(model.spelling, "spelling", hand.spell, partial(teach_spelling, hand, dictation, reader), says)


def _once(lesson: _Lesson, seed: int, folder: Path) -> None:
    """Put into the layers what they learned in `folder`; where nothing is there, give the lesson first and keep it."""
    facts = {"length": lesson.length, "seed": seed}
    if not _given(folder, facts):
        score = lesson.teach(lesson.length, seed)
        print(lesson.says.format(score), flush=True)
        weights = {name: value.contiguous() for name, value in lesson.layers.state_dict().items()}
        kept = {**facts, "score": round(score, 4)}
        write_folder(folder, lambda temp: save_file(weights, temp / "model.safetensors"), kept)
    try:
        lesson.layers.load_state_dict(load_file(folder / "model.safetensors"))
    except RuntimeError:
        raise BadInput(f"What was learned in {folder} does not fit this network; choose another run.output.") from None


def _given(folder: Path, facts: dict[str, Any]) -> bool:
    """Whether the lesson with these facts was given before; BadInput where another one was."""
    if not (folder / MANIFEST).exists():
        return False
    there = read_manifest(folder)
    for name, value in facts.items():
        if there.get(name) != value:
            raise BadInput(
                f"What was learned in {folder} had {name} = {there.get(name)}, and the configuration says {value}; "
                "choose another run.output."
            )
    return True


def _over_sd3(model: ModelConfig) -> EditNetPipeline:
    from diffusers import StableDiffusion3Pipeline

    try:
        sd3 = StableDiffusion3Pipeline.from_pretrained(model.pretrained)
    except OSError as error:
        raise BadInput(
            f"Cannot load SD3 from {model.pretrained!r} ({str(error).splitlines()[0]}); "
            "download it first or name its folder."
        ) from None
    transformer = EditNetTransformer2DModel.from_transformer(sd3.transformer, model.control, model.fusion)
    return EditNetPipeline(
        transformer,
        Flow(**model.flow),
        sd3.text_encoder,
        sd3.tokenizer,
        sd3.text_encoder_2,
        sd3.tokenizer_2,
        sd3.text_encoder_3,
        sd3.tokenizer_3,
        sd3.vae,
    )
