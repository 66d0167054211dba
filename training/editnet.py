"""Train EditNet: `python -m training.editnet CONFIG.toml [--override section.key=value ...]`.

The same command runs on one CPU and, through `accelerate launch`, on many GPUs. A run that is killed at any moment
continues from its last state and ends with the same weights as one that was never interrupted.
"""

from __future__ import annotations

import argparse
import copy
import csv
import math
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import torch
from accelerate import Accelerator
from accelerate.utils import InitProcessGroupKwargs
from torch import Tensor, nn

from omniedit.editnet.checkpoint import save_pipeline
from omniedit.editnet.pipeline import EditNetPipeline
from omniedit.errors import OmniEditError, refusals
from omniedit.folders import sweep
from training.batches import loader
from training.beginning import begin, begun_from
from training.config import OptimConfig, TrainConfig, load_config, settled
from training.data import make_batches
from training.sheet import write_sheet
from training.state import Average, latest_state, load_state, save_state
from training.trainee import Trainee

__all__ = ["learning_rate", "main", "train"]

LESSONS_AT_MOST = timedelta(hours=12)  # that other processes wait for the first one


def main(arguments: Iterable[str] | None = None) -> int:
    """The command line; 0 when the run is finished, 2 with one sentence for input that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m training.editnet", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--override", action="append", default=[], metavar="SECTION.KEY=VALUE")
    given = parser.parse_args(None if arguments is None else list(arguments))
    try:
        train(load_config(given.config, given.override))
    except OmniEditError as error:
        print(f"training: {error}", file=sys.stderr)
        return 2
    return 0


def train(config: TrainConfig) -> Path:
    """Run to `run.samples` and return the folder of the final checkpoint (averaged weights, a diffusers pipeline)."""
    run, output = config.run, Path(config.run.output)
    accelerator = Accelerator(
        mixed_precision=run.precision,
        gradient_accumulation_steps=run.accumulate,
        kwargs_handlers=[InitProcessGroupKwargs(timeout=LESSONS_AT_MOST)],
    )
    rank, ranks, lead = accelerator.process_index, accelerator.num_processes, accelerator.is_main_process
    per_step = run.batch * run.accumulate * ranks
    steps = math.ceil(run.samples / per_step)
    maker = make_batches(config.data, run.batch, run.seed)
    with refusals(f"Cannot write to run.output = {str(output)!r}", "choose another folder"):
        output.mkdir(parents=True, exist_ok=True)
    if lead:
        for folder in (output, output / "states"):
            sweep(folder)
    with accelerator.main_process_first():  # the lessons are given once
        pipeline, dictation = begin(config.model, run.seed, output)
    trainee = Trainee(pipeline, config.optim, config.data, dictation)
    _check_room(trainee, output, run.keep, accelerator.device)
    precision = torch.bfloat16 if run.precision == "bf16" else torch.float32
    trainee.place_frozen(accelerator.device, precision if accelerator.device.type == "cuda" else torch.float32)
    if config.model.gradient_checkpointing:
        trainee.transformer.enable_gradient_checkpointing()
    spare = _spare(trainee) if lead else None
    optimiser = make_optimiser(trainee, config.optim)
    if run.attention is not None:
        trainee.transformer.set_attention_backend(run.attention)
    if run.compile:
        torch._dynamo.config.recompile_limit = 64  # a graph for each kind of block and number of tokens
        trainee.transformer.compile_repeated_blocks(dynamic=False)
    model, optimiser = accelerator.prepare(trainee, optimiser)
    bare = accelerator.unwrap_model(model)
    average = Average(bare, config.optim.ema)
    shape = {"batch": run.batch, "accumulate": run.accumulate, "processes": ranks, "seed": run.seed}
    facts = {**shape, **settled(config), **begun_from(config.model)}
    state = latest_state(output / "states")
    done = 0 if state is None else load_state(state, bare, average, optimiser, facts)

    micro_steps = range(done * run.accumulate, steps * run.accumulate)
    batches = loader(maker, micro_steps, rank, ranks, config.data.workers)
    report = Report(output / "log.csv", per_step, done, steps) if lead else None
    for step in range(done, steps):
        rate = learning_rate(config.optim, step * per_step, steps * per_step)
        for group in optimiser.param_groups:
            group["lr"] = rate * group["lr_scale"]
        waited, parts = 0.0, {}
        losses: list[Tensor] = []
        names: list[str] = []
        for micro in range(run.accumulate):
            clock = time.perf_counter()
            batch = next(batches)
            waited += time.perf_counter() - clock
            names += batch.names
            generator = torch.Generator().manual_seed(_mix(run.seed, step * run.accumulate + micro, rank))
            with accelerator.accumulate(model):
                part_loss, parts = model(batch, generator)
                accelerator.backward(part_loss)
                losses.append(part_loss.detach())
        norm = accelerator.clip_grad_norm_(model.parameters(), config.optim.max_grad_norm)
        figures = {"loss": torch.stack(losses).mean(), **parts, "grad_norm": norm}
        _guard(figures, names, step)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        average.update(bare, step)
        finished = step + 1
        if report is not None:
            report.add(finished, figures, rate, waited, show=finished % run.log_every == 0)
        if finished % run.save_every == 0 or finished == steps:
            save_state(output / "states", finished, bare, average, optimiser, facts, run.keep, lead)
        if finished % run.sheet_every == 0 or finished == steps:
            average.copy_to(spare)
            if spare is not None:
                with _on(spare, accelerator.device):
                    sheet = output / "sheets" / f"{finished * per_step:09d}.png"
                    write_sheet(_pipeline_of(spare), maker, sheet)
    final = output / "checkpoint"
    average.copy_to(spare)
    if spare is not None:
        save_pipeline(_pipeline_of(spare), final, {"samples": steps * per_step, "seed": run.seed})
    accelerator.wait_for_everyone()
    return final


def learning_rate(optim: OptimConfig, seen: int, total: int) -> float:
    """Linear warm-up, constant, and a linear decay to zero over the last `decay_samples`."""
    warm = min(1.0, (seen + 1) / max(optim.warmup_samples, 1))
    cool = min(1.0, (total - seen) / optim.decay_samples) if optim.decay_samples else 1.0
    return optim.lr * warm * cool


def make_optimiser(model: nn.Module, optim: OptimConfig) -> torch.optim.Optimizer:
    """AdamW, or Muon for the hidden matrices with AdamW for the rest; no decay on vectors."""
    groups = []
    for text, vector in ((False, False), (False, True), (True, False), (True, True)):
        chosen = [
            p
            for name, p in model.named_parameters()
            if p.requires_grad and name.startswith("text_encoder.") == text and (p.ndim < 2) == vector
        ]
        scale, decay = optim.text_lr_scale if text else 1.0, 0.0 if vector else optim.weight_decay
        if chosen:
            groups.append({"params": chosen, "weight_decay": decay, "lr_scale": scale})
    if optim.name == "adamw":
        return torch.optim.AdamW(groups, lr=optim.lr, betas=optim.betas, fused=True)
    from training.muon import MuonWithAdamW

    return MuonWithAdamW(model, optim)


class Report:
    """A CSV row and a progress line for every `show`; averages since the last one."""

    def __init__(self, path: Path, per_step: int, done: int, steps: int) -> None:
        self.path, self.per_step, self.steps = path, per_step, steps
        self._forget_after(done)
        self._reset()

    def _forget_after(self, done: int) -> None:
        """Drop the rows of steps that a killed run had done and that will be done again."""
        if self.path.exists():
            lines = self.path.read_text().splitlines(keepends=True)
            kept = [line for line in lines[1:] if int(line.split(",", 1)[0]) <= done]
            self.path.write_text("".join([*lines[:1], *kept]))

    def _reset(self) -> None:
        self.rows: list[dict[str, Tensor]] = []
        self.clock = time.perf_counter()

    def add(self, step: int, figures: dict[str, Tensor], rate: float, waited: float, show: bool) -> None:
        """Count one step; `waited` are the seconds spent waiting for data."""
        self.rows.append({**figures, "wait": torch.tensor(waited)})
        if not show:
            return
        count = len(self.rows)
        mean = {key: float(sum(r[key] for r in self.rows)) / count for key in self.rows[0]}
        seconds = time.perf_counter() - self.clock
        speed = count * self.per_step / seconds
        line: dict[str, Any] = {
            "step": step,
            "samples": step * self.per_step,
            **{k: round(v, 5) for k, v in mean.items() if k != "wait"},
            "lr": f"{rate:.3g}",
            "samples_per_second": round(speed, 2),
            "data_wait_share": round(mean["wait"] * count / seconds, 4),
        }
        new = not self.path.exists()
        with self.path.open("a", newline="") as file:
            writer = csv.DictWriter(file, line)
            if new:
                writer.writeheader()
            writer.writerow(line)
        left = (self.steps - step) * self.per_step / speed
        print(" ".join(f"{k}={v}" for k, v in line.items()), f"eta={left / 60:.0f}min", flush=True)
        self._reset()


def _spare(trainee: Trainee) -> Trainee:
    """A second copy of the modules that are trained, for the averaged weights; what is frozen is shared."""
    return copy.deepcopy(trainee, {id(trainee.pipeline): trainee.pipeline})


@contextmanager
def _on(spare: Trainee, device: torch.device) -> Iterator[None]:
    """`spare` on `device` for a while; between its uses it waits in main memory."""
    home = next(spare.parameters()).device
    spare.to(device)
    try:
        yield
    finally:
        spare.to(home)


def _pipeline_of(trainee: Trainee) -> EditNetPipeline:
    """The run's pipeline with the modules of `trainee`."""
    for module in (trainee.transformer, trainee.text_encoder):
        if module is not None:
            module.eval()
    frozen = dict(trainee.pipeline.components)
    frozen["transformer"] = trainee.transformer
    if trainee.text_encoder is not None:
        frozen["text_encoder"] = trainee.text_encoder
    pipeline = type(trainee.pipeline)(**frozen)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _guard(figures: dict[str, Tensor], names: Sequence[str], step: int) -> None:
    """Stop before weights are spoiled by a loss or gradient that is no number, and name the samples."""
    for name, value in figures.items():
        if not torch.isfinite(value):
            raise OmniEditError(f"The {name} is {float(value)} at step {step + 1}; samples: {', '.join(names)}.")


def _check_room(model: nn.Module, output: Path, keep: int, device: torch.device) -> None:
    """One sentence before the first step if disk or memory cannot hold the run."""
    trained = 4 * sum(p.numel() for p in model.parameters() if p.requires_grad)  # bytes of one float32 copy
    whole = 4 * sum(p.numel() for p in model.parameters())
    need, free = (keep + 1) * 4 * trained + whole, shutil.disk_usage(output).free
    if free < need:
        raise OmniEditError(
            f"{output} has {free / 1e9:.1f} GB free but {keep} states, one being written and the checkpoint need "
            f"{need / 1e9:.1f} GB; free some space or set run.output to another disk."
        )
    need = 5 * trained  # gradients, two moments, average and the copy that samples are drawn from
    free = psutil.virtual_memory().available
    if device.type == "cpu" and free < need:
        raise OmniEditError(
            f"There are {free / 1e9:.1f} GB of free memory but training needs {need / 1e9:.1f} GB besides the weights "
            "and a batch; close other programs or choose a smaller model."
        )


def _mix(seed: int, step: int, rank: int) -> int:
    """A generator seed for one micro-step of one process."""
    return (seed * 1_000_003 + step) * 4_099 + rank


if __name__ == "__main__":
    sys.exit(main())
