"""The arguments of the verbs that train and evaluate: `train`, `degradation`, `evaluate`."""

from pathlib import Path
from typing import Any, get_args

from resnet_demo.cli.options import MODELS, Add, Once, add_data, add_device, add_json, add_verb, path, positive
from resnet_demo.models.architectures import STEMS
from resnet_demo.training.recipe import DEPTHS, FINE_TUNING, PRESETS, RECIPES, Mixing, Schedule, Watch


def _default(field: str) -> str:
    """The recipes' default: one value, or one per dataset if they differ."""
    values = {name: getattr(recipe, field) for name, recipe in RECIPES.items()}
    if len(set(values.values())) == 1:
        return f"(default: {next(iter(values.values()))})"
    return f"(default: {', '.join(f'{value} for {name}' for name, value in values.items())})"


RECIPE_HELP = {
    "epochs": "passes over the training images",
    "batch_size": "images per step",
    "learning_rate": "peak rate, after warm-up",
    "weight_decay": "of convolutions and the linear layer",
    "momentum": "of SGD (Nesterov), 0 to 0.999",
    "valid_ratio": "fraction of each training class held out to choose the best epoch, at most 0.5; "
    "0 holds nothing out: every epoch is measured on the test half, and the last one is kept",
    "patience": "stop this many epochs after the best one (the latest of ties); 0 never stops early",
    "seed": "random seed for weights, split, order and augmentation",
    "ema": "decay per step of the moving average of the weights, which is kept in their place; 0 keeps the weights",
    "last_size": "pixels per side in the last tenth of the epochs, with mild crops; 0 changes nothing there",
}
"""The numbers of a recipe that have an option, with their help texts."""
CHOICE_HELP: dict[str, tuple[Any, str]] = {
    "schedule": (Schedule, "cosine falls to 0; step divides by ten after 1/2 and 3/4 of the epochs"),
    "mixing": (Mixing, "mix half of the batches, except in the last 15% of the epochs"),
    "watch": (Watch, "what measures each epoch if nothing is held out"),
}
"""The choices of a recipe that have an option: its values and its help."""


DATASET_HELP = (
    f"{', '.join(RECIPES)}; or any other name for an image folder of your own, D/train/<class>/* and D/val/<class>/*"
)


def flag(field: str) -> str:
    """The option for a field of the recipe."""
    return "--" + field.replace("_", "-")


def train(add: Add) -> None:
    verb = add_verb(
        add,
        "train",
        "train a network, or a ResNet and its plain twin with one recipe",
        "Writes <model>-<dataset>.safetensors (float16) with its model card (.json) for each network, and history.json "
        "and history.png. The best epoch by validation accuracy is kept; the test half is read once, after training. "
        "Under torchrun --nproc-per-node N -m resnet_demo train, N processes train together on parts of each batch. "
        + MODELS,
    )
    verb.add_argument("--dataset", default="imagenette", metavar="NAME", help=f"{DATASET_HELP} (default: imagenette)")
    add_data(verb)
    verb.add_argument(
        "--names",
        type=Path,
        metavar="FILE",
        help="names of the classes of your own image folder: JSON from folder to name, or a folder and a name on each "
        "line, with a tab or spaces between them (default: the folders' names)",
    )
    verb.add_argument("--model", default="resnet18", metavar="NAME", help="(default: resnet18)")
    verb.add_argument(
        "--mode",
        choices=("single", "compare"),
        default="single",
        help="compare trains NAME and its plain twin on the same split (default: single)",
    )
    verb.add_argument(
        "--stem",
        choices=STEMS,
        default="",
        help="imagenet: a 7x7 with stride 2 and max-pool; cifar: one 3x3, for small images "
        "(default: the network's own)",
    )
    verb.add_argument(
        "--init",
        default="",
        metavar="WEIGHTS",
        help="initial weights below a new head: imagenet (downloaded once), a .safetensors file with its model card, "
        f"or a Hub id; trains {FINE_TUNING['epochs']} epochs at a rate of {FINE_TUNING['learning_rate']} unless given "
        "(default: random weights)",
    )
    verb.add_argument("--freeze-trunk", action="store_true", help="with --init: train only the new head")
    chance = verb.add_mutually_exclusive_group()
    for field, meaning in RECIPE_HELP.items():
        kind = type(getattr(RECIPES["imagenette"], field))
        (chance if field == "seed" else verb).add_argument(
            flag(field),
            dest=field,
            type=kind,
            metavar="N" if kind is int else "X",
            help=f"{meaning} {_default(field)}",
        )
    chance.add_argument(
        "--seeds",
        type=int,
        nargs="+",
        action=Once,
        metavar="N",
        help="one run per seed, with mean and standard deviation on the first one's model card; the others are written "
        "to DIR/seedN",
    )
    for field, (kind, meaning) in CHOICE_HELP.items():
        verb.add_argument(flag(field), choices=get_args(kind), help=f"{meaning} {_default(field)}".replace("%", "%%"))
    verb.add_argument("--out", type=path, default=Path("runs"), metavar="DIR", help="output folder (default: runs)")
    add_device(verb)
    verb.add_argument(
        "--resume", action="store_true", help="continue a killed run in DIR; at most one epoch is repeated"
    )
    verb.add_argument(
        "--film",
        action="store_true",
        help="after every epoch, record the heat maps of the app's example pictures in DIR/film.json",
    )
    verb.add_argument("--note", default="", metavar="TEXT", help="a remark for the model cards, verbatim")
    add_json(verb)


