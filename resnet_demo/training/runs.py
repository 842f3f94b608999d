"""The training of one command: a network, or a ResNet and its twin with one recipe; resumes, publishes, compares."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from resnet_demo.checkpoints.card import cards, read_card
from resnet_demo.checkpoints.load import find, read_tensors
from resnet_demo.data.datasets import Pictures, find_classes, read
from resnet_demo.data.locks import writing
from resnet_demo.data.sources import Half
from resnet_demo.errors import ArchitectureError, CheckpointError, DemoError
from resnet_demo.models.architectures import ARCHITECTURES, describe
from resnet_demo.training import parallel
from resnet_demo.training.class_names import check_names, named
from resnet_demo.training.history import Epoch, plot, write_json
from resnet_demo.training.loop import AfterEpoch, Trainer
from resnet_demo.training.publish import Training, publish
from resnet_demo.training.recipe import Recipe
from resnet_demo.training.start import RANDOM, Start, begin

Card = dict[str, Any]
HISTORY = ("accuracy", "parameters", "seconds", "best_epoch", "recipe", "history")
"""The entries of a card that `history.json` repeats for each network."""
SAMPLE = 512
"""How many training images measure an epoch if a recipe watches a sample of them."""


@dataclass(frozen=True)
class Plan:
    """What to train: each of `models` on `dataset` below `data_dir` with `recipe`, written to `out`.

    `how` (the command that repeats the run) and `note` (a remark or "") go onto the model cards. `start` describes the
    initial weights, and `names` gives the classes' names by their folders. `film(plan)` makes what
    records every epoch.
    """

    dataset: str
    data_dir: Path
    models: tuple[str, ...]
    recipe: Recipe
    device: torch.device
    out: Path
    how: str
    note: str
    start: Start = RANDOM
    names: Mapping[str, str] = field(default_factory=dict)
    film: Callable[["Plan"], AfterEpoch] | None = None

    def read(self, half: Half) -> Pictures:
        return named(read(self.dataset, self.data_dir, half), self.names)

    def state(self, model: str) -> Path:
        return self.out / f"{model}-{self.dataset}.state.safetensors"

    def weights(self, model: str) -> Path:
        return self.out / f"{model}-{self.dataset}.safetensors"


def pair(name: str) -> tuple[str, str]:
    """The ResNet and its plain twin, given one of them. Raises ArchitectureError for a network without a named twin."""
    describe(name)
    depth = name.removeprefix("resnet").removeprefix("plain")
    twins = f"resnet{depth}", f"plain{depth}"
    if not all(twin in ARCHITECTURES for twin in twins):
        raise ArchitectureError(
            "twin_missing",
            name=name,
            names=", ".join(n for n in ARCHITECTURES if f"plain{n.removeprefix('resnet')}" in ARCHITECTURES),
        )
    return twins


def classes_of(plan: Plan) -> tuple[str, ...]:
    """The ids of the classes that the plan's networks learn. Raises DatasetError, also for names of other classes."""
    classes = tuple(find_classes(plan.dataset, plan.data_dir))
    check_names(plan.names, classes, plan.dataset, plan.data_dir)
    return classes


@contextmanager
def reserved(plans: Sequence[Plan]) -> Iterator[None]:
    """Makes the folders of the plans, and keeps other processes from training the same networks there.

    Raises DemoError where another one is training them. Of processes that train together, the first does this.
    """
    with ExitStack() as held:
        for plan in plans if parallel.is_first() else ():
            plan.out.mkdir(parents=True, exist_ok=True)
            for model in plan.models:
                held.enter_context(writing(plan.weights(model)))
        yield


def run(plan: Plan, resume: bool) -> dict[str, Card]:
    """Trains and publishes the rest of the plan; returns the model card of each network.

    With `resume`, a killed run is taken up and a published network is left as it is; without, an unfinished run
    in the way is an error. The test half is read once, after all of the plan is trained, unless the recipe holds
    nothing out. Of several processes that train together, the first publishes and the others return {}. Raises
    DemoError. The folder is there, and `reserved`.
    """
    classes = classes_of(plan)
    check(plan, resume)
    finished = {m: _published(plan, m, classes) for m in plan.models if resume and _is_published(plan, m)}
    trainers = {m: _trainer(plan, m, classes) for m in plan.models if m not in finished}
    done = finished | (_train(plan, trainers) if trainers else {})
    return {model: done[model] for model in plan.models} if parallel.is_first() else {}


