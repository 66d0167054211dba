"""Turn a run's latest state into a checkpoint: `python -m training.export CONFIG.toml TARGET [--override ...]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from omniedit.editnet.checkpoint import save_pipeline
from omniedit.errors import BadInput, OmniEditError, refusals
from omniedit.folders import check_folder, verify
from training.beginning import begin, begun_from
from training.config import load_config
from training.state import latest_state, trained_parameters
from training.trainee import Trainee

__all__ = ["export", "main"]

COARSE = (  # ends of the names of what scales and shifts, of words' hidden layers, and of the words themselves
    "norm1.linear.weight",
    "norm1_context.linear.weight",
    "control.ff_context.net.0.proj.weight",
    "control.ff_context.net.2.weight",
    "look.turn.weight",
    "word_embeddings.weight",
    "intermediate.dense.weight",
    "output.dense.weight",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 when the checkpoint is written."""
    parser = argparse.ArgumentParser(prog="python -m training.export", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--override", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument("--force", action="store_true", help="replace a checkpoint that is there")
    parser.add_argument(
        "--share", type=float, default=1.0, metavar="S", help="how far to go from model.init_from to the run's weights"
    )
    given = parser.parse_args(arguments)
    try:
        print(export(given.config, given.target, given.override, given.force, given.share))
    except OmniEditError as error:
        print(f"training.export: {error}", file=sys.stderr)
        return 2
    return 0


def export(
    config_path: Path, target: Path, overrides: Sequence[str] = (), force: bool = False, share: float = 1.0
) -> str:
    """Write the averaged weights of the run's newest state to `target`, small; a sentence that says so.

    `force` replaces a checkpoint that is there. A run that began from a checkpoint forgets some of what that one could:
    weights between the two, at `share` (0..1) of the way, can have the best of both (Wortsman et al. 2022, "Robust
    fine-tuning of zero-shot models").
    """
    check_folder(target, force)
    config = load_config(config_path, overrides)
    if config.model.init_from and target.resolve() == Path(config.model.init_from).resolve():
        raise BadInput(f"{target} is where the run began, and is needed to export it again; give another folder.")
    if not 0 <= share <= 1 or (share < 1 and config.model.init_from is None):
        raise BadInput(f"--share is {share:g}; give 0 to 1, and 1 for a run without model.init_from.")
    states = Path(config.run.output) / "states"
    state = latest_state(states)
    if state is None:
        raise BadInput(f"There is no finished state in {states}; train first or give --override run.output=DIR.")
    manifest = verify(state)
    for name, now in begun_from(config.model).items():
        if manifest.get(name, now) != now:
            raise BadInput(f"The run began from another checkpoint than lies at {config.model.init_from}; put it back.")
    pipeline, dictation = begin(config.model, config.run.seed, Path(config.run.output))
    trainee = Trainee(pipeline, config.optim, config.data, dictation)
    saved = load_file(state / "average.safetensors")
    with torch.no_grad():
        for name, parameter in trained_parameters(trainee, saved, state).items():
            parameter.lerp_(saved[name].to(parameter), share)
    samples = manifest["step"] * manifest["batch"] * manifest["accumulate"] * manifest["processes"]
    for module in pipeline.components.values():
        if isinstance(module, nn.Module):
            _shrink(module, COARSE if pipeline.vae is None else ())
    with refusals(f"Cannot write to {str(target)!r}", "choose another folder"):
        save_pipeline(pipeline, target, {"samples": samples, "seed": config.run.seed, "share": share})
    way = "" if share == 1 else f", {share:.0%} of the way from {config.model.init_from}"
    return f"{target}: averaged weights after {samples:,} samples{way}."


def _shrink(module: nn.Module, coarse: tuple[str, ...]) -> None:
    """bfloat16, and float8 for the matrices whose names end so: it is enough for a third of the mini's weights."""
    nn.Module.to(module, dtype=torch.bfloat16)
    for name, parameter in module.named_parameters():
        if name.endswith(coarse):
            parameter.data = parameter.data.to(torch.float8_e4m3fn)


if __name__ == "__main__":
    sys.exit(main())
