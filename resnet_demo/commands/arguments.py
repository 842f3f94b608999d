"""What every verb takes: argparse alone, so that `--help` answers at once."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from resnet_demo.anatomy.exports import FORMATS
from resnet_demo.anatomy.kinds import KINDS, SHORTCUTS
from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.training.recipe import DEPTHS, FINE_TUNING, PRESETS, RECIPES

Add = Callable[..., argparse.ArgumentParser]
MODELS = f"The networks are: {', '.join(ARCHITECTURES)}."


def parser() -> argparse.ArgumentParser:
    """The command line. `args.verb` names the module of `resnet_demo.commands` that runs it."""
    top = argparse.ArgumentParser("python -m resnet_demo", description="ResNet and its plain twin on the command line.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    for describe in (_train, _degradation, _lesions, _evaluate, _explain, _blocks, _count, _fetch, _verify):
        describe(verbs.add_parser)
    return top


CAM_METHODS = (
    "gradcam, gradcam++, hirescam, layercam, xgradcam, eigencam, eigengradcam, scorecam, ablationcam, fullgrad"
)


Verbs = argparse._SubParsersAction


def _verb(add: Add, name: str, what: str, more: str = "") -> argparse.ArgumentParser:
    description = f"{what[0].upper()}{what[1:]}. {more}".strip()
    return add(name, help=what, description=description, allow_abbrev=False)


def _json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print the result as JSON instead of text")


def _data(verb: argparse.ArgumentParser, required: bool = True) -> None:
    verb.add_argument(
        "--data-dir",
        type=Path,
        required=required,
        metavar="D",
        help="folder that holds the dataset: torchvision's official layout, or an image folder "
        "D/<dataset's folder>/<half>/<class>/* or D/<half>/<class>/*",
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value}: give 1 or more")
    return value


def _default(field: str) -> str:
    """What the recipes say: one value, or one for each dataset where they differ."""
    values = {name: getattr(recipe, field) for name, recipe in RECIPES.items()}
    if len(set(values.values())) == 1:
        return f"(default: {next(iter(values.values()))})"
    return f"(default: {', '.join(f'{value} for {name}' for name, value in values.items())})"


RECIPE_HELP = {
    "epochs": "passes over the training pictures",
    "batch_size": "pictures in one step",
    "learning_rate": "its peak, after warm-up",
    "weight_decay": "of convolutions and the linear layer",
    "momentum": "of SGD (Nesterov), 0 to 0.999",
    "valid_ratio": "part of each training class held out to choose the best epoch, at most 0.5; "
    "0 holds nothing out: every epoch is measured on the test half, and the last one is kept",
    "patience": "epochs without a better validation accuracy after which training stops; 0 never stops",
    "seed": "of weights, split, order and augmentation",
}
"""The fields of a recipe that have an option, with its help."""


def flag(field: str) -> str:
    """The option of a recipe's field."""
    return "--batch_size" if field == "batch_size" else "--" + field.replace("_", "-")


def _train(add: Add) -> None:
    verb = _verb(
        add,
        "train",
        "train a network, or a ResNet and its plain twin by one recipe",
        "Writes for each network <model>-<dataset>.safetensors (float16) with its card, .json, and history.json and "
        "history.png. The best epoch by validation accuracy is kept; the test half is read once, at the end. Under "
        "torchrun --nproc-per-node N -m resnet_demo train, N processes train together on parts of each batch. "
        + MODELS,
    )
    verb.add_argument("--dataset", choices=RECIPES, default="imagenette", help="(default: imagenette)")
    _data(verb)
    verb.add_argument("--model", default="resnet18", metavar="NAME", help="(default: resnet18)")
    verb.add_argument(
        "--mode",
        choices=("single", "compare"),
        default="single",
        help="compare trains NAME and its plain twin, on one split, side by side (default: single)",
    )
    verb.add_argument(
        "--init",
        default="",
        metavar="WEIGHTS",
        help="what to start from, under a new head: imagenet (fetched once), a .safetensors file with its card, or a "
        f"Hub id; {FINE_TUNING['epochs']} epochs at a rate of {FINE_TUNING['learning_rate']} unless given (default: "
        "random weights)",
    )
    verb.add_argument("--freeze-trunk", action="store_true", help="with --init: train the new head alone")
    for field, meaning in RECIPE_HELP.items():
        kind = type(getattr(RECIPES["imagenette"], field))
        verb.add_argument(
            flag(field),
            dest=field,
            type=kind,
            metavar="N" if kind is int else "X",
            help=f"{meaning} {_default(field)}",
        )
    verb.add_argument(
        "--schedule",
        choices=("cosine", "step"),
        help=f"cosine falls to 0; step divides by ten after 1/2 and 3/4 of the epochs {_default('schedule')}",
    )
    verb.add_argument(
        "--out", type=Path, default=Path("runs"), metavar="DIR", help="where everything is written (default: runs)"
    )
    verb.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    verb.add_argument(
        "--resume", action="store_true", help="go on with a killed run in DIR; at most one epoch is repeated"
    )
    verb.add_argument("--note", default="", metavar="TEXT", help="a remark for the cards, word for word")
    _json(verb)


