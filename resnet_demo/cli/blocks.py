"""`blocks`: a network as a table."""

from argparse import Namespace
from collections.abc import Callable, Sequence

from resnet_demo.chapters.blocks.formats import as_csv, as_json, as_markdown, table
from resnet_demo.chapters.blocks.input_size import USUAL_SIDE
from resnet_demo.chapters.blocks.rows import Row
from resnet_demo.chapters.blocks.vgg import MADE_FOR, VGG, network_rows
from resnet_demo.cli.network_arguments import BLOCK_OPTIONS
from resnet_demo.cli.output import printable
from resnet_demo.models.architectures import describe

FORMATS: dict[str, Callable[[Sequence[Row]], str]] = {"text": table, "csv": as_csv, "markdown": as_markdown}


def run(args: Namespace) -> int:
    options = {name: getattr(args, name) for name in BLOCK_OPTIONS if getattr(args, name) is not None}
    if "replace_stride_with_dilation" in options:
        options["replace_stride_with_dilation"] = tuple(map(bool, options["replace_stride_with_dilation"]))
    size = usual_side(args.name) if args.size is None else args.size
    rows = network_rows(args.name, size, **options)
    if args.format == "json":
        text = as_json(rows, name=args.name, size=size, options=options)
    else:
        text = FORMATS[args.format](rows)
    print(printable(text), end="")
    return 0


def usual_side(name: str) -> int:
    """The image size in pixels per side that the network was designed for."""
    return MADE_FOR if name == VGG else USUAL_SIDE[describe(name).stem]
