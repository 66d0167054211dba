"""What a training run is told: a TOML file into frozen dataclasses, checked before the first step."""

from __future__ import annotations

import dataclasses
import inspect
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from diffusers.models.attention_dispatch import AttentionBackendName
from transformers import BertConfig

from omniedit.editnet.flow import Flow
from omniedit.editnet.model import EditNetTransformer2DModel
from omniedit.errors import BadInput
from omniedit.types import Task

__all__ = ["DataConfig", "ModelConfig", "OptimConfig", "RunConfig", "TrainConfig", "load_config", "settled"]


@dataclass(frozen=True)
class ModelConfig:
    """What is trained. `pretrained` is a local folder or hub id of an SD3 pipeline; without it all parts are new.

    `transformer` and `flow` are keyword arguments of EditNetTransformer2DModel and Flow; `text` of the small
    text encoder (BertConfig), with at most `vocabulary` pieces and `text_length` tokens.
    """

    pretrained: str | None = None
    init_from: str | None = None  # an EditNet checkpoint whose weights the run starts from
    control: Literal["editnet", "controlnet", "controlnet_text", "channel_concat"] = "editnet"
    fusion: Literal["concatenate", "add"] = "concatenate"
    transformer: dict[str, Any] = field(default_factory=dict)
    flow: dict[str, Any] = field(default_factory=dict)
    text: dict[str, Any] = field(default_factory=dict)
    vocabulary: int = 2048
    text_length: int = 32
    lesson: int = 0  # sentences from which the text encoder first learns what they mean (see training/lesson.py)
    sight: int = 0  # scenes from which the source stem first learns to name things (see training/sight.py)
    pointing: int = 0  # scenes from which the pointer learns what words mean which thing (see training/pointing.py)
    looks: int = 0  # pairs from which the look learns styles, colours and materials (see training/looks.py)
    drawing: int = 0  # scenes from which the hand first learns to draw things (see training/drawing.py)
    spelling: int = 0  # sentences from which words learn to ask the hand for things (see training/spelling.py)
    frozen: tuple[str, ...] = ()  # parts of the network that keep what they know: "look", "hand.spell", ...
    gradient_checkpointing: bool = False


@dataclass(frozen=True)
class DataConfig:
    """Where pairs come from: `world` (made on the fly), parquet files with OmniEdit's public columns, or both."""

    source: Literal["world", "parquet", "mixed"] = "world"
    path: str | None = None  # folder of the parquet files
    parquet_share: float = 0.5  # mixed: of the batches, those from parquet files
    sizes: tuple[tuple[int, int], ...] = ((128, 128),)  # (width, height) buckets
    size_weights: tuple[float, ...] = (1.0,)
    task_weights: dict[str, float] = field(default_factory=dict)  # world: shares of the tasks; empty is even
    workers: int = 1
    mask_share: float = 0.5  # of samples that are shown a mask
    drop: float = 0.03  # InstructPix2Pix's d: text null below 2d, source null from d to 3d
    min_score: float = 9.0  # parquet: pairs below it are left out (equation 6); without a weight, lambda is 1


@dataclass(frozen=True)
class OptimConfig:
    """The optimiser and the loss."""

    name: Literal["adamw", "muon"] = "adamw"
    lr: float = 6e-4
    text_lr_scale: float = 1.0  # the small text encoder's rate, as a share of lr; 0 keeps it as it is
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.01
    warmup_samples: int = 10_000
    decay_samples: int = 0  # linear decay to zero over the last so many samples
    max_grad_norm: float = 1.0
    ema: float = 0.999
    gate_weight: float = 0.1
    target_weight: float = 0.0  # of telling, by the pointer, which patches are to change
    code_weight: float = 0.0  # of the code by which the hand learned to draw what is new (world only)
    sight_weight: float = 0.0  # of the codes of what the source shows, half way (with code_weight)
    emphasis: float = 0.5  # a pixel counts 1 + min(emphasis / share of what changes or stays, emphasis_limit) times
    emphasis_limit: float = 8.0


@dataclass(frozen=True)
class RunConfig:
    """The run: how long, where to, how often it reports."""

    output: str = "runs/editnet"
    samples: int = 1_000_000
    batch: int = 32  # a process
    accumulate: int = 1
    seed: int = 0
    precision: Literal["no", "bf16"] = "bf16"
    compile: bool = True
    attention: str | None = None  # a diffusers attention backend; None is torch's own choice
    log_every: int = 20
    sheet_every: int = 500
    save_every: int = 500
    keep: int = 2


