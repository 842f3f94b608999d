"""`fetch`: downloads weights into the Hub's cache, or Imagenette into the data folder, for offline use."""

from argparse import Namespace

from resnet_demo.checkpoints.load import fetch
from resnet_demo.cli.output import emit
from resnet_demo.data.download import fetch_imagenette
from resnet_demo.data.photographs import photographs_of
from resnet_demo.data.sources import data_folder
from resnet_demo.errors import DemoError


def run(args: Namespace) -> int:
    if args.name == "imagenette":
        return _imagenette(args)
    if args.data_dir or args.mirror:
        raise DemoError("fetch_weights_only", name=args.name)
    path, card = fetch(args.name)
    found = {"name": args.name, "model": card["model"], "path": str(path), "bytes": path.stat().st_size}
    text = f"{args.name}: {card['model']}, {found['bytes'] / 1e6:.1f} MB, complete, in {path}"
    emit(args.json, found | {"sha256": card["sha256"]}, text)
    return 0


def _imagenette(args: Namespace) -> int:
    folder, fetched = fetch_imagenette(args.data_dir or data_folder(), args.mirror)
    count = len(photographs_of("imagenette", folder.parent))
    value = {"name": "imagenette", "path": str(folder), "fetched": fetched, "test_photographs": count}
    text = f"imagenette: {count:,} test photographs {'fetched to' if fetched else 'were there before, in'} {folder}"
    emit(args.json, value, text)
    return 0
