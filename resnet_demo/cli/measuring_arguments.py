"""The arguments of the verbs that look inside trained networks: `ablation`, `early_exit`, `landscape`."""

import argparse
from pathlib import Path

from resnet_demo.cli.options import Add, Once, add_data, add_device, add_json, add_verb, path, positive

CIFAR = ["plain20", "resnet20", "plain56", "resnet56"]
"""The networks that are shipped for CIFAR-10."""


def ablation(add: Add) -> None:
    verb = add_verb(
        add,
        "ablation",
        "measure trained CIFAR-10 networks with blocks or layers removed (ablation)",
        "Veit et al. 2016: replaces each block of a residual network by its shortcut, and removes each "
        "shape-preserving layer of a plain one; then removes several at once, drawn at random. Errors are for the "
        "whole test half.",
        former=("lesions",),
    )
    add_data(verb)
    _add_models(verb, "networks trained on CIFAR-10")
    verb.add_argument(
        "--weights",
        type=path,
        metavar="DIR",
        help="one seed's folder written by `degradation`: NAME-cifar10.safetensors, each with its model card "
        "(default: the shipped ones)",
    )
    verb.add_argument(
        "--draws", type=positive, default=5, metavar="N", help="random draws for each number of parts (default: 5)"
    )
    verb.add_argument("--seed", type=int, default=0, metavar="N", help="random seed of the draws (default: 0)")
    add_device(verb)
    _add_out(verb, "lesions.json")
    add_json(verb)


def early_exit(add: Add) -> None:
    verb = add_verb(
        add,
        "early_exit",
        "measure trained networks that stop after each block of their last stage",
        "The network's own head reads the feature maps after each of these blocks. Accuracies are for the whole test "
        "half of the dataset.",
    )
    verb.add_argument(
        "--dataset", default="cifar10", metavar="NAME", help="that the networks were trained on (default: cifar10)"
    )
    add_data(verb)
    _add_models(verb, "networks with shipped weights")
    add_device(verb)
    _add_out(verb, "early_exit.json")
    add_json(verb)


def landscape(add: Add) -> None:
    verb = add_verb(
        add,
        "landscape",
        "measure the loss of trained CIFAR-10 networks around their weights",
        "Li et al. 2018: two random directions, normalised filter by filter, the same for all networks; BatchNorm in "
        "evaluation mode. A killed measurement continues where it stopped, row by row.",
    )
    add_data(verb)
    _add_models(verb, "networks trained on CIFAR-10")
    verb.add_argument(
        "--points", type=odd, default=31, metavar="N", help="points along each direction, odd (default: 31)"
    )
    verb.add_argument("--span", type=float, default=1.0, metavar="X", help="the grid reaches from -X to X (default: 1)")
    verb.add_argument("--count", type=positive, default=512, metavar="N", help="training images (default: 512)")
    verb.add_argument("--seed", type=int, default=0, metavar="N", help="of directions and images (default: 0)")
    add_device(verb)
    _add_out(verb, "landscape.json")
    add_json(verb)


def odd(text: str) -> int:
    """An odd number from 3 on: the trained weights are in the middle of the grid."""
    value = int(text)
    if value < 3 or value % 2 == 0:
        raise argparse.ArgumentTypeError(f"{value}: give an odd number, 3 or more")
    return value


def _add_models(verb: argparse.ArgumentParser, which: str) -> None:
    verb.add_argument(
        "--model",
        nargs="+",
        action=Once,
        default=CIFAR,
        metavar="NAME",
        help=f"{which} (default: {' '.join(CIFAR)})",
    )


def _add_out(verb: argparse.ArgumentParser, name: str) -> None:
    verb.add_argument(
        "--out",
        type=path,
        default=Path(name),
        metavar="FILE",
        help=f"output file; results for other networks in it are kept (default: {name})",
    )