def _degradation(add: Add) -> None:
    verb = _verb(
        add,
        "degradation",
        "train plain and residual networks of several depths on CIFAR-10, by one recipe",
        "Repeats the study of He et al. 2015, section 4.2. Nothing is held out: every epoch is measured on the test "
        "half, and the last one is kept. Writes each network with its card, and degradation.json with every history. "
        "A killed study goes on where it was, network by network.",
    )
    _data(verb)
    verb.add_argument(
        "--depths", type=int, nargs="+", choices=DEPTHS, default=[20, 56], metavar="N", help="(default: 20 56)"
    )
    verb.add_argument("--seeds", type=int, nargs="+", default=[0], metavar="N", help="one run each (default: 0)")
    verb.add_argument(
        "--preset",
        choices=PRESETS,
        default="short",
        help="short: 20 epochs, cosine; paper: 64,000 iterations, the rate divided by ten twice (default: short)",
    )
    verb.add_argument("--epochs", type=int, metavar="N", help="instead of the preset's")
    verb.add_argument("--jobs", type=int, default=1, metavar="N", help="networks trained at once (default: 1)")
    verb.add_argument(
        "--out", type=Path, default=Path("runs"), metavar="DIR", help="where everything is written (default: runs)"
    )
    verb.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    verb.add_argument("--note", default="", metavar="TEXT", help="a remark on the data, word for word, for the cards")
    _json(verb)


def _lesions(add: Add) -> None:
    verb = _verb(
        add,
        "lesions",
        "measure trained CIFAR-10 networks with blocks or layers cut out",
        "Veit et al. 2016: each block of a residual network is replaced by its shortcut, each layer of a plain one is "
        "left out where its map keeps its shape; then several at once, drawn at random. Errors on the whole test half.",
    )
    _data(verb)
    verb.add_argument(
        "--model",
        nargs="+",
        default=["plain20", "resnet20", "plain56", "resnet56"],
        metavar="NAME",
        help="networks with weights of CIFAR-10 (default: plain20 resnet20 plain56 resnet56)",
    )
    verb.add_argument("--draws", type=int, default=5, metavar="N", help="random choices for each count (default: 5)")
    verb.add_argument("--seed", type=int, default=0, metavar="N", help="of the choices (default: 0)")
    verb.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    verb.add_argument("--out", type=Path, default=Path("lesions.json"), metavar="FILE", help="(default: lesions.json)")
    _json(verb)


def _evaluate(add: Add) -> None:
    verb = _verb(
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
        help="a .safetensors file with its card beside it, a Hub id, imagenet, or the dataset of shipped weights "
        "(default: the dataset)",
    )
    verb.add_argument("--dataset", choices=RECIPES, default="imagenette", help="(default: imagenette)")
    _data(verb)
    verb.add_argument("--out", type=Path, metavar="DIR", help="write evaluation.json and evaluation.png there, too")
    _json(verb)


def _explain(add: Add) -> None:
    verb = _verb(
        add,
        "explain",
        "show where networks look: class activation maps of pictures",
        "For each picture and network: <picture>-<model>.png, the map over the crop that the network saw; .npy, "
        "the raw map in units of logit; .json, all that is needed to repeat it. explanations.json lists them, "
        "with the pictures that could not be read. Under torchrun the pictures are split among the processes.",
    )
    verb.add_argument("pictures", type=Path, metavar="IMAGE_OR_FOLDER", help="a picture, or a folder of pictures")
    verb.add_argument(
        "--model",
        action="append",
        required=True,
        metavar="NAME",
        help="a network with shipped weights; may be repeated",
    )
    verb.add_argument("--method", default="gradcam", help=f"{CAM_METHODS} (default: gradcam)")
    verb.add_argument(
        "--layer",
        action="append",
        help="a stage (layer4) or block (layer4.0); repeated, their maps are averaged (default: the last stage)",
    )
    verb.add_argument(
        "--target", metavar="CLASS", help="a class by id or name (default: each picture's own prediction)"
    )
    verb.add_argument("--against", metavar="CLASS", help="explain why the target rather than this class")
    verb.add_argument("--counterfactual", action="store_true", help="show what speaks against the target")
    verb.add_argument("--batch-size", type=_positive, default=16, metavar="N", help="pictures at once (default: 16)")
    verb.add_argument("--resume", action="store_true", help="skip what an earlier run with the same options finished")
    verb.add_argument("--out", type=Path, default=Path("explanations"), metavar="DIR", help="(default: explanations)")
    _json(verb)


