"""`count`: the cost of one block, or of several side by side, term by term."""

from argparse import Namespace
from collections.abc import Sequence

from resnet_demo.chapters.parameters.counting import count_block
from resnet_demo.chapters.parameters.exports import WRITERS, plain, text
from resnet_demo.chapters.parameters.notation import read
from resnet_demo.cli.network_arguments import CHANNELS, COMPARED
from resnet_demo.cli.output import emit

NUMBERS = ("channels_out", "width", "kernel", "depth", "groups", "growth", "widen", "stride")
COMMON = (*NUMBERS, "bias", "norm", "shortcut")


def run(args: Namespace) -> int:
    common = {name: getattr(args, name) for name in COMMON}
    kinds: Sequence[str] = args.kind or COMPARED
    channels = CHANNELS if args.channels is None and not args.kind else args.channels
    counts = [count_block(read(kind, channels_in=channels, **common), args.size) for kind in kinds]
    written = text(counts, kinds) if args.format == "text" else WRITERS[args.format](counts, kinds)
    found = [plain(c, counts[0]) for c in counts]
    emit(args.json, found[0] if len(found) == 1 else found, written)
    return 0
