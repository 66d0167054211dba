"""How a run begins: over a pretrained SD3, from a checkpoint, or new, with the lessons that come before editing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

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
from omniedit.folders import MANIFEST, write_folder
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
        return load_pipeline(Path(model.init_from)), None
    if model.pretrained:
        return _over_sd3(model), None
    tokenizer = _tokenizer(model, seed, output / "tokenizer")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        text_encoder = _text_encoder(model, tokenizer, seed, output / "text_encoder")
        transformer = EditNetTransformer2DModel(control=model.control, fusion=model.fusion, **model.transformer)
    transformer.initialise(seed)
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
    return EditNetPipeline(transformer, Flow(**model.flow), text_encoder, tokenizer), dictation


def _tokenizer(model: ModelConfig, seed: int, folder: Path) -> PreTrainedTokenizerFast:
    if not (folder / MANIFEST).exists():
        made = train_tokenizer(corpus(20_000, seed), model.vocabulary, model.text_length)
        write_folder(folder, made.save_pretrained, {})
    return PreTrainedTokenizerFast.from_pretrained(folder)


def _text_encoder(model: ModelConfig, tokenizer: PreTrainedTokenizerFast, seed: int, folder: Path) -> BertModel:
    """A new encoder after its first lesson."""
    if (folder / MANIFEST).exists():
        return BertModel.from_pretrained(folder)
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
        write_folder(folder, encoder.save_pretrained, {"sentences": model.lesson, "right": round(right, 4)})
    return encoder


def _give_sight(model: ModelConfig, transformer: EditNetTransformer2DModel, seed: int, folder: Path) -> None:
    """The stem's first lesson."""
    stem = transformer.stem
    if stem is None:
        raise BadInput("model.sight is set but the network has no source_stem; set model.transformer.source_stem.")
    patch = transformer.config.patch_size
    says = "The stem named {:.1%} of the last object patches of its lesson."
    _once(stem, folder, partial(teach_names, stem, patch, model.sight, seed), model.sight, says)


def _give_pointing(
    model: ModelConfig, transformer: EditNetTransformer2DModel, reader: Encoder, seed: int, folder: Path
) -> None:
    """The first lesson of the pointer and the second of the stem."""
    if transformer.stem is None or transformer.pointer is None:
        raise BadInput("model.pointing is set but the network has no pointer; set model.transformer.pointer_heads.")
    layers = nn.ModuleDict({"stem": transformer.stem, "pointer": transformer.pointer})
    says = "The pointer met what was meant in {:.1%} of the last scenes of its lesson."
    _once(layers, folder, partial(teach_pointing, transformer, reader, model.pointing, seed), model.pointing, says)


def _give_looks(
    model: ModelConfig, transformer: EditNetTransformer2DModel, reader: Encoder, seed: int, folder: Path
) -> None:
    """The only lesson of the look, which keeps what it learned there."""
    look = transformer.look
    if look is None:
        raise BadInput("model.looks is set but the network has no look; set model.transformer.look_width.")
    says = "The look left {:.2f} of the error of the last pairs of its lesson."
    _once(look, folder, partial(teach_looks, look, reader, model.looks, seed), model.looks, says)
    look.requires_grad_(False)


def _give_drawing(model: ModelConfig, transformer: EditNetTransformer2DModel, seed: int, folder: Path) -> Dictation:
    """The first lesson of the last layers, and the codes in which it was given."""
    if transformer.hand is None or not transformer.config.gate:
        raise BadInput(
            "model.drawing is set but the network has no hand and gate; set model.transformer.hand_widths and gate, or "
            "model.drawing = 0."
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        dictation = Dictation(transformer.config.caption_projection_dim)
    layers = nn.ModuleDict({"hand": transformer.hand, "proj_out": transformer.proj_out, "dictation": dictation})
    says = "The hand left {:.2f} of the error of the last pages of its lesson."
    _once(layers, folder, partial(teach_drawing, transformer, dictation, model.drawing, seed), model.drawing, says)
    return dictation


def _give_spelling(
    model: ModelConfig,
    transformer: EditNetTransformer2DModel,
    dictation: Dictation | None,
    reader: Encoder,
    seed: int,
    folder: Path,
) -> None:
    """From words to the codes of the drawing lesson; the words' share keeps what it learned."""
    hand = transformer.hand
    if hand is None or dictation is None:
        raise BadInput("model.spelling is set but no hand knows codes; set model.drawing, too.")
    says = "The words spelled the right drawing in {:.1%} of the last sentences of their lesson."
    lesson = partial(teach_spelling, hand, dictation, reader, model.spelling, seed)
    _once(hand.spell, folder, lesson, model.spelling, says)
    hand.spell.requires_grad_(False)


def _once(layers: nn.Module, folder: Path, lesson: Callable[[], float], length: int, says: str) -> None:
    """Put into `layers` what they learned in `folder`; where nothing is there, give the lesson first and keep it.

    `length` is the lesson's, for the manifest; `says` has a place for its score.
    """
    if not (folder / MANIFEST).exists():
        score = lesson()
        print(says.format(score), flush=True)
        weights = {name: value.contiguous() for name, value in layers.state_dict().items()}
        facts = {"length": length, "score": round(score, 4)}
        write_folder(folder, lambda temp: save_file(weights, temp / "model.safetensors"), facts)
    layers.load_state_dict(load_file(folder / "model.safetensors"))


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
