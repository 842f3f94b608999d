"""The papers' tables of their networks, verbatim, compared with our own rows.

He et al. 2015, arXiv 1512.03385, Table 1 (18 to 152 layers; 18 and 34 layers are also those of the plain networks),
section 4.2 and Table 6 (CIFAR-10). Xie et al. 2016, arXiv 1611.05431, Table 1 (ResNeXt-50).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from resnet_demo.chapters.blocks.layers import Layer
from resnet_demo.chapters.blocks.rows import Row, blocks, totals
from resnet_demo.models.architectures import ARCHITECTURES, depth_of, describe

TABLE_1 = "He et al. 2015, arXiv 1512.03385, Table 1"
TABLE_6 = "He et al. 2015, arXiv 1512.03385, section 4.2 and Table 6"
RESNEXT = "Xie et al. 2016, arXiv 1611.05431, Table 1"

IMAGENET_SIDES = (112, 56, 28, 14, 7, 1)
STEM, POOL, HEAD = "7x7, 64, stride 2", "3x3 max pool, stride 2", "average pool, 1000-d fc"
IMAGENET_BLOCKS = {
    "18": (
        "[3x3, 64; 3x3, 64] x 2",
        "[3x3, 128; 3x3, 128] x 2",
        "[3x3, 256; 3x3, 256] x 2",
        "[3x3, 512; 3x3, 512] x 2",
    ),
    "34": (
        "[3x3, 64; 3x3, 64] x 3",
        "[3x3, 128; 3x3, 128] x 4",
        "[3x3, 256; 3x3, 256] x 6",
        "[3x3, 512; 3x3, 512] x 3",
    ),
    "50": (
        "[1x1, 64; 3x3, 64; 1x1, 256] x 3",
        "[1x1, 128; 3x3, 128; 1x1, 512] x 4",
        "[1x1, 256; 3x3, 256; 1x1, 1024] x 6",
        "[1x1, 512; 3x3, 512; 1x1, 2048] x 3",
    ),
    "101": (
        "[1x1, 64; 3x3, 64; 1x1, 256] x 3",
        "[1x1, 128; 3x3, 128; 1x1, 512] x 4",
        "[1x1, 256; 3x3, 256; 1x1, 1024] x 23",
        "[1x1, 512; 3x3, 512; 1x1, 2048] x 3",
    ),
    "152": (
        "[1x1, 64; 3x3, 64; 1x1, 256] x 3",
        "[1x1, 128; 3x3, 128; 1x1, 512] x 8",
        "[1x1, 256; 3x3, 256; 1x1, 1024] x 36",
        "[1x1, 512; 3x3, 512; 1x1, 2048] x 3",
    ),
    "resnext50": (
        "[1x1, 128; 3x3, 128, C=32; 1x1, 256] x 3",
        "[1x1, 256; 3x3, 256, C=32; 1x1, 512] x 4",
        "[1x1, 512; 3x3, 512, C=32; 1x1, 1024] x 6",
        "[1x1, 1024; 3x3, 1024, C=32; 1x1, 2048] x 3",
    ),
}
COLUMNS = {
    "resnet18": "18",
    "plain18": "18",
    "resnet34": "34",
    "plain34": "34",
    "resnet50": "50",
    "resnet101": "101",
    "resnet152": "152",
    "resnext50_32x4d": "resnext50",
}
"""The network's column in `IMAGENET_BLOCKS`."""

Quantity = Literal["macs", "parameters"]
Printed = tuple[Quantity, float, float]
"""The quantity, the printed number, and one unit of its last digit."""
IMAGENET_COSTS: dict[str, tuple[Printed, ...]] = {
    "18": (("macs", 1.8e9, 0.1e9),),
    "34": (("macs", 3.6e9, 0.1e9),),
    "50": (("macs", 3.8e9, 0.1e9),),
    "101": (("macs", 7.6e9, 0.1e9),),
    "152": (("macs", 11.3e9, 0.1e9),),
    "resnext50": (("macs", 4.2e9, 0.1e9), ("parameters", 25.0e6, 0.1e6)),
}
CIFAR_SIDES = (32, 16, 8)
CIFAR_FILTERS = (16, 32, 64)
CIFAR_COSTS: dict[int, tuple[Printed, ...]] = {
    20: (("parameters", 0.27e6, 0.01e6),),
    32: (("parameters", 0.46e6, 0.01e6),),
    44: (("parameters", 0.66e6, 0.01e6),),
    56: (("parameters", 0.85e6, 0.01e6),),
    110: (("parameters", 1.7e6, 0.1e6),),
}


