"""`publish`: a trained network on the Hub."""

from argparse import Namespace

from huggingface_hub import constants

from resnet_demo.checkpoints.card import read_card
from resnet_demo.checkpoints.push import push, trained_in
from resnet_demo.cli.output import emit


def run(args: Namespace) -> int:
    weights = trained_in(args.run)
    commit = push(weights, args.repo, args.private, args.license)
    model = read_card(weights)["model"]
    result = {"model": model, "repository": args.repo, "commit": commit, "url": f"{constants.ENDPOINT}/{args.repo}"}
    emit(args.json, result, f'{model} is at {result["url"]}. Load it with load("{model}", "{args.repo}").')
    return 0
