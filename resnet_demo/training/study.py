"""The degradation study (He et al. 2015, section 4.2): plain and residual networks of several depths, one recipe."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from resnet_demo.data.locks import writing
from resnet_demo.training.history import write_json
from resnet_demo.training.memory import keep_memory
from resnet_demo.training.recipe import Recipe
from resnet_demo.training.runs import Plan, reserved, run

FAMILIES = ("plain", "resnet")


@dataclass(frozen=True)
class Study:
    """What to train: both families at each of `depths`, once for each of `seeds`, `jobs` runs at a time.

    `note` is a remark on the data for the cards and the result, or "".
    """

    data_dir: Path
    depths: tuple[int, ...]
    seeds: tuple[int, ...]
    recipe: Recipe
    device: torch.device
    out: Path
    jobs: int
    how: str
    note: str

    def plans(self) -> Iterator[Plan]:
        """One plan per network, deepest first, so that no long run remains alone at the end."""
        for seed in self.seeds:
            recipe, out = replace(self.recipe, seed=seed), self.out / f"seed{seed}"
            for depth in sorted(self.depths, reverse=True):
                for family in FAMILIES:
                    models = (f"{family}{depth}",)
                    yield Plan("cifar10", self.data_dir, models, recipe, self.device, out, self.how, self.note)


def conduct(study: Study) -> dict[str, Any]:
    """Trains the rest of the study, network by network, and writes `degradation.json`; returns its content.

    A killed study continues where it stopped. Raises DemoError.
    """
    plans = list(study.plans())
    threads = max(1, torch.get_num_threads() // study.jobs)
    study.out.mkdir(parents=True, exist_ok=True)
    with writing(study.out / "degradation.json"):
        # A spawned process has its own threads and memory settings; a forked one would inherit half-used ones.
        with ProcessPoolExecutor(study.jobs, multiprocessing.get_context("spawn"), _prepare, (threads,)) as pool:
            cards = list(pool.map(_train, plans))
        result = summary(cards)
        write_json(study.out / "degradation.json", result)
    return result


def summary(cards: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the cards of a study have in common, and each run with its training and test history, epoch by epoch."""
    first = cards[0]
    shared = {line: first[line] for line in ("dataset", "note", "how", "machine", "versions") if line in first}
    recipe = {field: value for field, value in first["recipe"].items() if field != "seed"}
    kept = ("model", "seed", "parameters", "seconds", "history")
    return shared | {"recipe": recipe, "runs": [{line: card[line] for line in kept} for card in cards]}


def _prepare(threads: int) -> None:
    torch.set_num_threads(threads)
    keep_memory()


def _train(plan: Plan) -> dict[str, Any]:
    with reserved([plan]):
        (card,) = run(plan, resume=True).values()
        return card