@dataclass(frozen=True)
class PaperRow:
    """A stage as printed and as counted here: the side of its output, and its layers in the paper's notation."""

    paper: str
    side: int
    text: str
    our_side: int
    our_text: str

    @property
    def agrees(self) -> bool:
        return (self.side, self.text) == (self.our_side, self.our_text)


@dataclass(frozen=True)
class PaperCost:
    """Multiply-adds or parameters as printed and as counted here; `unit` is one unit of the last printed digit.

    The papers both round and truncate (3.8 for 3.858e9, 7.6 for 7.570e9), so the two agree if they are less than one
    unit apart.
    """

    quantity: Quantity
    printed: float
    unit: float
    ours: int

    @property
    def agrees(self) -> bool:
        return abs(self.ours - self.printed) < self.unit


@dataclass(frozen=True)
class PaperTable:
    """A paper's table of a network, stage by stage, with its costs."""

    source: str
    size: int
    rows: tuple[PaperRow, ...]
    costs: tuple[PaperCost, ...]

    @property
    def agrees(self) -> bool:
        return all(row.agrees for row in self.rows) and all(cost.agrees for cost in self.costs)


def paper_table(name: str, **options: object) -> PaperTable | None:
    """The paper's table of the network `name` at the paper's size; None if the papers print none.

    `options` are those of `anatomy.blocks`; `agrees` shows whether they are the paper's. Raises ArchitectureError.
    """
    if describe(name, **options).stem != ARCHITECTURES[name].stem:
        return None
    if name in COLUMNS:
        rows, column = blocks(name, 224, **options), COLUMNS[name]
        first, *others = IMAGENET_BLOCKS[column]
        texts = (STEM, f"{POOL}; {first}", *others, HEAD)
        source = RESNEXT if column == "resnext50" else TABLE_1
        return PaperTable(source, 224, _rows(rows, IMAGENET_SIDES, texts), _costs(rows, IMAGENET_COSTS[column]))
    rows = blocks(name, 32, **options)
    layers = depth_of(name) if rows[0].kernels == "3x3" else 0
    if layers not in CIFAR_COSTS:
        return None
    n = (layers - 2) // 6
    texts = tuple(f"[3x3, {filters}; 3x3, {filters}] x {n}" for filters in CIFAR_FILTERS)
    of_stages = [row for row in rows if row.shortcut is not None]
    return PaperTable(TABLE_6, 32, _rows(of_stages, CIFAR_SIDES, texts), _costs(rows, CIFAR_COSTS[layers]))


def _costs(rows: Sequence[Row], printed: tuple[Printed, ...]) -> tuple[PaperCost, ...]:
    sums = totals(rows)
    return tuple(PaperCost(quantity, value, unit, getattr(sums, quantity)) for quantity, value, unit in printed)


def _rows(rows: Sequence[Row], sides: Sequence[int], texts: Sequence[str]) -> tuple[PaperRow, ...]:
    stages = [(paper, list(members)) for paper, members in groupby(rows, key=lambda row: row.paper)]
    return tuple(
        PaperRow(paper, side, text, members[-1].output[1], "; ".join(notation(members)))
        for (paper, members), side, text in zip(stages, sides, texts, strict=True)
    )


def notation(rows: Sequence[Row]) -> list[str]:
    """The rows of a stage in the paper's notation, with equal blocks combined: "[3x3, 64; 3x3, 64] x 2"."""
    lines = [_line(row) for row in rows]
    found = []
    for line, repeated in groupby(line for line in lines if line):
        count = len(list(repeated))
        found.append(f"{line} x {count}" if line.startswith("[") else line)
    return [", ".join(found)] if found and found[0].startswith("average") else found


def _line(row: Row) -> str:
    if row.kind == "avgpool":
        return "average pool"
    if row.kind == "linear":
        return f"{row.output[0]}-d fc"
    if row.kind == "maxpool":
        return f"{row.kernels} max pool, stride {row.stride}"
    convolutions = [layer for layer in row.layers if layer.kind == "conv" and not layer.shortcut]
    if row.shortcut is None:
        return "".join(f"{_convolution(layer)}, stride {layer.stride}" for layer in convolutions)
    return f"[{'; '.join(map(_convolution, convolutions))}]"


def _convolution(layer: Layer) -> str:
    groups = f", C={layer.groups}" if layer.groups > 1 else ""
    return f"{layer.kernel}x{layer.kernel}, {layer.output[0]}{groups}"
