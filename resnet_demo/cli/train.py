"""`train`: one network, or a ResNet and its plain twin, with one seed or several."""

import shlex
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from resnet_demo.chapters.gradcam.film import Recorder, pictures
from resnet_demo.cli.output import emit
from resnet_demo.cli.training_arguments import CHOICE_HELP, RECIPE_HELP, flag
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.data.sources import dataset_name
from resnet_demo.training import parallel, runs, seeds
from resnet_demo.training.class_names import read_names
from resnet_demo.training.memory import keep_memory
from resnet_demo.training.recipe import FINE_TUNING, Recipe, recipe_for
from resnet_demo.training.start import Start

FOLDER = "<folder>"
"""Replaces a path of this machine."""


def run(args: Namespace) -> int:
    keep_memory()
    with parallel.joined(args.device) as device:
        recipe = _recipe(args)
        models = runs.pair(args.model) if args.mode == "compare" else (args.model,)
        start = Start(args.init, args.freeze_trunk, args.stem)
        several = args.seeds or [recipe.seed]
        how = _how(args, models[0], recipe, several)
        dataset, names = dataset_name(args.dataset), read_names(args.names) if args.names else {}
        film = recorder if args.film else None
        plan = runs.Plan(dataset, args.data_dir, models, recipe, device, args.out, how, args.note, start, names, film)
        cards = seeds.run_all(seeds.plans(plan, several), args.resume)
        if parallel.is_first():
            emit(args.json, {model: _summary(card) for model, card in cards.items()}, side_by_side(cards))
    return 0


def recorder(plan: runs.Plan) -> Recorder:
    """Records the plan's film. Raises DemoError where the networks learn none of the examples' classes."""
    classes = runs.classes_of(plan)
    pictures(classes)
    about = {"dataset": plan.dataset, "how": plan.how, "recipe": plan.recipe.as_dict()}
    preprocessing = Preprocessing(plan.recipe.test_size, plan.recipe.test_size)
    return Recorder(plan.out / "film.json", about, classes, preprocessing, plan.device)


def side_by_side(cards: Mapping[str, Mapping[str, Any]]) -> str:
    """The networks as columns, one line per figure."""
    summaries = {model: _summary(card) for model, card in cards.items()}
    rows = [
        ("", *summaries),
        ("test accuracy", *(f"{s['top1']:.2%}" for s in summaries.values())),
        ("test loss", *(f"{s['loss']:.4f}" for s in summaries.values())),
        ("parameters", *(f"{s['parameters']:,}" for s in summaries.values())),
        ("seconds", *(f"{s['seconds']:,.0f}" for s in summaries.values())),
        ("best epoch", *(f"{s['best_epoch']} of {s['epochs']}" for s in summaries.values())),
    ]
    if all("seeds" in s for s in summaries.values()):
        means = (f"{100 * s['seeds']['mean']:.2f} ± {100 * s['seeds']['std']:.2f}%" for s in summaries.values())
        rows.append(("over seeds", *means))
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(
        name.ljust(first) + "".join(f"  {cell:>{width}}" for cell, width in zip(cells, others, strict=True))
        for name, *cells in rows
    )


def _summary(card: Mapping[str, Any]) -> dict[str, Any]:
    accuracy = card["accuracy"]
    summary = {
        "top1": accuracy["top1"],
        "loss": accuracy["loss"],
        "count": accuracy["count"],
        "parameters": card["parameters"],
        "seconds": card["seconds"],
        "best_epoch": card["best_epoch"],
        "epochs": len(card["history"]),
    }
    return summary | {line: card[line] for line in ("seeds",) if line in card}


def _recipe(args: Namespace) -> Recipe:
    """The dataset's recipe with the given values replaced. Raises DemoError."""
    given = {field: getattr(args, field) for field in (*RECIPE_HELP, *CHOICE_HELP)}
    if args.seeds:
        given["seed"] = args.seeds[0]
    return replace(_usual(args), **{field: value for field, value in given.items() if value is not None})


def _usual(args: Namespace) -> Recipe:
    """The default recipe."""
    usual = recipe_for(dataset_name(args.dataset))
    return replace(usual, **FINE_TUNING) if args.init else usual


def _how(args: Namespace, model: str, recipe: Recipe, several: Sequence[int]) -> str:
    """The command that repeats the training, without paths of this machine."""
    usual = _usual(args)
    processes = ["torchrun", "--nproc-per-node", str(parallel.count())]
    words = processes if parallel.count() > 1 else ["python"]
    words += ["-m", "resnet_demo", "train", "--dataset", dataset_name(args.dataset), "--data-dir", FOLDER]
    words += ["--model", model, "--mode", args.mode]
    if args.names:
        words += ["--names", args.names.name]
    if args.init:
        words += ["--init", Path(args.init).name if args.init.endswith(".safetensors") else args.init]
    if args.stem:
        words += ["--stem", args.stem]
    if args.freeze_trunk:
        words += ["--freeze-trunk"]
    if args.film:
        words += ["--film"]
    told = {flag(field): (getattr(recipe, field), getattr(usual, field)) for field in (*RECIPE_HELP, *CHOICE_HELP)}
    if len(several) > 1:
        del told["--seed"]
    for option, (value, default) in told.items():
        if value != default:
            words += [option, str(value)]
    words += ["--seeds", *map(str, several)] if len(several) > 1 else []
    return " ".join(word if word == FOLDER else shlex.quote(word) for word in words)
