"""How a run begins: over a pretrained SD3, from a checkpoint, or new, with the lessons that come before editing."""

from __future__ import annotations

from collections.abc import Callable
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
from omniedit.folders import MANIFEST, read_manifest, write_folder
from training.config import ModelConfig
from training.drawing import Dictation, teach_drawing
from training.lesson import teach_meanings
from training.looks import teach_looks
from training.pointing import teach_pointing
from training.sight import teach_names
from training.spelling import teach_spelling
from training.tokenizer import train_tokenizer
from training.world.generate import corpus

__all__ = ["begin"]


def begin(model: ModelConfig, seed: int, output: Path) -> tuple[EditNetPipeline, Dictation | None]:
    """The pipeline that the run trains, and what its hand's codes mean if it has learned to draw.

    Over a pretrained SD3, from an earlier checkpoint, or new from the config. What a new one learns first is kept in
    `output`: each lesson is given once, and a run goes on with the words it began with.
    """
    if model.init_from:
        pipeline = load_pipeline(Path(model.init_from))
        _keep_learned(pipeline.transformer)
        return pipeline, None
    if model.pretrained:
        return _over_sd3(model), None
    transformer = _network(model, seed)  # first, so that a configuration that does not fit leaves nothing behind
    _check_lessons(model, transformer)
    tokenizer = _tokenizer(model, seed, output / "tokenizer")
    text_encoder = _text_encoder(model, tokenizer, seed, output / "text_encoder")
    if model.sight:
        _give_sight(model, transformer, seed, output / "source_stem")
    reader = Encoder(tokenizer, text_encoder, model.text_length)
    if model.pointing:
        _give_pointing(model, transformer, reader, seed, output / "pointer")
    if model.looks:
        _give_looks(model, transformer, reader, seed, output / "look")
    dictation = _give_drawing(model, transformer, seed, output / "hand") if model.drawing else None
    if model.spelling:
        _give_spelling(model, transformer, dictation, reader, seed, output / "spelling")
    _keep_learned(transformer)
    return EditNetPipeline(transformer, Flow(**model.flow), text_encoder, tokenizer), dictation


def _keep_learned(transformer: EditNetTransformer2DModel) -> None:
    """Look and spelling learn in their lessons alone."""
    for part in (transformer.look, None if transformer.hand is None else transformer.hand.spell):
        if part is not None:
            part.requires_grad_(False)


def _network(model: ModelConfig, seed: int) -> EditNetTransformer2DModel:
    try:
        transformer = EditNetTransformer2DModel(control=model.control, fusion=model.fusion, **model.transformer)
    except (ValueError, TypeError, ArithmeticError, RuntimeError) as error:
        raise BadInput(f"The network of [model.transformer] cannot be built: {error}") from error
    transformer.initialise(seed)
    return transformer


def _check_lessons(model: ModelConfig, transformer: EditNetTransformer2DModel) -> None:
    """BadInput where a lesson is to be given to a part that is not there."""
    network = transformer.config
    for lesson, there, missing in (
        ("sight", network.source_stem, "model.transformer.source_stem"),
        ("pointing", network.pointer_heads, "model.transformer.pointer_heads"),
        ("looks", network.look_width, "model.transformer.look_width"),
        ("drawing", network.hand_widths and network.gate, "model.transformer.hand_widths and gate"),
        ("spelling", model.drawing, "model.drawing"),
    ):
        if getattr(model, lesson) and not there:
            raise BadInput(f"model.{lesson} is set but what it teaches is not there; set {missing}, or no {lesson}.")


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


def _give_sight(model: ModelConfig, transformer: EditNetTransformer2DModel, seed: int, folder: Path) -> None:
    """The stem's first lesson."""
    stem, patch = transformer.stem, transformer.config.patch_size
    assert stem is not None
    says = "The stem named {:.1%} of the last object patches of its lesson."
    _once(
        stem, folder, partial(teach_names, stem, patch, model.sight, seed), {"length": model.sight, "seed": seed}, says
    )


def _give_pointing(
    model: ModelConfig, transformer: EditNetTransformer2DModel, reader: Encoder, seed: int, folder: Path
) -> None:
    """The first lesson of the pointer and the second of the stem."""
    assert transformer.stem is not None and transformer.pointer is not None
    layers = nn.ModuleDict({"stem": transformer.stem, "pointer": transformer.pointer})
    says = "The pointer met what was meant in {:.1%} of the last scenes of its lesson."
    _once(
        layers,
        folder,
        partial(teach_pointing, transformer, reader, model.pointing, seed),
        {"length": model.pointing, "seed": seed},
        says,
    )


def _give_looks(
    model: ModelConfig, transformer: EditNetTransformer2DModel, reader: Encoder, seed: int, folder: Path
) -> None:
    """The only lesson of the look."""
    look = transformer.look
    assert look is not None
    says = "The look left {:.2f} of the error of the last pairs of its lesson."
    _once(
        look, folder, partial(teach_looks, look, reader, model.looks, seed), {"length": model.looks, "seed": seed}, says
    )


def _give_drawing(model: ModelConfig, transformer: EditNetTransformer2DModel, seed: int, folder: Path) -> Dictation:
    """The first lesson of the last layers, and the codes in which it was given."""
    assert transformer.hand is not None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        dictation = Dictation(transformer.config.caption_projection_dim)
    layers = nn.ModuleDict({"hand": transformer.hand, "proj_out": transformer.proj_out, "dictation": dictation})
    says = "The hand left {:.2f} of the error of the last pages of its lesson."
    _once(
        layers,
        folder,
        partial(teach_drawing, transformer, dictation, model.drawing, seed),
        {"length": model.drawing, "seed": seed},
        says,
    )
    return dictation


def _give_spelling(
    model: ModelConfig,
    transformer: EditNetTransformer2DModel,
    dictation: Dictation | None,
    reader: Encoder,
    seed: int,
    folder: Path,
) -> None:
    """From words to the codes of the drawing lesson."""
    hand = transformer.hand
    assert hand is not None and dictation is not None
    says = "The words spelled the right drawing in {:.1%} of the last sentences of their lesson."
    lesson = partial(teach_spelling, hand, dictation, reader, model.spelling, seed)
    _once(hand.spell, folder, lesson, {"length": model.spelling, "seed": seed}, says)


def _once(layers: nn.Module, folder: Path, lesson: Callable[[], float], facts: dict[str, Any], says: str) -> None:
    """Put into `layers` what they learned in `folder`; where nothing is there, give the lesson first and keep it.

    `facts` are the lesson's; `says` has a place for its score.
    """
    if not _given(folder, facts):
        score = lesson()
        print(says.format(score), flush=True)
        weights = {name: value.contiguous() for name, value in layers.state_dict().items()}
        kept = {**facts, "score": round(score, 4)}
        write_folder(folder, lambda temp: save_file(weights, temp / "model.safetensors"), kept)
    try:
        layers.load_state_dict(load_file(folder / "model.safetensors"))
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