def check(plan: Plan, resume: bool) -> None:
    """Raises DemoError if an unfinished run exists and would not be resumed."""
    for state in map(plan.state, plan.models):
        if state.exists() and not resume:
            raise DemoError("train_unfinished", path=str(state))


def write_history(plan: Plan) -> None:
    """Writes `history.json` and `history.png`: the epochs of all networks of this recipe in the folder."""
    recipe = plan.recipe.as_dict()
    found = {
        card["model"]: card
        for card in cards(plan.out)
        if card["dataset"] == plan.dataset and card.get("recipe") == recipe and set(HISTORY) <= card.keys()
    }
    found = {model: found[model] for model in (*plan.models, *sorted(found.keys() - set(plan.models)))}
    networks = {model: {line: card[line] for line in HISTORY} for model, card in found.items()}
    write_json(plan.out / "history.json", {"dataset": plan.dataset, "networks": networks})
    histories = {model: [Epoch(**row) for row in card["history"]] for model, card in found.items()}
    plot(histories, plan.recipe.watched, plan.out / "history.png")


def _train(plan: Plan, trainers: Mapping[str, Trainer]) -> dict[str, Card]:
    """Trains every network, then measures all on the test half. A state file is kept until its network is published."""
    whole = plan.read("train")
    if plan.recipe.valid_ratio:
        train, valid = whole.split(plan.recipe.valid_ratio, plan.recipe.seed)
    elif plan.recipe.watch == "test":
        train, valid = whole, plan.read("test")
    else:
        order = torch.randperm(len(whole), generator=torch.Generator().manual_seed(plan.recipe.seed))
        train, valid = whole, whole.subset(order[:SAMPLE])
    for trainer in trainers.values():
        trainer.fit(train, valid)
    del whole, train, valid
    if not parallel.is_first():
        return {}
    test = plan.read("test")
    published = {}
    for model, trainer in trainers.items():
        training = Training(
            plan.dataset, plan.recipe, trainer.history, trainer.made, plan.how, plan.note, trainer.start
        )
        published[model] = publish(trainer.network, training, test, plan.out)
        trainer.state.unlink()
    return published


def _is_published(plan: Plan, model: str) -> bool:
    """The card is written last, and the state is removed after it."""
    weights = plan.weights(model)
    return weights.is_file() and weights.with_suffix(".json").is_file() and not plan.state(model).exists()


def _published(plan: Plan, model: str, classes: Sequence[str]) -> Card:
    """The card of a network that is finished.

    Raises CheckpointError when its files are damaged, and when another recipe or dataset trained it.
    """
    path = plan.weights(model)
    try:
        card = read_card(path)
        read_tensors(path, card["sha256"])
    except CheckpointError as error:
        raise CheckpointError(
            "resume_damaged",
            path=str(path),
            reason="its card cannot be read"
            if error.key.startswith("checkpoint_card")
            else "its checksum is not the one on its card",
        ) from error
    start = _start(plan, model)
    same = card.get("recipe") == plan.recipe.as_dict() and card.get("start", {}) == start.lines(model)
    same = same and [entry["id"] for entry in card["classes"]] == list(classes)
    if not start.weights:  # otherwise the options are those of the weights
        same = same and card["options"] == start.options(model)
    if not same:
        raise CheckpointError("resume_mismatch", path=str(path))
    print(f"{model}: finished before, see {path}", file=sys.stderr)
    return card


def _trainer(plan: Plan, model: str, classes: Sequence[str]) -> Trainer:
    state = plan.state(model)
    start = _start(plan, model)
    network = begin(model, len(classes), start, plan.recipe.seed)
    told = plan.film(plan) if plan.film else None
    trainer = Trainer(network, plan.recipe, plan.device, state, start, classes, told)
    if state.exists():
        trainer.resume()
    return trainer


def _start(plan: Plan, model: str) -> Start:
    """The plan's start with the checksum of its weights. Raises DemoError if the result would overwrite them."""
    if not plan.start.weights:
        return plan.start
    source, card = find(model, plan.start.weights)
    target = plan.weights(model)
    if target.exists() and target.samefile(source):
        raise DemoError("init_overwritten", path=str(source))
    return replace(plan.start, sha256=card["sha256"])
