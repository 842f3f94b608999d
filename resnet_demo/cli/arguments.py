"""The arguments of every verb. Only argparse is imported, so that `--help` is fast."""

import argparse

from resnet_demo.cli.hub_arguments import deploy, publish
from resnet_demo.cli.measuring_arguments import ablation, early_exit, landscape
from resnet_demo.cli.network_arguments import blocks, convert, count, explain, fetch, verify
from resnet_demo.cli.training_arguments import degradation, evaluate, train


def parser() -> argparse.ArgumentParser:
    """The command-line parser. `args.verb` names the module of `resnet_demo.cli` that runs it."""
    top = argparse.ArgumentParser("python -m resnet_demo", description="ResNet and its plain twin on the command line.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    for describe in (
        train, degradation, ablation, early_exit, landscape, evaluate, explain, blocks, count, fetch, convert, verify,
        publish, deploy,
    ):  # fmt: skip
        describe(verbs.add_parser)
    return top