WHOLE = {"type": int, "metavar": "N"}
SWITCH = {"action": argparse.BooleanOptionalAction, "default": None}
BLOCK_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "residual": (SWITCH, "with shortcuts, or the plain twin"),
    "shortcut": ({"choices": ("A", "B", "C")}, "where shapes differ: zero padding, projection; C projects everywhere"),
    "preactivation": (SWITCH, "BN and ReLU before each convolution (V2)"),
    "norm": ({"choices": ("batch", "none")}, "BatchNorm, or a bias instead"),
    "stride_in_1x1": (SWITCH, "bottlenecks step in the first 1x1 (the paper) instead of the 3x3"),
    "groups": (WHOLE, "of the bottleneck's 3x3"),
    "width_per_group": (WHOLE, "of the bottleneck's 3x3"),
    "replace_stride_with_dilation": (
        {"type": int, "choices": (0, 1), "nargs": "+", "metavar": "0|1"},
        "one flag for each stage after the first: dilation instead of stride",
    ),
    "num_classes": (WHOLE, "width of the logits"),
}
"""The options of a network that shape its table: how each is read, and its help."""


def _blocks(add: Add) -> None:
    verb = _verb(
        add,
        "blocks",
        "list a network block by block: shapes, shortcuts, parameters, MACs, receptive field, memory",
        f"{MODELS} What is left out of the options below stays as the network has it.",
    )
    verb.add_argument("name", metavar="NAME", help="the network")
    verb.add_argument(
        "--size",
        type=int,
        metavar="N",
        help="side of the picture in pixels (default: 224, or 32 for the CIFAR networks resnet20 ... plain110)",
    )
    for option, (settings, meaning) in BLOCK_OPTIONS.items():
        verb.add_argument("--" + option.replace("_", "-"), dest=option, help=meaning, **settings)
    verb.add_argument(
        "--format", choices=("text", "csv", "markdown", "json"), default="text", help="of the table (default: text)"
    )
    verb.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")


def _count(add: Add) -> None:
    verb = _verb(
        add,
        "count",
        "count blocks' parameters and MACs, with the formula and the numbers put in",
        "--kind may be repeated, and the first is what the others are held against. An option goes to each kind that "
        "has it; a kind may bring its own, as in --kind resnext,width:128,groups:32. What is not given is the kind's.",
    )
    verb.add_argument(
        "--kind", action="append", required=True, metavar="KIND", help=f"{', '.join(KINDS)}; may be repeated"
    )
    for name, letter, meaning in (
        ("channels", "C", "channels into the block, and out of it unless told"),
        ("channels-out", "C", "channels out of the block"),
        ("width", "N", "channels inside (default for a bottleneck: a quarter of the channels)"),
        ("kernel", "K", "side of the kernel, odd (default: 3)"),
        ("depth", "N", "convolutions of vgg (default: 2), layers of dense (default: 4)"),
        ("groups", "G", "groups of the k x k convolutions"),
        ("growth", "G", "channels that each layer of dense adds (default: 32)"),
        ("widen", "M", "how many times wider a wide block is (default: 2)"),
        ("stride", "S", "of the first k x k convolution (default: 1)"),
    ):
        verb.add_argument(f"--{name}", type=int, metavar=letter, help=meaning)
    for name, meaning in (("bias", "convolutions have a bias"), ("norm", "BatchNorm goes with each convolution")):
        verb.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=meaning)
    verb.add_argument("--shortcut", choices=SHORTCUTS, help="none, or the paper's option A, B or C")
    verb.add_argument("--size", type=int, default=56, metavar="N", help="side of the map in pixels (default: 56)")
    verb.add_argument("--format", choices=("text", *FORMATS), default="text", help="(default: text)")
    _json(verb)


def _fetch(add: Add) -> None:
    verb = _verb(
        add,
        "fetch",
        "bring weights from the Hugging Face Hub into this machine's cache",
        "From then on they load without a network: load(NAME, 'imagenet') in Python, --weights imagenet in evaluate. "
        "HF_ENDPOINT, HF_HUB_OFFLINE, HF_TOKEN and HF_HOME hold.",
    )
    verb.add_argument(
        "name",
        metavar="NAME",
        help="resnet18, 34, 50, 101 or 152: ImageNet's weights; or the id of a model, OWNER/NAME",
    )
    _json(verb)


def _verify(add: Add) -> None:
    verb = _verb(
        add,
        "verify",
        "hold every checkpoint in weights/ against its card",
        "Recomputes checksum, parameters and golden logits, and with --data-dir the accuracy. "
        "The exit status is 1 when a card says what is not so.",
    )
    _data(verb, required=False)
    _json(verb)