@dataclass(frozen=True)
class TrainConfig:
    """A whole run."""

    model: ModelConfig
    data: DataConfig
    optim: OptimConfig
    run: RunConfig


def load_config(path: Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """Read `path`, apply `section.key=value` overrides (values as in TOML), check every key and type.

    A file that says `extends = "other.toml"` (beside it) changes only what it names. Raises BadInput, naming the
    key and what is allowed.
    """
    raw = _read(path)
    for item in overrides:
        key, separator, value = item.partition("=")
        section, dot, name = key.partition(".")
        if not separator or not dot:
            raise BadInput(f"The override {item!r} is not of the form section.key=value, for example run.batch=16.")
        raw.setdefault(section, {})[name] = _toml_value(value)
    unknown = set(raw) - {f.name for f in dataclasses.fields(TrainConfig)}
    if unknown:
        raise BadInput(f"Unknown section [{sorted(unknown)[0]}] in {path}; known: model, data, optim, run.")
    config = TrainConfig(
        _section(ModelConfig, "model", raw),
        _section(DataConfig, "data", raw),
        _section(OptimConfig, "optim", raw),
        _section(RunConfig, "run", raw),
    )
    _check(config)
    return config


def _read(path: Path, below: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The tables of `path` over those that it extends; `below` are the files that extend it."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"Cannot read the configuration {path}: {error.strerror}.") from None
    except ValueError as error:  # TOML's own, or bytes that are no UTF-8
        raise BadInput(f"The configuration {path} is no valid TOML: {error}.") from None
    for section, table in raw.items():
        if section != "extends" and not isinstance(table, dict):
            raise BadInput(f"{section} in {path} is {table!r}; write a section [{section}] with keys below it.")
    base = raw.pop("extends", None)
    if base is None:
        return raw
    other = path.parent / str(base)
    if other.resolve() in {p.resolve() for p in (path, *below)}:
        raise BadInput(f"The configuration {path} extends itself by way of {other}; name another file or none.")
    return _merged(_read(other, (path, *below)), raw)


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`changes` over `base`, table by table."""
    both = {k: _merged(base[k], v) for k, v in changes.items() if isinstance(v, dict) and isinstance(base.get(k), dict)}
    return {**base, **changes, **both}


def _check(config: TrainConfig) -> None:
    data, run = config.data, config.run
    if len(data.sizes) != len(data.size_weights):
        raise BadInput(
            f"data.size_weights has {len(data.size_weights)} entries for {len(data.sizes)} sizes; give one each."
        )
    if data.source != "world" and not data.path:
        raise BadInput(f"data.source is {data.source} but data.path is not set; name the folder of the .parquet files.")
    if not 0 < data.parquet_share < 1:
        raise BadInput(f"data.parquet_share is {data.parquet_share}; give a share between 0 and 1.")
    for name, value in (
        ("run.samples", run.samples),
        ("run.batch", run.batch),
        ("run.accumulate", run.accumulate),
        ("run.log_every", run.log_every),
        ("run.save_every", run.save_every),
        ("run.sheet_every", run.sheet_every),
        ("run.keep", run.keep),
    ):
        if value < 1:
            raise BadInput(f"{name} is {value}; give at least 1.")
    for task in data.task_weights:
        if task not in list(Task):
            raise BadInput(f"data.task_weights names {task!r}; the tasks are {', '.join(Task)}.")
    _check_model(config.model)
    patch = config.model.transformer.get("patch_size", 1)  # unknown here where a checkpoint brings it
    if not isinstance(patch, int) or patch < 1:
        raise BadInput(f"model.transformer.patch_size is {patch!r}; give a whole number of at least 1.")
    for size in data.sizes:
        if not (
            isinstance(size, tuple) and len(size) == 2 and all(isinstance(side, int) and side > 0 for side in size)
        ):
            raise BadInput(f"data.sizes has {size!r}; give a list of [width, height] in pixels.")
        if size[0] % patch or size[1] % patch:
            raise BadInput(
                f"data.sizes has {size[0]} x {size[1]}; both sides must be multiples of patch_size, {patch}."
            )
    if config.optim.target_weight and not config.model.init_from and not config.model.transformer.get("pointer_heads"):
        raise BadInput("optim.target_weight teaches a pointer; set model.transformer.pointer_heads, too.")
    if config.optim.code_weight and data.source == "parquet":
        raise BadInput(
            "optim.code_weight needs the world, which knows its objects; set it to 0, or data.source = mixed."
        )
    if config.optim.code_weight and not config.model.drawing:
        raise BadInput(
            "optim.code_weight needs the codes of the drawing lesson of a new network; set model.drawing, or "
            "optim.code_weight = 0."
        )
    if run.attention is not None and run.attention not in [name.value for name in AttentionBackendName]:
        raise BadInput(
            f"run.attention is {run.attention!r}; choose one of {', '.join(n.value for n in AttentionBackendName)}."
        )


def _check_model(model: ModelConfig) -> None:
    tables = {"transformer": EditNetTransformer2DModel, "flow": Flow, "text": BertConfig}
    elsewhere = {"self", "args", "kwargs", "control", "fusion"}  # the last two are keys of [model] itself
    for table, cls in tables.items():
        known = sorted(set(inspect.signature(cls.__init__).parameters) - elsewhere)
        for key in getattr(model, table):
            if key not in known:
                raise BadInput(f"Unknown key model.{table}.{key}; known: {', '.join(known)}.")
    for name in LESSONS:
        if getattr(model, name) < 0:
            raise BadInput(f"model.{name} is {getattr(model, name)}; give 0 for no lesson, or how long it is.")
    if model.init_from and (model.transformer or model.flow or model.pretrained):
        raise BadInput(
            "model.init_from takes network and flow from its checkpoint; leave out model.transformer, model.flow "
            "and model.pretrained."
        )
    if (model.init_from or model.pretrained) and any(getattr(model, name) for name in LESSONS):
        raise BadInput(
            f"model.{', '.join(LESSONS[:-1])} and {LESSONS[-1]} teach a new network; leave them out beside a "
            "pretrained one."
        )
    network = model.transformer
    for name, there, missing in (
        ("sight", network.get("source_stem"), "model.transformer.source_stem"),
        ("pointing", network.get("pointer_heads"), "model.transformer.pointer_heads"),
        ("looks", network.get("look_width"), "model.transformer.look_width"),
        ("drawing", network.get("hand_widths") and network.get("gate"), "model.transformer.hand_widths and gate"),
        ("spelling", model.drawing, "model.drawing"),
    ):
        if getattr(model, name) and not there:
            raise BadInput(f"model.{name} is set but what it teaches is not there; set {missing}, or no {name}.")


LESSONS = ("lesson", "sight", "pointing", "looks", "drawing", "spelling")
CHANGEABLE = ("data.workers", "model.gradient_checkpointing", "optim.lr", "optim.decay_samples", "optim.ema")


def settled(config: TrainConfig) -> dict[str, Any]:
    """What a run may not change on its way, as {"section.key": value}: another value is another run."""
    sections = {"model": config.model, "data": config.data, "optim": config.optim}
    flat = {f"{s}.{key}": value for s, section in sections.items() for key, value in vars(section).items()}
    kept: dict[str, Any] = json.loads(json.dumps({k: v for k, v in flat.items() if k not in CHANGEABLE}))
    return kept


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        return text


def _section(cls: type, name: str, raw: dict[str, Any]) -> Any:
    given = raw.get(name, {})
    hints = get_type_hints(cls)
    for key, value in given.items():
        if key not in hints:
            raise BadInput(f"Unknown key {name}.{key}; known: {', '.join(sorted(hints))}.")
        given[key] = _typed(f"{name}.{key}", value, hints[key])
    return cls(**given)


def _typed(name: str, value: Any, hint: Any) -> Any:
    """`value` as the annotation wants it, or BadInput."""
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise BadInput(f"{name} is {value!r}; choose one of {', '.join(map(str, get_args(hint)))}.")
        return value
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(tuple(v) if isinstance(v, list) else v for v in value)
    wanted = {"str | None": str, "float": (int, float)}.get(str(hint).replace("<class '", "").replace("'>", ""), hint)
    if get_origin(hint) is dict:
        wanted = dict
    if isinstance(wanted, type | tuple) and (
        not isinstance(value, wanted) or (hint is int and isinstance(value, bool))
    ):
        raise BadInput(f"{name} is {value!r}; it must be of type {hint if isinstance(hint, str) else str(hint)}.")
    return value
