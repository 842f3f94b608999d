"""`fetch`: downloads weights from the Hub into this machine's cache for offline use."""

from argparse import Namespace

from resnet_demo.checkpoints.load import fetch
from resnet_demo.cli.output import emit


def run(args: Namespace) -> int:
    path, card = fetch(args.name)
    found = {"name": args.name, "model": card["model"], "path": str(path), "bytes": path.stat().st_size}
    text = f"{args.name}: {card['model']}, {found['bytes'] / 1e6:.1f} MB, complete, in {path}"
    emit(args.json, found | {"sha256": card["sha256"]}, text)
    return 0
