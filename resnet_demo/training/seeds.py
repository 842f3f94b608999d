"""Trains one recipe with several seeds, to show how much of a network's accuracy is chance."""

from collections.abc import Sequence
from dataclasses import replace

from resnet_demo.checkpoints.card import one_run, over_seeds
from resnet_demo.training.history import write_json
from resnet_demo.training.runs import Card, Plan, check, classes_of, reserved, run, write_history


def plans(plan: Plan, seeds: Sequence[int]) -> list[Plan]:
    """The plan once for each seed: the first is written to the plan's folder, the others to `seedN` below it.

    Raises DemoError for an invalid seed.
    """
    recipes = [replace(plan.recipe, seed=seed) for seed in seeds]
    below = [replace(plan, recipe=recipe, out=plan.out / f"seed{recipe.seed}") for recipe in recipes[1:]]
    return [replace(plan, recipe=recipes[0]), *below]


def run_all(plans: Sequence[Plan], resume: bool) -> dict[str, Card]:
    """Trains and publishes the rest of every plan; returns the first plan's cards, which summarise all runs.

    Resumes and raises like `runs.run`; of several processes, the first publishes and the others return {}.
    """
    classes_of(plans[0])  # before any folder is made
    with reserved(plans):
        for plan in plans:  # before the first one trains for an hour
            check(plan, resume)
        found = [run(plan, resume) for plan in plans]
        first = found[0]
        for model, card in first.items():
            if len(plans) > 1:
                card |= {"how": plans[0].how, "seeds": over_seeds([one_run(cards[model]) for cards in found])}
                write_json(plans[0].weights(model).with_suffix(".json"), card)
        for plan, cards in zip(plans, found, strict=True):
            if cards:
                write_history(plan)
        return first
