"""Averages and states of sharded parameters: two processes, each with half of every matrix."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.distributed import barrier, destroy_process_group, init_process_group
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.multiprocessing import spawn

from training.state import Average, latest_state, load_state, save_state

STEPS, CUT = 6, 3


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 4))


def run(folder: Path, model: nn.Module, steps: int, lead: bool) -> None:
    """Train from the newest state in `folder` up to `steps` and save there."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
    average = Average(model, 0.9)
    state = latest_state(folder)
    done = 0 if state is None else load_state(state, model, average, optimiser, {"seed": 0})
    for step in range(done, steps):
        inputs = torch.randn(5, 6, generator=torch.Generator().manual_seed(step))
        model(inputs).square().mean().backward()
        optimiser.step()
        optimiser.zero_grad()
        average.update(model, step)
    spare = network() if lead else None
    average.copy_to(spare)
    save_state(folder, steps, model, average, optimiser, {"seed": 0}, 2, lead)
    if spare is not None:
        assert all(torch.isfinite(p).all() for p in spare.parameters())


def worker(rank: int, folder: str) -> None:
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=2)
    try:
        mesh = init_device_mesh("cpu", (2,))
        for steps in (CUT, STEPS):  # two lives of one run
            model = network()
            fully_shard(model, mesh=mesh)
            run(Path(folder) / "sharded", model, steps, rank == 0)
            barrier()  # the second life begins when the first has written
    finally:
        destroy_process_group()


@pytest.mark.slow
def test_a_sharded_run_in_two_parts_is_the_whole_run_on_one_process(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    spawn(worker, (str(tmp_path),), nprocs=2)
    run(tmp_path / "single", network(), STEPS, lead=True)
    for part in ("model", "average", "optimiser"):
        sharded, single = (
            load_file(tmp_path / kind / f"step-{STEPS:08d}" / f"{part}.safetensors") for kind in ("sharded", "single")
        )
        assert sharded.keys() == single.keys()
        for name, value in single.items():
            torch.testing.assert_close(sharded[name], value, msg=f"{part} {name}")


def test_only_what_is_trained_is_kept(tmp_path: Path) -> None:
    model = network()
    model[0].requires_grad_(False)
    assert set(Average(model, 0.9).values) == {"2.weight", "2.bias"}
