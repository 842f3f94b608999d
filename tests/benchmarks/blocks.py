"""How long the block inspector's answers take: `python -m tests.benchmarks.blocks`.

Prints milliseconds, the median and the slowest of several calls; the table of any architecture is to take at most 50.
"""

import statistics
import time
from collections.abc import Callable

from resnet_demo.chapters.blocks.activations import open_block
from resnet_demo.chapters.blocks.compare import compare
from resnet_demo.chapters.blocks.follow_pixel import walk
from resnet_demo.chapters.blocks.formats import as_json, table
from resnet_demo.chapters.blocks.input_size import any_size
from resnet_demo.chapters.blocks.paper import paper_table
from resnet_demo.chapters.blocks.responses import responses
from resnet_demo.chapters.blocks.rows import blocks
from resnet_demo.chapters.blocks.shortcut_decision import decisions
from resnet_demo.chapters.blocks.trace import trace
from resnet_demo.data.examples import examples
from resnet_demo.models import ARCHITECTURES, load
from resnet_demo.models.resnet import blocks_of

REPEATS = 20


def measured(what: Callable[[], object], repeats: int = REPEATS) -> tuple[float, float]:
    """Median and slowest of `repeats` calls in milliseconds, after one call to warm up."""
    what()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        what()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times), max(times)


def report(name: str, found: tuple[float, float]) -> None:
    print(f"{name:44} {found[0]:9.2f} {found[1]:9.2f}")


def main() -> None:
    print(f"{'':44} {'median ms':>9} {'slowest':>9}")
    tables = {name: measured(lambda name=name: blocks(name, 224)) for name in ARCHITECTURES}
    slowest = max(tables, key=lambda name: tables[name][0])
    report("rows of the quickest architecture", min(tables.values()))
    report(f"rows of the slowest, {slowest}", tables[slowest])
    report(f"text table of {slowest}", measured(lambda: table(blocks(slowest))))
    report(f"JSON of {slowest}", measured(lambda: as_json(blocks(slowest))))
    report("compare resnet152 with resnet101", measured(lambda: compare(blocks("resnet152"), blocks("resnet101"))))
    report("the paper's table of resnet152", measured(lambda: paper_table("resnet152")))
    report("decisions of resnet152", measured(lambda: decisions("resnet152")))
    report("resnet152 at 16 sizes", measured(lambda: any_size("resnet152", range(32, 544, 32))))
    report("trace of resnet152 at 512 px", measured(lambda: trace("resnet152", 512), 3))
    classifier, image = load("resnet18"), examples()[0].open()
    for name in ("layer1.0", "layer4.1"):
        block, values = blocks_of(classifier.network)[name], open_block(classifier, image, name)
        report(f"open {name} of resnet18", measured(lambda name=name: open_block(classifier, image, name)))
        report(
            f"walk through {name}",
            measured(lambda block=block, values=values: walk(block, values, 3, 2, 2)),
        )
    images = [example.open() for example in examples()[:8]]
    report("responses of resnet18 to 8 pictures", measured(lambda: responses(classifier, images), 3))


if __name__ == "__main__":
    main()