def degradation(add: Add) -> None:
    verb = add_verb(
        add,
        "degradation",
        "train plain and residual networks of several depths on CIFAR-10 with one recipe",
        "Repeats the study of He et al. 2015, section 4.2. Nothing is held out: every epoch is measured on the test "
        "half, and the last one is kept. Writes each network with its model card, and degradation.json with every "
        "history. A killed study continues where it stopped, network by network.",
    )
    add_data(verb)
    verb.add_argument(
        "--depths",
        type=int,
        nargs="+",
        action=Once,
        choices=DEPTHS,
        default=[20, 56],
        metavar="N",
        help="(default: 20 56)",
    )
    verb.add_argument(
        "--seeds", type=int, nargs="+", action=Once, default=[0], metavar="N", help="one run per seed (default: 0)"
    )
    verb.add_argument(
        "--preset",
        choices=PRESETS,
        default="short",
        help="short: 20 epochs, cosine; paper: 64,000 iterations, the rate divided by ten twice (default: short)",
    )
    verb.add_argument("--epochs", type=int, metavar="N", help="replaces the preset's number")
    verb.add_argument("--jobs", type=positive, default=1, metavar="N", help="networks trained at once (default: 1)")
    verb.add_argument("--out", type=path, default=Path("runs"), metavar="DIR", help="output folder (default: runs)")
    add_device(verb)
    verb.add_argument("--note", default="", metavar="TEXT", help="a remark on the data for the model cards, verbatim")
    add_json(verb)


def evaluate(add: Add) -> None:
    verb = add_verb(
        add,
        "evaluate",
        "measure a network on the test half of a dataset",
        "Top-1 accuracy, loss (nats), accuracy of each class, confusion matrix, and expected calibration error. "
        + MODELS,
    )
    verb.add_argument("--model", required=True, metavar="NAME", help="the network that the weights belong to")
    verb.add_argument(
        "--weights",
        metavar="W",
        help="a .safetensors file with its model card beside it, a Hub id, imagenet, or the dataset of shipped weights "
        "(default: the dataset)",
    )
    verb.add_argument("--dataset", default="imagenette", metavar="NAME", help=f"{DATASET_HELP} (default: imagenette)")
    add_data(verb)
    add_device(verb)
    verb.add_argument("--out", type=path, metavar="DIR", help="also write evaluation.json and evaluation.png there")
    add_json(verb)
